"""Power of the log-rank test: it is the events that count, and the subjects that must be found for them."""

from __future__ import annotations

import math
from typing import Literal, get_args

from scipy.special import ndtr, ndtri

from trialkit.stats.errors import DataError
from trialkit.stats.inference import check_choice, check_numbers
from trialkit.stats.power.search import SampleSize, check_test, require_power
from trialkit.wording import written

EventsMethod = Literal["schoenfeld", "freedman"]
EVENTS_METHODS: tuple[EventsMethod, ...] = get_args(EventsMethod)


def log_rank_events(
    hazard_ratio: float,
    power: float,
    alpha: float = 0.025,
    sides: int = 1,
    ratio: float = 1.0,
    method: EventsMethod = "schoenfeld",
) -> int:
    """The fewest events, both arms together, with which the log-rank test reaches a power.

    Parameters
    ----------
    hazard_ratio
        Test over reference, positive and not 1.
    power, alpha, sides
        As ``t_test_power``.
    ratio
        Subjects in the test arm for each in the reference arm.
    method
        "schoenfeld": the log hazard ratio as effect. "freedman": the expected share of events as effect; a
        little more events for large effects.

    Returns
    -------
    int

    Raises
    ------
    DataError
        A hazard ratio of 1 or not positive, a power outside (0, 1), alpha or sides that make no test.

    Equivalent in R: ``gsDesign::nEvents(hr, ratio, alpha, beta)`` (Schoenfeld). In SAS: ``PROC POWER;
    TWOSAMPLESURVIVAL TEST=LOGRANK`` is another approximation (Lakatos 1988).

    References
    ----------
    Schoenfeld (1981), Biometrika 68:316-319. Freedman (1982), Statistics in Medicine 1:121-129.
    """
    require_power(power)
    quantiles = -float(ndtri(check_test(alpha, sides))) + float(ndtri(power))
    needed = (quantiles / _effect(hazard_ratio, ratio, method)) ** 2
    return max(1, math.ceil(needed - 1e-9)) if quantiles > 0 else 1


def log_rank_power(
    hazard_ratio: float,
    events: int,
    alpha: float = 0.025,
    sides: int = 1,
    ratio: float = 1.0,
    method: EventsMethod = "schoenfeld",
) -> float:
    """Power of the log-rank test with a number of events in both arms together.

    Parameters
    ----------
    hazard_ratio, alpha, sides, ratio, method
        As ``log_rank_events``.
    events
        In both arms together, 1 or more.

    Returns
    -------
    float
        Between 0 and 1; a significant result in the wrong direction is not counted.

    Raises
    ------
    DataError
        As ``log_rank_events``; also no event.

    Equivalent in R: ``pnorm(abs(log(hr)) * sqrt(events * p * (1 - p)) - qnorm(1 - alpha))`` with p the share
    of subjects in the test arm (Schoenfeld).
    """
    check_numbers(events=events)
    if not events >= 1:
        raise DataError(expected="one event or more", found=written(events))
    critical = -float(ndtri(check_test(alpha, sides)))
    return float(ndtr(_effect(hazard_ratio, ratio, method) * math.sqrt(events) - critical))


def log_rank_sample_size(
    hazard_ratio: float,
    event_probability: float,
    power: float,
    alpha: float = 0.025,
    sides: int = 1,
    ratio: float = 1.0,
    method: EventsMethod = "schoenfeld",
) -> SampleSize:
    """The fewest subjects expected to have the events that the log-rank test needs.

    Parameters
    ----------
    event_probability
        Chance of an event within follow-up in the reference arm, above 0; the test arm's follows from
        proportional hazards, 1 - (1 - p)^hazard_ratio.
    hazard_ratio, power, alpha, sides, ratio, method
        As ``log_rank_events``.

    Returns
    -------
    SampleSize
        ``n_test``, ``n_reference``, the ``power`` they reach, and ``with_attrition(share)``.

    Raises
    ------
    DataError
        As ``log_rank_events``; also a probability outside (0, 1].

    Near it in R: ``gsDesign::nSurvival``. In SAS: ``PROC POWER; TWOSAMPLESURVIVAL``. Both take accrual and
    follow-up instead of a probability.
    """
    check_numbers(event_probability=event_probability)
    if not 0 < event_probability <= 1:
        raise DataError(expected="a probability above 0, at most 1", found=written(event_probability))
    events = log_rank_events(hazard_ratio, power, alpha, sides, ratio, method)
    in_test = 1 - (1 - event_probability) ** hazard_ratio
    n_reference = math.ceil(events / (ratio * in_test + event_probability) - 1e-9)
    n_test = math.ceil(ratio * n_reference - 1e-9)
    expected = int(n_test * in_test + n_reference * event_probability + 1e-9)
    reached = log_rank_power(hazard_ratio, expected, alpha, sides, ratio, method)
    return SampleSize(n_test, n_reference, reached)


def _effect(hazard_ratio: float, ratio: float, method: EventsMethod) -> float:
    """Mean of the log-rank statistic, in its standard deviations, for one event."""
    check_choice("method", method, EVENTS_METHODS)
    check_numbers(hazard_ratio=hazard_ratio, ratio=ratio)
    if not (math.isfinite(hazard_ratio) and hazard_ratio > 0 and hazard_ratio != 1):
        raise DataError(expected="a positive hazard ratio other than 1", found=written(hazard_ratio))
    if not (math.isfinite(ratio) and ratio > 0):
        raise DataError(expected="a positive allocation ratio, test to reference", found=written(ratio))
    if method == "schoenfeld":
        return abs(math.log(hazard_ratio)) * math.sqrt(ratio) / (1 + ratio)
    return abs(1 - hazard_ratio) * math.sqrt(ratio) / (1 + ratio * hazard_ratio)
