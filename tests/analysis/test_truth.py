"""What is proved of many light trials by normal equations holds for the plan's own model: they are equal."""

from __future__ import annotations

import pytest

from tests.simulation.test_light_trials import ancova as by_normal_equations, permuted_blocks
from trialkit import resources
from trialkit.plan import Plan, keys
from trialkit.simulation import load_scenario, simulated_analysis_data
from trialkit.stats import ancova

TRIALS = 25


@pytest.mark.independent_reimplementation
def test_the_primary_model_of_the_plan_is_the_one_whose_bias_and_coverage_are_tested(plan: Plan):
    scenario = load_scenario(resources.folder("sample_data") / "simulation.toml")
    primary = plan.analysis("P1")
    formula = keys.FORMULA.of(primary)
    assert formula == "chg ~ arm + base + sex + site"
    for seed in range(TRIALS):
        data = simulated_analysis_data(
            scenario, 314, seed, lambda people, seed=seed: permuted_blocks(people, seed)
        )
        fit = ancova(formula, data, treatment="arm", reference="control", confidence_level=0.95)
        row = fit.contrasts("arm", reference="control").iloc[0]
        expected = by_normal_equations(data, ("base", "sex", "site"))
        assert (row["estimate"], row["ci_lower"], row["ci_upper"]) == pytest.approx(expected, rel=1e-9)
