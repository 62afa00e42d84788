"""Why a subject of the set is not in a model: what is missing first, outcome before covariates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from trialkit.analysis.context import Context
from trialkit.analysis.covariates import factors_of
from trialkit.analysis.formula_words import name_words
from trialkit.plan import keys

if TYPE_CHECKING:
    import pandas as pd

OUTCOMES = ("value", "chg", "response", "level")


def left_out(
    context: Context, data: pd.DataFrame, formula: str, strata: Sequence[str] = (), otherwise: str = ""
) -> pd.Series:
    """A reason a row: what of it is missing first, or ``otherwise`` where nothing is.

    Parameters
    ----------
    data
        One row a subject. Where it has ``time_days``, a missing one is "no follow-up".
    formula
        Of the model; an outcome left of the ``~`` comes before the baseline value and the covariates.
    strata
        Columns that the model is stratified by.
    otherwise
        Why a row without a missing value may be left out all the same.
    """
    import pandas as pd

    reasons = pd.Series(otherwise, index=data.index, dtype=object)
    for column, words in reversed(list(_in_order(context, data, formula, strata).items())):
        reasons = reasons.mask(data[column].isna(), words)
    return reasons


def counts_over_visits(context: Context, formula: str, data: pd.DataFrame, used: pd.Series) -> pd.DataFrame:
    """Subjects, not rows: observed at one visit or more.

    Parameters
    ----------
    data
        One row a subject and visit.
    used
        The rows that the model uses.
    """
    seen = set(data.loc[used, "subject_id"])
    once = data.drop_duplicates("subject_id")
    why = left_out(context, once.drop(columns=["chg", "value"], errors="ignore"), formula)
    return context.counts(once, once["subject_id"].isin(seen), why.replace("", "no visit after baseline"))


def _in_order(context: Context, data: pd.DataFrame, formula: str, strata: Sequence[str]) -> dict[str, str]:
    """Columns with what is said where they are missing, the first to be told first."""
    parsed = keys.read_formula(formula)
    outcome = parsed.outcome.column if parsed.outcome else ""
    first = ("value", "base", outcome) if outcome == "chg" else (outcome,)
    found = {"time_days": "no follow-up"}
    for name in first:
        found[name] = f"{name_words(context, name)} missing" if name == "base" else "outcome missing"
    for name in (*factors_of(formula), *strata):
        found.setdefault(name, f"{name_words(context, name)} missing")
    return {name: words for name, words in found.items() if name in data.columns}
