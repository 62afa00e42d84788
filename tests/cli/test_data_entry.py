"""From the first form to the snapshot by command, and what bad input meets."""

from __future__ import annotations

import csv
import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from openpyxl.utils import get_column_letter

VAS = ["--visit", "baseline", "--form", "vas"]


def _refused(bench: Any, said: Any, records: int) -> str:
    assert (said.status, said.out, len(said.err.splitlines())) == (2, "", 1), said
    assert "unexpected" not in said.err
    assert bench.records() == records
    return str(said.err)


def test_two_passes_a_decision_and_a_correction_reach_the_snapshot(bench: Any, tmp_path: Path) -> None:
    subject = bench.randomized()
    place = ["--subject", subject, *VAS]
    bench.run("enter", "first", *place, "--value", "vas_mm=55")
    bench.run("enter", "second", *place, "--value", "vas_mm=56")
    listed = json.loads(bench.run("discrepancies", "adj", "--json").out)
    assert [(row["item"], row["first"], row["second"]) for row in listed] == [("vas_mm", "55", "56")]
    decide = ["--item", "vas_mm", "--choice", "second", "--why", "misread"]
    assert bench.run("adjudicate", "adj", *place, *decide).status == 0
    assert json.loads(bench.run("discrepancies", "adj", "--json").out) == []
    assert "vas_mm: '55' or '56' became '56'" in bench.run("audit show", "dm", "--subject", subject).out
    change = ["--item", "vas_mm", "--value", "57", "--reason", "the site looked again"]
    alone = bench.run("correct", "cara", *place, *change)
    assert (alone.status, "second person for the critical item(s) vas_mm" in alone.err) == (2, True)
    named = ["--confirmed-by", "ivan", "--confirmed-by-password-file"]
    wrong = tmp_path / "wrong"
    wrong.write_text("not it\n")
    assert bench.run("correct", "cara", *place, *change, *named, wrong).status == 2
    assert bench.run("correct", "cara", *place, *change, *named, bench.password).status == 0
    told = bench.run("audit show", "dm", "--subject", subject, "--item", "vas_mm").out
    assert "vas_mm: '56' became '57'\n        confirmed by ivan\n" in told
    assert bench.run("snapshot", "dm", "--out", tmp_path / "snapshot").status == 0
    with (tmp_path / "snapshot" / "values.csv").open(newline="") as file:
        assert [row["value"] for row in csv.DictReader(file) if row["item"] == "vas_mm"] == ["57"]
    assert not (tmp_path / "snapshot" / "allocations.csv").exists()


def test_a_coordinator_says_which_investigator_confirmed(bench: Any) -> None:
    enrolled = bench.run("enrol", "cara", "--site", "A", "--consent-date", "2024-03-01").out
    subject = next(word for word in enrolled.split() if word.startswith("A-"))[:5]
    place = ["--subject", subject, "--visit", "baseline", "--form", "consent", "--value", "consent_given=1"]
    unsaid = bench.run("enter", "cara", *place, "--confirmed")
    assert (unsaid.status, "the investigator who confirmed the values" in unsaid.err) == (2, True), unsaid
    assert bench.run("enter", "cara", *place, "--confirmed-by", "cara").status == 2
    assert bench.run("enter", "cara", *place, "--confirmed-by", "ivan").status == 0
    assert "confirmed by ivan" in bench.run("audit show", "dm", "--subject", subject).out


def test_a_typist_is_told_nothing_of_the_other_pass(bench: Any) -> None:
    subject = bench.randomized()
    place = ["--subject", subject, *VAS]
    alone = bench.run("enter", "first", *place, "--value", "vas_mm=55")
    alike = bench.run("enter", "second", *place, "--value", "vas_mm=55")
    other = bench.randomized(2)
    bench.run("enter", "first", "--subject", other, *VAS, "--value", "vas_mm=55")
    differing = bench.run("enter", "second", "--subject", other, *VAS, "--value", "vas_mm=99")
    assert alone == alike == differing
    assert alone.out == "Entered: 1 form(s).\n"
    for login in ("first", "second", "cara", "stat"):
        assert bench.run("discrepancies", login).status == 2


