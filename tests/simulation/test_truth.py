"""The true effect and the true risks, against algebra and against the light trials that estimate them."""

from __future__ import annotations

from dataclasses import replace
from math import exp, sqrt

import numpy as np
import pytest

from trialkit.errors import SimulationError
from trialkit.simulation import Scenario, true_effect, true_recurrence, true_values
from trialkit.simulation.people import eligible_people
from trialkit.simulation.scenario import Measure
from trialkit.simulation.streams import Streams
from trialkit.study import Study


def with_odi(scenario: Scenario, **changes: object) -> Scenario:
    odi: Measure = replace(scenario.measure("odi"), **changes)  # type: ignore[arg-type]
    return replace(scenario, measures=(odi, *scenario.measures[1:]))


@pytest.mark.analytic
def test_without_floor_or_modifier_the_true_effect_is_the_scenarios_number(
    study: Study, scenario: Scenario
) -> None:
    """On a scale without ends and of fine steps each person's difference is the stated 6 points."""
    free = with_odi(scenario, minimum=-1000.0, maximum=1000.0, step=0.001, modifier={})
    effect = true_effect(study, free, n=20_000)
    assert effect.estimate == pytest.approx(-6.0, abs=0.001)
    assert effect.standard_error < 1e-4


def test_the_floor_of_the_scale_takes_some_of_the_effect_and_never_adds_to_it(
    study: Study, scenario: Scenario
) -> None:
    effect = true_effect(study, scenario, n=100_000)
    assert -6.0 < effect.estimate < -5.0
    assert effect.estimate == pytest.approx(effect.mean_test - effect.mean_reference, abs=1e-9)


@pytest.mark.analytic
def test_no_effect_in_the_scenario_is_no_effect_in_the_truth(study: Study, scenario: Scenario) -> None:
    visits = {name: replace(spec, effect={}) for name, spec in scenario.measure("odi").visits.items()}
    effect = true_effect(study, with_odi(scenario, visits=visits), n=20_000)
    assert (effect.estimate, effect.standard_error) == (0.0, 0.0)


def test_two_populations_agree_within_their_monte_carlo_error(study: Study, scenario: Scenario) -> None:
    one, two = (true_effect(study, scenario, n=60_000, seed=seed) for seed in (1, 2))
    assert one.estimate != two.estimate
    assert abs(one.estimate - two.estimate) < 3.9 * sqrt(one.standard_error**2 + two.standard_error**2)


@pytest.mark.analytic
def test_the_true_risk_of_recurrence_is_the_integral_of_its_hazard(study: Study, scenario: Scenario) -> None:
    assert scenario.recurrence is not None
    plain = replace(scenario, recurrence=replace(scenario.recurrence, log_hazard={}))
    truth = true_recurrence(study, plain, n=200_000)
    assert truth is not None
    for risk, error, arm in (
        (truth.risk_test, truth.standard_error_test, "exercise"),
        (truth.risk_reference, truth.standard_error_reference, "control"),
    ):
        hazard = scenario.recurrence.hazard_per_100_days[arm] / 100
        low, high = scenario.recurrence.pain_free_from
        expected = 0.94 * np.mean([1 - exp(-hazard * (365 - 30 - day)) for day in range(low, high + 1)])
        assert abs(risk - expected) < 3.9 * error
    assert truth.hazard_ratio == pytest.approx(0.085 / 0.140)


@pytest.mark.analytic
def test_with_proportional_hazards_the_cox_ratio_is_the_scenarios(study: Study, scenario: Scenario) -> None:
    """Everybody at risk from one day on and alike: the only case in which one ratio holds at all times."""
    assert scenario.recurrence is not None
    alike = replace(scenario.recurrence, log_hazard={}, never_pain_free=0.0, pain_free_from=(20, 20))
    truth = true_recurrence(study, replace(scenario, recurrence=alike), n=200_000)
    assert truth is not None
    events = 200_000 * (truth.risk_test + truth.risk_reference)
    assert abs(np.log(truth.log_rank_hazard_ratio / truth.hazard_ratio)) < 3.9 * sqrt(4 / events)


def test_differences_between_people_pull_the_average_ratio_towards_one(
    study: Study, scenario: Scenario
) -> None:
    assert scenario.recurrence is not None
    uneven = replace(scenario.recurrence, log_hazard={"severity": 1.2})
    truth = true_recurrence(study, replace(scenario, recurrence=uneven), n=100_000)
    assert truth is not None
    assert truth.hazard_ratio + 0.02 < truth.log_rank_hazard_ratio < 1


def test_a_scenario_for_another_study_has_no_truth_here(study: Study, scenario: Scenario) -> None:
    with pytest.raises(SimulationError, match="'B'"):
        true_effect(study, replace(scenario, study="B"), n=100)


def test_both_truths_of_one_population_are_those_of_two(study: Study, scenario: Scenario) -> None:
    effect, recurrence = true_values(study, scenario, n=3_000, seed=4)
    assert effect == true_effect(study, scenario, n=3_000, seed=4)
    assert recurrence == true_recurrence(study, scenario, n=3_000, seed=4)


def test_a_large_population_begins_with_the_small_one(scenario: Scenario) -> None:
    """However many were screened for it: as many as a pilot says will do, or twice the number."""
    small, large = (eligible_people(scenario, Streams(4), n) for n in (300, 12_000))
    assert large.facts.n == 12_000
    assert large.eligible.all()
    for name, column in small.facts.values.items():
        assert (large.facts.values[name][:300] == column).all(), name
