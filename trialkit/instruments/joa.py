"""Japanese Orthopaedic Association score for the lumbar spine, 29 points."""

from __future__ import annotations

from trialkit.instruments.definition import Answers, Instrument, Question, Scored, Setting, Settings
from trialkit.vocabulary import Better
from trialkit.wording import said

_FULL = 29.0
_SUBJECTIVE = tuple(Question(name, 0, 3, (0, 1, 2, 3)) for name in ("low_back_pain", "leg_pain", "gait"))
_SIGNS = tuple(Question(name, 0, 2, (0, 1, 2)) for name in ("straight_leg_raising", "sensory", "motor"))
_ACTIVITIES = ("turning", "standing", "washing", "leaning", "sitting", "lifting", "walking")
_DAILY = tuple(Question(name, 0, 2, (0, 1, 2)) for name in _ACTIVITIES)
_BLADDER = Question("bladder", -6, 0, (0, -3, -6))
# Two sets of cut points are in print; a study names the one it uses.
GRADES_JAPAN = ((75.0, "excellent"), (50.0, "good"), (25.0, "fair"))
GRADES_CHINA = ((100.0, "cured"), (60.0, "markedly effective"), (25.0, "effective"))


def _compute(answers: Answers, settings: Settings) -> Scored:
    missing = sum(answer is None for answer in answers)
    if missing:
        return Scored(None, f"{missing} of {len(answers)} items missing, all are needed")
    total = sum(answer for answer in answers if answer is not None)
    return Scored(max(total, float(settings["floor"])))


def improvement_rate(before: float, after: float) -> Scored:
    """Hirabayashi's rate: the share of the lost points regained, in percent; negative when points were lost.

    Degenerate case: with all 29 points before there is nothing to regain, and no rate.
    """
    if before >= _FULL:
        return Scored(None, "29 points before treatment: nothing to regain")
    return Scored(100 * (after - before) / (_FULL - before))


def joa_grade(rate: float, grades: tuple[tuple[float, str], ...], lowest: str) -> str:
    """The grade of an improvement rate under stated cut points (lower bounds, highest first)."""
    return next((name for lower, name in grades if rate >= lower), lowest)


JOA = Instrument(
    name="JOA",
    label="JOA score (lumbar, 29 points)",
    questions=(*_SUBJECTIVE, *_SIGNS, *_DAILY, _BLADDER),
    unit="points",
    minimum=-6,
    maximum=_FULL,
    better=Better.HIGHER,
    missing_rule=(
        "No official rule: any missing item gives no score. Taken literally the sum runs from -6 to 29, "
        "since the "
        "bladder item is 0, -3 or -6; sources print a range from 0. The default keeps the literal sum; "
        "floor = 0 "
        "cuts it there."
    ),
    compute=_compute,
    settings=(Setting("floor", -6, said("lowest score given, -6 (literal) or 0")),),
    reference="Japanese Orthopaedic Association, 1986; improvement rate after Hirabayashi.",
)
