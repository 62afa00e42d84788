from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from trialkit import resources
from trialkit.analysis import check_plan, load_plan, load_plan_text
from trialkit.analysis.plans import plan_problems
from trialkit.plan import PlanError, keys
from trialkit.strict_toml import DefinitionError
from trialkit.study import load_study

PLAN = resources.folder("sap") / "study_a.toml"


def changed(old: str, new: str) -> str:
    text = PLAN.read_text(encoding="utf-8")
    assert text.count(old) >= 1
    return text.replace(old, new, 1)


def test_the_plan_of_study_a_says_what_the_protocol_says_of_the_primary_analysis():
    primary = next(entry for entry in load_plan(PLAN).analyses if entry.role == "primary")
    test, interval = keys.TEST.of(primary), keys.INTERVAL.of(primary)
    assert (primary.method, primary.set, keys.VISIT.of(primary)) == ("ancova", "full", "month_12")
    assert (test.alternative, test.alpha) == ("less", 0.025)
    assert (interval.level, interval.sides) == (0.95, 2)


@pytest.mark.parametrize("key", ["missing", "estimand", "test", "interval", "ls_means", "formula"])
def test_a_primary_analysis_that_leaves_something_unsaid_is_refused(key: str):
    text = PLAN.read_text(encoding="utf-8")
    start = text.index('id = "P1"')
    line = next(line for line in text[start:].splitlines() if line.startswith(f"{key} ="))
    with pytest.raises(
        PlanError, match=rf"plan:\d+:analysis\[\d+\] \(P1\): expected a primary ancova analysis to say {key}"
    ):
        load_plan_text(text[:start] + text[start:].replace(line, "", 1))


def test_strata_are_to_be_said_where_the_randomization_was_stratified():
    text = PLAN.read_text(encoding="utf-8")
    start = text.index('id = "P1"')
    plan = load_plan_text(text[:start] + text[start:].replace('strata = "as randomized"\n', "", 1))
    study = load_study(resources.folder("sample_data"))
    with pytest.raises(PlanError, match="strata: the randomization was stratified"):
        check_plan(plan, study)
    found = [str(one) for one in plan_problems(plan, replace(study, factors=()))]
    assert not any("(P1)" in one and "strata: the" in one for one in found)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('method = "ancova"', 'method = "anova"', r"method: expected one of .*found 'anova'"),
        ('weights = "observed"', 'weights = "om"', "weights: expected equal, observed or cells"),
        ("sides = 2", "sides = 3", "sides: expected 1 or 2"),
        ("level = 0.95", "level = 95.0", "a confidence level such as 0.95"),
        (
            'alternative = "less"',
            'alternative = "lower"',
            "alternative: expected one of two-sided, less, greater",
        ),
        ("seed = 20260101", 'seed = "x"', "seed: expected a whole number"),
        ("window_days = [-28, 0]", "window_days = [0, -28]", "two days, the first not after the second"),
        ("mcid = 10", "mcdi = 10", "'mcdi'.*Did you mean 'mcid'"),
    ],
)
def test_a_mistake_in_the_plan_is_refused_with_its_line(old: str, new: str, message: str):
    with pytest.raises(DefinitionError, match=rf"plan:\d+:.*{message}"):
        load_plan_text(changed(old, new))


@pytest.mark.parametrize(
    ("old", "new", "permitted"),
    [
        ('missing = "complete cases"', 'missing = "multiple imputation"', "complete cases"),
        ('missing = "observed cases"', 'missing = "non-responder"', "observed cases"),
        (
            'missing = "censored at the last assessment"',
            'missing = "none"',
            "censored at the last assessment",
        ),
        ('strata = "as randomized"', 'strata = "as true"', "as randomized.* or .*true"),
        ('ties = "efron"', 'ties = "exact"', "efron.* or .*breslow"),
        ('origin = "randomization"', 'origin = "consent"', "randomization"),
        ('partial_dates = "midpoint', 'partial_dates = "start', "midpoint of the feasible interval"),
        (
            'strategy = "treatment-policy"',
            'strategy = "while-on-treatment"',
            "treatment-policy.* or .*composite",
        ),
    ],
)
def test_a_word_that_would_be_printed_but_not_carried_out_is_refused(old: str, new: str, permitted: str):
    with pytest.raises(DefinitionError, match=rf"plan:\d+:.*{permitted}"):
        load_plan_text(changed(old, new))


@pytest.mark.parametrize(
    ("entry", "old", "new"),
    [
        ("R1", 'alternative = "two-sided"', 'alternative = "less"'),
        ("R1", "null_value = 1", "null_value = 0.5"),
        ("R1", "sides = 2", "sides = 1"),
        ("I1", 'alternative = "two-sided"', 'alternative = "greater"'),
        ("S1", "sides = 2", "sides = 1"),
    ],
)
def test_a_one_sided_answer_is_refused_where_only_the_two_sided_one_is_given(entry: str, old: str, new: str):
    text = PLAN.read_text(encoding="utf-8")
    start = text.index(f'id = "{entry}"')
    with pytest.raises(
        DefinitionError, match=rf"{old.split()[0]}: expected .*found '?{new.split()[-1].strip(chr(34))}"
    ):
        load_plan_text(text[:start] + text[start:].replace(old, new, 1))


def test_treatment_policy_for_death_is_refused():
    text = changed(
        '{ event = "death", source = "death", strategy = "hypothetical" }',
        '{ event = "death", source = "death", strategy = "treatment-policy" }',
    )
    with pytest.raises(DefinitionError, match="no outcome after death"):
        load_plan_text(text)


def test_the_hash_of_a_plan_is_of_its_text(tmp_path: Path):
    copy = tmp_path / "plan.toml"
    copy.write_text(PLAN.read_text(encoding="utf-8") + "\n# a comment\n", encoding="utf-8")
    assert load_plan(copy).sha256 != load_plan(PLAN).sha256


def test_a_model_of_the_value_is_refused_for_an_endpoint_that_is_a_change():
    plan = load_plan_text(changed("chg ~ arm + base + sex + site", "value ~ arm + base + sex + site"))
    with pytest.raises(PlanError, match=r"expected 'chg' before the ~.*found 'value'"):
        check_plan(plan, load_study(resources.folder("sample_data")))


def test_no_arm_of_three_is_silently_left_out():
    study = load_study(resources.folder("sample_data"))
    third = replace(study.arms[0], name="booklet", label="Booklet alone")
    with pytest.raises(PlanError, match=r"every arm of the study in one of the roles.*found booklet in none"):
        check_plan(load_plan(PLAN), replace(study, arms=(*study.arms, third)))


def test_a_flow_without_records_of_stopped_treatment_is_refused_for_a_trial_run_here():
    plan = load_plan_text(changed('records = "stopped_treatment"\n', ""))
    with pytest.raises(PlanError, match="who stopped treatment"):
        check_plan(plan, load_study(resources.folder("sample_data")))


def test_undated_assessments_count_as_named_or_not_at_all():
    with pytest.raises(DefinitionError, match=r'undated: expected "as named".*found \'today\''):
        load_plan_text(changed('choose = "last"', 'choose = "last"\nundated = "today"'))
