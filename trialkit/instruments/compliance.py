"""Compliance with the exercise programme: a weighted mean of four shares.

The sources give the threshold (75 percent overall) and not what it is a percentage of. Components, what was
planned of each, and their weights are settings; the defaults are this product's choice, and a study
states its own.
"""

from __future__ import annotations

import math

from trialkit.instruments.definition import Answers, Instrument, Question, Scored, Setting, Settings
from trialkit.vocabulary import Better
from trialkit.wording import said

_COMPONENTS = (
    ("sessions", "sessions_planned", "weight_sessions"),
    ("minutes", "minutes_planned", "weight_minutes"),
    ("diary days", "diary_days_planned", "weight_diary"),
    ("calls", "calls_planned", "weight_calls"),
)


def _compute(answers: Answers, settings: Settings) -> Scored:
    fewest = int(settings["min_components"])
    shares: list[tuple[float, float]] = []
    for answer, (name, planned, weight) in zip(answers, _COMPONENTS, strict=True):
        if float(settings[planned]) <= 0 or float(settings[weight]) < 0:
            return Scored(None, f"{name}: {planned} must be above 0 and {weight} not below 0")
        if answer is not None:
            shares.append((float(settings[weight]), min(answer / float(settings[planned]), 1.0)))
    if len(shares) < fewest:
        return Scored(None, f"{len(shares)} of 4 components known, at least {fewest} needed")
    total = math.fsum(weight for weight, _ in shares)
    if total == 0:
        return Scored(None, "every known component has weight 0")
    return Scored(100 * math.fsum(weight * share for weight, share in shares) / total)


COMPLIANCE = Instrument(
    name="COMPLIANCE",
    label="Exercise compliance",
    questions=tuple(Question(name, 0, math.inf) for name, _, _ in _COMPONENTS),
    unit="percent",
    minimum=0,
    maximum=100,
    better=Better.HIGHER,
    missing_rule=(
        "100 x the weighted mean of done / planned, each share at most 1. With fewer than "
        "`min_components` known "
        "there is no score; otherwise the weights of the known ones are scaled to 1."
    ),
    compute=_compute,
    settings=(
        Setting("sessions_planned", 30, said("sessions planned")),
        Setting("minutes_planned", 30, said("minutes a session planned")),
        Setting("diary_days_planned", 42, said("days the diary should cover")),
        Setting("calls_planned", 6, said("supervision calls planned")),
        Setting("weight_sessions", 0.4, said("weight of sessions")),
        Setting("weight_minutes", 0.2, said("weight of minutes")),
        Setting("weight_diary", 0.2, said("weight of the diary")),
        Setting("weight_calls", 0.2, said("weight of calls")),
        Setting("min_components", 4, said("fewest components known, 1 to 4")),
    ),
)
