"""Mean cumulative count: the mean number of episodes a subject has had by each time, without a model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from trialkit.stats import display
from trialkit.stats.columns import require_columns, require_free_names
from trialkit.stats.distributions import normal_quantile
from trialkit.stats.errors import DataError
from trialkit.stats.groups import Integers
from trialkit.stats.inference import check_choice, check_confidence_level
from trialkit.stats.rows import Rows
from trialkit.stats.showing import Printed
from trialkit.stats.survival.curves_picture import Curve, Panel, counts_at, figure_of, ticks_for
from trialkit.stats.survival.differences import differences_at
from trialkit.stats.survival.observations import Floats, at_known_times, read_observations
from trialkit.stats.survival.options import require_times
from trialkit.stats.survival.product_limit import at_risk
from trialkit.stats.survival.stacked import stacked
from trialkit.stats.width import without_width
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

SUBJECTS_AT_ONCE = 256
OWN_COLUMNS = ("time", "n_at_risk", "n_events", "estimate", "standard_error", "ci_lower", "ci_upper")


@dataclass(frozen=True)
class CountCurve:
    """The mean count of one group at its distinct times, with the variance summed over subjects."""

    time: Floats
    n_at_risk: Floats
    n_events: Floats
    count: Floats
    variance: Floats
    subjects: int
    stop: Floats
    start: Floats

    @classmethod
    def of(cls, start: Floats, stop: Floats, event: Floats, subject: Integers) -> CountCurve:
        time = np.unique(stop)
        risk = at_risk(time, stop, start)
        events = np.bincount(np.searchsorted(time, stop), weights=event, minlength=len(time)).astype(
            np.float64
        )
        steps = events / risk
        variance = _variance(time, risk, steps, start, stop, event, subject)
        subjects = int(subject.max()) + 1
        return cls(time, risk, events, np.cumsum(steps), variance, subjects, stop, start)

    def at(self, times: Floats) -> tuple[Floats, Floats]:
        index = np.searchsorted(self.time, times, side="right")
        return np.append(0.0, self.count)[index], np.append(0.0, self.variance)[index]


@dataclass(frozen=True, repr=False, eq=False)
class MeanCumulativeCount(Printed):
    """Mean cumulative counts of one or more groups."""

    by: str | None
    groups: tuple[tuple[Any, CountCurve], ...]
    confidence: Literal["log", "plain"]
    confidence_level: float
    rows: Rows
    time_name: str = "time"

    @property
    def curves(self) -> pd.DataFrame:
        """Every distinct time of every group: numbers, mean count, robust error and limits."""
        return self._table(lambda curve: curve.time)

    def at(self, times: float | Sequence[float]) -> pd.DataFrame:
        """Mean counts at one or several landmark times; NaN beyond the last follow-up.

        ``n_events`` counts up to the time.
        """
        wanted = require_times(times)
        return self._table(lambda curve: wanted)

    def contrasts(self, times: float | Sequence[float], reference: Any = None) -> pd.DataFrame:
        """Differences of mean counts by one or several times, test minus reference (the first group unless
        named). A time beyond the follow-up of a group is an error."""
        table = self.at(times)
        beyond = table.loc[table["estimate"].isna(), "time"]
        if len(beyond):
            raise DataError(
                expected="times within the follow-up of every group",
                found=said("{value:g}", value=beyond.iloc[0]),
                next_step="Choose an earlier one.",
            )
        labels = [label for label, _ in self.groups]
        return differences_at(table, "estimate", labels, reference, self.confidence_level)

    def plot(self, times: float | Sequence[float] | None = None) -> Figure:
        """Mean counts in steps with limits, numbers at risk below ``times`` (round ones if not given)."""
        ticks = ticks_for(times, max(float(curve.time[-1]) for _, curve in self.groups))
        curves = [Curve.of(self._one(label, curve, curve.time)) for label, curve in self.groups]
        counts = [counts_at(ticks, curve.stop, curve.start) for _, curve in self.groups]
        labels = [str(label) for label, _ in self.groups]
        return figure_of(
            [Panel("", curves, counts)], labels, ticks, 0.0, "mean number of episodes", self.time_name
        )

    def _table(self, times_of: Any) -> pd.DataFrame:
        return stacked([self._one(label, curve, times_of(curve)) for label, curve in self.groups])

    def _one(self, label: Any, curve: CountCurve, times: Floats) -> dict[str, Any]:
        there = at_known_times(times, curve.time)
        count, variance = curve.at(there)
        error = np.sqrt(variance)
        z = normal_quantile(self.confidence_level)
        if self.confidence == "plain":
            lower, upper = np.maximum(count - z * error, 0.0), count + z * error
        else:
            spread = np.exp(z * error / np.where(count > 0, count, 1.0))
            lower, upper = count / spread, count * spread
        beyond = there > curve.time[-1]
        events = np.append(0.0, np.cumsum(curve.n_events))
        known = without_width(
            {"estimate": count, "standard_error": error, "ci_lower": lower, "ci_upper": upper}
        )
        return {
            **({} if self.by is None else {self.by: label}),
            "time": times,
            "n_at_risk": at_risk(there, curve.stop, curve.start).astype(np.int64),
            "n_events": events[np.searchsorted(curve.time, there, side="right")].astype(np.int64),
            **{name: np.where(beyond, np.nan, values) for name, values in known.items()},
        }

    def _shown(self) -> display.Shown:
        ends = self.curves.drop_duplicates([self.by], keep="last") if self.by else self.curves.tail(1)
        title = f"Mean cumulative count, robust errors, confidence level {self.confidence_level}"
        table = ends.reset_index(drop=True)
        lines = [self.rows.sentence()]
        if table["standard_error"].isna().any():
            lines.insert(
                0, "a group whose subjects all had as many episodes shows no variance: it has no interval"
            )
        return display.Shown(title, (("At the last follow-up", table),), tuple(lines))


def mean_cumulative_count(
    data: pd.DataFrame,
    id: str,
    start: str,
    stop: str,
    event: str,
    by: str | None = None,
    confidence: Literal["log", "plain"] = "log",
    confidence_level: float = 0.95,
) -> MeanCumulativeCount:
    """Mean number of episodes a subject has had by each time (the mean cumulative function).

    Parameters
    ----------
    data
        One row a period at risk: a subject with two episodes has a period up to each and one to the end of
        follow-up.
    id
        Column of subjects.
    start, stop
        Columns of times in any one unit; the subject is at risk over ``start < t <= stop``.
    event
        Column with 1 = an episode at ``stop``, 0 = none.
    by
        Column of the groups.
    confidence
        Scale of the interval: ``"log"`` or ``"plain"``.
    confidence_level
        Of the two-sided intervals.

    Returns
    -------
    MeanCumulativeCount
        ``.curves``, ``.at([...])``, ``.contrasts(time)``, ``.rows``.

    Raises
    ------
    DataError
        Periods of a subject that overlap, a subject in two groups, event not 0/1, start not before stop.

    Degenerate cases
    ----------------
    Before the first episode the count is 0 and no variance can be seen: error and limits are NaN. End of
    follow-up is taken to be unrelated to the episodes; where death ends them, the count is that of a world
    without death.

    Equivalent in R: ``survfit(Surv(start, stop, event) ~ by, id = id, robust = TRUE)``, its ``cumhaz`` and
    ``std.chaz``.
    Equivalent in SAS: ``PROC PHREG COVS(AGGREGATE); ... BASELINE CMF=_ALL_``, or ``PROC RELIABILITY
    MCFPLOT``.

    References
    ----------
    Nelson, J Quality Technology 1988;20:24. Lawless and Nadeau, Technometrics 1995;37:158.
    """
    check_choice("confidence", confidence, ("log", "plain"))
    check_confidence_level(confidence_level)
    require_columns(data, (id, start), "arguments")
    require_free_names([by], OWN_COLUMNS)
    read = read_observations(data, time=stop, event=event, by=by, entry=start, also=(id,))
    assert read.entry is not None
    subject, _ = _subjects(read.also[id])
    _require_apart(subject, read.entry, read.time, read.group, id)
    groups = []
    for code, label in enumerate(read.group_labels):
        rows = read.group == code
        _, own = np.unique(subject[rows], return_inverse=True)
        groups.append((label, CountCurve.of(read.entry[rows], read.time[rows], read.event[rows], own)))
    return MeanCumulativeCount(by, tuple(groups), confidence, confidence_level, read.rows, stop)


def _subjects(column: pd.Series[Any]) -> tuple[Integers, Any]:
    import pandas as pd

    codes, labels = pd.factorize(column)
    return codes.astype(np.int64), labels


def _require_apart(subject: Integers, start: Floats, stop: Floats, group: Integers, id: str) -> None:
    order = np.lexsort((start, subject))
    same = subject[order][1:] == subject[order][:-1]
    overlapping = same & (start[order][1:] < stop[order][:-1])
    moved = same & (group[order][1:] != group[order][:-1])
    for found, problem in ((overlapping, "that overlap"), (moved, "in more than one group")):
        if found.any():
            raise DataError(
                expected="periods of a subject that follow one another, in one group",
                found=said(
                    "{n_subject} subjects with periods {problem}",
                    n_subject=len(np.unique(subject[order][1:][found])),
                    problem=problem,
                ),
                where=id,
                next_step="Correct the periods of these subjects.",
            )


def _variance(
    time: Floats, risk: Floats, steps: Floats, start: Floats, stop: Floats, event: Floats, subject: Integers
) -> Floats:
    """Sum over subjects of the squared sum up to t of (own episodes - episodes expected while at risk) / at
    risk."""
    total = np.zeros(len(time))
    first = np.searchsorted(time, start, side="right")
    last = np.searchsorted(time, stop)
    for low in range(0, int(subject.max()) + 1, SUBJECTS_AT_ONCE):
        rows = (subject >= low) & (subject < low + SUBJECTS_AT_ONCE)
        present = np.zeros((SUBJECTS_AT_ONCE, len(time) + 1))
        np.add.at(present, (subject[rows] - low, first[rows]), 1.0)
        np.add.at(present, (subject[rows] - low, last[rows] + 1), -1.0)
        excess = -np.cumsum(present, axis=1)[:, :-1] * steps
        np.add.at(excess, (subject[rows] - low, last[rows]), event[rows])
        total += (np.cumsum(excess / risk, axis=1) ** 2).sum(axis=0)
    return total
