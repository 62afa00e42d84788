"""Power by running the plan on simulated trials."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from trialkit import resources
from trialkit.analysis.errors import AnalysisError
from trialkit.analysis.missing_data import CompleteCases
from trialkit.analysis.power import Simulated, simulate
from trialkit.plan import Plan
from trialkit.simulation import load_scenario
from trialkit.study.model import Study

TRIALS = 12


@pytest.fixture(scope="module")
def light(plan: Plan) -> Plan:
    """The primary analysis on complete cases, which takes milliseconds."""
    primary = plan.analysis("P1").saying(missing=CompleteCases())
    return replace(plan, analyses=(primary,))


@pytest.fixture(scope="module")
def done(light: Plan, study: Study) -> Simulated:
    scenario = load_scenario(resources.folder("sample_data") / "simulation.toml")
    return simulate(light, study, scenario, trials=TRIALS, seed=5, subjects=314)


def test_every_quantity_has_its_monte_carlo_error(done: Simulated):
    for share in (done.power, done.type_1_error, done.coverage):
        p = share.estimate
        assert 0 <= p <= 1
        assert share.monte_carlo_se == pytest.approx(math.sqrt(p * (1 - p) / TRIALS))
    assert done.bias.monte_carlo_se == pytest.approx(done.empirical_se.estimate / math.sqrt(TRIALS))


def test_power_is_high_and_the_error_low_where_the_effect_is_that_of_the_scenario(done: Simulated):
    """Bounds that a right run (power above 0.9, error 0.025) misses less than once in ten thousand."""
    assert done.power.estimate >= 7 / TRIALS
    assert done.type_1_error.estimate <= 4 / TRIALS
    assert abs(done.bias.estimate) < 4 * done.bias.monte_carlo_se + 1e-9
    assert done.failed == 0


def test_a_plan_without_a_primary_ancova_is_refused(light: Plan, study: Study):
    scenario = load_scenario(resources.folder("sample_data") / "simulation.toml")
    with pytest.raises(AnalysisError, match="a primary ancova"):
        simulate(replace(light, analyses=()), study, scenario, trials=2, seed=1)


def test_a_share_of_all_or_none_has_exact_limits(done: Simulated):
    """Clopper and Pearson: of n of n the lower limit is the n-th root of 0.025; of none, one minus that."""
    from trialkit.analysis.power import _share

    all_of, none_of = _share([True] * 40), _share([False] * 40)
    assert (all_of.ci_lower, all_of.ci_upper) == (pytest.approx(0.025 ** (1 / 40)), 1.0)
    assert (none_of.ci_lower, none_of.ci_upper) == (0.0, pytest.approx(1 - 0.025 ** (1 / 40)))
    assert done.power.ci_lower is not None
    assert done.bias.ci_lower is None


def test_a_primary_analysis_that_needs_every_visit_is_refused_before_any_trial(plan: Plan, study: Study):
    jump = plan.analysis("P1").saying(missing=plan.analysis("P4").keys["missing"])
    scenario = load_scenario(resources.folder("sample_data") / "simulation.toml")

    def never(work: object, tasks: object) -> list[object]:
        raise AssertionError("a trial was simulated")

    with pytest.raises(AnalysisError, match="needs one visit alone"):
        simulate(replace(plan, analyses=(jump,)), study, scenario, trials=2, seed=1, run=never)  # type: ignore[arg-type]
