"""Cumulative incidence of each of several causes, by group, with Gray's test of the groups."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from trialkit.stats import display
from trialkit.stats.columns import require_free_names
from trialkit.stats.complete_rows import complete_rows
from trialkit.stats.distributions import chi_square_p_value, normal_quantile
from trialkit.stats.errors import DataError
from trialkit.stats.groups import Integers, groups_of, strata_of
from trialkit.stats.inference import check_choice, check_confidence_level
from trialkit.stats.rows import Rows
from trialkit.stats.showing import Printed
from trialkit.stats.survival.aalen_johansen import AalenJohansen
from trialkit.stats.survival.cause_counts import CauseCounts
from trialkit.stats.survival.curves_picture import Curve, Panel, counts_at, figure_of, ticks_for
from trialkit.stats.survival.gray import gray_scores
from trialkit.stats.survival.observations import (
    Floats,
    at_known_times,
    group_codes,
    ranked,
    read_times,
    require_every_group,
    roles_apart,
    stratum_columns,
)
from trialkit.stats.survival.options import require_times, require_weight
from trialkit.stats.survival.product_limit import ConfidenceType
from trialkit.stats.survival.stacked import repeated
from trialkit.stats.width import without_width
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from trialkit.stats.columns import Columns


NO_VARIANCE = 1e-12
"""A variance of a number of events below this is rounding."""
OWN_COLUMNS = (
    *("cause", "time", "n_at_risk", "n_events", "estimate", "standard_error", "ci_lower", "ci_upper"),
)


@dataclass(frozen=True)
class InStrata:
    """Each row's place among the times, its cause, group and stratum."""

    place: Integers
    cause: Integers
    group: Integers
    stratum: Integers

    def counts(self, causes: int, groups: int) -> Iterator[CauseCounts]:
        for code in range(int(self.stratum.max()) + 1):
            one = self.stratum == code
            place = ranked(self.place[one].astype(np.float64))[1]
            yield CauseCounts.of(place, self.cause[one], self.group[one], groups, causes)


@dataclass(frozen=True, repr=False, eq=False)
class CumulativeIncidence(Printed):
    """Aalen-Johansen estimates by group and cause; ``gray_test`` has one row a cause (None with one
    group)."""

    by: str | None
    groups: tuple[tuple[Any, AalenJohansen], ...]
    causes: tuple[Any, ...]
    confidence: ConfidenceType
    confidence_level: float
    rows: Rows
    time_name: str
    counts: CauseCounts = field(repr=False)
    in_strata: InStrata | None = field(repr=False)
    rho: float = field(repr=False)

    @cached_property
    def gray_test(self) -> pd.DataFrame | None:
        """One row a cause: statistic df p_value; None with one group. Made when it is read."""
        if len(self.groups) < 2:
            return None
        causes, groups, _ = self.counts.events.shape
        strata = self.in_strata
        parts = [self.counts] if strata is None else strata.counts(causes, groups)
        return _gray_test(parts, self.causes, groups, self.rho)

    @property
    def curves(self) -> pd.DataFrame:
        """Every distinct time of every group and cause."""
        return self._table(lambda fit: fit.time)

    def at(self, times: float | Sequence[float]) -> pd.DataFrame:
        """Incidence at one or several landmark times; NaN beyond the last follow-up of the group.

        ``n_events`` counts up to the time.
        """
        wanted = require_times(times)
        return self._table(lambda fit: wanted)

    def plot(self, times: float | Sequence[float] | None = None) -> Figure:
        """A panel a cause: incidence in steps with its limits, numbers at risk below ``times`` (round ones if
        not given)."""
        ticks = ticks_for(times, max(float(fit.time[-1]) for _, fit in self.groups))
        counts = [counts_at(ticks, fit.stop, None) for _, fit in self.groups]
        panels = []
        for place, cause in enumerate(self.causes):
            curves = [Curve.of(self._cause(label, fit, place)) for label, fit in self.groups]
            panels.append(Panel(str(cause), curves, counts))
        labels = [str(label) for label, _ in self.groups]
        return figure_of(panels, labels, ticks, 0.0, "cumulative incidence", self.time_name)

    def _table(self, times_of: Callable[[AalenJohansen], Floats]) -> pd.DataFrame:
        """A block a group, in it the causes one after the other."""
        import pandas as pd

        fits = [fit for _, fit in self.groups]
        times = [times_of(fit) for fit in fits]
        columns = {"cause": np.concatenate([repeated(self.causes, len(one)) for one in times])}
        if self.by is not None:
            rows = [len(self.causes) * len(one) for one in times]
            columns = {self.by: repeated([label for label, _ in self.groups], rows), **columns}
        blocks = [self._group(fit, one) for fit, one in zip(fits, times, strict=True)]
        columns |= self._numbers(*map(np.concatenate, zip(*blocks, strict=True)))
        return pd.DataFrame(columns, copy=False)

    def _group(self, fit: AalenJohansen, times: Floats) -> tuple[Floats, ...]:
        """Times, numbers at risk, events so far, incidence and variance of a group, cause after cause."""
        there, causes = at_known_times(times, fit.time), len(self.causes)
        events, incidence, variance = fit.at(there).reshape(3, -1)
        late = there > fit.time[-1]
        if late.any():
            beyond = np.tile(late, causes)
            incidence, variance = (np.where(beyond, np.nan, one) for one in (incidence, variance))
        return np.tile(times, causes), np.tile(fit.at_risk(there), causes), events, incidence, variance

    def _numbers(
        self, times: Floats, risk: Floats, events: Floats, incidence: Floats, variance: Floats
    ) -> dict[str, Any]:
        z = normal_quantile(self.confidence_level)
        lower, upper = incidence_limits(incidence, variance, self.confidence, z)
        known = {
            "estimate": incidence,
            "standard_error": np.sqrt(variance),
            "ci_lower": lower,
            "ci_upper": upper,
        }
        counts = {"n_at_risk": risk.astype(np.int64), "n_events": events.astype(np.int64)}
        return {"time": times, **counts, **without_width(known)}

    def _cause(self, label: Any, fit: AalenJohansen, place: int) -> dict[str, Any]:
        """The columns of one cause of a group at every time of the group."""
        n = len(fit.time)
        rows = slice(place * n, (place + 1) * n)
        table = self._numbers(*(one[rows] for one in self._group(fit, fit.time)))
        return {**({} if self.by is None else {self.by: label}), "cause": self.causes[place], **table}

    def _shown(self) -> display.Shown:
        ends = self.curves.drop_duplicates([*([self.by] if self.by else []), "cause"], keep="last")
        tables = [("At the last follow-up", ends.reset_index(drop=True))]
        if self.gray_test is not None:
            tables.append(("Gray's test", self.gray_test))
        title = f"Cumulative incidence (Aalen-Johansen), confidence level {self.confidence_level}"
        lines = [self.rows.sentence()]
        if ends["standard_error"].isna().any():
            lines.insert(
                0, "a cause that nobody, or everybody, of a group had shows no variance: it has no interval"
            )
        return display.Shown(title, tuple(tables), tuple(lines))


