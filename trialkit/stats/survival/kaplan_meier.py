"""Kaplan-Meier curves by group, with medians and landmark risks that agree with R's survival package."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from trialkit.stats import display
from trialkit.stats.columns import require_free_names
from trialkit.stats.distributions import normal_quantile
from trialkit.stats.inference import check_choice, check_confidence_level
from trialkit.stats.rows import Rows
from trialkit.stats.showing import Printed
from trialkit.stats.survival.curves_picture import Curve, Panel, counts_at, figure_of, ticks_for
from trialkit.stats.survival.differences import differences_at
from trialkit.stats.survival.observations import Floats, at_known_times, read_observations
from trialkit.stats.survival.options import require_probability, require_times
from trialkit.stats.survival.product_limit import (
    ConfidenceType,
    ProductLimit,
    at_risk,
    crossing_time,
    limits,
)
from trialkit.stats.survival.stacked import stacked
from trialkit.stats.width import without_width

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

CONFIDENCE_TYPES: tuple[ConfidenceType, ...] = ("log-log", "log", "plain")
OWN_COLUMNS = (
    *("time", "n_at_risk", "n_events", "n_censored", "survival", "risk", "standard_error", "ci_lower"),
    *("ci_upper", "risk_ci_lower", "risk_ci_upper", "n", "events", "probability", "estimate"),
)
"""Of the tables; the column of groups has its own name beside them."""


@dataclass(frozen=True, repr=False, eq=False)
class KaplanMeier(Printed):
    """Kaplan-Meier estimates of one or more groups."""

    by: str | None
    groups: tuple[tuple[Any, ProductLimit], ...]
    confidence: ConfidenceType
    confidence_level: float
    rows: Rows
    time_name: str = "time"

    @property
    def curves(self) -> pd.DataFrame:
        """Every distinct time of every group: numbers, survival, risk, standard error (of survival) and
        limits."""
        return stacked([without_width(self._curve(label, fit)) for label, fit in self.groups])

    @property
    def medians(self) -> pd.DataFrame:
        """Median time of each group with its interval; NaN where the curve or the limit never falls to a
        half."""
        return self._quantiles([0.5], say_which=False)

    def quantiles(self, probabilities: Sequence[float]) -> pd.DataFrame:
        """Times by which the given shares have had the event: ``0.25`` is the time at which survival is
        0.75."""
        for probability in probabilities:
            require_probability("probabilities", probability)
        return self._quantiles(probabilities, say_which=True)

    def at(self, times: float | Sequence[float]) -> pd.DataFrame:
        """Numbers, survival and risk at a landmark time, or several, in the unit of the data.

        ``n_at_risk`` counts those under observation just before the time, ``n_events`` the events up to and
        including it. Survival, risk and limits are NaN beyond the last follow-up of the group. The limits
        are those of survival; before the first event no variance can be seen: error and limits are NaN. A
        time that equals one of the data but for rounding error (0.1 + 0.2) is that time.
        """
        wanted = require_times(times)
        return stacked([without_width(self._landmarks(label, fit, wanted)) for label, fit in self.groups])

    def _limits(self, survival: Any, greenwood: Any) -> tuple[Any, Any]:
        return limits(survival, greenwood, self.confidence, normal_quantile(self.confidence_level))

    def _label(self, label: Any) -> dict[str, Any]:
        return {} if self.by is None else {self.by: label}

    def _curve(self, label: Any, fit: ProductLimit) -> dict[str, Any]:
        lower, upper = self._limits(fit.survival, fit.greenwood)
        return {
            **self._label(label),
            "time": fit.time,
            "n_at_risk": fit.n_at_risk.astype(np.int64),
            "n_events": fit.n_events.astype(np.int64),
            "n_censored": fit.n_censored.astype(np.int64),
            "survival": fit.survival,
            "risk": 1 - fit.survival,
            "standard_error": _error(fit.survival, fit.greenwood),
            "ci_lower": lower,
            "ci_upper": upper,
        }

    def _quantiles(self, probabilities: Sequence[float], *, say_which: bool) -> pd.DataFrame:
        import pandas as pd

        rows = []
        for label, fit in self.groups:
            lower, upper = self._limits(fit.survival, fit.greenwood)
            n, events = len(fit.stop), int(fit.n_events.sum())
            for probability in probabilities:
                curves = (fit.survival, lower, upper)
                times = [crossing_time(fit.time, curve, probability) for curve in curves]
                rows.append((label, n, events, probability, *times))
        names = ("", "n", "events", "probability", "estimate", "ci_lower", "ci_upper")
        columns = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
        label_column = columns.pop("")
        if not say_which:
            del columns["probability"]
        return pd.DataFrame(columns if self.by is None else {self.by: label_column, **columns})

    def _landmarks(self, label: Any, fit: ProductLimit, times: Any) -> dict[str, Any]:
        there = at_known_times(times, fit.time)
        survival, greenwood = fit.at(there)
        lower, upper = self._limits(survival, greenwood)
        beyond = there > fit.last_follow_up
        return {
            **self._label(label),
            "time": times,
            "n_at_risk": at_risk(there, fit.stop, fit.entry).astype(np.int64),
            "n_events": fit.events_until(there).astype(np.int64),
            "survival": np.where(beyond, np.nan, survival),
            "risk": np.where(beyond, np.nan, 1 - survival),
            "ci_lower": np.where(beyond, np.nan, lower),
            "ci_upper": np.where(beyond, np.nan, upper),
            "standard_error": np.where(beyond, np.nan, _error(survival, greenwood)),
            "risk_ci_lower": np.where(beyond | (greenwood == 0), np.nan, 1 - upper),
            "risk_ci_upper": np.where(beyond | (greenwood == 0), np.nan, 1 - lower),
        }

    def contrasts(self, times: float | Sequence[float], reference: Any = None) -> pd.DataFrame:
        """Differences of risks at landmark times, test minus reference (the first group unless named).

        Wald intervals from Greenwood's variances, which are 0 in a group without events yet. NaN where
        a group is no longer followed, or its survival
        is 0.
        """
        labels = [label for label, _ in self.groups]
        return differences_at(self.at(times), "risk", labels, reference, self.confidence_level)

    def plot(self, times: float | Sequence[float] | None = None, *, risk: bool = False) -> Figure:
        """The curves in steps with their limits, ticks where rows were censored, numbers at risk below.

        ``times`` are those of the axis and of the numbers at risk; round ones if not given. ``risk`` draws
        1 - survival, from 0 upwards.
        """
        ticks = ticks_for(times, max(fit.last_follow_up for _, fit in self.groups))
        curves, counts = [], []
        for _, fit in self.groups:
            low, high = self._limits(fit.survival, fit.greenwood)
            value, lower, upper = (1 - fit.survival, 1 - high, 1 - low) if risk else (fit.survival, low, high)
            curves.append(Curve(fit.time, value, lower, upper, fit.n_censored))
            counts.append(counts_at(ticks, fit.stop, fit.entry))
        labels = [str(label) for label, _ in self.groups]
        up = "risk" if risk else "survival"
        return figure_of([Panel("", curves, counts)], labels, ticks, 0.0 if risk else 1.0, up, self.time_name)

    def _shown(self) -> display.Shown:
        title = (
            f"Kaplan-Meier estimate, limits by {self.confidence}, confidence level {self.confidence_level}"
        )
        few = (
            ""
            if self.medians["estimate"].notna().all()
            else "a median is not reached while more than half are free"
        )
        unlimited = self.medians["estimate"].notna() & self.medians[["ci_lower", "ci_upper"]].isna().all(
            axis=1
        )
        edge = "no interval of a median where the limits of the curve do not cross one half"
        lines = (*([few] if few else []), *([edge] if unlimited.any() else []), self.rows.sentence())
        return display.Shown(title, (("Median time", self.medians),), lines)


def _error(survival: Floats, greenwood: Floats) -> Floats:
    """Greenwood's error of survival; NaN at survival 0, where it does not exist."""
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(survival > 0, survival * np.sqrt(greenwood), np.nan))


