"""Fits of completed data sets, one at a time: those that differ in the outcome alone share one design."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

OUTCOMES = ("value", "chg")
"""What imputation changes of a row; everything else it leaves."""


class OneDesign:
    """A fitting that reads the formula and decomposes the design once for data alike but for the outcome.

    ``fitting`` takes a completed data set with ``value`` and ``chg``, one of which is the outcome and neither
    a covariate. Where data differ in more, or a fit knows no ``with_outcomes``, it is called itself.
    """

    def __init__(self, fitting: Callable[[pd.DataFrame], Any]) -> None:
        self._fitting = fitting
        self._fit: Any = None
        self._others: pd.DataFrame | None = None

    def __call__(self, data: pd.DataFrame) -> Any:
        others = data.drop(columns=list(OUTCOMES))
        if self._others is not None and others.equals(self._others):
            outcome = data[self._fit.design.outcome_name].to_numpy(dtype=float)
            return self._fit.with_outcomes(outcome[None, :])[0]
        fit = self._fitting(data)
        self._fit, self._others = (fit, others) if _shared(fit, data) else (None, None)
        return fit


def _shared(fit: Any, data: pd.DataFrame) -> bool:
    """Whether the fit can be made again of other outcomes of the same rows, all of which it uses."""
    if not hasattr(fit, "with_outcomes") or fit.n != len(data):
        return False
    formula = fit.design.formula
    covariates = {variable.column for term in formula.terms for variable in term}
    return formula.outcome.transform is None and not covariates & set(OUTCOMES)
