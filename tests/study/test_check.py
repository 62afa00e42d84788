"""Study A's seven contradictions are found by computation, and each goes when the definition is mended."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from trialkit.study import Severity, Study, check_study, load_study
from trialkit.study.model import SampleSize, Site
from trialkit.study.stated_time import read_time
from trialkit.vocabulary import Concealment, Role


@pytest.fixture(scope="session")
def study_a(sample_folder: Path) -> Study:
    return load_study(sample_folder)


def codes(study: Study) -> set[str]:
    return {finding.code for finding in check_study(study)}


def detail(study: Study, code: str) -> str:
    return next(finding.detail for finding in check_study(study) if finding.code == code)


def test_all_seven_contradictions_of_the_sources_are_reported(study_a: Study) -> None:
    assert codes(study_a) == {
        "sample-size-arithmetic",  # 1
        "time-without-anchor",  # 2: listed as plain months
        "conflicting-times",  # 2: the primary endpoint
        "endpoint-off-its-visit",  # 2: satisfaction
        "blinded-role-runs-analysis",  # 3
        "drug-outside-class",  # 4
        "open-participant-report",  # 5
        "event-without-origin",  # 6
        "new-episode-without-interval",  # 6
        "missing-primary-unstated",  # 7
        "detectable-below-mcid",
    }


def test_the_sample_size_finding_prints_both_numbers(study_a: Study) -> None:
    found = detail(study_a, "sample-size-arithmetic")
    assert "percentage points at SD 15 needs 17 per arm" in found
    assert "is 141, which detects 5.02 percent" in found


def test_the_primary_endpoints_two_times_are_42_days_apart(study_a: Study) -> None:
    assert "42 days apart" in detail(study_a, "conflicting-times")
    assert "day 407" in detail(study_a, "endpoint-off-its-visit")


def test_plain_months_are_named_visit_by_visit(study_a: Study) -> None:
    found = detail(study_a, "time-without-anchor")
    labels = [study_a.visit(name).label for name in ("month_1", "month_3", "month_6", "month_12")]
    assert all(label in found for label in labels)


def test_findings_come_with_a_place_and_a_next_step_contradictions_first(study_a: Study) -> None:
    findings = check_study(study_a)
    assert all(finding.where and finding.next_step for finding in findings)
    order = [list(Severity).index(finding.severity) for finding in findings]
    assert order == sorted(order)


# code -> (what to change in study.toml, and into what)
MENDED = {
    "sample-size-arithmetic": [("difference = 15", "difference = 5")],
    "time-without-anchor": [
        (f', "{n} month{"s" if n > 1 else ""}"]', f', "{n} months {anchor}"]')
        for n, anchor in (
            (1, "post-intervention"),
            (3, "post-treatment"),
            (6, "after the intervention"),
            (12, "after randomization"),
        )
    ],
    "conflicting-times": [
        ('"12 months after randomization", "1 year post-treatment"', '"12 months after randomization"')
    ],
    "endpoint-off-its-visit": [('["12 months post-intervention"]', '["12 months after randomization"]')],
    "blinded-role-runs-analysis": [
        ("participants_blinded", "masked_analysis_described = true\nparticipants_blinded")
    ],
    "drug-outside-class": [('"celecoxib", "acetaminophen"', '"celecoxib", "ibuprofen"')],
    "open-participant-report": [("participants_blinded = false", "open_outcomes_described = true")],
    "event-without-origin": [('within = "12 months"', 'within = "12 months after randomization"')],
    "new-episode-without-interval": [
        ('new_episode = "yes"', 'new_episode = "yes"\nfree_interval = "30 days"')
    ],
    "missing-primary-unstated": [
        ('score = "odi"\nvisit', 'missing_data = "multiple imputation"\nscore = "odi"\nvisit')
    ],
    "detectable-below-mcid": [("total = 314", "total = 80"), ("per_arm = 157", "per_arm = 40")],
}


@pytest.mark.parametrize("code", MENDED)
def test_a_finding_goes_when_the_definition_is_mended_and_no_other_does(
    definition, study_a: Study, code: str
) -> None:
    for old, new in MENDED[code]:
        definition.replace("study.toml", old, new)
    gone = codes(study_a) - codes(load_study(definition.folder))
    assert gone == {code}


def test_every_finding_of_study_a_can_be_mended_away(definition, study_a: Study) -> None:
    for code, changes in MENDED.items():
        if code != "detectable-below-mcid":  # mended by a sample size that contradicts itself anew
            for old, new in changes:
                definition.replace("study.toml", old, new)
    assert codes(load_study(definition.folder)) == {"detectable-below-mcid"}


def test_another_mending_does_as_well(study_a: Study) -> None:
    blinding = study_a.blinding
    other_role = replace(study_a, blinding=replace(blinding, runs_analysis=Role.UNBLINDED_STATISTICIAN))
    assert "blinded-role-runs-analysis" not in codes(other_role)
    double_blind = replace(study_a, blinding=replace(blinding, participants_blinded=True))
    assert "open-participant-report" not in codes(double_blind)
    per_protocol = replace(study_a, analysis=replace(study_a.analysis, principle="per_protocol"))
    assert "missing-primary-unstated" not in codes(per_protocol)


def test_a_visit_without_an_anchor_is_reported(definition) -> None:
    definition.replace("study.toml", 'anchor = "consent"\n', "")
    assert "visit-without-anchor" in codes(load_study(definition.folder))


def test_arms_that_do_not_add_up_to_the_total_are_reported(study_a: Study) -> None:
    assert study_a.sample_size is not None
    wrong = replace(study_a, sample_size=replace(study_a.sample_size, total=320))
    assert "sample-size-total" in codes(wrong)


def test_a_stratification_factor_left_out_of_the_model_is_reported(study_a: Study) -> None:
    without = replace(study_a, analysis=replace(study_a.analysis, covariates=("base", "sex")))
    assert "factor-left-out" in codes(without)


def test_a_drug_that_is_not_in_the_list_is_said_to_be_unchecked(study_a: Study) -> None:
    nsaid = next(component for component in study_a.components if component.drug_class)
    unknown = replace(study_a, components=(replace(nsaid, drugs=("celecoxib", "novelcoxib")),))
    assert "drug-class-unknown" in codes(unknown)
    assert "drug-outside-class" not in codes(unknown)


def test_the_rules_know_no_particular_study(study_a: Study) -> None:
    """The same contradiction under other names is found; a renamed study keeps its findings."""
    renamed = replace(study_a, id="Z", title="Another trial", sites=(Site("X", "Elsewhere"),))
    assert codes(renamed) == codes(study_a)


@pytest.mark.parametrize(
    ("text", "days", "anchor"),
    [
        ("12 months after randomization", 365.25, "randomization"),
        ("1 year post-treatment", 365.25, "intervention_end"),
        ("3 months post-intervention", 91.3125, "intervention_end"),
        ("end-of-intervention", 0, "intervention_end"),
        ("six weeks after the end of treatment", 42, "intervention_end"),
        ("week 6", 42, None),
        ("3 months", 91.3125, None),
        ("14 days after enrolment", 14, "consent"),
        ("at discharge", None, None),
    ],
)
def test_a_protocols_words_for_a_time_are_understood(
    text: str, days: float | None, anchor: str | None
) -> None:
    found = read_time(text)
    assert found.days == (None if days is None else pytest.approx(days))
    assert found.anchor == anchor


def test_a_sample_size_that_fits_is_left_alone(study_a: Study) -> None:
    fitting = SampleSize(
        total=318, per_arm=159, difference=5, sd=15, power=0.8, alpha=0.025, sides=1, attrition=0.1
    )
    assert "sample-size-arithmetic" not in codes(replace(study_a, sample_size=fitting))
    assert "sample-size-arithmetic" in codes(replace(study_a, sample_size=replace(fitting, per_arm=120)))


def test_a_difference_no_trial_could_find_is_reported_and_not_searched_for_ever(study_a: Study) -> None:
    assert study_a.sample_size is not None
    tiny = replace(study_a, sample_size=replace(study_a.sample_size, difference=1e-6))
    assert "more than ten million" in detail(tiny, "sample-size-arithmetic")


def test_a_real_trial_conceals_its_list_and_binds_it_to_the_file_of_its_maker(study_a: Study) -> None:
    own = {"concealment-of-a-demonstration", "restriction-not-stated"}
    assert not codes(study_a) & own
    stated = study_a.randomization
    assert stated.restriction_sha256
    real = replace(study_a, demonstration=False)
    assert codes(real) & own == {"concealment-of-a-demonstration"}
    loose = replace(stated, concealment=Concealment.CENTRAL, restriction_sha256=None)
    assert codes(replace(real, randomization=loose)) & own == {"restriction-not-stated"}
    elsewhere = replace(loose, method="external", concealment=Concealment.DEMONSTRATION)
    assert not codes(replace(real, randomization=elsewhere)) & own
