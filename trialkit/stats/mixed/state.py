"""A mixed model at given covariance parameters: estimates, and the derivatives that all inference uses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from trialkit.stats.distributions import FloatArray
from trialkit.stats.mixed.pieces import Pieces


@dataclass(frozen=True)
class Curvature:
    """What the second derivatives of V in the parameters add.

    ``hessian`` to minus twice the log-likelihood; ``weigh`` takes weights w_kl to the sum of
    w_kl X'O V_kl O X, the R of Kenward and Roger.
    """

    hessian: FloatArray
    weigh: Callable[[FloatArray], FloatArray]


@dataclass(frozen=True)
class MixedState:
    """Estimates and derivatives at ``parameters``.

    ``coefficients`` are those of the rotated design; their covariance is ``root @ root.T``, and the pieces
    are in coordinates in which it is the identity.
    """

    parameters: FloatArray
    coefficients: FloatArray
    root: FloatArray
    log_likelihood: float
    pieces: Pieces
    curvature: Curvature
    restricted: bool

    @property
    def score(self) -> FloatArray:
        """Gradient of the log-likelihood in the covariance parameters."""
        return -0.5 * self.pieces.gradient(self.restricted)

    @property
    def observed_information(self) -> FloatArray:
        return 0.5 * (self.pieces.observed(self.restricted) + self.curvature.hessian)

    @property
    def expected_information(self) -> FloatArray:
        return 0.5 * self.pieces.expected(self.restricted)

    def score_and_information(self) -> tuple[FloatArray, FloatArray]:
        """The observed information where it is positive definite, as near a maximum; else the expected."""
        observed = self.observed_information
        return self.score, observed if is_positive_definite(observed) else self.expected_information


def is_positive_definite(matrix: FloatArray) -> bool:
    """Whether a symmetric matrix is, once its diagonal is scaled to one."""
    diagonal = np.diag(matrix)
    if not np.all(diagonal > 0) or not np.all(np.isfinite(matrix)):
        return False
    scale = np.sqrt(diagonal)
    return bool(np.linalg.eigvalsh(matrix / np.outer(scale, scale))[0] > 1e-12)
