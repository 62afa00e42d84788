"""Discrete-time proportional hazards for events that are only known to lie between two visits."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from trialkit.stats import display
from trialkit.stats.columns import read_column, require_free_names
from trialkit.stats.design import build_design
from trialkit.stats.errors import ConvergenceError, DataError, FormulaError, SeparationError
from trialkit.stats.groups import Integers
from trialkit.stats.inference import WALD_Z, Inference, check_confidence_level
from trialkit.stats.reading import plain_text_where_order_matters
from trialkit.stats.stated_order import require_stated_order
from trialkit.stats.survival.cox import arm_of, references_of, require_events_in_levels, standardized
from trialkit.stats.survival.log_hazards import LogHazardsFit
from trialkit.stats.survival.observations import Floats, read_events, roles_apart
from trialkit.wording import said, written

if TYPE_CHECKING:
    import pandas as pd

MOST_STEPS = 50
DECREMENT = 1e-18
STEP = 1e-6
INTERVAL_COLUMNS = ("n_at_risk", "n_events", "hazard", "informative")


@dataclass(frozen=True, repr=False, eq=False)
class IntervalFit(LogHazardsFit):
    """A fitted discrete-time model; coefficients are log hazard ratios of the continuous time behind the
    visits.

    ``intervals`` has one row an interval: at risk, events, the hazard there with every column of the design
    at 0, and whether it says anything about the coefficients (an interval without events does not).
    """

    intervals: pd.DataFrame = field(repr=False)
    steps: int
    last: Integers = field(repr=False)
    happened: Floats = field(repr=False)

    instead_of_means = "Ask for contrasts, which need no level; intervals has the level of each interval."

    @property
    def title(self) -> str:
        return "Discrete-time proportional hazards (complementary log-log)"

    @property
    def fitted(self) -> pd.Series[float]:
        """Expected number of events of each row used: its probabilities in the intervals it was at risk in,
        added up; on the index of the data.

        Equivalent in R: ``tapply(fitted(glm), subject, sum)``.
        """
        cumulative = -np.log1p(-self.intervals["hazard"].to_numpy(dtype=np.float64))
        ratio = np.exp(self.design.X @ self.inference.coefficients)
        expected = np.zeros(self.n)
        for place, hazard in enumerate(cumulative):
            expected -= np.where(self.last >= place, np.expm1(-hazard * ratio), 0.0)
        return self.on_rows(expected, "fitted")

    @property
    def residuals(self) -> pd.Series[float]:
        """Martingale residuals in discrete time: events less those expected, on the index of the data.

        Equivalent in R: ``tapply(residuals(glm, type = "response"), subject, sum)``.
        """
        return self.on_rows(self.happened, "residual") - self.fitted.to_numpy()

    def _shown(self) -> display.Shown:
        return display.Shown(
            title=self.title,
            tables=(("Hazard ratios", self.hazard_ratios), ("Intervals", self.intervals)),
            lines=(f"log-likelihood {display.number(self.log_likelihood)}", self.rows.sentence()),
        )


@dataclass(frozen=True)
class _Periods:
    """One row a subject and interval at risk."""

    subject: Integers
    interval: Integers
    event: Floats
    design: Floats
    intervals: int

    def likelihood(self, slopes: Floats, levels: Floats) -> float:
        cumulative = np.exp((self.design @ slopes)[self.subject] + levels[self.interval])
        with np.errstate(divide="ignore"):
            happened = np.log(-np.expm1(-cumulative[self.event == 1]))
        return float(happened.sum() - cumulative[self.event == 0].sum())

    def derivatives(self, slopes: Floats, levels: Floats, *, expected: bool) -> tuple[Floats, Floats]:
        """Score and (observed or expected) information of slopes and levels, slopes first."""
        hazard = np.exp((self.design @ slopes)[self.subject] + levels[self.interval])
        survival = np.exp(-hazard)
        event = -np.expm1(-hazard)
        ratio = hazard * survival / event
        first = np.where(self.event == 1, ratio, -hazard)
        second = np.where(self.event == 1, ratio * (hazard / event - 1), hazard)
        weight = hazard * ratio if expected else second
        subjects = len(self.design)
        score = np.concatenate(
            [
                self.design.T @ np.bincount(self.subject, weights=first, minlength=subjects),
                np.bincount(self.interval, weights=first, minlength=self.intervals),
            ]
        )
        table = np.zeros((subjects, self.intervals))
        table[self.subject, self.interval] = weight
        crossed = self.design.T @ table
        slopes_block = self.design.T @ (table.sum(axis=1)[:, None] * self.design)
        information = np.block([[slopes_block, crossed], [crossed.T, np.diag(table.sum(axis=0))]])
        return score, information


def interval_cloglog(
    formula: str,
    data: pd.DataFrame,
    interval: str,
    event: str,
    reference: Hashable | Mapping[str, Hashable] | None = None,
    confidence_level: float = 0.95,
) -> IntervalFit:
    """Proportional hazards for events found at visits, not dated.

    Parameters
    ----------
    formula
        The terms alone, ``"arm + base"``.
    data
        One row a subject.
    interval
        Column with the visit at which the event was found, or the last visit attended without it: numbers or
        ordered categories. A subject was at risk in every interval up to and including that one.
    event
        Column with 1 = event, 0 = none by that visit.
    reference
        Reference level of the one factor that has it, or a mapping factor -> level.
    confidence_level
        Between 0 and 1.

    Returns
    -------
    IntervalFit
        ``.hazard_ratios``, ``.hazard_ratio_contrasts()``, ``.coefficients``, ``.terms``, ``.intervals``,
        ``.log_likelihood``, ``.rows``.

    Raises
    ------
    DataError
        Plain-text visits, no events, event not 0/1, and what ``build_design`` refuses.
    SeparationError
        A level of a factor without events, or another direction in which the likelihood rises without end.
    ConvergenceError
        No maximum was reached otherwise.

    Degenerate cases
    ----------------
    An interval without events has hazard 0 exactly and says nothing about the ratios; it is listed in
    ``intervals``. A visit missed before the event counts as attended without it: the event is placed in the
    interval it was found.

    Equivalent in R: ``glm(y ~ 0 + factor(visit) + arm, binomial("cloglog"))``, one row a subject and
    interval.
    Equivalent in SAS: ``PROC LOGISTIC; CLASS visit; MODEL y(EVENT='1') = visit arm / LINK=CLOGLOG;`` on the
    same rows.

    References
    ----------
    Prentice and Gloeckler, Biometrics 1978;34:57.
    """
    check_confidence_level(confidence_level)
    needed = roles_apart(data, (interval, event), ())
    require_free_names([interval], INTERVAL_COLUMNS)
    references = references_of(formula, data, reference)
    arm = arm_of(formula, data, references)
    design = build_design(
        formula,
        data,
        outcome=None,
        intercept="absorbed",
        references=references,
        extra=needed,
        count_by=[arm] if arm else [],
    )
    if not design.column_names:
        raise FormulaError(expected="at least one term", found=written(formula), next_step="Write 'arm'.")
    kept = data[needed][design.used]
    last, labels = _interval_codes(kept[interval], interval)
    happened = read_events(kept, event)
    require_events_in_levels(design, happened)
    at_risk = np.bincount(last, minlength=len(labels))[::-1].cumsum()[::-1].astype(np.float64)
    events = np.bincount(last, weights=happened, minlength=len(labels)).astype(np.float64)
    _require_estimable(events, at_risk, event)
    columns, scale = standardized(design.X, np.zeros(len(last), dtype=np.int64))
    periods = _expand(columns, last, happened, events > 0)
    slopes, levels, covariance, steps = _maximize(periods)
    shift = float(design.X.mean(axis=0) @ (slopes / scale))
    hazards = np.zeros(len(labels))
    hazards[events > 0] = -np.expm1(-np.exp(levels - shift))
    return IntervalFit(
        design=design,
        inference=Inference(slopes / scale, covariance / np.outer(scale, scale), WALD_Z),
        confidence_level=confidence_level,
        log_likelihood=periods.likelihood(slopes, levels),
        default_factor=arm,
        intervals=_interval_table(interval, labels, at_risk, events, hazards),
        steps=steps,
        last=last,
        happened=happened,
    )


def _interval_codes(column: pd.Series[Any], name: str) -> tuple[Integers, tuple[Any, ...]]:
    read = read_column(column, name, as_factor=True)
    if not read.ordered_levels:
        raise plain_text_where_order_matters(name)
    require_stated_order(column, name, "a subject was at risk in every interval before", "intervals")
    assert read.codes is not None
    assert read.levels is not None
    return read.codes.astype(np.int64), read.levels


def _require_estimable(events: Floats, at_risk: Floats, event: str) -> None:
    if not events.any():
        raise DataError(
            expected="at least one event",
            found="none",
            where=event,
            next_step="Check the column: 1 = event, 0 = none.",
        )
    if (events[events > 0] == at_risk[events > 0]).any():
        raise SeparationError(
            expected="somebody without the event in every interval that has events",
            found="an interval in which all at risk had it",
            where=event,
            next_step="Join that interval with the one before it.",
        )


def _expand(design: Floats, last: Integers, happened: Floats, informative: Any) -> _Periods:
    """Every subject in every informative interval up to its last."""
    place = np.cumsum(informative) - 1
    subject = np.repeat(np.arange(len(last)), last + 1)
    interval = np.concatenate([np.arange(stop + 1) for stop in last])
    event = np.where(interval == last[subject], happened[subject], 0.0)
    kept = informative[interval]
    return _Periods(subject[kept], place[interval[kept]], event[kept], design, int(informative.sum()))


def _maximize(periods: _Periods) -> tuple[Floats, Floats, Floats, int]:
    """Newton with the observed information; the log-likelihood is concave. Errors come from the expected
    one."""
    count = periods.design.shape[1]
    share = np.bincount(periods.interval, weights=periods.event) / np.bincount(periods.interval)
    values: Floats = np.concatenate([np.zeros(count), np.log(-np.log1p(-share))])
    step, decrement = np.zeros_like(values), float("nan")
    for steps in range(MOST_STEPS):
        slopes, levels = values[:count], values[count:]
        score, information = periods.derivatives(slopes, levels, expected=False)
        found = _newton_step(information, score)
        if found is None and not _is_monotone(periods, step):
            break
        step = step if found is None else found
        decrement = float(score @ step)
        if decrement <= DECREMENT and np.abs(step).max() <= STEP:
            _, expected = periods.derivatives(slopes, levels, expected=True)
            covariance = np.asarray(np.linalg.inv(expected)[:count, :count], dtype=np.float64)
            return slopes, levels, covariance, steps
        if found is None or (steps > 8 and _is_monotone(periods, step)):
            raise SeparationError(
                expected="a likelihood with a maximum",
                found="one that rises without end: a combination of covariates tells the events apart "
                "exactly",
                next_step="Leave out the covariate that does so, or merge its levels.",
            )
        reached, length = periods.likelihood(slopes, levels), 1.0
        while length > 1e-9 and not (
            periods.likelihood(slopes + length * step[:count], levels + length * step[count:])
            >= reached - 1e-13 * abs(reached)
        ):
            length /= 2
        values = values + length * step
    raise ConvergenceError(
        expected="a maximum of the likelihood reached by Newton's method",
        found=said(
            "a Newton decrement of {decrement:.3g} after {steps} steps", decrement=decrement, steps=steps + 1
        ),
        next_step="Check the covariates for extreme values; use fewer terms.",
    )


def _newton_step(information: Floats, score: Floats) -> Floats | None:
    """None where the information has become singular, as along a likelihood that rises without end."""
    try:
        step = np.asarray(np.linalg.solve(information, score), dtype=np.float64)
    except np.linalg.LinAlgError:
        return None
    return step if np.isfinite(step).all() else None


def _is_monotone(periods: _Periods, step: Floats) -> bool:
    count = periods.design.shape[1]
    change = (periods.design @ step[:count])[periods.subject] + step[count:][periods.interval]
    tolerance = 1e-6 * float(np.ptp(change))
    return bool(
        (change[periods.event == 1] >= -tolerance).all() and (change[periods.event == 0] <= tolerance).all()
    )


def _interval_table(
    interval: str, labels: tuple[Any, ...], at_risk: Floats, events: Floats, hazards: Floats
) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(
        {
            interval: list(labels),
            "n_at_risk": at_risk.astype(np.int64),
            "n_events": events.astype(np.int64),
            "hazard": hazards,
            "informative": events > 0,
        }
    )