def test_a_pass_that_was_voided_is_entered_anew_under_its_own_number(bench: Any, tmp_path: Path) -> None:
    subject = bench.randomized()
    place = ["--subject", subject, *VAS]
    for login in ("first", "second"):
        bench.run("enter", login, *place, "--value", "vas_mm=55")
    voided = bench.run("void", "dm", *place, "--pass", 1, "--reason", "keyed from another paper")
    assert f"pass 1 of {subject}/baseline/vas;" in voided.out
    assert voided.out.endswith("Pass 2 stands and waits for pass 1.\n")
    told = bench.run("audit show", "dm", "--subject", subject, "--item", "vas_mm", "--operation", "void_pass")
    assert f"{subject}/baseline/vas standing pass: second\n" in told.out
    assert told.out.endswith("\n        voided: pass 1\n")
    file = tmp_path / "vas.csv"
    file.write_text(f"subject_id,visit,vas_mm\n{subject},baseline,56\n")
    anew = ["--file", file, "--form", "vas", "--typist", "first"]
    assert bench.run("import", "dm", *anew).out == "Entered: 1 form(s): 1 first pass.\n"
    listed = json.loads(bench.run("discrepancies", "adj", "--json").out)
    assert [(row["first"], row["second"]) for row in listed] == [("56", "55")]
    both = bench.run("void", "dm", *place, "--reason", "keyed to the wrong subject")
    assert both.out.startswith(f"Voided: pass 1 and pass 2 of {subject}/baseline/vas;")
    assert both.out.endswith("No pass stands.\n")


def test_a_line_that_one_pass_has_alone_is_decided(bench: Any, tmp_path: Path) -> None:
    subject = bench.randomized()
    place = ["--subject", subject, "--visit", "week_6", "--form", "adverse_events"]
    event = ["--value", "ae_line=1", "--value", "ae_term=rash"]
    bench.run("enter", "first", *place, *event)
    said = bench.run("enter", "second", *place, "--value", "ae_line=2", "--value", "ae_term=rash")
    assert said.status == 0, said.err
    lines = json.loads(bench.run("discrepancies", "adj", "--json").out)
    assert len(lines) == 2
    paired = bench.run("decide-rows", "adj", *place, "--pass", 1, "--row", "1", "--pair-with", "2")
    assert paired.status == 0, paired.err


def test_leftover_lines_are_decided_in_a_workbook_with_drop_downs(bench: Any, tmp_path: Path) -> None:
    subject = bench.randomized()
    place = ["--subject", subject, "--visit", "week_6", "--form", "adverse_events"]
    bench.run("enter", "first", *place, "--value", "ae_line=1", "--value", "ae_term=rash")
    bench.run("enter", "second", *place, "--value", "ae_line=2", "--value", "ae_term=rash")
    listed, filled = tmp_path / "lines.xlsx", tmp_path / "filled.xlsx"
    said = bench.run("decide-rows", "adj", "--list", "--xlsx", listed)
    assert said.status == 0, said.err
    book = openpyxl.load_workbook(listed)
    sheet = book.worksheets[0]
    heads = [cell.value for cell in sheet[1]]
    at = {head: place for place, head in enumerate(heads, start=1)}
    (rule,) = sheet.data_validations.dataValidation
    assert rule.formula1 == '"keep,pair,entered_in_error"'
    assert str(rule.sqref) == f"{get_column_letter(at['Decision'])}2:{get_column_letter(at['Decision'])}3"
    assert sheet.cell(2, at["Decision"]).number_format == "@" == sheet.cell(2, at["Pair with"]).number_format
    assert sheet.cell(2, at["Row"]).number_format != "@"
    sheet.cell(2, at["Decision"]).value, sheet.cell(2, at["Pair with"]).value = "pair", "2"
    book.save(filled)
    decided = bench.run("decide-rows", "adj", "--file", filled)
    assert decided.out.startswith("Decided: 2 line(s) of 1 form(s)"), decided


