"""What stands beside a Cox model, and on which day a visit is: as the entry says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from trialkit import resources
from trialkit.analysis import Results, all_methods, load_plan_text, plan_problems, run_plan
from trialkit.documents import Table
from trialkit.plan import Plan
from trialkit.report.shells import ShownShell
from trialkit.snapshot import Snapshot
from trialkit.study.model import Study

ALONE = ("cumulative_incidence",)
OLD = "times_days = [0, 90, 180, 270, 365]"


@pytest.fixture(scope="module")
def made(plan: Plan, snapshot: Snapshot) -> Results:
    first = plan.analysis("R1")
    asked = replace(first.saying(also=ALONE, if_ph_fails=""), id="X1")
    return run_plan(replace(plan, analyses=(first, plan.analysis("R2"), asked)), snapshot)


def test_only_what_the_entry_asks_for_is_estimated_beside_the_model(made: Results):
    asked, plain, competing = made["X1"], made["R1"], made["R2"]
    assert asked.failure is None
    assert {"log_rank", "restricted_mean"} <= set(plain.tables)
    assert not {"log_rank", "restricted_mean"} & set(asked.tables)
    assert "incidence" not in plain.tables
    for name in ("events", "gray_test"):
        assert asked.tables[name].equals(competing.tables[name])
    here = asked.tables["incidence"]
    assert set(here["time_days"]) == {0, 90, 180, 270, 365}
    both = here.merge(competing.tables["incidence"], on=["cause", "arm", "time_days"], suffixes=("", "_r2"))
    assert len(both) == len(competing.tables["incidence"])
    assert both["estimate"].to_numpy() == pytest.approx(both["estimate_r2"].to_numpy())
    assert asked.tables["hazard_ratios"].equals(plain.tables["hazard_ratios"])
    assert "log-rank" not in asked.method
    assert "Aalen-Johansen" in asked.method
    assert "Log-rank test" not in set(asked.counts["of"])


def test_shell_and_table_have_the_same_outputs(plan: Plan, study: Study):
    def titles(also: tuple[str, ...]) -> tuple[list[str], list[str]]:
        entry = plan.analysis("R1").saying(also=also, if_ph_fails="")
        shell = ShownShell(entry, plan, study, lambda kind, chapter: "1")
        blocks = [
            block for output in all_methods()["time_to_event"].outputs for block in output.printed(shell)
        ]
        rows = [row.label for block in blocks if isinstance(block, Table) for row in block.rows]
        return [block.title for block in blocks], rows

    alone, rows = titles(ALONE)
    assert any("Gray's test" in title for title in alone)
    assert not any("restricted mean" in title for title in alone)
    assert "Log-rank test" not in rows
    usual, rows = titles(("log_rank", "restricted_mean"))
    assert any("restricted mean" in title for title in usual)
    assert not any("Gray's test" in title for title in usual)
    assert "Log-rank test" in rows


def test_what_cannot_stand_beside_it_is_named(study: Study):
    text = (resources.folder("sap") / "study_a.toml").read_text(encoding="utf-8")
    assert OLD in text
    kept = text.replace(OLD, f'{OLD}\nalso = ["log_rank", "restricted_mean", "cumulative_incidence"]', 1)
    assert list(plan_problems(load_plan_text(kept), study)) == []
    with pytest.raises(Exception, match='"log_rank" or "restricted_mean" or "cumulative_incidence"'):
        load_plan_text(text.replace(OLD, f'{OLD}\nalso = ["log_rnk"]', 1))
    plan = load_plan_text(kept)
    endpoint = replace(plan.endpoints["recurrence"], competing=())
    bare = replace(plan, endpoints={**plan.endpoints, "recurrence": endpoint})
    assert any("competing events of recurrence" in str(one) for one in plan_problems(bare, study))


def test_what_is_read_where_hazards_are_not_proportional_is_said_beforehand(made: Results, study: Study):
    said = "Whatever the test of proportional hazards says, the hazard ratio is reported as planned"
    (note,) = [one for one in made["R1"].notes if one.startswith(said)]
    assert "the restricted mean, which assumes nothing of them, stands beside it" in note
    assert "restricted_mean" in made["R1"].tables
    assert not any(one.startswith(said) for one in made["X1"].notes)
    text = (resources.folder("sap") / "study_a.toml").read_text(encoding="utf-8")
    without = text.replace(OLD, f'{OLD}\nalso = ["log_rank"]', 1)  # then nothing would stand beside it
    (problem,) = plan_problems(load_plan_text(without), study)
    assert '"restricted_mean" in also' in str(problem)
    plain = without.replace("; restricted mean beside it", "", 1)
    assert list(plan_problems(load_plan_text(plain), study)) == []
    with pytest.raises(Exception, match="report as planned"):
        load_plan_text(text.replace('"report as planned; restricted mean beside it"', '"drop it"', 1))


@pytest.mark.independent_reimplementation
def test_months_are_those_of_the_day_seen_where_the_entry_says_so(
    plan: Plan, snapshot: Snapshot, study: Study
):
    """The model fitted anew to months counted from the assessments' own days."""
    from trialkit.analysis.context import Context
    from trialkit.analysis.run import prepared_run
    from trialkit.stats import lmm

    (nominal,) = [one for one in plan.analyses if one.method == "random_slope"][:1]
    actual = replace(nominal.saying(days="actual"), id="X1")
    results, prepared = prepared_run(replace(plan, analyses=(nominal, actual)), snapshot)
    assert "target day" in results[nominal.id].method
    assert "the day each visit took place" in results["X1"].method
    context = Context(plan, study, prepared.datasets)
    parameter = plan.endpoints[str(nominal.keys["endpoint"])].parameter
    long = context.datasets.assessments
    rows = long[
        (long["parameter"] == parameter) & long["analysis_flag"] & long["visit"].isin(nominal.keys["visits"])
    ]
    subjects = context.subjects(nominal).drop(columns=["base", "value", "chg", "day"], errors="ignore")
    data = subjects.merge(rows[["subject_id", "visit", "base", "value", "chg", "day"]], on="subject_id")
    of_all = context.subjects(nominal)["subject_id"].map(rows.groupby("subject_id")["base"].first()).mean()
    data["chg"] = data["chg"].fillna(data["value"] - of_all)
    data["base"] = data["base"].fillna(of_all)
    data["months"] = data["day"] / 30.4375
    fit = lmm(str(nominal.keys["formula"]), data, random=str(nominal.keys["random"]))
    expected = fit.coefficients.set_index("term")["estimate"]
    found = results["X1"].tables["coefficients"].set_index("term")["estimate"]
    assert found["months"] == pytest.approx(expected["months"], rel=1e-5)
    assert found["months"] != pytest.approx(
        results[nominal.id].tables["coefficients"].set_index("term")["estimate"]["months"], rel=1e-5
    )