def cumulative_incidence(
    data: pd.DataFrame,
    time: str,
    event_type: str,
    by: str | None = None,
    censored: Any = 0,
    strata: str | Sequence[str] | None = None,
    rho: float = 0.0,
    confidence: ConfidenceType = "log-log",
    confidence_level: float = 0.95,
    causes: Sequence[Any] | None = None,
) -> CumulativeIncidence:
    """Cumulative incidence of each cause when one event ends the wait for the others.

    Parameters
    ----------
    data
        One row a subject.
    time
        Column of times in any one unit, 0 or more.
    event_type
        Column with the cause of the event, or ``censored``.
    by
        Column of the groups.
    censored
        The value of ``event_type`` that means no event yet: 0, or the label used.
    strata
        Column or columns within which Gray's test compares the groups.
    rho
        Weight (1 - F)^rho of Gray's test, F the pooled incidence.
    confidence
        Scale of the interval: ``"log-log"`` of the incidence, ``"log"`` or ``"plain"``.
    confidence_level
        Of the two-sided intervals.
    causes
        All causes that count, in order, whether or not anybody had them; None: those that occur.

    Returns
    -------
    CumulativeIncidence
        ``.curves``, ``.at([...])``, ``.gray_test`` (cause, statistic, df, p_value), ``.rows``.

    Raises
    ------
    DataError
        No events and no ``causes`` named, ``causes`` without one that occurs, ``censored`` absent from a
        column of labels, a time below 0 or infinite.

    Degenerate cases
    ----------------
    Gray's test of a cause is NaN where no two groups were ever at risk together, and where the pooled
    incidence reached 1 with subjects still at risk. While nobody has had the cause its incidence is 0,
    once everybody has it is 1: no variance can be seen then, and error and limits are NaN.

    Equivalent in R: ``survfit(Surv(time, factor(cause)) ~ by)``; ``cmprsk::cuminc(time, cause, by, strata)``.
    Equivalent in SAS: ``PROC LIFETEST; TIME time*cause(0) / EVENTCODE=1; STRATA s / GROUP=by;``.

    References
    ----------
    Aalen and Johansen, Scand J Stat 1978;5:141. Dinse and Larson, Biometrika 1986;73:379. Gray, Ann Stat
    1988;16:1141.
    """
    check_choice("confidence", confidence, ("log-log", "log", "plain"))
    check_confidence_level(confidence_level)
    require_weight(rho)
    strata_columns = stratum_columns(strata)
    columns = roles_apart(data, (time, event_type), (by, *strata_columns))
    require_free_names([by], OWN_COLUMNS)
    kept, rows = complete_rows(data, columns, "arguments", checked=True, count_by=(by,) if by else ())
    cause, occurring = _causes(kept, event_type, censored, causes)
    stop, _ = read_times(kept, time, None)
    group, labels = group_codes(kept, by, rows.used)
    if by is not None and rows.excluded:
        require_every_group(data, by, labels)
    distinct, place = ranked(stop)
    counts = CauseCounts.of(place, cause, group, len(labels), len(occurring))
    curves = AalenJohansen.of_groups(counts, distinct, stop, group)
    fits = tuple(zip(labels, curves, strict=True))
    in_strata = None
    if strata_columns:
        in_strata = InStrata(place, cause, group, strata_of(kept, strata_columns, rows.used).codes)
    return CumulativeIncidence(
        by, fits, occurring, confidence, confidence_level, rows, time, counts, in_strata, rho
    )