def test_every_line_of_an_import_goes_in_or_none(bench: Any, tmp_path: Path) -> None:
    one, two = bench.randomized(1), bench.randomized(2)
    file = tmp_path / "vas.csv"
    file.write_text(f"subject_id,visit,vas_mm\n{one},week_6,12\n{two},week_6,@unknown\n")
    said = bench.run("import", "dm", "--file", file, "--form", "vas", "--typist", "first")
    assert said.out == "Entered: 2 form(s): 2 first pass.\n"


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b"subject_id,visit,vas_mm,vas_cm\nA-001,week_6,12,1\n", "vas.csv:1:vas_cm"),
        (b"subject_id,visit,vas_mm\nA-001,week_6,12\nA-001,month_1,abc\n", "vas.csv:3:vas_mm"),
        (b"subject_id,visit,vas_mm\nA-001,week_6,12\nA-777,week_6,13\n", "vas.csv:3:subject_id"),
        (b"subject_id,visit,vas_mm\nA-001,week_6,12\nA-001,week_6,12\n", "vas.csv:3"),
        (b"subject_id,visit,vas_mm\nA-001,week_7,12\n", "vas.csv:2:visit"),
        ("subject_id,visit,vas_mm\nA-001,week_6,zwölf\n".encode("cp1252"), "vas.csv"),
        (b"subject,visit,vas_mm\nA-001,week_6,12\n", "vas.csv:1"),
        (b"subject_id,visit\nA-001,week_6\n", "vas.csv:1"),
        (b"subject_id,visit,vas_mm\n", "vas.csv"),
        (b"", "vas.csv"),
    ],
)
def test_a_bad_file_names_its_place_and_leaves_the_database_as_it_was(
    bench: Any, tmp_path: Path, content: bytes, place: str
) -> None:
    bench.randomized()
    file = tmp_path / "vas.csv"
    file.write_bytes(content)
    records = bench.records()
    said = bench.run("import", "first", "--file", file, "--form", "vas")
    assert place in _refused(bench, said, records)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (["--form", "vas", "--value", "vas_mm=x"], "vas_mm"),
        (["--form", "vas", "--value", "vas=5"], "vas_mm"),
        (["--form", "vaz", "--value", "vas_mm=5"], "vas"),
        (["--form", "vas", "--value", "vas_mm"], "NAME=VALUE"),
        (["--form", "demographics", "--value", "sex=male"], "confirm"),
    ],
)
def test_a_bad_entry_is_one_clear_line(bench: Any, line: list[str], told: str) -> None:
    bench.screened(1)
    bench.run("enrol", "cara", "--consent-date", "2024-03-02")
    records = bench.records()
    said = bench.run("enter", "cara", "--subject", "A-002", "--visit", "baseline", *line)
    assert told in _refused(bench, said, records)


def test_screening_numbers_follow_each_other_and_no_consent_is_in_the_future(bench: Any) -> None:
    assert "A-001" in bench.run("enrol", "cara", "--consent-date", "2024-03-01").out
    assert "A-002" in bench.run("enrol", "cara", "--consent-date", "2024-03-01").out
    records = bench.records()
    assert "not after today" in _refused(
        bench, bench.run("enrol", "cara", "--consent-date", "2099-01-01"), records
    )
    assert _refused(bench, bench.run("enrol", "cara", "--consent-date", "1.3.2024"), records)
    assert "--site" in _refused(bench, bench.run("enrol", "root", "--consent-date", "2024-03-01"), records)


