"""``trialkit audit``: what an auditor types."""

from __future__ import annotations

import json
import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest


def _tamper(study: Path, statement: str) -> None:
    """Change the database as somebody with the file and without our triggers would."""
    with sqlite3.connect(study / "trial.sqlite") as connection:
        triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(statement)
        for _, sql in triggers:
            connection.execute(sql)
    connection.close()


def test_a_whole_trail_gives_status_0_and_the_number_of_records(bench: Any) -> None:
    said = bench.run("audit verify")
    assert said.status == 0
    assert said.out.startswith(f"{bench.records()} records checked")


def test_the_study_in_the_current_folder_is_the_default(
    bench: Any, trialkit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(bench.study)
    said = trialkit("audit", "verify", "--json")
    assert (said.status, json.loads(said.out)["records"]) == (0, bench.records())


@pytest.mark.parametrize(
    ("statement", "number"),
    [
        ("UPDATE audit_transaction SET account = 'bert' WHERE number = 4", 4),
        (
            "UPDATE audit_transaction SET payload_text = payload_text || ' ' WHERE number = 2",
            2,
        ),
        ("UPDATE account SET person_name = 'somebody else' WHERE login = 'cara'", 2),
        ("UPDATE role_grant SET site = 'C' WHERE login = 'bert'", 3),
    ],
)
def test_the_first_broken_record_is_named_with_status_1(bench: Any, statement: str, number: int) -> None:
    _tamper(bench.study, statement)
    said = bench.run("audit verify")
    assert said.status == 1
    assert f"audit record {number}:" in said.err
    assert len(said.err.splitlines()) == 1


def test_a_replaced_slot_is_found(bench: Any) -> None:
    _tamper(
        bench.study,
        "UPDATE slot SET sealed = (SELECT sealed FROM slot WHERE id = 2) WHERE id = 1",
    )
    assert bench.run("audit verify").status == 1


def test_an_anchor_tells_a_restored_copy_from_a_younger_trail(bench: Any, tmp_path: Path) -> None:
    before = (bench.study / "trial.sqlite").read_bytes()
    bench.screened()
    anchor = tmp_path / "anchor.json"
    assert bench.run("audit anchor", None, "--out", anchor).status == 0
    assert bench.run("audit verify", None, "--anchor", anchor).status == 0
    (bench.study / "trial.sqlite").write_bytes(before)
    assert bench.run("audit verify").status == 0
    assert bench.run("audit verify", None, "--anchor", anchor).status == 1


def test_a_paper_confirmation_is_an_anchor_for_the_auditor(bench: Any, tmp_path: Path) -> None:
    before, paper = (bench.study / "trial.sqlite").read_bytes(), tmp_path / "paper.txt"
    subject = bench.screened()
    values = ["--value", "site=A", "--value", "sex=female", "--confirm", subject]
    told = bench.run("randomize enrol", "cara", "--subject", subject, *values, "--paper", paper)
    assert told.status == 0
    said = dict(re.findall(r"^Audit (record|hash) +(\S+)$", paper.read_text(), re.MULTILINE))
    told = bench.run("audit verify", None, "--record", said["record"], said["hash"].upper())
    assert (told.status, "The trail holds the anchor." in told.out) == (0, True)
    for wrong in (said["hash"][:12], "g" * 64):
        refused = bench.run("audit verify", None, "--record", said["record"], wrong)
        assert (refused.status, refused.err.count("\n")) == (2, 1)
    (bench.study / "trial.sqlite").write_bytes(before)
    assert bench.run("audit verify", None, "--record", said["record"], said["hash"]).status == 1


def test_an_anchor_is_never_written_over(bench: Any, tmp_path: Path) -> None:
    bench.run("audit anchor", None, "--out", tmp_path / "anchor.json")
    said = bench.run("audit anchor", None, "--out", tmp_path / "anchor.json")
    assert (said.status, len(said.err.splitlines())) == (2, 1)


@pytest.mark.parametrize("spoil", ["no folder", "no database", "no anchor"])
def test_what_cannot_be_read_gives_status_2_and_one_line(bench: Any, tmp_path: Path, spoil: str) -> None:
    rest: list[object] = []
    if spoil == "no database":
        (bench.study / "trial.sqlite").write_bytes(b"not a database at all, but long enough to be one" * 99)
    elif spoil == "no anchor":
        (tmp_path / "anchor").write_text("{}")
        rest = ["--anchor", tmp_path / "anchor"]
    else:
        bench = type(bench)(tmp_path / "nowhere")
    said = bench.run("audit verify", None, *rest)
    assert (said.status, len(said.err.splitlines())) == (2, 1)
    assert "unexpected" not in said.err


def test_details_are_for_those_who_review_the_trail_and_for_no_typist(bench: Any) -> None:
    subject = bench.screened()
    full = bench.run("audit show", "dm").out
    assert subject in full
    for login in ("first", "assessor", "cara"):
        assert subject not in bench.run("audit show", login).out


def test_an_account_of_one_site_sees_records_of_that_site(bench: Any) -> None:
    bench.screened(1, "A")
    bench.screened(2, "B")
    lines = bench.run("audit show", "bert", "--json").out.splitlines()
    assert {json.loads(line)["site"] for line in lines} == {"B"}
