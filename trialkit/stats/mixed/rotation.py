"""A design in nearly orthonormal columns, so that sums over thousands of rows keep their digits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trialkit.stats.design import Design
from trialkit.stats.distributions import FloatArray
from trialkit.stats.errors import DataError
from trialkit.wording import said

_ROUNDING = 1e-24


@dataclass(frozen=True)
class Rotation:
    """``columns`` = [X R^-1, residuals of y by least squares]; ``unturn`` = R^-1.

    With b the coefficients of the turned design for the residuals, those of X for y are
    ``unturn @ (b + least_squares)``.
    """

    columns: FloatArray
    unturn: FloatArray
    least_squares: FloatArray

    @property
    def log_jacobian(self) -> float:
        """log |det R|."""
        return -float(np.log(np.abs(np.diag(self.unturn))).sum())

    def coefficients(self, turned: FloatArray) -> FloatArray:
        return np.asarray(self.unturn @ (turned + self.least_squares))


def rotated(design: Design) -> Rotation:
    """The design turned, and the outcome's residuals.

    Raises
    ------
    DataError
        No row beyond the number of columns, or an outcome that the columns determine but for rounding.
    """
    X, y = design.X, design.y
    assert y is not None
    where = said("formula {text!r}", text=design.formula.text)
    if len(X) <= X.shape[1]:
        raise DataError(
            expected=said("more rows used than the {shape} columns of the design", shape=X.shape[1]),
            found=said("{n_x} rows", n_x=len(X)),
            where=where,
            next_step="Use fewer terms.",
        )
    turned = rotate(X, y)
    residual = turned.columns[:, -1]
    if float(residual @ residual) <= _ROUNDING * float(y @ y):
        raise DataError(
            expected="an outcome with residual variance",
            found="residuals no larger than rounding error",
            where=where,
            next_step="Look for a constant outcome, or for a covariate that it was computed from.",
        )
    return turned


def rotate(X: FloatArray, y: FloatArray) -> Rotation:
    """Turn a full-rank design; by Cholesky where that is accurate, else by the slower QR."""
    unturn: FloatArray = np.asarray(np.linalg.inv(_triangle(X)), dtype=float)
    columns = np.empty((len(y), X.shape[1] + 1))
    turned = np.matmul(X, unturn, out=columns[:, :-1])
    least_squares: FloatArray = np.linalg.solve(turned.T @ turned, turned.T @ y).astype(float)
    columns[:, -1] = y - turned @ least_squares
    return Rotation(columns, unturn, least_squares)


def _triangle(X: FloatArray) -> FloatArray:
    """An upper triangular R with X R^-1 nearly orthonormal."""
    cross = X.T @ X
    scale = np.sqrt(np.diag(cross))
    try:
        lower = np.linalg.cholesky(cross / np.outer(scale, scale))
    except np.linalg.LinAlgError:
        return np.asarray(np.linalg.qr(X, mode="r"))
    if np.diag(lower).min() < 1e-4:
        return np.asarray(np.linalg.qr(X, mode="r"))
    return np.asarray(lower.T * scale)
