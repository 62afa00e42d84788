"""Branching on a calculation whose items are not asked: it misses nothing that anybody could still enter."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from branching_study import founded, row as row_of
from chain import COORDINATOR, FIRST, MANAGER, SECOND

from trialkit import operations as op
from trialkit.entry import QueryStatus

ITEMS = [
    row_of("rec", "person", required=""),
    row_of("sex", "person", kind="radio", codes="1, Male | 2, Female"),
    row_of("weeks", "person", "[sex] = '2'", check="integer"),
    row_of("left", "person", kind="calc", codes="40 - [weeks]", required=""),
    row_of("kg", "person", check="number"),
    row_of("load", "person", kind="calc", codes="[kg] + [left]", required=""),
    row_of("any", "person", kind="calc", codes="sum([kg], [weeks])", required=""),
    row_of("bag_packed", "person", "[left] < 10"),
    row_of("smokes", "habits", kind="yesno"),
    row_of("line", "drugs", check="integer"),
    row_of("drug", "drugs"),
    row_of("strong", "dose", kind="yesno"),
    row_of("near", "more", "[left] < 10"),
    row_of("far", "more", "[left] <> 3"),
    row_of("after", "more", "[near] = '1'"),
    row_of("heavy", "more", "[load] > 100"),
    row_of("summed", "more", "[any] > 50"),
]
MORE = ("near", "far", "after", "heavy", "summed")


@pytest.fixture
def trial(tmp_path: Path) -> Iterator[op.Trial]:
    with founded(tmp_path, ITEMS) as known:
        entry = op.FormEntry("X-001", "m1", "more", (op.EnteredRow(dict.fromkeys(MORE, "")),))
        op.enter_passes(known, COORDINATOR, entries=[entry], confirmed=True, confirmed_by="investigator")
        yield known


def person(trial: op.Trial, **values: str) -> None:
    for who in (FIRST, SECOND):
        row = op.EnteredRow({"sex": "1", "weeks": "", "kg": "60", "bag_packed": "", **values})
        op.enter_pass(trial, who, entry=op.FormEntry("X-001", "base", "person", (row,)))


def unasked(trial: op.Trial, tmp_path: Path) -> set[str]:
    folder = tmp_path / "snapshot"
    op.write_snapshot(trial, MANAGER, folder=folder, blinded=True)
    with next(folder.rglob("values.csv")).open(encoding="utf-8", newline="") as handle:
        return {row["item"] for row in csv.DictReader(handle) if row["state"] == "not_applicable"}


def queried(trial: op.Trial) -> set[str]:
    op.raise_queries(trial, MANAGER)
    return {one.item for one in op.list_queries(trial, MANAGER, check="required", status=[QueryStatus.OPEN])}


@pytest.mark.parametrize(
    ("typed", "not_asked"),
    [
        ({}, {"weeks", "bag_packed", "near", "after", "heavy"}),
        ({"kg": "@unknown"}, {"weeks", "bag_packed", "near", "after"}),  # what else misses is still open
        ({"sex": "2"}, set()),
        ({"sex": "2", "weeks": "35", "kg": "99"}, set()),
        ({"sex": "2", "weeks": "10"}, {"bag_packed", "near", "after", "heavy"}),
        ({"sex": "2", "weeks": "37", "kg": "20"}, {"far", "heavy"}),
        ({"sex": "@unknown"}, set()),
    ],
)
def test_a_calculation_that_misses_only_what_is_not_asked_is_not_asked(
    trial: op.Trial, tmp_path: Path, typed: dict[str, str], not_asked: set[str]
) -> None:
    person(trial, **typed)
    assert unasked(trial, tmp_path) == not_asked
    blank = {"weeks", "bag_packed", *MORE} - set(typed) - not_asked
    assert queried(trial) == blank


def test_a_calculation_waits_for_what_it_is_made_of(trial: op.Trial) -> None:
    assert queried(trial) == set()
