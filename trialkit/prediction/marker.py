"""One marker and an outcome as a cutoff reads them: checked as a model's features are, gaps counted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from trialkit.errors import TrialkitError
from trialkit.nearest import advice
from trialkit.numbers import plain
from trialkit.prediction.arrays import Floats
from trialkit.prediction.errors import PredictionError
from trialkit.prediction.plan import (
    Feature,
    Outcome,
    PredictionPlan,
    Preparation,
    Resampling,
    Selection,
    Threshold,
)
from trialkit.prediction.table import feature_values, model_table
from trialkit.prediction.unfit_features import refused
from trialkit.wording import said

MOST_MISSING = Preparation().most_missing
_FEWEST = 10
_OUT = "Take it out of the features."
_ANOTHER = "Take another marker."
_LEFT_OUT = "Mend the value, or leave it empty: the subject is then left out and counted."
OF_A_MARKER = {
    "a feature": "a marker",
    "a feature that varies": "a marker that varies",
    _OUT: _ANOTHER,
    f"A consequence of the outcome? {_OUT}": f"A consequence of the outcome? {_ANOTHER}",
    "Mend the value, or leave it empty and let the plan say how it is filled.": _LEFT_OUT,
    "Mend the value, or declare the feature a category with its levels.": _LEFT_OUT,
}
"""What is said of a plan's feature, where there is a marker and no plan."""


@dataclass(frozen=True)
class Marker:
    """``values`` and ``outcome`` (0 or 1) of those with both, in the order of the subjects' names; ``lines``
    is how many subjects the data have, ``notes`` what is permitted and worth a second look."""

    values: Floats
    outcome: Floats
    lines: int
    without_outcome: int
    without_marker: int
    notes: tuple[str, ...]


def read_marker(
    data: pd.DataFrame, marker: str, outcome: str, subject: str, most_missing: float = MOST_MISSING
) -> Marker:
    """Take marker and outcome from ``data``, one line a subject.

    Raises
    ------
    PredictionError
        A column absent, the outcome or the subject as marker, an outcome other than 0 and 1, fewer than ten
        subjects of either, more markers missing than ``most_missing`` (a share) of those with an outcome, or
        what :func:`trialkit.prediction.table.model_table` refuses: a subject twice, a constant, a date, a
        running number, infinity, the outcome in another coding, a marker that tells it without an error.
    """
    _check_columns(data, marker, outcome, subject)
    data = data.reset_index(drop=True)
    data = data.assign(**{outcome: _outcome(data[outcome], outcome)})
    plan = _plan_of(marker, outcome, subject)
    known = data[data[outcome].notna()]
    try:
        missing = feature_values(known, plan.features[0]).isna()
        _check_missing(missing, known[outcome], marker, most_missing)
        table = model_table(data, plan)
    except PredictionError as error:
        raise PredictionError.all_of([_of_a_marker(one) for one in (error, *error.also)]) from None
    values = table.values[marker].to_numpy(dtype=float)
    at = ~np.isnan(values)
    _check_either(table.outcome[at], outcome)
    return Marker(
        values=values[at],
        outcome=table.outcome[at],
        lines=len(data),
        without_outcome=len(data) - len(known),
        without_marker=int(missing.sum()),
        notes=table.notes,
    )


def _of_a_marker(error: TrialkitError) -> PredictionError:
    fields = (error.expected, error.found, error.where, error.next_step)
    expected, found, where, step = (OF_A_MARKER.get(words, words) for words in fields)
    return PredictionError(expected=expected, found=found, where=where, next_step=step)


def _plan_of(marker: str, outcome: str, subject: str) -> PredictionPlan:
    """The plan that says no more than the command does; how many of either are enough is checked here."""
    return PredictionPlan(
        id="",
        title="",
        version="",
        seed=0,
        outcome=Outcome(label=outcome, column=outcome),
        features=(Feature(marker, label=marker),),
        subject=subject,
        preparation=Preparation(most_missing=1.0),
        selection=Selection(folds=1),
        threshold=Threshold(folds=1),
        resampling=Resampling(folds=1),
    )


def _check_columns(data: pd.DataFrame, marker: str, outcome: str, subject: str) -> None:
    for name, otherwise in (
        (marker, "Check the name."),
        (outcome, "Check the name."),
        (subject, "Name the column of the subject with --subject."),
    ):
        if name not in data.columns:
            raise PredictionError(
                expected=said("a column {name!r}", name=name),
                found=said("{n_columns} others", n_columns=len(data.columns)),
                where="the data",
                next_step=advice(name, map(str, data.columns), otherwise=otherwise),
            )
    if marker == outcome:
        raise refused(marker, "a marker", "the outcome itself", _ANOTHER)
    if marker == subject:
        raise refused(marker, "a marker", "an identifier", _ANOTHER)


def _outcome(column: pd.Series[float], outcome: str) -> pd.Series[float]:
    numbers = pd.to_numeric(column, errors="coerce").astype(float)
    wrong = column[column.notna() & ~numbers.isin([0.0, 1.0])]
    if len(wrong):
        raise PredictionError(
            expected=said("0 and 1 in {name}", name=outcome),
            found=str(wrong.iloc[0]).strip() or "a blank",
            where=said("line {line}", line=int(wrong.index[0]) + 2),
            next_step="Code the outcome 1 where it happened, 0 where not, and leave it empty where unknown.",
        )
    _check_either(np.asarray(numbers.dropna(), dtype=np.float64), outcome)
    return numbers


def _check_either(y: Floats, outcome: str) -> None:
    if min(int(y.sum()), int(len(y) - y.sum())) < _FEWEST:
        raise PredictionError(
            expected=said("at least {fewest} subjects of either outcome", fewest=_FEWEST),
            found=said("{events} of {n} with it", events=int(y.sum()), n=len(y)),
            where=outcome,
            next_step="No cutoff: too few to say anything.",
        )


def _check_missing(missing: pd.Series[bool], outcome: pd.Series[float], marker: str, most: float) -> None:
    share = float(missing.mean())
    if share > most:
        cases = outcome == 1
        raise refused(
            marker,
            said(
                "values of at least {share}% of those with a known outcome",
                share=plain(100 * (1 - most), 0),
            ),
            said(
                "missing for {n} of {of}: {m} of {cases} with the outcome, {k} of {others} without",
                n=int(missing.sum()),
                of=len(missing),
                m=int((missing & cases).sum()),
                cases=int(cases.sum()),
                k=int((missing & ~cases).sum()),
                others=int((~cases).sum()),
            ),
            "Find out why: a rule from those who were measured may not hold for the others. "
            "If it may, say so: --most-missing with the share that is permitted.",
        )
