"""Every sentence about benefit and harm, made in one place from direction, sign, interval and MCID.

A difference is *test minus reference*; ``better`` says which sign of it helps. A sentence about benefit is
made from the interval turned so that positive helps, never from the sign of the estimate alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trialkit import numbers
from trialkit.expressions import Name, evaluate, parse
from trialkit.vocabulary import Better

if TYPE_CHECKING:
    from trialkit.plan import Endpoint

FAR = 50.0  # points of the scale: an improvement, or a worsening, beyond any threshold
MIDDLE = 50.0


def turned(estimate: float, lower: float, upper: float, better: str) -> tuple[float, float, float]:
    """The same difference and interval with a positive sign where it helps."""
    if better == Better.LOWER.value:
        return -estimate, -upper, -lower
    return estimate, lower, upper


@dataclass(frozen=True)
class Verdict:
    """Where an interval lies, seen from no difference and from the MCID; positive helps."""

    lower: float
    upper: float
    mcid: float

    @property
    def direction(self) -> str:
        """``benefit`` or ``harm`` where the whole interval shows it; empty where it includes zero."""
        if self.lower > 0:
            return "benefit"
        return "harm" if self.upper < 0 else ""

    def sentence(self, interval: str, size: str) -> str:
        """What the interval says; ``size`` is the MCID with its unit."""
        if not self.direction:
            return f"The {interval} includes no difference{self._both_ways(size)}."
        nearer, farther = sorted((abs(self.lower), abs(self.upper)))
        if farther < self.mcid:
            return f"The whole {interval} shows a {self.direction} smaller than the MCID of {size}."
        if nearer >= self.mcid:
            return f"The whole {interval} shows a {self.direction} of at least the MCID of {size}."
        shown = f"The whole {interval} shows a {self.direction}"
        return f"{shown}; it may be smaller or larger than the MCID of {size}."

    def _both_ways(self, size: str) -> str:
        benefit, harm = self.upper >= self.mcid, -self.lower >= self.mcid
        if benefit and harm:
            return f", and leaves open a benefit and a harm of the MCID of {size} or more"
        if benefit:
            return f"; a benefit of the MCID of {size} or more is not excluded, a harm of that size is"
        if harm:
            return f"; a harm of the MCID of {size} or more is not excluded, a benefit of that size is"
        return f"; a benefit and a harm of the MCID of {size} or more are both excluded"


def verdict(lower: float, upper: float, better: str, mcid: float) -> Verdict:
    """The verdict on an interval of a difference, test minus reference."""
    _, low, high = turned(0.0, lower, upper, better)
    return Verdict(low, high, mcid)


def event_is_good(endpoint: Endpoint, parameter_better: Better | None) -> bool | None:
    """Whether the event a response rule describes is wished for; None where the rule does not tell.

    The rule is tried on somebody who improved and on somebody who worsened as far as the scale goes: a good
    event is one that only the improvement brings. A plan that says ``event`` is believed.
    """
    if endpoint.event:
        return endpoint.event == "good"
    if parameter_better is None:
        return None
    rule = parse(endpoint.rule, syntax="rule")
    sign = -1 if parameter_better is Better.LOWER else 1

    def holds(change: float) -> bool:
        known: Mapping[str, float] = {"base": MIDDLE, "value": MIDDLE + change, "chg": change}

        def look_up(name: Name) -> float:
            return known[name.item]

        return evaluate(rule, look_up) is True

    improved, worsened = holds(sign * FAR), holds(-sign * FAR)
    return improved if improved != worsened else None


@dataclass(frozen=True)
class Needed:
    """A number needed to treat, positive: to benefit, to harm, or of no known direction."""

    label: str
    estimate: float
    ci_lower: float
    ci_upper: float


def needed_to_treat(estimate: float, lower: float, upper: float, good: bool | None) -> Needed:
    """Name and sign of a number needed to treat that stats gives as 1 / (risk difference).

    Its interval is that of the risk difference turned over: where that holds zero it runs through infinity,
    and a negative limit is a number needed for the opposite.
    """
    name = "number needed to treat"
    if numbers.is_missing(estimate) or good is None:
        return Needed(name, estimate, lower, upper)
    helps = (estimate > 0) == good
    if estimate < 0:
        estimate, lower, upper = -estimate, -upper, -lower
    return Needed(f"{name} to {'benefit' if helps else 'harm'}", estimate, lower, upper)
