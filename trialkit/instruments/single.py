"""Instruments of a single item: pain on a line, satisfaction."""

from __future__ import annotations

from trialkit.instruments.definition import Answers, Instrument, Question, Scored, Setting, Settings
from trialkit.vocabulary import Better
from trialkit.wording import said

_SATISFIED = (1.0, 2.0)


def _vas(answers: Answers, settings: Settings) -> Scored:
    (answer,) = answers
    if answer is None:
        return Scored(None, "not answered")
    millimetres = answer * 10 if settings["read_in"] == "cm" else answer
    if millimetres > 100:
        return Scored(None, f"{answer:g} {settings['read_in']} is beyond the end of the 100 mm line")
    return Scored(millimetres)


def vas_band(millimetres: float) -> str:
    """Mild below 35 mm, severe from 75 mm, moderate between (3.5 and 7.5 on a scale of 0-10 cm)."""
    if millimetres < 35:
        return "mild"
    return "moderate" if millimetres < 75 else "severe"


def _level(answers: Answers, settings: Settings) -> Scored:
    (answer,) = answers
    return Scored(answer) if answer is not None else Scored(None, "not answered")


def nass_satisfied(level: float) -> bool:
    """Whether a NASS level counts as satisfied: 1 (expectations met) and 2 (would do it again)."""
    return level in _SATISFIED


VAS = Instrument(
    name="VAS",
    label="Visual analogue scale of pain",
    questions=(Question("pain", 0, 100),),
    unit="mm",
    minimum=0,
    maximum=100,
    better=Better.LOWER,
    missing_rule="One item: missing is missing.",
    compute=_vas,
    settings=(
        Setting("read_in", "mm", said("unit the item is typed in; scores are always mm"), ("mm", "cm")),
    ),
    mcid=15,
    mcid_share=0.30,
    reference="Ostelo RWJG. Spine 2008;33:90-94.",
)

NASS = Instrument(
    name="NASS",
    label="NASS satisfaction",
    questions=(Question("satisfaction", 1, 4, (1, 2, 3, 4)),),
    unit="level",
    minimum=1,
    maximum=4,
    better=Better.LOWER,
    missing_rule="One item: missing is missing.",
    compute=_level,
    reference="North American Spine Society, four levels; 1 and 2 count as satisfied.",
)
