"""A baseline covariate that some lack: set to its mean and said, or its subjects counted out."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from trialkit.analysis import Results, run_plan
from trialkit.analysis.run import prepared_run
from trialkit.plan import Plan
from trialkit.snapshot import Snapshot
from trialkit.stats import ancova, pool

COVARIATE = "sorensen_s"
SLOW = {"P5", "P9"}  # a jackknife over subjects, and a fit a delta: P4's way of counting is theirs


def six(snapshot: Snapshot) -> list[str]:
    known = snapshot.tables["allocations"].sort_values("subject_id")
    return [one for _, arm in known.groupby("planned_arm") for one in arm["subject_id"].iloc[[3, 20, 41]]]


@pytest.fixture(scope="module")
def lacking(snapshot: Snapshot) -> Snapshot:
    """The same snapshot with the covariate not measured in six subjects: of each arm."""
    values = snapshot.tables["values"]
    of_covariate = (values["item"] == COVARIATE) & (values["visit"] == "baseline")
    gone = of_covariate & values["subject_id"].isin(six(snapshot))
    assert gone.sum() == 6
    return replace(snapshot, tables={**snapshot.tables, "values": values[~gone]})


def with_covariate(plan: Plan) -> Plan:
    entries = tuple(
        one.saying(formula=f"{one.keys['formula']} + {COVARIATE}")
        for one in plan.analyses
        if "formula" in one.keys and one.id not in SLOW
    )
    return replace(plan, analyses=entries)


@pytest.fixture(scope="module")
def answers(plan: Plan, snapshot: Snapshot, lacking: Snapshot) -> tuple[Results, Results]:
    chosen = with_covariate(plan)
    return run_plan(chosen, snapshot), run_plan(chosen, lacking)


def left_out(counts: pd.DataFrame) -> int:
    """Excluded, of the part of the answer that leaves out most."""
    return int(counts.groupby("of")["n_excluded"].sum().max())


def test_who_lacks_a_covariate_is_kept_and_told_or_counted_out(answers: tuple[Results, Results]):
    """Over every method with a model: nobody is left out in silence, and nobody is counted who was."""
    whole, lacking = answers
    told = set()
    for before, after in zip(whole.analyses, lacking.analyses, strict=True):
        assert before.failure is None, (before.id, before.failure)
        assert after.failure is None, (after.id, after.failure)
        numbers = after.counts[["n_observed", "n_imputed", "n_excluded"]]
        assert (numbers.sum(axis=1) == after.counts["n_set"]).all(), after.id
        out = left_out(after.counts) - left_out(before.counts)
        if any("missing baseline values of Biering" in note for note in after.notes):
            assert out == 0, after.id
            told.add(after.id)
        else:
            assert 0 < out <= 6, f"{after.id} says nothing and counts everybody"
    assert {"P1", "P4", "P10", "V1", "V2"} <= told
    assert not {"P2", "R1", "N1"} & told  # complete cases, by the plan's own word


def test_who_has_no_stratum_is_counted_out_of_what_is_stratified(plan: Plan, snapshot: Snapshot):
    values = snapshot.tables["values"]
    gone = (values["item"] == "education") & values["subject_id"].isin(six(snapshot))
    assert gone.sum() == 6
    lacking = replace(snapshot, tables={**snapshot.tables, "values": values[~gone]})
    chosen = tuple(
        one.saying(strata=("education",))
        for one in plan.analyses
        if isinstance(one.keys.get("strata"), tuple) and one.id not in SLOW
    )
    assert {one.method for one in chosen} >= {
        "time_to_event",
        "van_elteren",
        "responders",
        "recurrent_events",
    }
    pairs = (run_plan(replace(plan, analyses=chosen), one).analyses for one in (snapshot, lacking))
    for before, after in zip(*pairs, strict=True):
        assert after.failure is None, (after.id, after.failure)
        assert 0 < left_out(after.counts) - left_out(before.counts) <= 6, after.id


@pytest.mark.analytic
def test_imputation_keeps_whom_it_counts_and_draws_from_the_covariate_too(plan: Plan, lacking: Snapshot):
    """The difference pooled by hand from the values exported, covariate at its mean, is the one printed."""
    one = plan.analysis("P1")
    entry = one.saying(formula=f"{one.keys['formula']} + {COVARIATE}")
    results, prepared = prepared_run(replace(plan, analyses=(entry,)), lacking)
    found = results["P1"].tables["contrasts"]
    drawn = prepared.datasets.made["imputed"]
    long = prepared.datasets.assessments
    here = long[(long["parameter"] == "odi") & (long["visit"] == "month_12") & long["analysis_flag"]]
    subjects = prepared.datasets.subjects
    data = subjects[subjects["set_full"]].set_index("subject_id")
    data["arm"] = pd.Categorical(data["planned_arm"], ["control", "exercise"])
    data["value"] = here.set_index("subject_id")["value"]
    starts = long[(long["parameter"] == "odi") & (long["visit"] == "baseline") & long["analysis_flag"]]
    data["base"] = starts.set_index("subject_id")["value"]
    for column in ("base", COVARIATE):
        data[column] = data[column].fillna(data[column].mean())
    fits = []
    for _, mine in drawn.groupby("imputation"):
        values = data["value"].fillna(mine.set_index("subject_id")["imputed"])
        full = data.assign(chg=values - data["base"])
        fits.append(ancova(f"chg ~ arm + base + sex + site + {COVARIATE}", full, treatment="arm"))
        assert fits[-1].n == len(data)
    by_hand = pool(fits).contrasts("arm", weights=one.keys["ls_means"])
    for column in ("estimate", "standard_error"):
        assert found[column].iloc[0] == pytest.approx(by_hand[column].iloc[0], rel=1e-9)
    assert results["P1"].counts["n_excluded"].sum() == 0


def test_a_missing_level_has_no_mean_so_its_subject_is_counted_out(plan: Plan, snapshot: Snapshot):
    values = snapshot.tables["values"]
    gone = (values["item"] == "education") & values["subject_id"].isin(six(snapshot))
    lacking = replace(snapshot, tables={**snapshot.tables, "values": values[~gone]})
    one = plan.analysis("P1")
    entry = one.saying(formula=f"{one.keys['formula']} + education")
    known, counts = (
        run_plan(replace(plan, analyses=(entry,)), one)["P1"].counts for one in (snapshot, lacking)
    )
    assert counts["n_excluded"].sum() == known["n_excluded"].sum() + 6
    total = counts[["n_observed", "n_imputed", "n_excluded"]].sum(axis=1)
    assert (total == counts["n_set"]).all()
