"""The log-rank test of two or more groups, stratified, weighted and with delayed entry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from trialkit.stats import display
from trialkit.stats.columns import require_free_names
from trialkit.stats.distributions import chi_square_p_value
from trialkit.stats.errors import DataError
from trialkit.stats.groups import Integers
from trialkit.stats.rows import Rows
from trialkit.stats.showing import Printed
from trialkit.stats.survival.observations import Floats, Observations, read_observations, stratum_columns
from trialkit.stats.survival.options import require_weight
from trialkit.stats.survival.product_limit import not_yet_in
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class _Parts:
    """What was read, and by stratum observed and expected numbers and their covariance."""

    read: Observations
    observed: Floats
    expected: Floats
    covariance: Floats


@dataclass(frozen=True, repr=False, eq=False)
class LogRank(Printed):
    """Result of a log-rank test.

    ``table`` has one row a group (n, observed, expected), ``covariance`` the matrix of observed minus
    expected, ``strata`` one row a stratum saying whether it could tell the groups apart, and if not, why.
    """

    statistic: float
    df: int
    p_value: float
    rows: Rows
    rho: float
    by: str
    parts: _Parts = field(repr=False)

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a group: n, observed, expected."""
        observed, expected = self.parts.observed.sum(axis=0), self.parts.expected.sum(axis=0)
        return _group_table(self.parts.read, self.by, observed, expected)

    @cached_property
    def covariance(self) -> pd.DataFrame:
        """Of observed minus expected, groups by groups."""
        return _covariance_table(self.parts.read, self.parts.covariance.sum(axis=0))

    @cached_property
    def strata(self) -> pd.DataFrame:
        """One row a stratum: n, events, whether it could tell the groups apart, and if not, why."""
        return _strata_table(self.parts.read, self.parts.covariance)

    @property
    def uninformative_strata(self) -> pd.DataFrame:
        """The strata that contribute nothing: no events, one group only, or never two groups at risk at an
        event."""
        return self.strata[~self.strata["informative"]].reset_index(drop=True)

    def _shown(self) -> display.Shown:
        weights = "" if self.rho == 0 else f", weights S(t-)^{self.rho:g}"
        strata = "" if len(self.strata) == 1 else f", {len(self.strata)} strata"
        tables = [("Observed and expected events", self.table)]
        if not self.strata["informative"].all():
            tables.append(("Strata that contribute nothing", self.uninformative_strata))
        test = f"chi-square {display.number(self.statistic)} on {self.df} df"
        line = f"{test}, p = {display.p_value(self.p_value)}"
        return display.Shown(f"Log-rank test{strata}{weights}", tuple(tables), (line, self.rows.sentence()))


def log_rank(
    data: pd.DataFrame,
    time: str,
    event: str,
    by: str,
    strata: str | Sequence[str] | None = None,
    entry: str | None = None,
    rho: float = 0.0,
) -> LogRank:
    """Log-rank test that the groups have the same hazard at every time, within strata.

    Parameters
    ----------
    data
        One row a subject, or a row a period at risk when ``entry`` is given.
    time, entry
        Columns of times in any one unit; a row is at risk over ``entry < t <= time``.
    event
        Column with 1 = event, 0 = censored.
    by
        Column of the groups, two or more.
    strata
        Column or columns; observed minus expected and its variance are summed over their combinations.
    rho
        Weight S(t-)^rho of the pooled Kaplan-Meier in each stratum: 0 the log-rank test, 1 Peto and Peto's
        Wilcoxon test.

    Returns
    -------
    LogRank
        ``.statistic``, ``.df``, ``.p_value``, ``.table``, ``.covariance``, ``.strata``, ``.rows``.

    Raises
    ------
    DataError
        Fewer than two groups, no events, all times the same, or no stratum in which two groups can be
        compared.

    Degenerate cases
    ----------------
    A stratum with one group, or without events, contributes nothing; it is counted and listed in ``strata``.
    A group never at risk at an event has expectation 0 and leaves the test, which loses a degree of
    freedom, as in R.

    Equivalent in R: ``survdiff(Surv(time, event) ~ by + strata(s), rho = 0)``; with entry the score test of
    ``coxph(Surv(entry, time, event) ~ by + strata(s), ties = "exact")``.
    Equivalent in SAS: ``PROC LIFETEST; TIME time*event(0); STRATA s / GROUP=by TEST=LOGRANK;``.

    References
    ----------
    Mantel, Cancer Chemother Rep 1966;50:163. Harrington and Fleming, Biometrika 1982;69:553.
    """
    require_weight(rho)
    require_free_names([by], ("n", "observed", "expected"))
    require_free_names(stratum_columns(strata), ("n", "events", "informative", "reason"))
    read = read_observations(data, time=time, event=event, by=by, entry=entry, strata=strata)
    _require_comparable(read, time, by)
    groups, n_strata = len(read.group_labels), read.strata.count
    observed, expected = np.zeros((n_strata, groups)), np.zeros((n_strata, groups))
    covariance = np.zeros((n_strata, groups, groups))
    for code in range(n_strata):
        rows = slice(None) if n_strata == 1 else read.stratum == code
        observed[code], expected[code], covariance[code] = _one_stratum(read, rows, rho)
    total = covariance.sum(axis=0)
    statistic, df = _chi_square(observed.sum(axis=0) - expected.sum(axis=0), total, expected.sum(axis=0) > 0)
    return LogRank(
        statistic=statistic,
        df=df,
        p_value=chi_square_p_value(statistic, df),
        rows=read.rows,
        rho=rho,
        by=by,
        parts=_Parts(read, observed, expected, covariance),
    )


