"""Baseline covariates that somebody lacks: set to the mean of everybody, so that nobody is left out for one.

A covariate measured before randomization is independent of the arm, so its mean of all subjects, whatever
the arm, keeps the comparison unbiased (White & Thompson 2005, Statistics in Medicine 24:993-1007). So it does
where the covariate is the baseline of a change: adjusted for the same baseline, change and value have one
effect of the arm, and the change is taken from that mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from trialkit.analysis.context import Context
from trialkit.analysis.formula_words import name_words
from trialkit.plan import keys

if TYPE_CHECKING:
    import pandas as pd

NOT_OF_BASELINE = frozenset({"arm", "visit", "months", "day", "value", "chg"})


def factors_of(formula: str) -> tuple[str, ...]:
    """The columns right of the ``~``."""
    parsed = keys.read_formula(formula)
    outcome = parsed.outcome.column if parsed.outcome else None
    return tuple(name for name in parsed.columns if name != outcome)


def mean_imputed(
    context: Context, data: pd.DataFrame, names: Sequence[str]
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Missing numbers of the columns named by the mean of all subjects, and a sentence on each.

    Parameters
    ----------
    data
        One row a subject, or the same number of rows each; with ``subject_id``.
    names
        Columns of baseline; what is no number, not there, or missing for all is left as it is. Where ``base``
        is one, the change of who had none is from the mean, so that the outcome is not lost with it.
    """
    notes = []
    for name in dict.fromkeys(names):
        if name not in data or name in NOT_OF_BASELINE:
            continue
        column = data[name]
        if column.dtype.kind != "f" or column.isna().all():
            continue
        without = data.loc[column.isna(), "subject_id"].nunique()
        if without:
            sentence = _sentence(without, name_words(context, name.partition("@")[0]))
            data = data.assign(**{name: column.fillna(column.mean())})
            if name == "base" and {"value", "chg"} <= set(data):
                sentence += " Their change is from that mean."
                data = data.assign(chg=data["chg"].where(column.notna(), data["value"] - data["base"]))
            notes.append(sentence)
    return data, tuple(notes)


def _sentence(n: int, name: str) -> str:
    values = "1 missing baseline value" if n == 1 else f"{n} missing baseline values"
    name = "the outcome" if name == "baseline value" else name
    verb = "was" if n == 1 else "were"
    return f"{values} of {name} {verb} set to the mean of all subjects, so that nobody is left out for it."
