"""On which days a plan's visits and horizons lie, counted from the event their anchor is counted from."""

from __future__ import annotations

from typing import Any

from trialkit.plan.model import Analysis, Plan, VisitRule
from trialkit.study.model import Study


def offsets(study: Study) -> dict[str, tuple[str, int]]:
    """Anchor -> the event it is counted from and the days after it."""
    found = {"consent": ("consent", 0), "randomization": ("randomization", 0)}
    for anchor in study.anchors:
        if anchor.after in found:
            event, days = found[anchor.after]
            found[anchor.name] = (event, days + anchor.days)
    return found


def target_day(rule: VisitRule, study: Study) -> int | None:
    """The day a visit is meant for, from the event its anchor is counted from; None of an unknown anchor."""
    known = offsets(study)
    return rule.target_days + known[rule.anchor][1] if rule.anchor in known else None


def span(rule: VisitRule, study: Study) -> tuple[int, int]:
    """First and last day of a visit's window; its anchor is known."""
    shift = offsets(study)[rule.anchor][1]
    return rule.window_days[0] + shift, rule.window_days[1] + shift


def baselines(plan: Plan) -> frozenset[str]:
    return frozenset(rule.name for rule in plan.visits.values() if rule.choose == "last")


def visits_of(entry: Analysis) -> tuple[str, ...]:
    """Visits an entry names, whatever for."""
    keys: Any = entry.keys
    one = (keys["visit"],) if isinstance(keys.get("visit"), str) else ()
    return (*one, *(keys.get("visits") or ()), *(keys.get("reported_at") or ()))


def days_of(of: Analysis | VisitRule, plan: Plan, study: Study) -> set[float]:
    """Days an entry or a visit is about: from the visit's own anchor, and from the beginning."""
    if isinstance(of, Analysis):
        rules = [plan.visits[name] for name in visits_of(of) if name in plan.visits]
        horizons = [of.keys.get("horizon_days"), *(of.keys.get("times_days") or ())]
    else:
        rules, horizons = [of], []
    found = {float(day) for day in horizons if day}
    for rule in rules:
        found |= {float(day) for day in (rule.target_days, target_day(rule, study)) if day is not None}
    return found
