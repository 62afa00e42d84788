"""Adjusted p values of several hypotheses: fixed sequence, Holm, Hochberg, Bonferroni; false discoveries."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from trialkit.stats import display
from trialkit.stats.distributions import FloatArray
from trialkit.stats.errors import DataError
from trialkit.stats.inference import check_choice, check_confidence_level
from trialkit.stats.showing import Printed
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd

AdjustmentMethod = Literal["holm", "hochberg", "fixed-sequence", "bonferroni", "benjamini-hochberg"]
ADJUSTMENT_METHODS: tuple[AdjustmentMethod, ...] = (
    *("holm", "hochberg", "fixed-sequence", "bonferroni", "benjamini-hochberg"),
)


@dataclass(frozen=True, repr=False, eq=False)
class AdjustedPValues(Printed):
    """``table``: hypothesis p_value adjusted_p_value rejected, in the order given; ``alpha`` is the
    family-wise error rate, or with "benjamini-hochberg" the false discovery rate.
    """

    table: pd.DataFrame
    method: AdjustmentMethod
    alpha: float

    def _shown(self) -> display.Shown:
        line = f"{int(self.table['rejected'].sum())} of {len(self.table)} rejected at {self.alpha:g}"
        return display.Shown(f"Multiplicity: {self.method}", (("Hypotheses", self.table),), (line,))


def adjust_p_values(
    p_values: Mapping[str, float], method: AdjustmentMethod = "holm", alpha: float = 0.05
) -> AdjustedPValues:
    """Adjust p values so that the chance of any false rejection (or their share) is at most ``alpha``.

    Parameters
    ----------
    p_values
        Hypothesis and p value, as a mapping or a Series. For "fixed-sequence" the order is that of the plan:
        testing stops at the first p above ``alpha``. For the others the order does not matter.
    method
        "holm": valid for any dependence. "hochberg": for independent or positively dependent tests.
        "fixed-sequence": valid for any dependence. "bonferroni": valid for any dependence.
        "benjamini-hochberg": bounds the expected share of false among all rejections, for independent or
        positively dependent tests; for screening many markers, not for the endpoints of a trial.
    alpha
        Family-wise error rate (false discovery rate); one-sided p values go with one-sided alpha.

    Returns
    -------
    AdjustedPValues
        A hypothesis is rejected where its adjusted p is at most ``alpha``.

    Raises
    ------
    DataError
        No p values, one outside [0, 1] or missing: a hypothesis that could not be tested has to be settled
        before, not dropped here.

    Equivalent in R: ``p.adjust(p, "holm")``, ``"hochberg"``, ``"bonferroni"``, ``"BH"``; fixed sequence
    ``cummax(p)``. In SAS: ``PROC MULTTEST HOLM HOC BONFERRONI FDR``.

    References
    ----------
    Holm (1979), Scandinavian Journal of Statistics 6:65-70. Hochberg (1988), Biometrika 75:800-802. Maurer,
    Hothorn & Lehmacher (1995), Biometrie in der chemisch-pharmazeutischen Industrie 6:3-18. Benjamini &
    Hochberg (1995), JRSS B 57:289-300.
    """
    import pandas as pd

    check_choice("method", method, ADJUSTMENT_METHODS)
    check_confidence_level(alpha)
    names, p = _named(p_values)
    bad = [
        name for name, value in zip(names, p, strict=True) if not (math.isfinite(value) and 0 <= value <= 1)
    ]
    if not names or bad:
        raise DataError(
            expected="p values between 0 and 1",
            found=said("none of {bad}", bad=", ".join(bad)) if bad else "none",
            next_step="Decide in the plan what an untestable hypothesis means.",
        )
    adjusted = adjusted_p_values(p, method)
    columns = {"hypothesis": names, "p_value": p, "adjusted_p_value": adjusted}
    return AdjustedPValues(pd.DataFrame({**columns, "rejected": adjusted <= alpha}), method, alpha)


def _named(p_values: Mapping[str, float]) -> tuple[list[str], FloatArray]:
    """Names and p values of a mapping; a Series is one by its index."""
    if not hasattr(p_values, "items"):
        raise DataError(
            expected="a mapping of hypothesis to p value",
            found=type(p_values).__name__,
            next_step="Write {'ODI, month 6': 0.012, ...}.",
        )
    pairs = list(p_values.items())
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        raise DataError(expected="each hypothesis once", found="one named twice", where="p_values")
    return names, np.array([_number(value) for _, value in pairs])


def _number(value: Any) -> float:
    """NaN for what is missing or no number: it is then refused by name."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return math.nan


def adjusted_p_values(p: FloatArray, method: AdjustmentMethod) -> FloatArray:
    """As R's ``p.adjust``; statsmodels has the same and collects garbage at each call, 50 ms for five."""
    if method == "fixed-sequence":
        return np.asarray(np.maximum.accumulate(p))
    order = np.argsort(p, kind="stable")
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(_STEPS[method](p[order]), 1.0)
    return adjusted


def _left(p: FloatArray) -> FloatArray:
    return p * np.arange(len(p), 0, -1)


def _from_the_largest(p: FloatArray) -> FloatArray:
    return np.asarray(np.minimum.accumulate(p[::-1])[::-1])


_STEPS: dict[str, Callable[[FloatArray], FloatArray]] = {
    "bonferroni": lambda p: p * len(p),
    "holm": lambda p: np.asarray(np.maximum.accumulate(_left(p))),
    "hochberg": lambda p: _from_the_largest(_left(p)),
    "benjamini-hochberg": lambda p: _from_the_largest(p * len(p) / np.arange(1, len(p) + 1)),
}
"""Of p values in increasing order."""