def test_leaving_is_recorded_with_its_reason(bench: Any) -> None:
    failed, left = bench.screened(1), bench.randomized(2)
    day = ["--date", "2024-05-01", "--reason", "moved away"]
    assert bench.run("screen-fail", "cara", "--subject", failed, *day).status == 0
    records = bench.records()
    said = bench.run("withdraw", "cara", "--subject", left, *day)
    assert "a day not before randomization" in _refused(bench, said, records)
    today = datetime.now(ZoneInfo("Asia/Shanghai")).date().isoformat()
    leaving = ["--date", today, "--reason", "moved away"]
    assert bench.run("withdraw", "cara", "--subject", left, *leaving).status == 0
    records = bench.records()
    _refused(bench, bench.run("withdraw", "cara", "--subject", left, *leaving), records)
    _refused(bench, bench.run("screen-fail", "bert", "--subject", failed, *day), records)


def test_what_was_not_done_and_what_took_place_exclude_each_other(bench: Any) -> None:
    subject = bench.randomized()
    place = ["--subject", subject, "--visit", "week_6"]
    assert bench.run("not-done", "cara", *place, "--reason", "on holiday").status == 0
    records = bench.records()
    said = bench.run("enter", "first", *place, "--form", "vas", "--value", "vas_mm=5")
    assert "not" in _refused(bench, said, records)
    today = datetime.now(ZoneInfo("Asia/Shanghai")).date().isoformat()
    moved = ["--date", today, "--reason", "It took place after all"]
    done = bench.run("visit", "cara", *place, *moved)
    assert done.status == 0
    assert "Look at A-001/week_6: 35 days before its window (" in done.out


def test_what_cannot_have_been_is_refused_and_what_hardly_can_is_said(bench: Any) -> None:
    subject = bench.screened(1)
    visit = ("visit", "cara", "--subject", subject, "--visit", "month_12", "--date", "2024-06-01")
    records = bench.records()
    assert "a subject who is randomized" in _refused(bench, bench.run(*visit), records)
    old = bench.run("enrol", "cara", "--consent-date", "1924-01-01")
    assert "within the last 30 years" in _refused(bench, old, records)
    said = bench.run("enrol", "cara", "--consent-date", "2020-01-01", "--subject", "A-700").out
    assert "Look at A-700: consent was signed on 2020-01-01, more than a year ago" in said
    assert "Look at A-700: the number lies far ahead of the site's next one, A-002" in said


def test_the_lock_lists_its_obstacles_and_holds_once_set(bench: Any) -> None:
    failed = bench.screened(1)
    subject = bench.screened(2)
    assert bench.run("lock", "dm", "--check").status == 1
    everything, of_one, of_site, elsewhere = (
        bench.run("lock", "dm", "--check", *place).out.splitlines()[:-1]
        for place in ([], ["--subject", subject], ["--at-site", "A"], ["--at-site", "B"])
    )
    assert of_one == [line for line in everything if line.startswith((f"{subject}:", f"{subject}/"))] != []
    assert (of_site, elsewhere) == (everything, [])
    records = bench.records()
    said = bench.run("lock", "boss", "--reason", "all in")
    assert (said.status, len(said.err.splitlines()), bench.records()) == (2, 1, records)
    assert "obstacle" in said.err and f"{subject}: still screened" in said.out  # all of them, a line each
    day = ["--date", "2024-05-01", "--reason", "changed their mind"]
    for leaver in (failed, subject):
        bench.run("screen-fail", "cara", "--subject", leaver, *day)
    assert bench.run("lock", "dm", "--check").out == "0 obstacles to a lock.\n"
    assert "password" in bench.run("lock", "dm", "--reason", "all in").err
    locked = bench.run("lock", "boss", "--reason", "all in")
    records = bench.records()
    assert locked.status == 0
    assert re.search(rf"^Audit record {records}, hash [0-9a-f]{{64}}$", locked.out, re.MULTILINE)
    assert "locked" in _refused(bench, bench.run("enrol", "cara", "--consent-date", "2024-06-01"), records)
    assert bench.run("unlock", "boss", "--reason", "a form turned up").status == 0
    assert bench.run("enrol", "cara", "--consent-date", "2024-06-01").status == 0


