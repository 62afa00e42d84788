"""The composite strategy: an intercurrent event before the visit is part of the outcome."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from trialkit.analysis import Mode
from trialkit.analysis.plans import plan_problems
from trialkit.analysis.run import prepared_run
from trialkit.plan import Plan
from trialkit.plan.model import IntercurrentEvent, Strategy
from trialkit.snapshot import Snapshot
from trialkit.study.model import Study

RESCUE = IntercurrentEvent("rescue drug", "conmed.cm_start_date where cm_rescue = 1", Strategy.COMPOSITE)
WORST = 100.0
ENDS = {10: ("", ""), 7: ("-01", "-28")}  # of a day, and of a month whose day is not known


def with_composite(plan: Plan, event: IntercurrentEvent, *names: str) -> Plan:
    entries = tuple(e for e in plan.analyses if e.id in names)
    theirs = {str(entry.estimand) for entry in entries}
    changed = {
        name: replace(one, intercurrent=(event,)) if name in theirs else one
        for name, one in plan.estimands.items()
    }
    return replace(plan, estimands=changed, analyses=entries)


def rescued(snapshot: Snapshot, last: dict[str, date]) -> set[str]:
    """Who has a rescue drug that began between randomization and the day, read from the plain values."""
    values = snapshot.tables["values"]
    origin = snapshot.tables["subjects"].set_index("subject_id")["randomization_date"]
    rows: dict[tuple[str, str, str], dict[str, str]] = {}
    for row in values[values["form"] == "conmed"].itertuples():
        rows.setdefault((row.subject_id, row.visit, row.row), {})[row.item] = row.value
    found = set()
    for (who, _, _), row in rows.items():
        text = row.get("cm_start_date", "")
        if row.get("cm_rescue") == "1" and text and who in last:
            start = date.fromisoformat(origin[who])
            first, end = (date.fromisoformat(text + rest) for rest in ENDS[len(text)])
            low, high = max(first, start), min(end, last[who])
            low, high = (low, high) if low <= high else (first, end)
            found |= {who} if start <= low + (high - low) // 2 <= last[who] else set()
    return found


@pytest.fixture(scope="module")
def last_day(plan: Plan, snapshot: Snapshot) -> dict[str, date]:
    """The day of the 12-month assessment, or day 365 where there is none."""
    datasets = prepared_run(replace(plan, analyses=()), snapshot, mode=Mode.UNBLINDED)[1].datasets
    long = datasets.assessments
    seen = long[(long["parameter"] == "odi") & (long["visit"] == "month_12") & long["analysis_flag"]]
    days = seen.set_index("subject_id")["day"]
    origin = snapshot.tables["subjects"].set_index("subject_id")["randomization_date"]
    return {
        who: date.fromordinal(date.fromisoformat(text).toordinal() + int(days.get(who, 365)))
        for who, text in origin.items()
        if text
    }


@pytest.mark.independent_reimplementation
def test_whoever_was_rescued_before_the_visit_has_not_responded(
    plan: Plan, snapshot: Snapshot, last_day: dict[str, date]
):
    events = rescued(snapshot, last_day)
    assert len(events) > 10
    plain = prepared_run(with_composite(plan, RESCUE, "S1"), snapshot, mode=Mode.UNBLINDED)[0]["S1"]
    without = replace(RESCUE, strategy=Strategy.TREATMENT_POLICY)
    policy, prepared = prepared_run(with_composite(plan, without, "S1"), snapshot, mode=Mode.UNBLINDED)
    long = prepared.datasets.assessments
    seen = long[(long["parameter"] == "odi") & (long["visit"] == "month_12") & long["analysis_flag"]]
    changes = seen.set_index("subject_id")["chg"].dropna()
    arm = prepared.datasets.subjects.set_index("subject_id")["planned_arm"]
    for name in ("exercise", "control"):
        here = list(arm.index[arm == name])
        known = [who for who in here if who in changes.index or who in events]
        good = [who for who in here if who in changes.index and changes[who] <= -10 and who not in events]
        rows = plain.tables["proportions"]
        row = rows[(rows["arm"] == name) & (rows["definition"] == "ODI lower by 10 points or more")].iloc[0]
        assert (row["responders"], row["n"]) == (len(good), len(known))
    assert sum(plain.tables["proportions"]["responders"]) < sum(
        policy["S1"].tables["proportions"]["responders"]
    )
    assert any("counts as no response (composite strategy)" in note for note in plain.notes)


def test_the_worst_value_is_assigned_where_the_plan_states_it(
    plan: Plan, snapshot: Snapshot, last_day: dict[str, date]
):
    stated = with_composite(plan, replace(RESCUE, value=WORST), "P2")
    found = prepared_run(stated, snapshot, mode=Mode.UNBLINDED)[0]["P2"]
    events = rescued(snapshot, last_day)
    note = next(note for note in found.notes if "composite" in note)
    assert f"counts as 100 (composite strategy): {len(events)} subjects" in note
    plain = prepared_run(
        with_composite(plan, replace(RESCUE, strategy=Strategy.TREATMENT_POLICY), "P2"),
        snapshot,
        mode=Mode.UNBLINDED,
    )[0]["P2"]
    assert found.counts["n_observed"].sum() > plain.counts["n_observed"].sum()
    assert found.tables["descriptives"]["mean"].mean() > plain.tables["descriptives"]["mean"].mean()


@pytest.mark.parametrize(
    ("event", "names", "expected"),
    [
        (RESCUE, ("P2",), "the value that rescue drug counts as"),
        (replace(RESCUE, value=WORST), ("P1",), "a composite strategy in an analysis of one visit"),
        (replace(RESCUE, value=WORST), ("P10",), "a composite strategy in an analysis of one visit"),
        (replace(RESCUE, source="conmed"), ("S1",), "the item that dates it"),
        (
            replace(RESCUE, source="conmeds.cm_start_date"),
            ("S1",),
            "a form of the study that records the event",
        ),
        (replace(RESCUE, source="conmed.cm_rescue"), ("S1",), "a date of form conmed"),
        (replace(RESCUE, source="conmed.cm_start_date where cm_rescued = 1"), ("S1",), "cm_rescued"),
        (
            IntercurrentEvent("dying", "death", Strategy.TREATMENT_POLICY),
            ("S1",),
            "what a dead person's outcome is",
        ),
    ],
)
def test_what_a_composite_or_any_event_leaves_open_is_told(
    plan: Plan, study: Study, event: IntercurrentEvent, names: tuple[str, ...], expected: str
):
    found = [str(one) for one in plan_problems(with_composite(plan, event, *names), study)]
    assert any(expected in one for one in found), found


def changed(plan: Plan, name: str, **keys: Any) -> Plan:
    return replace(plan, analyses=tuple(e.saying(**keys) if e.id == name else e for e in plan.analyses))


@pytest.mark.parametrize(
    ("name", "keys", "expected"),
    [
        ("O1", {"df_method": "kenward-roger"}, "which is what SAS computes"),
        ("O1", {"covariance": ("us", "ar1")}, "visits at equal distances for ar1"),
        ("P1", {"formula": "chg ~ arm + base + sex"}, "the stratification factors in the model: site too"),
        ("D2", {"variables": ("age_years", "compliance")}, "reveals_arm = true: compliance tells an arm"),
        ("P2", {"formula": "chg ~ arm + base + sex + site + compliance"}, "reveals_arm = true: compliance"),
    ],
)
def test_what_a_statistician_would_be_asked_about_is_said(
    plan: Plan, study: Study, name: str, keys: dict[str, Any], expected: str
):
    before = [str(one) for one in plan_problems(plan, study)]
    found = [str(one) for one in plan_problems(changed(plan, name, **keys), study)]
    assert not any(expected in one for one in before)
    assert any(expected in one for one in found), found


def test_a_set_made_of_what_one_arm_has_reveals_it(plan: Plan, study: Study):
    said = tuple(replace(e, reveals_arm=False) if e.id == "P12" else e for e in plan.analyses)
    found = [str(one) for one in plan_problems(replace(plan, analyses=said), study)]
    assert any("(P12)" in one and "compliance tells an arm" in one for one in found)


def test_an_estimand_whose_variable_names_no_visit_is_asked_about(plan: Plan, study: Study):
    bare = replace(plan.estimands["primary"], variable="odi_change")
    found = plan_problems(replace(plan, estimands={**plan.estimands, "primary": bare}), study)
    assert any("the visit of odi_change" in str(one) for one in found)
