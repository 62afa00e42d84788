"""Worklists and tasks by command, printed and written."""

from __future__ import annotations

import csv
import json
from typing import Any

from openpyxl import load_workbook

from trialkit.operations.tasks import PersonWork
from trialkit.report.work import person_table
from trialkit.vocabulary import Role


def test_a_clerk_is_told_what_to_do(bench: Any) -> None:
    subject = bench.screened()
    said = bench.run("todo", "first")
    assert said.status == 0, said.err
    assert f"enter form     {subject}/baseline/odi" in said.out
    tasks = json.loads(bench.run("todo", "first", "--json").out)
    assert said.out.splitlines()[-1] == f"{len(tasks)} in the list."
    assert {task["kind"] for task in tasks} == {"enter_form"}
    assert bench.run("todo", "open").out == "0 in the list.\n"


def test_the_worklist_is_written_in_every_form(bench: Any) -> None:
    subject = bench.screened()
    files = {name: bench.folder / f"work.{name}" for name in ("csv", "xlsx", "html")}
    options = [word for name, path in files.items() for word in (f"--{name}", path)]
    said = bench.run("work list", "dm", *options)
    assert said.status == 0, said.err
    number = int(said.out.splitlines()[-1].split()[0])
    rows = list(csv.DictReader(files["csv"].read_text(encoding="utf-8").splitlines()))
    assert len(rows) == number
    assert {row["subject_id"] for row in rows} == {subject}
    assert "overdue" in {row["kind"] for row in rows}, "screened long ago"
    sheet = load_workbook(files["xlsx"]).worksheets[0]
    assert sheet.max_row == number + 1
    assert sheet.auto_filter.ref
    assert f"{number} in the list." in files["html"].read_text(encoding="utf-8")
    assert bench.run("work list", "dm", "--csv", files["csv"]).status == 2, "nothing is written over"
    counts = bench.run("work list", "dm", "--counts").out
    assert "A: 1 visits overdue" in counts


def test_work_by_person_names_the_person_beside_the_account() -> None:
    found = [PersonWork("tom", Role.FIRST_ENTRY, None, {})]
    table = person_table(found, {"tom": "Tom Typist"})
    assert table.columns[:2] == ("account", "name") and list(table.rows[0])[:2] == ["tom", "Tom Typist"]


def test_missing_forms_and_work_by_person(bench: Any) -> None:
    bench.screened()
    said = bench.run("work missing", "dm")
    assert "A/baseline/odi: 1 missing (1 late), 0 entered once, 0 in conflict, 0 of 1 done" in said.out
    *lines, last = said.out.splitlines()
    others = sum(int(line.split()[-2]) for line in lines if line.startswith("Nothing is missing of"))
    assert sum(" missing (" in line for line in lines) + others == int(last.split()[0]), "the lines add up"
    people = {row["account"]: row for row in json.loads(bench.run("work people", "dm", "--json").out)}
    assert people["first"]["enter_form"] == people["second"]["enter_form"] > 0
    assert people["bert"]["enter_form"] == 0, "another site's"
    assert bench.run("work people", "cara").status == 2
    assert bench.run("work list", "first").status == 2
