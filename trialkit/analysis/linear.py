"""What the methods for a continuous endpoint share: rows used, observed means, the method in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from trialkit.analysis.context import Context
from trialkit.analysis.covariates import factors_of
from trialkit.analysis.formula_words import formula_words
from trialkit.plan import Analysis, keys

if TYPE_CHECKING:
    import pandas as pd


def used_rows(formula: str, data: pd.DataFrame, strata: Sequence[str] = ()) -> pd.Series:
    """Rows without a missing value in any column that the formula or the strata name: those a model uses."""
    names = [name for name in (*keys.read_formula(formula).columns, *strata) if name in data.columns]
    used: pd.Series = data[names].notna().all(axis=1)
    return used


def strata_words(context: Context, entry: Analysis) -> str:
    """How wrong strata enter; nothing where the model has no stratification factor."""
    in_model = {factor.name for factor in context.study.factors} & set(factors_of(keys.FORMULA.of(entry)))
    source = entry.keys.get("strata")
    return f"strata {source}" if in_model and source else ""


def strata_part(context: Context, entry: Analysis) -> str:
    """``; strata as randomized``, for the middle of a method's words; nothing without."""
    words = strata_words(context, entry)
    return f"; {words}" if words else ""


def method_words(
    context: Context, entry: Analysis, name: str, missing: str = "", *, robust: bool = False
) -> str:
    weights = entry.keys.get("ls_means")
    missing = missing or str(entry.keys.get("missing", ""))
    parts = (
        f"{name}, {formula_words(context, keys.FORMULA.of(entry))}",
        "errors robust to unequal variances (HC3)" if robust else "",
        f"LS means with {weights} weights" if weights else "",
        strata_words(context, entry),
        f"missing data: {missing}" if missing else "",
    )
    return "; ".join(part for part in parts if part)


def observed_by_arm(context: Context, data: pd.DataFrame, outcome: str) -> pd.DataFrame:
    """Mean and SD of baseline and outcome, of those analysed."""
    import pandas as pd

    rows = []
    for arm in context.arms:
        here = data[data["arm"] == arm]
        rows.append(
            {
                "arm": arm,
                "n": len(here),
                "base_mean": here["base"].mean(),
                "base_sd": here["base"].std(),
                "mean": here[outcome].mean(),
                "sd": here[outcome].std(),
            }
        )
    return pd.DataFrame(rows)
