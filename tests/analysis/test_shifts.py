"""Bloods against sex-specific ranges, and how they shift, on data in which they do."""

from __future__ import annotations

import shutil
from dataclasses import replace

import pandas as pd
import pytest

from trialkit.analysis import run_plan
from trialkit.plan import Plan
from trialkit.snapshot import Snapshot

RANGES = {"male": (130, 175), "female": (115, 150)}  # of haemoglobin, g/L, as study A's definition has them
FALL = 15  # between baseline and the end of the intervention, in every third subject


@pytest.fixture(scope="module")
def later(snapshot: Snapshot, tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """The trial with haemoglobin measured again at week 6, which its definition then asks for."""
    folder = tmp_path_factory.mktemp("later") / "snapshot"
    shutil.copytree(snapshot.folder, folder)
    before, form, after = (folder / "study.toml").read_text(encoding="utf-8").partition("[forms.bloods]")
    asked = after.replace('visits = ["baseline"]', 'visits = ["baseline", "week_6"]', 1)
    assert asked != after
    (folder / "study.toml").write_text(before + form + asked, encoding="utf-8")
    values = snapshot.tables["values"]
    again = values[(values["item"] == "hb_g_l") & (values["value"] != "")].copy()
    fallen = [FALL * (i % 3 == 0) for i in range(len(again))]
    again["value"] = [f"{float(v) - fall:g}" for v, fall in zip(again["value"], fallen, strict=True)]
    tables = {**snapshot.tables, "values": pd.concat([values, again.assign(visit="week_6")])}
    return replace(snapshot, folder=folder, tables=tables)


def level(value: float, sex: str) -> str:
    low, high = RANGES[sex]
    return "low" if value < low else "high" if value > high else "normal"


@pytest.mark.independent_reimplementation
def test_every_shift_is_counted_against_the_range_of_the_subjects_sex(plan: Plan, later: Snapshot):
    entry = plan.analysis("A9")
    result = run_plan(replace(plan, analyses=(entry.saying(items=("hb_g_l",)),)), later)["A9"]
    assert result.failure is None
    values = later.tables["values"]
    wide = values[values["item"] == "hb_g_l"].pivot(index="subject_id", columns="visit", values="value")
    both = wide[["baseline", "week_6"]].dropna().astype(float)
    sexes = values[values["item"] == "sex"].set_index("subject_id")["value"]
    arms = later.tables["allocations"].set_index("subject_id")["actual_arm"]
    counted: dict[tuple[str, str], int] = {}
    for who, row in both.iterrows():
        if who in arms:
            shift = " to ".join(level(row[visit], sexes[who]) for visit in ("baseline", "week_6"))
            counted[shift, arms[who]] = counted.get((shift, arms[who]), 0) + 1
    found = {(row["shift"], row["arm"]): row["count"] for row in result.tables["shifts"].to_dict("records")}
    assert {place: n for place, n in found.items() if n} == counted
    assert counted["normal to low", "exercise"] > 3
    assert sum(found.values()) == result.tables["shifts"].drop_duplicates("arm")["n"].sum()
    assert "there is no shift" not in " ".join(result.notes)


@pytest.mark.analytic
def test_one_value_is_low_for_a_man_and_normal_for_a_woman(plan: Plan, later: Snapshot):
    values = later.tables["values"].copy()
    values.loc[values["item"] == "hb_g_l", "value"] = "120"
    same = replace(later, tables={**later.tables, "values": values})
    entry = plan.analysis("A9").saying(items=("hb_g_l",))
    rows = run_plan(replace(plan, analyses=(entry,)), same)["A9"].tables["levels"]
    at_start = rows[rows["visit"] == "Baseline"].groupby("level")["count"].sum()
    sexes = values[values["item"] == "sex"].set_index("subject_id")["value"]
    mine = sexes[sexes.index.isin(later.tables["allocations"]["subject_id"])]
    measured = set(values.loc[(values["item"] == "hb_g_l") & (values["visit"] == "baseline"), "subject_id"])
    mine = mine[mine.index.isin(measured)]
    assert at_start["low"] == (mine == "male").sum() > 0
    assert at_start["normal"] == (mine == "female").sum() > 0
    assert at_start["high"] == 0
