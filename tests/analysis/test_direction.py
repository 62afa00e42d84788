"""Sentences about benefit and harm, over every position of an interval to zero and the MCID."""

from __future__ import annotations

import math

import pytest

from trialkit.analysis.direction import event_is_good, needed_to_treat, turned, verdict
from trialkit.plan import Endpoint
from trialkit.plan.model import Derivation
from trialkit.vocabulary import Better

pytestmark = pytest.mark.analytic

MCID = 10.0
# (lower, upper) of a difference of which positive helps -> what must be said, written out by hand
POSITIONS = {
    (12, 20): "The whole CI shows a benefit of at least the MCID of 10 points.",
    (10, 20): "The whole CI shows a benefit of at least the MCID of 10 points.",
    (4, 20): "The whole CI shows a benefit; it may be smaller or larger than the MCID of 10 points.",
    (4, 8): "The whole CI shows a benefit smaller than the MCID of 10 points.",
    (0, 8): "The CI includes no difference; a benefit and a harm of the MCID of 10 points or more are both "
    "excluded.",
    (-4, 8): "The CI includes no difference; a benefit and a harm of the MCID of 10 points or more are both "
    "excluded.",
    (-4, 20): "The CI includes no difference; a benefit of the MCID of 10 points or more is not excluded, a "
    "harm of that size is.",
    (-20, 4): "The CI includes no difference; a harm of the MCID of 10 points or more is not excluded, a "
    "benefit of that size is.",
    (-20, 20): "The CI includes no difference, and leaves open a benefit and a harm of the MCID of 10 points "
    "or more.",
    (-8, -4): "The whole CI shows a harm smaller than the MCID of 10 points.",
    (-20, -4): "The whole CI shows a harm; it may be smaller or larger than the MCID of 10 points.",
    (-20, -12): "The whole CI shows a harm of at least the MCID of 10 points.",
    (-math.inf, -12): "The whole CI shows a harm of at least the MCID of 10 points.",
    (4, math.inf): "The whole CI shows a benefit; it may be smaller or larger than the MCID of 10 points.",
}


@pytest.mark.parametrize(("helping", "words"), POSITIONS.items())
@pytest.mark.parametrize("better", ["lower", "higher"])
@pytest.mark.parametrize("swapped", [False, True])
def test_every_position_of_an_interval_is_told_for_both_directions_and_both_roles(
    helping: tuple[float, float], words: str, better: str, swapped: bool
):
    """Where lower is better the same benefit is negative; where the roles change, so does the verdict."""
    lower, upper = helping
    if swapped:
        lower, upper = -upper, -lower
        words = next(text for place, text in POSITIONS.items() if place == helping)
        words = words.translate({}).replace("benefit", "\0").replace("harm", "benefit").replace("\0", "harm")
        words = words.replace("a harm and a benefit", "a benefit and a harm")
    if better == "lower":
        lower, upper = -upper, -lower
    assert verdict(lower, upper, better, MCID).sentence("CI", "10 points") == words


def test_a_difference_is_turned_so_that_positive_helps():
    assert turned(-6.5, -9.3, -3.8, "lower") == (6.5, 3.8, 9.3)
    assert turned(-6.5, -9.3, -3.8, "higher") == (-6.5, -9.3, -3.8)


def response(rule: str, event: str = "") -> Endpoint:
    return Endpoint("r", "R", Derivation.RESPONSE, "percent", parameter="odi", rule=rule, event=event)


@pytest.mark.parametrize(
    ("rule", "better", "good"),
    [
        ("chg <= -10", Better.LOWER, True),
        ("chg <= -0.3 * base", Better.LOWER, True),
        ("value < 20", Better.LOWER, True),
        ("chg > 0", Better.LOWER, False),
        ("chg >= 15", Better.LOWER, False),
        ("chg >= 15", Better.HIGHER, True),
        ("chg < 0", Better.HIGHER, False),
        ("chg > -5 and chg < 5", Better.LOWER, None),
        ("chg <= -10", None, None),
    ],
)
def test_an_event_is_good_where_only_an_improvement_brings_it(
    rule: str, better: Better | None, good: bool | None
):
    assert event_is_good(response(rule), better) is good


def test_a_plan_that_says_what_the_event_is_is_believed():
    assert event_is_good(response("chg > -5 and chg < 5", "bad"), Better.LOWER) is False


@pytest.mark.parametrize(
    ("given", "good", "label", "shown"),
    [
        ((5.0, 3.0, 12.0), True, "benefit", (5.0, 3.0, 12.0)),
        ((5.0, 3.0, 12.0), False, "harm", (5.0, 3.0, 12.0)),
        ((-9.2, -135.8, -4.8), False, "benefit", (9.2, 4.8, 135.8)),
        ((-9.2, -135.8, -4.8), True, "harm", (9.2, 4.8, 135.8)),
        ((25.0, 9.1, -34.0), True, "benefit", (25.0, 9.1, -34.0)),
    ],
)
def test_a_number_needed_to_treat_is_to_benefit_or_to_harm(given, good, label, shown):
    needed = needed_to_treat(*given, good)
    assert needed.label == f"number needed to treat to {label}"
    assert (needed.estimate, needed.ci_lower, needed.ci_upper) == shown


def test_a_number_needed_to_treat_of_an_event_nobody_judged_keeps_its_sign():
    needed = needed_to_treat(-9.2, -135.8, -4.8, None)
    assert (needed.label, needed.estimate) == ("number needed to treat", -9.2)
