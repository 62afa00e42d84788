"""Two places of a report that count the same people count them alike."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from trialkit import resources
from trialkit.analysis import Mode, Results, load_plan, run_plan
from trialkit.analysis.run import prepared_run
from trialkit.documents.table import Table
from trialkit.plan import Plan
from trialkit.report.page import report_page
from trialkit.snapshot import Snapshot, read_snapshot


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    folder = tmp_path_factory.mktemp("stored")
    with zipfile.ZipFile(Path("tests/reference/study_a/snapshot.zip")) as archive:
        archive.extractall(folder)
    return read_snapshot(folder)


def only(*methods: str, entries: tuple[str, ...] = ()) -> Plan:
    plan = load_plan(resources.folder("sap") / "study_a.toml")
    chosen = [one for one in plan.analyses if one.method in methods or one.id in entries]
    return replace(plan, analyses=tuple(chosen))


def of(results: Results, method: str) -> dict[str, pd.DataFrame]:
    return dict(next(one for one in results.analyses if one.kind == method).tables)


def test_whoever_came_early_without_an_outcome_misses_it(stored: Snapshot):
    """Before the window has closed: due in the table of visits, and so in that of outcomes."""
    visits = stored.tables["visits"]
    came = visits[(visits["visit"] == "month_6") & (visits["status"] == "done")].sort_values("date").iloc[40]
    values = stored.tables["values"]
    mine = (values["subject_id"] == came["subject_id"]) & (values["visit"] == "month_6")
    early = replace(
        stored,
        manifest=replace(stored.manifest, taken_at=f"{came['date']}T12:00:00+00:00"),
        tables={**stored.tables, "values": values[~(mine & (values["form"] == "vas"))]},
    )
    tables = of(run_plan(only("retention"), early, mode=Mode.UNBLINDED), "retention")
    due = tables["visits"].set_index(["visit", "arm"])["due"]
    for row in tables["outcomes"].itertuples():
        assert row.due == due[row.visit, row.arm], row
    missing = (
        tables["outcomes"].query("visit.str.startswith('6 months')").groupby("parameter")["missing"].sum()
    )
    assert missing.nunique() > 1, "the VAS that was not given is missing"


def test_compliance_is_told_of_those_whom_the_estimate_uses(stored: Snapshot):
    results = run_plan(only("complier_effect"), stored, mode=Mode.UNBLINDED)
    entry = results.analyses[0]
    told = of(results, "complier_effect")["compliance"].set_index(["measure", "arm"])["n"]
    for row in entry.counts.itertuples():
        assert told["Complied, of those whom the estimate uses", row.arm] == row.n_observed
        assert told["Complied, of the whole analysis set", row.arm] == row.n_set


def test_missing_patterns_count_everybody_and_say_so(stored: Snapshot):
    results = run_plan(only("missing_pattern"), stored, mode=Mode.UNBLINDED)
    patterns = of(results, "missing_pattern")["patterns"].groupby("arm")["count"].sum()
    for row in results.analyses[0].counts.itertuples():
        assert (row.n_observed, row.n_excluded) == (patterns[row.arm], 0)


def test_an_entry_of_which_a_part_failed_is_not_told_as_carried_out(stored: Snapshot):
    """Within five days nobody had the event: there are curves, and no model."""
    plan = only(entries=("R3", "R1"))
    entries = [
        one.saying(horizon_days=5, times_days=(0, 5)) if one.id == "R3" else one for one in plan.analyses
    ]
    results = run_plan(replace(plan, analyses=tuple(entries)), stored, mode=Mode.UNBLINDED)
    tables = [
        block
        for section in report_page(results).sections
        for entry in section.entries
        for block in entry.blocks
        if isinstance(block, Table) and block.title == "Entries of the analysis plan"
    ]
    states = {row.label: row.cells[-1].text for row in tables[0].rows}
    assert states["R1"] == "carried out"
    assert states["R3"] == "carried out in part: the rest could not be estimated"


def test_imputed_values_name_what_they_were_drawn_from(stored: Snapshot):
    """ODI and VAS of the visits that the model has, each once: no assessment that counts for none of them."""
    plan = only(entries=("P1",))
    results, prepared = prepared_run(plan, stored)
    assert results.analyses[0].failure is None
    imputed = prepared.datasets.made["imputed"].drop_duplicates("subject_id")
    long = prepared.datasets.assessments
    model = [name for name, rule in plan.visits.items() if not rule.instead_of]
    counted = long[
        long["analysis_flag"].astype(bool)
        & long["parameter"].isin(["odi", "vas"])
        & long["visit"].isin(model)
        & long["value"].notna()
    ]
    assert len(imputed) > 10
    for row in imputed.itertuples():
        named = row.source.split()
        assert len(named) == len(set(named)), named
        assert set(named) == set(counted.loc[counted["subject_id"] == row.subject_id, "source"])