def incidence_limits(
    incidence: Floats, variance: Floats, kind: ConfidenceType, z: float
) -> tuple[Floats, Floats]:
    """Pointwise limits within [0, 1]; both 0 while the incidence is."""
    error = np.sqrt(variance)
    with np.errstate(divide="ignore", invalid="ignore"):
        if kind == "plain":
            lower, upper = incidence - z * error, incidence + z * error
        elif kind == "log":
            lower, upper = (
                incidence * np.exp(-z * error / incidence),
                incidence * np.exp(z * error / incidence),
            )
        else:
            spread = -z * error / (incidence * np.log(incidence))
            lower, upper = incidence ** np.exp(spread), incidence ** np.exp(-spread)
    certain = error == 0  # nobody has had the cause, or everybody
    return (
        np.where(certain, incidence, np.maximum(lower, 0.0)),
        np.where(certain, incidence, np.minimum(upper, 1.0)),
    )


def _causes(
    kept: Columns, event_type: str, censored: Any, named: Sequence[Any] | None
) -> tuple[Integers, tuple[Any, ...]]:
    """0 for censored, else the position (from 1) of the cause; causes as named, or those that occur in
    category order, else sorted."""
    codes, labels = groups_of(kept[event_type])
    from pandas.api import types

    numeric = all(types.is_number(label) for label in labels)
    if censored not in labels and not numeric and named is None:
        raise DataError(
            expected="the label that means censored, given as censored=...",
            found=said("{censored!r}, which the column does not have", censored=censored),
            where=event_type,
            next_step="Name the label of those without an event.",
        )
    causes = tuple(label for label in labels if label != censored)
    if named is not None:
        left_out = [label for label in causes if label not in named]
        if left_out or censored in named:
            raise DataError(
                expected="every cause that occurs among those named, and not the one that means censored",
                found=", ".join(map(repr, left_out or [censored])),
                where="causes",
                next_step="Name them all, or leave causes out.",
            )
        causes = tuple(named)
    if not causes:
        raise DataError(
            expected="at least one event of any cause",
            found="none",
            where=event_type,
            next_step="Check the coding.",
        )
    place = np.array([0 if label == censored else causes.index(label) + 1 for label in labels])
    return place[codes], causes


def _gray_test(
    parts: Iterable[CauseCounts], causes: tuple[Any, ...], groups: int, rho: float
) -> pd.DataFrame:
    import pandas as pd

    scores, covariances = np.zeros((len(causes), groups - 1)), np.zeros((len(causes), groups - 1, groups - 1))
    for part in parts:
        found = gray_scores(part, rho)
        if found is not None:  # a stratum without events says nothing
            scores, covariances = scores + found[0], covariances + found[1]
    statistics = [_quadratic(*one) for one in zip(scores, covariances, strict=True)]
    p_values = [chi_square_p_value(one, groups - 1) if np.isfinite(one) else np.nan for one in statistics]
    columns = {
        "cause": repeated(causes, 1),
        "statistic": np.array(statistics),
        "df": np.full(len(causes), groups - 1),
        "p_value": np.array(p_values),
    }
    return pd.DataFrame(columns, copy=False)


def _quadratic(score: Floats, covariance: Floats) -> float:
    """NaN where the groups were never at risk together: the test then does not exist for that cause."""
    variance = np.diag(covariance)
    if not (variance > NO_VARIANCE).all():
        return float("nan")
    if len(score) == 1:
        return float(score[0] ** 2 / variance[0])
    if np.linalg.matrix_rank(covariance, hermitian=True) < len(score):
        return float("nan")
    scale = np.sqrt(variance)
    z = score / scale
    return float(z @ np.linalg.solve(covariance / np.outer(scale, scale), z))
