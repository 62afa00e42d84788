"""Power by running the plan on simulated trials: whatever its primary analysis is, as a run answers it."""

from __future__ import annotations

import json
import math
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from trialkit import resources
from trialkit.analysis import all_methods
from trialkit.analysis.errors import AnalysisError
from trialkit.analysis.light_trials import LightTrials, light_datasets
from trialkit.analysis.missing_data import CompleteCases
from trialkit.analysis.power import Simulated, Task, _share, one_trial, simulate
from trialkit.cli.sap import command
from trialkit.errors import TrialkitError
from trialkit.plan import Analysis, Plan
from trialkit.plan.model import AnalysisRole
from trialkit.simulation import Scenario, load_scenario, simulated_visits
from trialkit.study.model import Study

TRIALS = 12


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load_scenario(resources.folder("sample_data") / "simulation.toml")


def as_primary(plan: Plan, entry: Analysis) -> Plan:
    return replace(plan, analyses=(replace(entry, role=AnalysisRole.PRIMARY),))


def few_draws(plan: Plan) -> Analysis:
    """P1 with two imputations: what it imputes from is what is looked at."""
    entry = plan.analysis("P1")
    return entry.saying(missing=replace(entry.keys["missing"], m=2))


@pytest.fixture(scope="module")
def light(plan: Plan) -> Plan:
    """The primary analysis on complete cases, which takes milliseconds."""
    return as_primary(plan, plan.analysis("P1").saying(missing=CompleteCases()))


@pytest.fixture(scope="module")
def done(light: Plan, study: Study, scenario: Scenario) -> Simulated:
    return simulate(light, study, scenario, trials=TRIALS, seed=5, subjects=314)


def test_every_quantity_has_its_monte_carlo_error(done: Simulated):
    assert done.bias and done.coverage and done.empirical_se
    for share in (done.power, done.type_1_error, done.coverage):
        p = share.estimate
        assert 0 <= p <= 1
        assert share.monte_carlo_se == pytest.approx(math.sqrt(p * (1 - p) / TRIALS))
    assert done.bias.monte_carlo_se == pytest.approx(done.empirical_se.estimate / math.sqrt(TRIALS))


def test_power_is_high_and_the_error_low_where_the_effect_is_that_of_the_scenario(done: Simulated):
    """Bounds that a right run (power above 0.9, error 0.025) misses less than once in ten thousand."""
    assert done.power.estimate >= 7 / TRIALS
    assert done.type_1_error.estimate <= 4 / TRIALS
    assert done.bias is not None
    assert abs(done.bias.estimate) < 4 * done.bias.monte_carlo_se + 1e-9
    assert done.failed == 0


def primaries(plan: Plan) -> dict[str, Analysis]:
    """The primary analyses that a plan may have, by what they are."""
    return {
        "imputed from all visits": few_draws(plan),
        "jump to reference": plan.analysis("P4"),
        "robust errors": plan.analysis("P6"),
        "all visits": plan.analysis("O1"),
        "responders": plan.analysis("S1"),
        "ranks": next(entry for entry in plan.analyses if entry.method == "van_elteren"),
    }


PRIMARIES = (
    "imputed from all visits",
    "jump to reference",
    "robust errors",
    "all visits",
    "responders",
    "ranks",
)


@pytest.mark.parametrize("which", PRIMARIES)
def test_each_kind_of_primary_analysis_is_simulated(plan: Plan, study: Study, scenario: Scenario, which: str):
    entry = primaries(plan)[which]
    found = simulate(as_primary(plan, entry), study, scenario, trials=3, seed=3, subjects=120)
    assert (found.analysis, found.method, found.failed) == (entry.id, entry.method, 0)
    assert found.power.ci_lower is not None
    if which == "ranks":
        assert found.bias is found.coverage is found.true_effect is None
    else:
        assert found.bias is not None
        assert abs(found.bias.estimate) < 6 * found.bias.monte_carlo_se
    if which == "responders":
        assert 0.05 < found.true_effect < 0.4  # type: ignore[operator]
    elif which != "ranks":
        assert found.true_effect == pytest.approx(-5.72, abs=0.05)


@pytest.mark.parametrize("which", PRIMARIES)
def test_a_simulated_trial_is_answered_as_a_run_answers_it(
    plan: Plan, study: Study, scenario: Scenario, which: str
):
    """What is counted is a row of the tables that the entry prints."""
    entry = primaries(plan)[which]
    trials = LightTrials(as_primary(plan, entry), study, scenario, entry, 120)
    found = one_trial(Task(trials, 9, null=False))
    assert not found.failure
    tables = all_methods()[entry.method].compute(trials.context(9, null=False), entry).tables
    rows = tables["test" if which == "ranks" else "contrasts"]
    assert any(
        row["p_value"] == pytest.approx(found.p_value, rel=1e-12)
        and (which == "ranks" or row["estimate"] == pytest.approx(found.estimate, rel=1e-12))
        for row in rows.to_dict("records")
    )


def test_imputation_uses_the_visits_that_the_plan_names(plan: Plan, study: Study, scenario: Scenario):
    """What was seen between baseline and month 12, and of pain, changes what is drawn; of JOA it cannot."""
    entry = few_draws(plan)
    trials = LightTrials(as_primary(plan, entry), study, scenario, entry, 80)
    whole = trials._drawn(4, null=False)
    method = all_methods()["ancova"]
    assert method.tested is not None

    def answered(data: Any) -> float:
        given = light_datasets(trials.plan, study, scenario, data)
        context = replace(trials.context(4, null=False), datasets=given)
        return float(method.tested(context, entry, "")["estimate"])  # type: ignore[misc]

    first = answered(whole)
    for name in ("odi@month_6", "vas@week_6", "vas@baseline"):
        moved = whole.assign(**{name: whole[name].to_numpy()[::-1]})
        assert answered(moved) != pytest.approx(first, abs=1e-6), name
    narrow = entry.saying(missing=replace(entry.keys["missing"], using=("odi@month_12",)))
    context = replace(
        trials.context(4, null=False), datasets=light_datasets(trials.plan, study, scenario, whole)
    )
    assert method.tested(context, narrow, "")["estimate"] != pytest.approx(first, abs=1e-6)


