"""The number needed to treat, with an interval that goes through infinity when it must."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, get_args

from trialkit.stats import display
from trialkit.stats.errors import DataError
from trialkit.stats.inference import check_choice
from trialkit.wording import said

Event = Literal["good", "bad"]
EVENTS: tuple[Event, ...] = get_args(Event)


@dataclass(frozen=True)
class NumberNeededToTreat:
    """How many are treated for one to benefit (positive) or to be harmed (negative).

    Attributes
    ----------
    estimate
        Inverse of the risk difference turned so that benefit is positive; inf where the difference is 0.
    ci_lower, ci_upper
        Inverses of the limits of the difference, the limit nearer to benefit first. Where
        ``through_infinity``, the interval runs from ``ci_lower`` (benefit) up to infinity and from minus
        infinity to ``ci_upper`` (harm): the values between the two are *not* in it.
    through_infinity
        Whether the interval of the difference holds 0.
    """

    estimate: float
    ci_lower: float
    ci_upper: float
    through_infinity: bool

    def __str__(self) -> str:
        if not self.through_infinity:
            near, far = sorted((abs(self.ci_lower), abs(self.ci_upper)))
            return f"{_words(self.estimate)} ({_size(near)} to {_size(far)})"
        return f"{_words(self.estimate)} ({_words(self.ci_lower)} to infinity to {_words(self.ci_upper)})"


def number_needed_to_treat(
    risk_difference: float, ci_lower: float, ci_upper: float, event: Event
) -> NumberNeededToTreat:
    """The number needed to treat of a risk difference (test minus reference) and its interval.

    Parameters
    ----------
    risk_difference, ci_lower, ci_upper
        From -1 to 1, the estimate between its limits.
    event
        Whether the event is "good" (response: more of it is benefit) or "bad" (recurrence).

    Returns
    -------
    NumberNeededToTreat
        ``str()`` writes it as Altman proposes: "NNTB 10 (NNTB 4.2 to infinity to NNTH 25)".

    Raises
    ------
    DataError
        Limits that do not enclose the estimate, or beyond -1 and 1.

    Degenerate cases
    ----------------
    A difference of 0 has an infinite number needed to treat. A limit of exactly 0 is inf.

    Equivalent in R and SAS: the reciprocals of a risk difference and its limits (``RISKDIFF`` of PROC FREQ).

    References: Altman (1998), BMJ 317:1309-1312.
    """
    check_choice("event", event, EVENTS)
    if not -1 <= ci_lower <= risk_difference <= ci_upper <= 1:
        raise DataError(
            expected="a difference between its limits, all from -1 to 1",
            found=said(
                "{risk_difference!r} ({ci_lower!r} to {ci_upper!r})",
                risk_difference=risk_difference,
                ci_lower=ci_lower,
                ci_upper=ci_upper,
            ),
        )
    if event == "bad":
        risk_difference, ci_lower, ci_upper = -risk_difference, -ci_upper, -ci_lower
    return NumberNeededToTreat(
        estimate=_inverse(risk_difference),
        ci_lower=_inverse(ci_upper),
        ci_upper=_inverse(ci_lower),
        through_infinity=ci_lower < 0 < ci_upper,
    )


def _inverse(value: float) -> float:
    return 1 / value if value else math.inf


def _size(value: float) -> str:
    return "infinity" if math.isinf(value) else display.number(abs(value))


def _words(value: float) -> str:
    if math.isinf(value):
        return "infinity"
    return f"{'NNTB' if value > 0 else 'NNTH'} {_size(value)}"
