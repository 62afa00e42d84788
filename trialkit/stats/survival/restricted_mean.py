"""Restricted mean survival time: the area under each Kaplan-Meier curve to a horizon, and differences of
areas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from trialkit.stats import display
from trialkit.stats.columns import require_free_names
from trialkit.stats.distributions import normal_quantile
from trialkit.stats.errors import DataError
from trialkit.stats.inference import check_confidence_level, check_numbers
from trialkit.stats.rows import Rows
from trialkit.stats.showing import Printed
from trialkit.stats.survival.differences import difference_table, position_of
from trialkit.stats.survival.observations import Floats, at_known_times, read_observations
from trialkit.stats.survival.product_limit import ProductLimit
from trialkit.wording import said, written

if TYPE_CHECKING:
    import pandas as pd


OWN_COLUMNS = ("n", "events", "estimate", "standard_error", "df", "ci_lower", "ci_upper")


@dataclass(frozen=True, repr=False, eq=False)
class RestrictedMean(Printed):
    """Restricted means to ``tau``: ``means`` one row a group, ``contrasts`` differences, ``ratios`` ratios
    of means."""

    tau: float
    confidence_level: float
    rows: Rows
    by: str | None
    labels: tuple[Any, ...]
    fits: tuple[ProductLimit, ...] = field(repr=False)
    areas: Floats = field(repr=False)
    base: int

    @cached_property
    def means(self) -> pd.DataFrame:
        """One row a group: n, events, estimate, standard_error, df, ci_lower, ci_upper."""
        return _means(self.labels, self.by, self.fits, self.areas, normal_quantile(self.confidence_level))

    @cached_property
    def contrasts(self) -> pd.DataFrame:
        """Differences of means, test - reference."""
        (mean, error), others = self.areas.T, self._others
        return difference_table(
            self._pairs("-"),
            mean[others] - mean[self.base],
            np.hypot(error[others], error[self.base]),
            self.confidence_level,
        )

    @cached_property
    def ratios(self) -> pd.DataFrame:
        """Ratios of means, test / reference."""
        (mean, error), others = self.areas.T, self._others
        relative = error / mean
        return difference_table(
            self._pairs("/"),
            np.log(mean[others] / mean[self.base]),
            np.hypot(relative[others], relative[self.base]),
            self.confidence_level,
            ratio=True,
        )

    @property
    def _others(self) -> list[int]:
        return [code for code in range(len(self.labels)) if code != self.base]

    def _pairs(self, sign: str) -> list[str]:
        return [f"{self.labels[code]} {sign} {self.labels[self.base]}" for code in self._others]

    def _shown(self) -> display.Shown:
        tables = [("Means", self.means)]
        if len(self.contrasts):
            tables.append(("Differences", self.contrasts))
        title = f"Restricted mean survival time to {self.tau:g}, confidence level {self.confidence_level}"
        lines = [self.rows.sentence()]
        if not (self.areas[:, 1] > 0).all():
            lines.insert(
                0, "a group without events before the horizon shows no variance, and has no interval"
            )
        return display.Shown(title, tuple(tables), tuple(lines))


def restricted_mean(
    data: pd.DataFrame,
    time: str,
    event: str,
    by: str | None = None,
    tau: float = float("nan"),
    reference: Any = None,
    entry: str | None = None,
    confidence_level: float = 0.95,
) -> RestrictedMean:
    """Mean time free of the event within a horizon, by group, with differences and ratios of the groups.

    Parameters
    ----------
    data
        One row a subject, or a row a period at risk when ``entry`` is given.
    time, entry
        Columns of times in any one unit; a row is at risk over ``entry < t <= time``.
    event
        Column with 1 = event, 0 = censored.
    by
        Column of the groups.
    tau
        The horizon, in the unit of the times, above 0 and within the follow-up of every group. It has no
        default: it belongs to the plan.
    reference
        The group the others are compared with; the first one if not given.
    confidence_level
        Of the two-sided intervals.

    Returns
    -------
    RestrictedMean
        ``.means`` (group, n, events, estimate, standard_error, df, ci_lower, ci_upper), ``.contrasts``
        (test - reference), ``.ratios`` (test / reference, error on the log scale), ``.rows``.

    Raises
    ------
    DataError
        No horizon, a horizon beyond the last follow-up of a group, an unknown reference, and what
        ``kaplan_meier`` refuses.

    Degenerate cases
    ----------------
    A group without events before ``tau`` has mean ``tau``, and neither error nor interval (NaN). The
    horizon is refused beyond the last follow-up even where the curve has reached 0, so that one rule holds
    for every group.

    Equivalent in R: ``summary(survfit(Surv(time, event) ~ by), rmean = tau)``; ``survRM2::rmst2`` for the
    differences.
    Equivalent in SAS: ``PROC RMSTREG`` or ``PROC LIFETEST RMST(TAU=tau)``.

    References
    ----------
    Royston and Parmar, BMC Med Res Methodol 2013;13:152. Uno et al., J Clin Oncol 2014;32:2380.
    """
    check_confidence_level(confidence_level)
    check_numbers(tau=tau)
    if not (np.isfinite(tau) and tau > 0):
        raise DataError(
            expected="a horizon tau above 0, in the unit of the times",
            found=written(tau),
            where="tau",
            next_step="Give the horizon stated in the analysis plan.",
        )
    require_free_names([by], OWN_COLUMNS)
    read = read_observations(data, time=time, event=event, by=by, entry=entry)
    fits = tuple(ProductLimit.of_group(read, code) for code in range(len(read.group_labels)))
    tau = float(at_known_times(np.array([tau]), read.distinct[0])[0])
    _require_followed(fits, tau, time)
    labels = read.group_labels
    base = position_of(reference, labels)
    areas = np.array([fit.restricted_area(tau) for fit in fits])
    return RestrictedMean(tau, confidence_level, read.rows, by, labels, fits, areas, base)


def _require_followed(fits: Sequence[ProductLimit], tau: float, time: str) -> None:
    horizon = min(fit.last_follow_up for fit in fits)
    if tau > horizon:
        raise DataError(
            expected=said(
                "a horizon of at most {horizon:g}, where follow-up of the first group to end ends",
                horizon=horizon,
            ),
            found=said("tau = {tau:g}", tau=tau),
            where=time,
            next_step="Choose a tau within follow-up; the curve beyond it is unknown.",
        )


def _means(
    labels: Sequence[Any], by: str | None, fits: Sequence[ProductLimit], areas: Any, z: float
) -> pd.DataFrame:
    import pandas as pd

    estimate, error = areas[:, 0], areas[:, 1]
    known = np.where(error > 0, error, np.nan)  # no event before tau: no variance is seen, so no interval
    label = {} if by is None else {by: list(labels)}
    return pd.DataFrame(
        {
            **label,
            "n": [len(fit.stop) for fit in fits],
            "events": [int(fit.n_events.sum()) for fit in fits],
            "estimate": estimate,
            "standard_error": known,
            "df": np.inf,
            "ci_lower": estimate - z * known,
            "ci_upper": estimate + z * known,
        }
    )
