"""Branching on an item that is itself not asked, on the final record: of any form, visit and line."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from branching_study import founded, row as row_of
from chain import COORDINATOR, FIRST, MANAGER, SECOND

from trialkit import operations as op
from trialkit.entry import QueryStatus
from trialkit.interchange.data_export import NotAsked, form_table
from trialkit.operations.form_record import form_record

ITEMS = [
    row_of("rec", "person", required=""),
    row_of("hour", "person", "[day] = '5'"),  # before what it hangs on
    row_of("sex", "person", kind="radio", codes="1, Male | 2, Female"),
    row_of("preg", "person", "[sex] = '2'"),
    row_of("day", "person", "[preg] = '1'"),
    row_of("smokes", "habits", kind="yesno"),
    row_of("line", "drugs", check="integer"),
    row_of("drug", "drugs"),
    row_of("other", "drugs", "[drug] = 'other'"),
    row_of("brand", "drugs", "[other] <> 'x'"),
    row_of("dose", "drugs", "[other] = 'y'"),
    row_of("woman", "drugs", "[day] = '5'"),
    row_of("strong", "dose", kind="yesno"),
    row_of("weeks", "more", "[preg] = '1'"),
    row_of("last", "more", "[weeks] > 20"),
    row_of("denied", "more", "[preg] <> '1'"),
    row_of("none", "more", "[preg] = ''"),
    row_of("some", "more", "[preg] <> ''"),
    row_of("ring", "more", "[round] = '1'"),
    row_of("round", "more", "[ring] = '1'"),
    row_of("named", "more", "[base][weeks] = '9'"),
]
CHAINED = ("weeks", "last", "denied", "none", "some", "ring", "round", "named")
PERSON = {"sex": "1", "preg": "", "day": "", "hour": ""}


@pytest.fixture
def trial(tmp_path: Path) -> Iterator[op.Trial]:
    with founded(tmp_path, ITEMS) as known:
        yield known


def person(trial: op.Trial, **values: str) -> list[str]:
    flags = []
    for who in (FIRST, SECOND):
        row = op.EnteredRow({**PERSON, **values})
        entry = op.FormEntry("X-001", "base", "person", (row,))
        flags += [str(flag) for flag in op.enter_pass(trial, who, entry=entry).flags]
    return flags


def single(trial: op.Trial, visit: str, form: str, rows: Sequence[Mapping[str, str]]) -> list[str]:
    entry = op.FormEntry("X-001", visit, form, tuple(op.EnteredRow(row) for row in rows))
    return [
        str(one)
        for one in op.enter_passes(
            trial, COORDINATOR, entries=[entry], confirmed=True, confirmed_by="investigator"
        ).flags
    ]


def more(trial: op.Trial, visit: str = "m1", **values: str) -> list[str]:
    return single(trial, visit, "more", [dict.fromkeys(CHAINED, "") | values])


def snapshot(trial: op.Trial, tmp_path: Path) -> list[dict[str, str]]:
    folder = tmp_path / f"snapshot{len(list(tmp_path.iterdir()))}"
    op.write_snapshot(trial, MANAGER, folder=folder, blinded=True)
    with next(folder.rglob("values.csv")).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def unasked(trial: op.Trial, tmp_path: Path, visit: str, row: str = "") -> set[str]:
    """Items of the final record that were not asked at a visit."""
    return {
        found["item"]
        for found in snapshot(trial, tmp_path)
        if (found["visit"], found["row"], found["state"]) == (visit, row, "not_applicable")
    }


def queried(trial: op.Trial, check: str = "required") -> set[tuple[str, str]]:
    op.raise_queries(trial, MANAGER)
    open_ones = op.list_queries(trial, MANAGER, check=check, status=[QueryStatus.OPEN])
    return {(query.visit, query.item) for query in open_ones}


MAN = {"weeks", "last", "some", "named"}


@pytest.mark.parametrize(
    ("typed", "here", "there"),
    [
        ({"sex": "1"}, {"preg", "day", "hour"}, MAN),
        ({"sex": "2"}, set(), {"some"}),
        ({"sex": "2", "preg": "0"}, {"day", "hour"}, {"weeks", "last", "none", "named"}),
        ({"sex": "2", "preg": "1", "day": "4"}, {"hour"}, {"denied", "none"}),
        ({"sex": "1", "preg": "1"}, set(), {"denied", "none"}),  # typed although not asked
        ({"sex": "1", "preg": "@unknown"}, {"day", "hour"}, MAN),
        ({"sex": "@unknown"}, set(), {"some"}),
    ],
)
def test_what_hangs_on_what_is_not_asked(
    trial: op.Trial, tmp_path: Path, typed: dict[str, str], here: set[str], there: set[str]
) -> None:
    flags = more(trial)
    assert not [flag for flag in flags if "weeks" in flag or "last" in flag]
    more(trial, "base")
    person(trial, **typed)
    assert unasked(trial, tmp_path, "m1") == there
    assert unasked(trial, tmp_path, "base") == here | there
    asked_for = {item for visit, item in queried(trial) if visit == "m1"}
    assert asked_for == set(CHAINED) - there


def test_a_pass_of_a_man_is_not_flagged(trial: op.Trial) -> None:
    assert person(trial) == []
    assert queried(trial) == set()


def test_what_is_not_there_yet_is_waited_for_through_the_chain(trial: op.Trial, tmp_path: Path) -> None:
    more(trial)
    assert queried(trial) == {("m1", "ring"), ("m1", "round")}
    assert unasked(trial, tmp_path, "m1") == set()


def test_a_correction_at_the_head_of_a_chain_asks_and_settles(trial: op.Trial, tmp_path: Path) -> None:
    more(trial)
    person(trial)
    assert not queried(trial) & {("m1", "last"), ("base", "day")}

    def correct(value: str) -> op.Corrected:
        return op.correct(
            trial, COORDINATOR, subject_id="X-001", visit="base", form="person", item="sex", value=value,
            row="", reason="misread",
        )  # fmt: skip

    again = correct("2").asked_again
    about = {query.item for query in op.list_queries(trial, MANAGER) if query.number in again}
    assert {"preg", "day", "hour", "weeks", "last"} <= about
    assert unasked(trial, tmp_path, "m1") == {"some"}
    correct("1")
    settled = op.raise_queries(trial, MANAGER).settled
    about = {query.item for query in op.list_queries(trial, MANAGER) if query.number in settled}
    assert {"preg", "day", "hour", "weeks", "last"} <= about
    assert unasked(trial, tmp_path, "m1") == MAN - {"named"}  # of no form at baseline


def test_a_value_at_the_end_of_a_chain_is_asked_about(trial: op.Trial) -> None:
    more(trial, last="x")
    person(trial)
    assert queried(trial, "not_asked") == {("m1", "last")}


def test_what_a_correction_leaves_behind_on_the_same_form_is_asked_about(trial: op.Trial) -> None:
    person(trial, sex="2", preg="1", day="@not_applicable")
    assert queried(trial, "not_asked") == set()
    op.correct(
        trial, COORDINATOR, subject_id="X-001", visit="base", form="person", item="sex", value="1", row="",
        reason="misread",
    )  # fmt: skip
    assert queried(trial, "not_asked") == {("base", "preg")}


def test_a_code_that_says_not_applicable_of_what_is_not_asked_is_no_question(trial: op.Trial) -> None:
    person(trial, sex="1", preg="@not_applicable")
    assert queried(trial, "not_asked") == set()


def test_each_line_has_its_own_chain(trial: op.Trial, tmp_path: Path) -> None:
    person(trial)
    blank = {"other": "", "brand": "", "dose": "", "woman": ""}
    lines = [
        {"line": "1", "drug": "aspirin", **blank},
        {"line": "2", "drug": "other", **blank},
        {"line": "3", "drug": "other", **blank, "other": "x"},
        {"line": "4", "drug": "aspirin", **blank, "other": "y"},
    ]
    single(trial, "base", "drugs", lines)
    found = [unasked(trial, tmp_path, "base", str(line)) for line in (1, 2, 3, 4)]
    assert found == [{"other", "dose", "woman"}, {"woman"}, {"brand", "dose", "woman"}, {"woman"}]


def test_both_doors_out_say_that_it_was_not_asked(trial: op.Trial, tmp_path: Path) -> None:
    more(trial, "base")
    person(trial)
    table = form_table(trial.study, trial.rules.forms["more"], snapshot(trial, tmp_path))
    at = [column.name for column in table.columns].index("last")
    assert table.rows[0][1][at].not_asked is NotAsked.BY_BRANCHING
    record = form_record(trial, MANAGER, subject_id="X-001", visit="base", form="more")
    assert record.lines[0].not_asked == MAN