def test_an_account_acts_only_in_roles_it_holds_and_only_with_its_password(bench: Any) -> None:
    records = bench.records()
    enrol = ["--consent-date", "2024-03-01"]
    for who in (
        ["--as", "cara", "--role", "data_manager"],
        ["--as", "nobody"],
        ["--as", "cara", "--site", "B"],
        ["--as", "cara", "--role", "king"],
        ["--as", "boss", "--password-file", str(bench.folder / "none")],
    ):
        _refused(bench, bench.run("enrol", None, *who, *enrol), records)


def test_an_account_is_opened_granted_and_given_a_password(bench: Any) -> None:
    add = ["--login", "nora", "--name", "Nora", "--gets", "monitor", "--no-password"]
    assert bench.run("account add", "root", *add).status == 0
    assert bench.run("account grant", "root", "--login", "nora", "--gets", "dsmb").status == 0
    assert bench.run("audit show", None, "--as", "nora").status == 2  # two roles: which?
    assert bench.run("audit show", None, "--as", "nora", "--role", "monitor").status == 0
    new = ["--login", "nora", "--new-password-file", bench.password]
    assert bench.run("account password", "root", *new).status == 0
    listed = bench.run("account list", "root").out
    assert "Nora" not in listed
    assert next(line for line in listed.splitlines() if line.startswith("nora")).split()[1] == "password"
    wrong = bench.folder / "wrong"
    wrong.write_text("something else entirely")
    words = ["--as", "nora", "--role", "monitor", "--password-file"]
    assert bench.run("audit show", None, *words, wrong).status == 2
    assert bench.run("audit show", None, *words, bench.password).status == 0
    records = bench.records()
    _refused(bench, bench.run("account add", "cara", *add), records)


def test_a_study_is_founded_once(bench: Any, definition: Path, tmp_path: Path) -> None:
    words = ["--definition", definition, "--administrator", "ada", "--name", "Ada", "--no-password"]
    assert bench.call("init", tmp_path / "new", *words).status == 0
    said = bench.call("init", tmp_path / "new", *words)
    assert (said.status, len(said.err.splitlines())) == (2, 1)
    said = bench.call("init", tmp_path / "other", *words, "--database", "oracle://somewhere")
    assert (said.status, len(said.err.splitlines())) == (2, 1)


def test_an_upgrade_of_a_present_database_changes_nothing_and_makes_none(bench: Any) -> None:
    records = bench.records()
    assert bench.run("upgrade").status == 0
    assert bench.records() == records
    assert bench.run("audit verify").status == 0
    for file in bench.study.glob("trial.sqlite*"):
        file.unlink()
    said = bench.run("upgrade")
    assert (said.status, len(said.err.splitlines())) == (2, 1)
    assert not list(bench.study.glob("trial.sqlite*"))


def test_the_discrepancy_list_goes_to_every_file_asked_for_and_is_of_whom_it_was_asked(
    bench: Any, tmp_path: Path
) -> None:
    first, second = bench.randomized(), bench.randomized(2)
    for subject in (first, second):
        for login, value in (("first", "55"), ("second", "56")):
            bench.run("enter", login, "--subject", subject, *VAS, "--value", f"vas_mm={value}")
    lines = ("--subject", first, "--visit", "month_3", "--form", "adverse_events")
    for login, row in (("first", "1"), ("second", "2")):
        bench.run("enter", login, *lines, "--row", row, "--value", "ae_term=x")
    files = {kind: tmp_path / f"of_{kind}.{kind}" for kind in ("csv", "xlsx")}
    named = [part for kind, path in files.items() for part in (f"--{kind}", path)]
    told = bench.run("discrepancies", "adj", "--subject", first, *named)
    rows = csv.DictReader(files["csv"].read_text("utf-8").splitlines())
    waiting = len([row for row in rows if not row["item"]])
    assert "1 to decide" in told.out
    assert (f"Not in it: {waiting} lines" in told.out) == (waiting > 0)
    sheet = openpyxl.load_workbook(files["xlsx"])["discrepancies"]
    assert [row[0] for row in sheet.iter_rows(min_row=2, values_only=True)] == [first]