def kaplan_meier(
    data: pd.DataFrame,
    time: str,
    event: str,
    by: str | None = None,
    entry: str | None = None,
    confidence: ConfidenceType = "log-log",
    confidence_level: float = 0.95,
) -> KaplanMeier:
    """Kaplan-Meier estimate of survival in each group, with Greenwood's variance.

    Parameters
    ----------
    data
        One row a subject, or a row a period at risk when ``entry`` is given.
    time, entry
        Columns of times in any one unit, 0 or more; a row is at risk over ``entry < t <= time`` (from 0
        without ``entry``).
    event
        Column with 1 = event at ``time``, 0 = censored there.
    by
        Column of the groups; one curve in all without it.
    confidence
        Scale of the interval for survival: ``"log-log"``, ``"log"`` or ``"plain"``; medians use the same
        limits.
    confidence_level
        Between 0 and 1.

    Returns
    -------
    KaplanMeier
        ``.curves``, ``.medians``, ``.quantiles([...])``, ``.at([...])``, ``.contrasts([...])``, ``.plot()``,
        ``.rows``.

    Raises
    ------
    DataError
        Unknown column, event not 0/1, negative or infinite time, entry not before time, a group without a
        complete row.

    Degenerate cases
    ----------------
    While nobody has had the event both limits are 1. Where survival has reached 0 its variance does not
    exist: limits are NaN. With delayed entry an early risk set that empties by events puts the curve at 0
    for good, as in R.

    Equivalent in R: ``survfit(Surv(time, event) ~ by, conf.type = "log-log")``.
    Equivalent in SAS: ``PROC LIFETEST CONFTYPE=LOGLOG; TIME time*event(0); STRATA by;``.

    References
    ----------
    Kaplan and Meier, JASA 1958;53:457. Greenwood 1926. Brookmeyer and Crowley, Biometrics 1982;38:29
    (median).
    """
    check_choice("confidence", confidence, CONFIDENCE_TYPES)
    check_confidence_level(confidence_level)
    require_free_names([by], OWN_COLUMNS)
    read = read_observations(data, time=time, event=event, by=by, entry=entry)
    groups = tuple((label, ProductLimit.of_group(read, code)) for code, label in enumerate(read.group_labels))
    return KaplanMeier(by, groups, confidence, confidence_level, read.rows, time)
