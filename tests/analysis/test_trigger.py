"""Jump to reference after the records that the plan names, and of nobody else."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from trialkit import resources
from trialkit.analysis import load_plan_text, plan_problems
from trialkit.analysis.missing_data import ReferenceBased, Variance
from trialkit.analysis.run import prepared_run
from trialkit.plan import Plan
from trialkit.snapshot import Snapshot
from trialkit.study.model import Study

DRAWS = Variance(jackknife=False, m=3)
TRIGGER = ("stopped_treatment",)


def run(plan: Plan, snapshot: Snapshot, missing: ReferenceBased):
    entry = plan.analysis("P4").saying(missing=missing)
    results, prepared = prepared_run(replace(plan, analyses=(entry,)), snapshot)
    assert results["P4"].failure is None
    row = results["P4"].tables["contrasts"].iloc[0]
    return float(row["estimate"]), results["P4"].method, prepared.datasets


def with_trigger(strategy: str, trigger: tuple[str, ...]) -> ReferenceBased:
    return ReferenceBased(strategy, "jump to reference", DRAWS, trigger)


def test_only_who_has_such_a_record_jumps(plan: Plan, snapshot: Snapshot):
    estimate, method, datasets = run(plan, snapshot, with_trigger("j2r", TRIGGER))
    everybody, _, all_jump = run(plan, snapshot, with_trigger("j2r", ()))
    at_random, _, _ = run(plan, snapshot, with_trigger("mar", ()))
    recorded = set(datasets.records["stopped_treatment"]["subject_id"])

    def jumped(of: object) -> set[str]:
        made = of.made["imputed"]  # type: ignore[attr-defined]
        return set(made.loc[made["shifted"].astype(bool), "subject_id"])

    assert jumped(datasets) == jumped(all_jump) & recorded
    assert jumped(datasets) < jumped(all_jump)
    assert set(datasets.made["imputed"]["subject_id"]) == set(all_jump.made["imputed"]["subject_id"])
    low, high = sorted((everybody, at_random))
    assert low - 0.3 < estimate < high + 0.3  # the draws differ
    assert "after stopped treatment, else missing at random" in method


@pytest.mark.analytic
def test_a_trigger_that_nobody_has_is_missing_at_random(plan: Plan, snapshot: Snapshot):
    nobody = replace(plan.records["deviations"], name="nobody", rule="dev_line < 0")
    extended = replace(plan, records={**plan.records, "nobody": nobody})
    none, _, _ = run(extended, snapshot, with_trigger("j2r", ("nobody",)))
    at_random, _, _ = run(plan, snapshot, with_trigger("mar", ()))
    assert none == pytest.approx(at_random, rel=1e-12)


@pytest.mark.independent_reimplementation
def test_a_dated_trigger_begins_at_the_first_visit_on_or_after_its_day(plan: Plan, snapshot: Snapshot):
    """Counted from the stop dates as entered: what was missed before a stop is missing at random."""
    _, method, datasets = run(plan, snapshot, with_trigger("j2r", ("treatment_stop.ts_date",)))
    assert "after the day of treatment stop, else missing at random" in method
    values = datasets.values
    stops = values[values["item"] == "ts_date"].groupby("subject_id")["value"].min()
    subjects = datasets.subjects.set_index("subject_id")["randomization_date"]
    made = datasets.made["imputed"].drop_duplicates(["subject_id", "visit"])
    assert made["shifted"].any()
    for row in made.to_dict("records"):
        target = datasets.target_day(plan.visits[row["visit"]])
        stop = stops.get(row["subject_id"])
        on_day = stop is not None and pd.Timestamp(subjects[row["subject_id"]]) + pd.Timedelta(
            days=target
        ) >= pd.Timestamp(stop)
        assert bool(row["shifted"]) == on_day, row


@pytest.mark.analytic
def test_an_event_of_the_estimand_is_a_trigger_on_its_day(plan: Plan, snapshot: Snapshot):
    estimand = plan.estimands["primary"]
    name = "stopping exercise or NSAID"
    dated = tuple(
        replace(one, source="treatment_stop.ts_date") if one.event == name else one
        for one in estimand.intercurrent
    )
    changed = replace(plan, estimands={**plan.estimands, "primary": replace(estimand, intercurrent=dated)})
    by_name, _, _ = run(changed, snapshot, with_trigger("j2r", (name,)))
    by_source, _, _ = run(plan, snapshot, with_trigger("j2r", ("treatment_stop.ts_date",)))
    assert by_name == by_source


@pytest.mark.parametrize(
    ("trigger", "words"),
    [
        ("stopping exercise or NSAID", "the day of stopping exercise or NSAID: a source FORM.DATE"),
        ("treatment_stop.ts_dat", "a date of form treatment_stop"),
        ("treatment_stp.ts_date", "a form of the study that records the event"),
        ("nothing", "records of the plan, an event of the entry's estimand, or FORM.DATE"),
    ],
)
def test_a_trigger_without_a_day_or_a_form_is_named(study: Study, trigger: str, words: str):
    text = (resources.folder("sap") / "study_a.toml").read_text(encoding="utf-8")
    changed = text.replace(
        'method = "j2r", variance', f'method = "j2r", trigger = ["{trigger}"], variance', 1
    )
    problems = [str(one) for one in plan_problems(load_plan_text(changed), study)]
    assert len(problems) == 1
    assert words in problems[0]


def test_a_trigger_that_the_plan_has_no_records_of_is_named(study: Study):
    text = (resources.folder("sap") / "study_a.toml").read_text(encoding="utf-8")
    old = 'method = "j2r", variance'
    assert old in text
    changed = text.replace(old, 'method = "j2r", trigger = ["stopped_treatmnt"], variance', 1)
    problems = [str(one) for one in plan_problems(load_plan_text(changed), study)]
    assert any("Did you mean 'stopped_treatment'" in one for one in problems), problems
    kept = text.replace(old, 'method = "j2r", trigger = ["stopped_treatment"], variance', 1)
    assert list(plan_problems(load_plan_text(kept), study)) == []
