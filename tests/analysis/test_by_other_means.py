"""Study A's analyses recomputed in R from the datasets that a run exports."""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from trialkit.analysis import Results, load_plan
from trialkit.analysis.run import prepared_run
from trialkit.datasets import Datasets
from trialkit.datasets.files import dataset_tables
from trialkit.snapshot import Snapshot, read_snapshot

HERE = Path("tests/reference/study_a")
TOLERANCE = 1e-6  # relative; fixed before the numbers were compared
NOT_RECOMPUTED = {"Q1"}  # double entry counts keystrokes, which no dataset holds


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    folder = tmp_path_factory.mktemp("stored")
    with zipfile.ZipFile(HERE / "snapshot.zip") as archive:
        archive.extractall(folder)
    return read_snapshot(folder)


@pytest.fixture(scope="module")
def theirs() -> list[dict[str, Any]]:
    return list(json.loads((HERE / "output.json").read_text(encoding="utf-8"))["found"])


@pytest.fixture(scope="module")
def ours(stored: Snapshot, theirs: list[dict[str, Any]]) -> tuple[Results, Datasets]:
    plan = load_plan(HERE / "plan.toml")
    wanted = {one["analysis"] for one in theirs}
    chosen = replace(plan, analyses=tuple(entry for entry in plan.analyses if entry.id in wanted))
    results, prepared = prepared_run(chosen, stored)
    return results, prepared.datasets


def value_of(results: Results, one: dict[str, Any]) -> float | str:
    table = results[one["analysis"]].tables[one["table"]]
    rows = table
    if one["column"] == "rows":
        return len(table)
    if one["column"] == "md5":
        return digest_of(table)
    for column, text in (one["match"] or {}).items():
        rows = rows[rows[column].astype(str).isin([str(text), f"{text}.0"])]
    assert len(rows) == 1, f"{one}: {len(rows)} rows of {list(table.columns)}"
    return float(rows[one["column"]].iloc[0])


def digest_of(listing: pd.DataFrame) -> str:
    """Of every cell of a listing, rows as they stand; the marks of what is outside a range left out."""
    text = "\n".join("|".join(map(str, row)) for row in listing.itertuples(index=False))
    return hashlib.md5(re.sub(r" \((low|high)\)", "", text).encode(), usedforsecurity=False).hexdigest()


@pytest.mark.external_reference
def test_every_number_recomputed_in_r_is_ours(ours: tuple[Results, Datasets], theirs: list[dict[str, Any]]):
    results, _ = ours
    wrong = []
    for one in theirs:
        mine = value_of(results, one)
        if isinstance(mine, str):
            same = mine == one["value"]
        else:
            same = mine == pytest.approx(one["value"], rel=TOLERANCE, abs=TOLERANCE * 1e-3)
        if not same:
            wrong.append((one["analysis"], one["table"], one["match"], one["column"], mine, one["value"]))
    assert wrong == []
    assert len(theirs) > 600


@pytest.mark.external_reference
def test_the_effect_along_a_measurement_is_that_of_emmeans_at_every_point(ours: tuple[Results, Datasets]):
    """Every point of the figure, not its first alone: the line once lay flat beside a clear interaction."""
    theirs = pd.DataFrame(json.loads((HERE / "effect_along.json").read_text(encoding="utf-8"))["found"])
    along = ours[0]["I1"].tables["effect_by_covariate"]
    assert len(along) == len(theirs) == 41
    for column in theirs:
        assert list(along[column]) == pytest.approx(list(theirs[column]), rel=TOLERANCE), column
    assert along["estimate"].nunique() == 41


def test_the_recomputed_entries_are_of_the_plan_in_force(theirs: list[dict[str, Any]]):
    """The stored plan may be older; what it says of an entry that was recomputed still holds."""
    from trialkit import resources

    stored, now = (load_plan(path) for path in (HERE / "plan.toml", resources.folder("sap") / "study_a.toml"))
    recomputed = {one["analysis"] for one in theirs}
    assert {entry.id for entry in now.analyses} - recomputed == NOT_RECOMPUTED
    for name in recomputed:
        assert dict(stored.analysis(name).keys) == dict(now.analysis(name).keys), name


def test_every_derived_row_names_rows_that_the_snapshot_has(ours: tuple[Results, Datasets], stored: Snapshot):
    _, datasets = ours
    values = stored.tables["values"]
    places = set(zip(values["subject_id"], values["visit"] + "/" + values["form"], strict=True))
    rows = set(
        zip(values["subject_id"], values["visit"] + "/" + values["form"] + "/" + values["row"], strict=True)
    )
    seen = 0
    for name, table in dataset_tables(datasets).items():
        assert "source" in table.columns, name
        for subject_id, source in zip(table["subject_id"], table["source"], strict=True):
            if pd.isna(source) or source == "no contact":
                continue
            for place in str(source).split():
                known = rows if place.count("/") == 2 else places
                assert (subject_id, place) in known, f"{name}: {subject_id} {place}"
                seen += 1
        randomized = set(datasets.subjects.loc[datasets.subjects["randomized"], "subject_id"])
        if name != "visits":  # a visit that was not done has no form
            mine = table[table["subject_id"].isin(randomized)]
            assert mine["source"].notna().all(), name
    assert seen > 5000


@pytest.mark.external_reference
def test_errors_and_degrees_of_freedom_of_mixed_models_are_kenward_and_roger_s(
    ours: tuple[Results, Datasets],
):
    """Written out in R from the paper; its numeric Hessian leaves five digits of the degrees of freedom."""
    found = json.loads((HERE / "kenward_roger.json").read_text(encoding="utf-8"))["found"]
    assert {one["analysis"] for one in found} == {"O1", "P10", "V1", "J1"}
    apart = [
        f"{one}: {value_of(ours[0], one)}"
        for one in found
        if value_of(ours[0], one)
        != pytest.approx(one["value"], rel=1e-5 if one["column"] == "df" else TOLERANCE)
    ]
    assert not apart, "\n".join(apart)
