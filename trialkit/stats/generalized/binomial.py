"""Log-likelihood, score and information of a logistic model, plain and with Firth's penalty."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import expit

from trialkit.stats.distributions import FloatArray
from trialkit.stats.generalized.newton import Optimum

Penalty = Literal["firth"] | None


@dataclass(frozen=True)
class Binomial:
    """A logistic model of ``y`` (0/1) on the columns of ``X``.

    With ``penalty="firth"`` the log-likelihood gains half the log determinant of the information (Jeffreys'
    prior), the score gains h (1/2 - p), h the leverages. The covariance is the inverse of the unpenalized
    information, as in logistf.

    References: Firth (1993), Biometrika 80:27-38; Heinze & Schemper (2002), Statistics in Medicine
    21:2409-2419.
    """

    X: FloatArray
    y: FloatArray
    penalty: Penalty = None

    def value(self, parameters: FloatArray) -> float:
        """The log-likelihood, penalized where a penalty is set."""
        plain = self.log_likelihood(parameters)
        if self.penalty is None:
            return plain
        sign, log_determinant = np.linalg.slogdet(self.information(parameters))
        return plain + 0.5 * float(log_determinant) if sign > 0 else -np.inf

    def log_likelihood(self, parameters: FloatArray) -> float:
        eta = self.X @ parameters
        return float(self.y @ eta - np.logaddexp(0.0, eta).sum())

    def probabilities(self, parameters: FloatArray) -> FloatArray:
        return np.asarray(expit(self.X @ parameters))

    def information(self, parameters: FloatArray) -> FloatArray:
        eta = self.X @ parameters
        weights = expit(eta) * expit(-eta)
        return np.asarray((self.X * weights[:, None]).T @ self.X)

    def derivatives(self, parameters: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Score and observed information, of the penalized likelihood where a penalty is set."""
        eta = self.X @ parameters
        p, q = expit(eta), expit(-eta)
        weights = p * q
        information = np.asarray((self.X * weights[:, None]).T @ self.X)
        residual = np.where(self.y == 1.0, q, -p)
        if self.penalty is None:
            return np.asarray(self.X.T @ residual), information
        return self._penalized(residual, p, weights, information)

    def _penalized(
        self, residual: FloatArray, p: FloatArray, weights: FloatArray, information: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Score and information with the penalty's own.

        With A the inverse information and s_i = x_i' A x_i, the penalty adds 1/2 sum w_i' s_i x_i to the
        score; the derivative of that is 1/2 sum w_i'' s_i x_i x_i' - 1/2 M M', where row r of M is the
        matrix sum w_i' x_ir z_i z_i' written out, z_i = A^(1/2) x_i. Where the information so corrected
        is not positive definite (far from the maximum), the uncorrected one makes a step that still
        climbs.
        """
        root = np.linalg.cholesky(np.linalg.inv(information))
        z = self.X @ root
        spread = np.einsum("ij,ij->i", z, z)
        slope = weights * (1.0 - 2.0 * p)
        curve = weights * (1.0 - 6.0 * weights)
        score = self.X.T @ (residual + 0.5 * slope * spread)
        columns = self.X.shape[1]
        m = np.array([((z * (slope * self.X[:, r])[:, None]).T @ z).ravel() for r in range(columns)])
        bend = (self.X * (curve * spread)[:, None]).T @ self.X
        corrected = information - 0.5 * bend + 0.5 * m @ m.T
        if np.linalg.eigvalsh(corrected).min() <= 0.0:
            return np.asarray(score), information
        return np.asarray(score), np.asarray(corrected)

    def proves_overlap(self, optimum: Optimum) -> bool:
        """Whether the decrement is below the smallest fitted probability of what did not happen."""
        eta = self.X @ optimum.parameters
        return optimum.decrement < float(expit(np.where(self.y == 1.0, -eta, eta)).min())

    @property
    def signed_rows(self) -> FloatArray:
        return self.X * np.where(self.y == 1.0, 1.0, -1.0)[:, None]
