"""Degrees of freedom of contrasts in mixed models: Satterthwaite, Kenward-Roger, between-within.

References: Satterthwaite (1946), Biometrics Bulletin 2:110-114; Fai & Cornelius (1996), Journal of
Statistical Computation and Simulation 54:363-378 (several contrasts at once); Kenward & Roger (1997),
Biometrics 53:983-997; Schluchter & Elashoff (1990), Journal of Statistical Computation and Simulation
37:69-87 (between-within).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from trialkit.numbers import plain
from trialkit.stats.distributions import FloatArray
from trialkit.stats.errors import DataError, NonEstimableError
from trialkit.stats.inference import Inference
from trialkit.stats.mixed.pieces import Pieces
from trialkit.stats.mixed.state import Curvature
from trialkit.wording import said, written

_EQUAL_DF = 1e-8
_TOO_FEW = "There are too few subjects for it: say df_method='satterthwaite', or use fewer terms."
_NO_SCALING = 1e-10


@dataclass(frozen=True)
class Geometry:
    """How the variance of a contrast moves with the covariance parameters.

    Attributes
    ----------
    root
        Square root of the coefficients' model-based covariance.
    slopes
        One matrix a parameter: with z = root' l, the derivative of Var(l b) is z' slope z.
    parameter_covariance
        Of the covariance parameters.
    """

    root: FloatArray
    slopes: FloatArray
    parameter_covariance: FloatArray

    def single(self, rows: FloatArray) -> FloatArray:
        """Satterthwaite's df of each row: 2 v^2 / (g' W g)."""
        turned = rows @ self.root
        variance = np.einsum("ij,ij->i", turned, turned)
        k, p = len(self.slopes), self.slopes.shape[1]
        images = (turned @ self.slopes.swapaxes(0, 1).reshape(p, k * p)).reshape(-1, k, p)
        gradient = np.einsum("ikp,ip->ik", images, turned)
        spread = np.einsum("ik,kl,il->i", gradient, self.parameter_covariance, gradient)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(2.0 * variance**2 / spread)


@dataclass(frozen=True)
class Satterthwaite:
    """Satterthwaite's df; several contrasts at once by Fai and Cornelius' decomposition."""

    geometry: Geometry

    def of_rows(self, rows: FloatArray) -> FloatArray:
        return self.geometry.single(np.atleast_2d(rows))

    def of_joint_test(self, rows: FloatArray) -> tuple[float, float]:
        rows = np.atleast_2d(rows)
        turned = rows @ self.geometry.root
        _, vectors = np.linalg.eigh(turned @ turned.T)
        single = self.of_rows(vectors.T @ rows)
        return _combined(single), 1.0


@dataclass(frozen=True)
class KenwardRoger:
    """Kenward and Roger's df and factor; one contrast alone has Satterthwaite's df and factor 1."""

    geometry: Geometry

    def of_rows(self, rows: FloatArray) -> FloatArray:
        return self.geometry.single(np.atleast_2d(rows))

    def of_joint_test(self, rows: FloatArray) -> tuple[float, float]:
        rows = np.atleast_2d(rows)
        if len(rows) == 1:
            return float(self.of_rows(rows)[0]), 1.0
        q = len(rows)
        basis, _ = np.linalg.qr((rows @ self.geometry.root).T)
        projected = basis.T @ self.geometry.slopes @ basis
        traces = np.einsum("kaa->k", projected)
        flat = projected.reshape(len(projected), -1)
        products = flat @ projected.swapaxes(1, 2).reshape(len(projected), -1).T
        w = self.geometry.parameter_covariance
        df, factor = scaled_f(float(traces @ w @ traces), float((w * products).sum()), q)
        if not (df > 0 and factor > 0):
            raise NonEstimableError(
                expected="denominator degrees of freedom above 0",
                found=said(
                    "{df:.3g} by Kenward and Roger's approximation of {q} contrasts at once", df=df, q=q
                ),
                next_step=_TOO_FEW,
            )
        return df, factor


def scaled_f(a1: float, a2: float, q: int) -> tuple[float, float]:
    """Denominator df and the factor of F from Kenward and Roger's A1 and A2 for ``q`` contrasts."""
    b = (a1 + 6.0 * a2) / (2.0 * q)
    g = ((q + 1) * a1 - (q + 4) * a2) / ((q + 2) * a2)
    base = 3.0 * q + 2.0 * (1.0 - g)
    c1, c2, c3 = g / base, (q - g) / base, (q + 2 - g) / base
    shrink, top = 1.0 - a2 / q, 1.0 + c1 * b
    below = 1.0 - c2 * b
    ratio = 1.0 if abs(shrink) < _NO_SCALING and abs(below) < _NO_SCALING else shrink / below
    rho = ratio**2 * (0.0 if abs(top) < _NO_SCALING else top) / (q * (1.0 - c3 * b))
    df = 4.0 + (q + 2) / (q * rho - 1.0)
    return df, 1.0 if abs(df - 2.0) < 0.01 else df * shrink / (df - 2.0)


