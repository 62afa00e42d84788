"""Summaries of readings over several levels: Goutallier's grade, and the plain mean."""

from __future__ import annotations

import math

from trialkit.instruments.definition import Answers, Instrument, Question, Scored, Setting, Settings
from trialkit.vocabulary import Better
from trialkit.wording import said


def _enough(answers: Answers, settings: Settings) -> tuple[list[float], str]:
    read = [answer for answer in answers if answer is not None]
    fewest = int(settings["min_answered"]) or len(answers)
    short = f"{len(read)} of {len(answers)} readings, at least {fewest} needed" if len(read) < fewest else ""
    return read, short


def _grade(answers: Answers, settings: Settings) -> Scored:
    read, short = _enough(answers, settings)
    if short:
        return Scored(None, short)
    return Scored(max(read) if settings["summary"] == "worst" else math.fsum(read) / len(read))


def _mean(answers: Answers, settings: Settings) -> Scored:
    read, short = _enough(answers, settings)
    return Scored(None, short) if short else Scored(math.fsum(read) / len(read))


_MINIMUM = Setting("min_answered", 0, said("fewest readings needed; 0 means all of them"))

GOUTALLIER = Instrument(
    name="GOUTALLIER",
    label="Goutallier grade of fatty infiltration",
    questions=(Question("grade", 0, 4, (0, 1, 2, 3, 4)),),
    unit="grade",
    minimum=0,
    maximum=4,
    better=Better.LOWER,
    missing_rule="The worst grade read (or the mean); every level is needed unless min_answered says less.",
    compute=_grade,
    settings=(
        Setting("summary", "worst", said("what is made of several levels"), ("worst", "mean")),
        _MINIMUM,
    ),
    reference="Goutallier D. Clin Orthop Relat Res 1994;304:78-83.",
    any_number_of_items=True,
)

MEAN = Instrument(
    name="MEAN",
    label="Mean of the readings",
    questions=(Question("reading", -math.inf, math.inf),),
    unit="",
    minimum=-math.inf,
    maximum=math.inf,
    better=None,
    missing_rule="The mean of the items; every one is needed unless min_answered says less.",
    compute=_mean,
    settings=(_MINIMUM,),
    any_number_of_items=True,
)