@pytest.mark.independent_reimplementation
def test_light_trials_lose_visits_as_the_scenario_says(scenario: Scenario):
    data = simulated_visits(scenario, 20_000, 1, lambda people: ["control"] * len(people), ("odi", "vas"))
    gone = data["odi@month_12"].isna()
    assert gone.mean() == pytest.approx(0.115, abs=0.01)
    assert (data["vas@month_12"].isna() == gone).all()  # who does not come is measured by nothing
    assert data["odi@baseline"].notna().all()
    kept = data["odi@month_12"].notna()
    assert (data.loc[kept, "odi@month_12"] == data.loc[kept, "odi@month_12~"]).all()
    whole = data["odi@month_12~"] - data["odi@baseline"]
    assert np.corrcoef(data["odi@month_6~"] - data["odi@baseline"], whole)[0, 1] > 0.4


REFUSED = {
    "no primary": (
        "a primary analysis that can be simulated: ancova, mmrm", lambda plan: replace(plan, analyses=())
    ),
    "time to event": (
        "found a primary analysis by time_to_event", lambda plan: as_primary(plan, plan.analysis("R1"))
    ),
    "later exclusions": ("everybody randomized", lambda plan: as_primary(plan, plan.analysis("P12"))),
    "a column that is not simulated": (
        "columns that the scenario has of every subject",
        lambda plan: as_primary(
            plan, plan.analysis("P2").saying(formula="chg ~ arm + base + multifidus_fat")
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_simulated_is_refused_before_the_first_trial(
    plan: Plan, study: Study, scenario: Scenario, case: str
):
    words, changed = REFUSED[case]

    def never(work: object, tasks: object) -> list[object]:
        raise AssertionError("a trial was simulated")

    with pytest.raises(AnalysisError, match=words):
        simulate(changed(plan), study, scenario, trials=2, seed=1, run=never)  # type: ignore[arg-type]


def test_a_covariate_that_is_a_fact_of_the_scenario_is_simulated(
    plan: Plan, study: Study, scenario: Scenario
):
    entry = plan.analysis("P2").saying(formula="chg ~ arm + base + age_years + vas")
    found = simulate(as_primary(plan, entry), study, scenario, trials=2, seed=1, subjects=80)
    assert found.failed == 0


@pytest.mark.analytic
def test_a_share_of_all_or_none_has_exact_limits(done: Simulated):
    """Clopper and Pearson: of n of n the lower limit is the n-th root of 0.025; of none, one minus that."""
    all_of, none_of = _share([True] * 40), _share([False] * 40)
    assert (all_of.ci_lower, all_of.ci_upper) == (pytest.approx(0.025 ** (1 / 40)), 1.0)
    assert (none_of.ci_lower, none_of.ci_upper) == (0.0, pytest.approx(1 - 0.025 ** (1 / 40)))
    assert done.power.ci_lower is not None
    assert done.bias is not None
    assert done.bias.ci_lower is None


def test_the_command_prints_limits_and_progress_and_writes_them(tmp_path: Path):
    """All of two trials with power, or none: an error of 0 has its exact limits on screen and in the file."""
    plan = (resources.folder("sap") / "study_a.toml").read_text(encoding="utf-8")
    drawn = (
        'missing = { method = "mi", by = "arm", using = ["odi@*", "vas@*"], m = 50, pool = "barnard-rubin" }'
    )
    complete = plan.replace(drawn, 'missing = "complete cases"', 1)
    assert complete != plan
    (tmp_path / "plan.toml").write_text(complete, encoding="utf-8")
    study = str(resources.folder("sample_data"))
    arguments = [str(tmp_path / "plan.toml"), study, "--trials", "2", "--seed", "1", "--into", str(tmp_path)]
    told = CliRunner().invoke(command, ["simulate", *arguments], catch_exceptions=False)
    assert told.exit_code == 0
    assert "P1 (ancova) on 2 trials of 314 subjects" in told.output
    assert "type I error: 0.0000 (Monte Carlo SE 0.0000; 95% CI 0.0000 to 0.8419)" in told.output
    assert "4 of 4 trials" in told.output
    written = json.loads((tmp_path / "simulation.json").read_text(encoding="utf-8"))
    assert written["type_1_error"]["ci_upper"] == pytest.approx(1 - 0.025**0.5)
    assert written["analysis"] == "P1"


def test_a_scenario_that_is_not_there_is_named(tmp_path: Path):
    """Neither the study's own nor the one asked for is quietly replaced by values without effects."""
    for name in ("study.toml", "dictionary.csv", "randomization.toml"):
        shutil.copyfile(resources.folder("sample_data") / name, tmp_path / name)
    plan = str(resources.folder("sap") / "study_a.toml")
    for more, missing in (
        ([], "simulation.toml"),
        (["--scenario", str(tmp_path / "other.toml")], "other.toml"),
    ):
        asked = [
            "simulate",
            plan,
            str(tmp_path),
            "--trials",
            "2",
            "--seed",
            "1",
            "--into",
            str(tmp_path / "out"),
        ]
        told = CliRunner().invoke(command, [*asked, *more])
        assert isinstance(told.exception, TrialkitError)
        assert told.exception.found == f"no file {tmp_path / missing}"