@dataclass(frozen=True)
class BetweenWithin:
    """Rows of coefficients that involve only columns constant within subjects have the between df.

    ``between`` flags those columns (the intercept counts as within); a contrast of both kinds has the smaller
    df.
    """

    between: npt.NDArray[np.bool_]
    between_df: float
    within_df: float

    def of_rows(self, rows: FloatArray) -> FloatArray:
        involved = np.atleast_2d(rows) != 0.0
        by_column = np.where(self.between, self.between_df, self.within_df)
        return np.asarray(np.where(involved, by_column, np.inf).min(axis=1))

    def of_joint_test(self, rows: FloatArray) -> tuple[float, float]:
        return float(self.of_rows(rows).min()), 1.0


def between_within(X: FloatArray, subject: npt.NDArray[np.intp], has_intercept: bool) -> BetweenWithin:
    """The rule for a design whose rows belong to subjects (codes without gaps)."""
    subjects = int(subject.max()) + 1
    first = np.zeros(subjects, dtype=np.intp)
    first[subject[::-1]] = np.arange(len(subject))[::-1]
    constant = np.all(X[first][subject] == X, axis=0)
    if has_intercept:
        constant[0] = False
    n_between = int(constant.sum())
    n_within = X.shape[1] - n_between - has_intercept
    return BetweenWithin(
        between=constant,
        between_df=float(subjects - has_intercept - n_between),
        within_df=float(len(X) - subjects - n_within),
    )


def require_more_subjects(
    X: FloatArray, subject: npt.NDArray[np.intp], has_intercept: bool, name: str
) -> None:
    """Refuse as many coefficients between subjects as there are subjects.

    What varies between subjects is then fitted exactly, and nothing is left to estimate its variance from.

    Raises
    ------
    DataError
        Not more values of ``name`` than columns that are constant within it.
    """
    left = between_within(X, subject, has_intercept).between_df
    if left <= 0:
        subjects = int(subject.max()) + 1
        raise DataError(
            expected=said(
                "more values of {name!r} than the {subjects} coefficients of columns that do "
                "not change within them",
                name=name,
                subjects=plain(subjects - left, 0),
            ),
            found=written(subjects),
            next_step="Use fewer such terms, or ancova where each has one row.",
        )


def geometry_of(pieces: Pieces, root: FloatArray, parameter_covariance: FloatArray) -> Geometry:
    """``root`` is that of the coefficients of the unrotated design."""
    return Geometry(root, (pieces.P + pieces.P.swapaxes(1, 2)) / 2.0, parameter_covariance)


def small_sample_inference(
    coefficients: FloatArray,
    root: FloatArray,
    pieces: Pieces,
    information: FloatArray,
    adjusted: bool,
    second_order: Curvature | None = None,
) -> Inference:
    """Inference that counts the estimation of the covariance parameters, whose information is given.

    Satterthwaite's; ``adjusted`` makes it Kenward and Roger's, with ``second_order`` as in
    ``kenward_roger_covariance``.
    """
    spread: FloatArray = np.asarray(np.linalg.inv(information), dtype=float)
    geometry = geometry_of(pieces, root, spread)
    if not adjusted:
        return Inference(coefficients, root @ root.T, Satterthwaite(geometry))
    covariance = kenward_roger_covariance(pieces, root, spread, second_order)
    return Inference(coefficients, covariance, KenwardRoger(geometry))


def kenward_roger_covariance(
    pieces: Pieces,
    root: FloatArray,
    parameter_covariance: FloatArray,
    second_order: Curvature | None = None,
) -> FloatArray:
    """Kenward and Roger's adjusted covariance of the coefficients.

    ``second_order`` adds the term with second derivatives of the covariance, which depends on its
    parameterization.
    """
    w = parameter_covariance
    blended = np.tensordot(w, pieces.P, axes=1)
    square = np.einsum("kab,kbc->ac", blended, pieces.P, optimize=True)
    inner = pieces.weigh(w) - square
    if second_order is not None:
        inner = inner - 0.25 * second_order.weigh(w)
    inner = (inner + inner.T) / 2.0
    return np.asarray(root @ (np.eye(len(inner)) + 2.0 * inner) @ root.T)


def _combined(single: FloatArray) -> float:
    """The df of an F whose squared t's have these df."""
    if len(single) == 1:
        return float(single[0])
    if np.all(np.abs(np.diff(single)) < _EQUAL_DF):
        return float(single.mean())
    if np.any(single <= 2.0):
        return 2.0
    expectation = float((single / (single - 2.0)).sum())
    return 2.0 * expectation / (expectation - len(single))
