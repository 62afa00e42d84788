"""A file is mended in one go: whatever is wrong with it is said in one run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from chain import COORDINATOR, FIRST
from test_outside_lines import ADMIN, LINES, data, trial as outside  # noqa: F401
from test_randomize import screened

from trialkit import operations as op
from trialkit.errors import TrialkitError
from trialkit.study.dictionary import open_dictionary
from trialkit.study.dictionary_file import dictionary_text
from trialkit.study.dictionary_header import COLUMNS
from trialkit.study.errors import StudyError


def places(refusal: pytest.ExceptionInfo[TrialkitError]) -> Iterator[str]:
    """Where each problem is, without the folder."""
    for one in (refusal.value, *refusal.value.also):
        yield one.where.rpartition("/")[2]


def test_lines_of_another_length_are_named_with_every_other_fault_of_a_pass(
    trial: op.Trial, tmp_path: Path
) -> None:
    number = screened(trial)
    path = tmp_path / "vas.csv"
    lines = [f"{number},baseline,40", f"{number},week_6", "X-9,baseline,3", f"{number},month_1,3,4", number]
    path.write_text("\n".join(["subject_id,visit,vas_mm", *lines, f"{number},nowhere,3"]) + "\n", "utf-8")
    with pytest.raises(TrialkitError) as refusal:
        op.import_pass(trial, FIRST, path=path, form="vas")
    assert sorted(places(refusal)) == [
        "vas.csv:3", "vas.csv:4:subject_id", "vas.csv:5", "vas.csv:6", "vas.csv:7:visit",
    ]  # fmt: skip


def test_lines_of_another_length_are_named_with_every_other_fault_of_a_trials_file(
    outside: op.Trial,  # noqa: F811
    tmp_path: Path,
) -> None:
    path = data(tmp_path, *LINES, "300,1,1", "400,3,1,2019-03-31,0,48,3,3", "500,1,1,2019-03-31,0,48,3,3,9")
    with pytest.raises(TrialkitError) as refusal:
        op.import_outside_data(outside, ADMIN, path=path)
    assert sorted(places(refusal)) == ["long.csv:6", "long.csv:7:centre", "long.csv:8"]


def test_every_form_that_its_typist_entered_already_is_named(trial: op.Trial, tmp_path: Path) -> None:
    number = screened(trial)
    first = tmp_path / "first.csv"
    visits = trial.rules.forms["vas"].visits[:3]
    rows = [f"{number},{visit},40" for visit in visits]
    first.write_text("\n".join(["subject_id,visit,vas_mm", *rows]) + "\n", "utf-8")
    op.import_pass(trial, FIRST, path=first, form="vas")
    again = tmp_path / "again.csv"
    again.write_text("\n".join(["visit,subject_id,vas_mm", *[f"{v},{number},41" for v in visits]]), "utf-8")
    with pytest.raises(TrialkitError, match="the second pass by another account") as refusal:
        op.import_pass(trial, FIRST, path=again, form="vas")
    assert [one.where for one in (refusal.value, *refusal.value.also)] == [
        f"{number}/{visit}/vas" for visit in visits
    ]


def test_a_future_day_a_bad_number_and_a_short_line_of_many_people_come_at_once(
    trial: op.Trial, tmp_path: Path
) -> None:
    path = tmp_path / "people.csv"
    lines = ["A,2999-01-01,", "Z,2024-05-01,", "A", "A,2024-05-01,no number!", "A,1.5.2024,", "A,2998-01-01,"]
    path.write_text("\n".join(["site,consent_date,subject_id", *lines]) + "\n", "utf-8")
    with pytest.raises(TrialkitError) as refusal:
        op.enrol_from_file(trial, COORDINATOR, path=path)
    assert sorted(places(refusal)) == [
        "people.csv:2", "people.csv:3:site", "people.csv:4", "people.csv:5",
        "people.csv:6:consent_date", "people.csv:7",
    ]  # fmt: skip
    path.write_text("site,consent_date\nA,2999-01-01\nA,2024-05-01\nA,2998-01-01\n", "utf-8")
    with pytest.raises(TrialkitError, match="not after today") as refusal:
        op.enrol_from_file(trial, COORDINATOR, path=path)
    assert list(places(refusal)) == ["people.csv:2", "people.csv:4"]


def test_a_consent_long_ago_and_another_sites_number_come_with_whatever_else_is_wrong(
    trial: op.Trial, tmp_path: Path
) -> None:
    path = tmp_path / "people.csv"
    wrong = ["A,2999-01-01,", "A,2025-13-01,", "Q,2024-05-01,", "A,1920-03-03,", "A,2024-05-01,B-024"]
    wrong += [f"A,2024-05-01,A-{'9' * 20}", "A,1920-03-03,B-025", "A,2024-05-01,A-0001"]
    path.write_text("\n".join(["site,consent_date,subject_id", *wrong]) + "\n", "utf-8")
    with pytest.raises(TrialkitError) as refusal:
        op.enrol_from_file(trial, COORDINATOR, path=path)
    told = sorted(place.split(":")[1] for place in places(refusal))
    assert told == ["2", "3", "4", "5", "6", "7", "8", "8", "9"]


def test_every_formula_without_a_result_and_every_narrow_row_of_a_dictionary_is_named(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(list(COLUMNS))
    book.active.append(["subject_id", "demo", "", "text", "=A1"])
    book.active.append(["age", "demo", "", "text", "Age", "", "", "", "=1+1"])
    book.save(tmp_path / "dictionary.xlsx")
    with pytest.raises(StudyError, match="stored result") as refusal:
        dictionary_text(tmp_path / "dictionary.xlsx")
    assert [one.partition("!")[2] for one in places(refusal)] == ["E2", "I3"]
    text = ",".join(f'"{name}"' for name in COLUMNS) + "\nsubject_id,demo\n" + "age,demo,,text\n"
    with pytest.raises(StudyError, match="as in the header") as narrow:
        open_dictionary(text, "dictionary.csv")
    assert list(places(narrow)) == ["dictionary.csv:2", "dictionary.csv:3"]