def _require_comparable(read: Observations, time: str, by: str) -> None:
    if len(read.group_labels) < 2:
        raise DataError(
            expected="two or more groups", found="one", where=by, next_step="Name a column with two groups."
        )
    if not read.event.any():
        raise DataError(
            expected="at least one event",
            found="none",
            next_step="Check the event column: 1 = event, 0 = censored.",
        )
    if (read.time == read.time[0]).all():
        raise DataError(
            expected="times that differ",
            found=said("the one time {time:g} in every row", time=read.time[0]),
            where=time,
            next_step="Compare proportions instead: these rows say whether, not when.",
        )


def _one_stratum(read: Observations, rows: Any, rho: float) -> tuple[Floats, Floats, Floats]:
    """Weighted observed, expected and hypergeometric covariance of one stratum."""
    group, count = read.group[rows], len(read.group_labels)
    distinct, place = read.distinct
    cells, size = place[rows] * count + group, len(distinct) * count
    ended = np.bincount(cells, minlength=size).reshape(-1, count)
    died = np.bincount(cells, weights=read.event[rows], minlength=size).reshape(-1, count)
    happened = died.any(axis=1)
    deaths = died[happened]
    risk = np.cumsum(ended[::-1], axis=0)[::-1][happened].astype(float)
    if read.entry is not None:
        entry, times = read.entry[rows], distinct[happened]
        risk -= np.column_stack([not_yet_in(times, entry[group == code]) for code in range(count)])
    n, d = risk.sum(axis=1), deaths.sum(axis=1)
    weight = np.append(1.0, np.cumprod(1 - d / n))[:-1] ** rho
    share = risk / n[:, None]
    spread = weight**2 * d * np.where(n > 1, (n - d) / np.maximum(n - 1, 1), 0.0)
    covariance = np.diag(spread @ share) - share.T @ (spread[:, None] * share)
    return weight @ deaths, (weight * d) @ share, covariance


def _chi_square(difference: Floats, covariance: Floats, present: Integers) -> tuple[float, int]:
    """Quadratic form over the groups ever at risk, leaving out the first: the differences sum to zero."""
    kept = np.flatnonzero(present)[1:]
    matrix = covariance[np.ix_(kept, kept)]
    scale = np.sqrt(np.diag(matrix))
    if not len(kept) or (scale == 0).any():
        raise DataError(
            expected="an event while two groups were at risk together",
            found="none",
            next_step="Use fewer strata, or describe the groups without a test.",
        )
    scaled = matrix / np.outer(scale, scale)
    rank = int(np.linalg.matrix_rank(scaled, hermitian=True))
    if rank < len(kept):
        raise DataError(
            expected="groups that overlap in time within the strata",
            found=said(
                "{n_kept} groups that can be compared in {rank} ways only", n_kept=len(kept) + 1, rank=rank
            ),
            next_step="Use fewer strata or fewer groups.",
        )
    z = difference[kept] / scale
    return float(z @ np.linalg.solve(scaled, z)), len(kept)


def _group_table(read: Observations, by: str, observed: Floats, expected: Floats) -> pd.DataFrame:
    import pandas as pd

    n = np.bincount(read.group, minlength=len(read.group_labels))
    return pd.DataFrame({by: read.group_labels, "n": n, "observed": observed, "expected": expected})


def _covariance_table(read: Observations, covariance: Floats) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(covariance, index=list(read.group_labels), columns=list(read.group_labels))


def _strata_table(read: Observations, covariance: Floats) -> pd.DataFrame:
    """One row a stratum: its size, its events, and why it says nothing where it does."""
    table = read.strata.labels.copy()
    codes = range(len(table))
    table["n"] = [int((read.stratum == code).sum()) for code in codes]
    table["events"] = [int(read.event[read.stratum == code].sum()) for code in codes]
    groups = [len(np.unique(read.group[read.stratum == code])) for code in codes]
    table["informative"] = [bool(np.trace(covariance[code]) > 0) for code in codes]
    table["reason"] = [
        ""
        if informative
        else "no events"
        if events == 0
        else "one group"
        if present < 2
        else "no event with two groups at risk"
        for informative, events, present in zip(table["informative"], table["events"], groups, strict=True)
    ]
    return table
