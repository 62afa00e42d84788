"""SAS type III hypotheses for any coding of the factors.

With every cell of every interaction filled (a full-rank design has no other), the type III estimable
functions of a term say that its effects, averaged with equal weights over the other factors of the
interactions that contain it, are all zero; a covariate's interactions are taken where that covariate is
zero. These are the term's parameters in sum-to-zero coding. The map between the codings is found from the
design itself.

Equivalent in R: ``car::Anova(fit, type = 3)`` with ``contr.sum``. In SAS: the type 3 tests of GLM and MIXED.
References: Goodnight (1980), Communications in Statistics A9(2):167-180; SAS Technical Report R-101.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from trialkit.stats.design import Design
from trialkit.stats.distributions import FloatArray

_SEED = 20240601
_ROWS_A_COLUMN = 12


def type_iii_rows(design: Design) -> dict[str, FloatArray]:
    """Term -> rows L of the hypothesis L b = 0 on the coefficients of ``design.X``."""
    to_sum_coding = _change_of_coding(design)
    return {term: _clean(to_sum_coding[list(positions)]) for term, positions in design.term_columns.items()}


def _change_of_coding(design: Design) -> FloatArray:
    """The matrix that takes coefficients in treatment coding to those in sum-to-zero coding.

    Both codings span the same columns, so it is found from invented settings, as many as that takes.
    """
    shift = 1 if design.intercept == "absorbed" else 0
    length = _ROWS_A_COLUMN * (design.X.shape[1] + 2)
    while True:
        treatment, summed = _invented_rows(design, length)
        if shift:
            ones = np.ones((length, 1))
            treatment, summed = np.hstack([ones, treatment]), np.hstack([ones, summed])
        change, _, rank, _ = np.linalg.lstsq(summed, treatment, rcond=None)
        if rank == summed.shape[1]:
            return np.asarray(change[shift:, shift:])
        length *= 2


def _invented_rows(design: Design, length: int) -> tuple[FloatArray, FloatArray]:
    """The same random levels and covariate values in treatment and in sum-to-zero coding."""
    generator = np.random.default_rng(_SEED)
    values: dict[str, npt.NDArray[Any]] = {}
    for block in design.blocks:
        for label in block.covariates:
            width = len(design.knots[label]) - 1 if label in design.knots else 1
            values.setdefault(label, generator.normal(size=(length, width)))
        for name, _ in block.factors:
            k = len(design.factors[name].levels)
            values.setdefault(name, generator.integers(0, k, size=length))
    return (
        design.matrix_from_values(values, length),
        design.matrix_from_values(values, length, coding="sum"),
    )


def _clean(rows: FloatArray) -> FloatArray:
    """Entries that are zero but for rounding become zero, so that a hypothesis reads as it is meant."""
    return np.where(np.abs(rows) < 1e-10, 0.0, rows)
