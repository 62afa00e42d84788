"""Oswestry Disability Index, version 2.1a: item names only, since its sentences are licensed."""

from __future__ import annotations

from trialkit.instruments.definition import Answers, Instrument, Question, Scored, Setting, Settings
from trialkit.vocabulary import Better
from trialkit.wording import said

_NAMES = (
    "pain",
    "care",
    "lifting",
    "walking",
    "sitting",
    "standing",
    "sleeping",
    "sex_life",
    "social",
    "travelling",
)
_BANDS = ((20.0, "minimal"), (40.0, "moderate"), (60.0, "severe"), (80.0, "crippled"), (100.0, "bed-bound"))


def _compute(answers: Answers, settings: Settings) -> Scored:
    answered = [answer for answer in answers if answer is not None]
    fewest = int(settings["min_answered"])
    if len(answered) < fewest:
        return Scored(None, f"{len(answered)} of 10 items answered, at least {fewest} needed")
    return Scored(100 * sum(answered) / (5 * len(answered)))


def odi_band(percent: float) -> str:
    """The band of disability an ODI falls in; a band ends with its upper bound (20 is still minimal)."""
    return next(name for upper, name in _BANDS if percent <= upper)


ODI = Instrument(
    name="ODI",
    label="Oswestry Disability Index",
    questions=tuple(Question(name, 0, 5, codes=(0, 1, 2, 3, 4, 5)) for name in _NAMES),
    unit="percent",
    minimum=0,
    maximum=100,
    better=Better.LOWER,
    missing_rule=(
        "100 x sum / (5 x items answered), with at least `min_answered` of the 10 items. Sources agree on "
        "one "
        "missing item (sum / 45) and differ on more: some give no score, some go on lowering the "
        "denominator. "
        "The default is the strict reading, 9; 8 is the usual sensitivity analysis."
    ),
    compute=_compute,
    settings=(Setting("min_answered", 9, said("fewest items answered, 1 to 10")),),
    mcid=10,
    mcid_share=0.30,
    reference="Fairbank JCT, Pynsent PB. Spine 2000;25:2940-2953. MIC: Ostelo RWJG. Spine 2008;33:90-94.",
)
