"""The care pathway: who goes where, what is expected, and what does not go together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from trialkit.prediction.pathway import TOTAL, PathwayPeople, check_pathway, simulate_pathway
from trialkit.prediction.pathway_picture import pathway_picture
from trialkit.prediction.plan import PredictionPlan, Stratum

STRATA = (
    Stratum("Low", 0.0, "Supervised programme", 4, expected_change=0.1),
    Stratum("High", 0.5, "Home programme", 12),
)


def people() -> PathwayPeople:
    risk = np.array([0.1, 0.2, 0.499, 0.5, 0.8, 0.3])
    outcome = np.array([0.0, 1.0, 0.0, 1.0, 1.0, 0.0])
    weights = np.array([1.0, 1.0, 1.0, 1.0, 1.5, 0.0])  # one lost, another stands for it; the last unknown
    return PathwayPeople(risk, outcome, weights)


@pytest.mark.analytic
def test_everybody_goes_somewhere_and_the_expected_add_up() -> None:
    table = simulate_pathway(STRATA, people(), seed=1).set_index("stratum")
    assert table["n"].to_dict() == {"Low": 4, "High": 2, TOTAL: 6}  # a risk on the edge goes up
    assert table["known"].to_dict() == {"Low": 3, "High": 2, TOTAL: 5}
    assert table["observed"].to_dict() == pytest.approx({"Low": 1, "High": 2.5, TOTAL: 3.5})
    assert table["without"].to_dict() == pytest.approx({"Low": 1.099, "High": 1.3, TOTAL: 2.399})
    assert table["with_action"].to_dict() == pytest.approx({"Low": 1.499, "High": 1.3, TOTAL: 2.799})


@pytest.mark.analytic
def test_simulated_limits_are_those_of_the_binomial() -> None:
    # 100 people at 0.3: the middle 95 % of a binomial(100, 0.3) is 21 to 39 (R: qbinom(c(.025,.975),100,.3))
    many = PathwayPeople(np.full(100, 0.3), np.zeros(100), np.ones(100))
    row = simulate_pathway((replace(STRATA[0], expected_change=0.0),), many, seed=3).iloc[0]
    assert (row["without_lower"], row["without_upper"]) == pytest.approx((21, 39), abs=1)
    assert (row["with_action_lower"], row["with_action_upper"]) == (
        row["without_lower"],
        row["without_upper"],
    )


def test_what_does_not_go_together_is_said(plan: PredictionPlan) -> None:
    random = np.random.default_rng(4)
    risk = random.uniform(0, 1, 400)
    honest = PathwayPeople(risk, (random.random(400) < risk).astype(float), np.ones(400))
    plan = replace(plan, pathway=STRATA)
    assert check_pathway(plan, simulate_pathway(STRATA, honest, 1)) == ()
    upside_down = replace(honest, outcome=1 - honest.outcome)
    (said,) = check_pathway(plan, simulate_pathway(STRATA, upside_down, 1))
    assert said.startswith("High:") and "not above" in said
    few = replace(STRATA[1], from_risk=0.99)
    assert "too few" in check_pathway(plan, simulate_pathway((STRATA[0], few), honest, 1))[0]
    harmful = replace(plan, pathway=(replace(STRATA[0], expected_change=-0.1), STRATA[1]))
    assert "harm" in check_pathway(harmful, simulate_pathway(harmful.pathway, honest, 1))[0]
    idle = replace(plan, pathway=(replace(STRATA[0], expected_change=0.0), STRATA[1]))
    assert "the same" in check_pathway(idle, simulate_pathway(idle.pathway, honest, 1))[0]
    outcome = replace(plan.outcome, kind="time_to_event", horizon_days=30.0)
    late = replace(plan, outcome=outcome)
    assert any(
        "after the 30 days" in text for text in check_pathway(late, simulate_pathway(STRATA, honest, 1))
    )


def test_the_picture_says_in_words_what_it_draws() -> None:
    drawing = pathway_picture(simulate_pathway(STRATA, people(), seed=1), "Response")
    for words in ("Low, 4 people, Supervised programme", "High, 2 people", "after 12 weeks"):
        assert words in drawing.alt
