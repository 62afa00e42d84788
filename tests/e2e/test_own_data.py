"""A finished trial from its data file: three arms, four hospitals, a line a visit, an item as endpoint."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from trialkit.analysis import load_plan
from trialkit.analysis.plans import plan_problems
from trialkit.demo.example import example_folder, run_example
from trialkit.demo.telling import Teller
from trialkit.snapshot import read_snapshot
from trialkit.study import load_study

ARMS = {"1": "high", "2": "low", "3": "placebo"}


@pytest.fixture(scope="module")
def lines() -> list[dict[str, str]]:
    with (example_folder("doses") / "doses.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("doses")
    run_example("doses", example_folder("doses") / "doses.csv", folder, teller=Teller(io.StringIO()))
    return folder


@pytest.fixture(scope="module")
def found(run: Path) -> dict[str, dict[str, Any]]:
    document = json.loads((run / "results.json").read_text(encoding="utf-8"))
    assert {one["id"]: one["failure"] for one in document["analyses"] if one["failure"]} == {}
    return {one["id"]: one["tables"] for one in document["analyses"]}


def test_the_plan_of_an_own_trial_fits_without_a_word():
    folder = example_folder("doses")
    assert list(plan_problems(load_plan(folder / "plan.toml"), load_study(folder))) == []


def test_site_arm_and_day_of_every_subject_are_those_of_the_file(run: Path, lines: list[dict[str, str]]):
    tables = read_snapshot(run / "snapshot").tables
    subjects = tables["subjects"].set_index("subject_id")
    arms = tables["allocations"].set_index("subject_id")["planned_arm"]
    sites = dict(zip("1234", "NESW", strict=True))
    for line in lines:
        who = line["patient"]
        assert subjects.loc[who, "site"] == sites[line["hospital"]]
        assert subjects.loc[who, "randomization_date"] == line["randomized_on"]
        assert arms[who] == ARMS[line["group"]]


@pytest.mark.independent_reimplementation
def test_every_contrast_is_least_squares_on_the_lines_of_the_file(
    found: dict[str, dict[str, Any]], lines: list[dict[str, str]]
):
    pain: dict[str, dict[str, float]] = defaultdict(dict)
    of = {line["patient"]: line for line in lines}
    for line in lines:
        if line["pain"] != ".":
            pain[line["patient"]][line["week"]] = float(line["pain"])
    rows, outcome = [], []
    for who, seen in pain.items():
        if {"0", "8"} <= set(seen):
            arm, hospital = of[who]["group"], of[who]["hospital"]
            rows.append(
                [1, arm == "1", arm == "2", seen["0"], hospital == "2", hospital == "3", hospital == "4"]
            )
            outcome.append(seen["8"] - seen["0"])
    x, y = np.array(rows, dtype=float), np.array(outcome)
    beta, rest, _, _ = np.linalg.lstsq(x, y, rcond=None)
    errors = np.sqrt(np.diag(np.linalg.inv(x.T @ x)) * rest[0] / (len(y) - x.shape[1]))
    ours = {row["contrast"]: row for row in found["P1"]["contrasts"]}
    for place, name in ((1, "high - placebo"), (2, "low - placebo")):
        assert ours[name]["estimate"] == pytest.approx(beta[place], rel=1e-9)
        assert ours[name]["standard_error"] == pytest.approx(errors[place], rel=1e-9)
        assert ours[name]["adjusted_p_value"] > ours[name]["p_value"]


def test_the_baseline_table_has_the_hospitals_by_name(found: dict[str, dict[str, Any]]):
    named = {row["level"] for row in found["D2"]["baseline"] if row["variable"] == "site"}
    assert {"Northern hospital", "Eastern hospital", "Southern hospital", "Western hospital"} <= named


WEEKS = {"0": "baseline", "4": "4 weeks", "8": "week_8"}
HOSPITALS = {"1": "N", "2": "Eastern hospital", "3": "S", "4": "W"}


def test_a_file_that_says_visits_and_sites_by_name_gives_the_same_numbers(
    found: dict[str, dict[str, Any]],
    lines: list[dict[str, str]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    """Founded, imported, locked, analysed: without visit_codes and site_codes, the number of two columns."""
    folder = tmp_path / "doses"
    shutil.copytree(example_folder("doses"), folder)
    text = (folder / "study.toml").read_text(encoding="utf-8")
    text = re.sub(r"^(visit|site)_codes = .*\n", "", text, flags=re.M)
    text = text.replace('subject_column = "patient"', 'subject_column = ["group", "patient"]')
    text = text.replace('allocation_column = "group"', 'allocation_column = "arm"')
    text = text.replace('missing_values = ["", "."]', 'missing_values = ["", "."]\nignored_columns = []')
    (folder / "study.toml").write_text(text, encoding="utf-8")
    plan, _, _ = (folder / "plan.toml").read_text(encoding="utf-8").partition('[[analysis]]\nid = "P2"')
    (folder / "plan.toml").write_text(plan, encoding="utf-8")
    path = tmp_path / "named.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [*lines[0], "arm"])
        writer.writeheader()
        for line in lines:
            told = {
                "week": WEEKS[line["week"]],
                "hospital": HOSPITALS[line["hospital"]],
                "arm": line["group"],
            }
            writer.writerow({**line, **told, "group": f"D{line['hospital']}"})
    monkeypatch.setattr("trialkit.demo.example.example_folder", lambda name: folder)
    run_example("doses", path, tmp_path / "run", teller=Teller(io.StringIO()))
    document = json.loads((tmp_path / "run" / "results.json").read_text(encoding="utf-8"))
    again = {one["id"]: one["tables"] for one in document["analyses"]}
    assert {row["subject_id"] for row in _subjects(tmp_path / "run")} >= {f"D{lines[0]['hospital']}-001"}
    assert again["P1"]["contrasts"] == found["P1"]["contrasts"]


def _subjects(run: Path) -> list[dict[str, Any]]:
    return read_snapshot(run / "snapshot").tables["subjects"].reset_index().to_dict("records")
