"""Who is shown arms: emergencies, exports and reports."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from tests.cli.randomizing import exported, refused


def test_what_tells_arms_is_for_the_eyes_of_its_owner(bench: Any) -> None:
    bench.randomized()
    export, report = bench.folder / "export.csv", bench.folder / "arms.html"
    assert bench.run("randomize export", "open", "--out", export).status == 0
    assert bench.run("randomize report", "open", "--with-arms", "--out", report).status == 0
    assert bench.run("snapshot", "open", "--unblinded", "--out", bench.folder / "arms").status == 0
    for told in (export, report, bench.folder / "arms"):
        assert told.stat().st_mode & 0o077 == 0, told


def test_nobody_blinded_exports_the_arms(bench: Any) -> None:
    bench.randomized()
    for login in ("stat", "cara", "dm", "assessor", "root"):
        refused(bench.run("randomize export", login, "--out", bench.folder / "arms.csv"))
    assert not (bench.folder / "arms.csv").exists()


def test_an_emergency_opens_one_arm_with_reason_and_password(bench: Any) -> None:
    one, other = bench.randomized(1), bench.randomized(2)
    said = bench.run("randomize unblind", "ivan", "--subject", one, "--reason", "severe reaction")
    arm = next(row["arm"] for row in exported(bench) if row["subject_id"] == one)
    assert f"[{arm}]" in said.out
    assert other not in said.out
    last = json.loads(
        bench.run("audit show", "dm", "--json", "--operation", "emergency_unblind").out.splitlines()[-1]
    )
    assert (last["account"], last["authentication"], last["reason"]) == (
        "ivan",
        "password",
        "severe reaction",
    )
    assert arm not in json.dumps(last)


def test_an_emergency_opens_one_arm_to_an_investigator_who_is_blinded(double_blind: Any) -> None:
    one, other = double_blind.randomized(1), double_blind.randomized(2)
    said = double_blind.run("randomize unblind", "ivan", "--subject", one, "--reason", "severe reaction")
    arms = {row["subject_id"]: row["arm"] for row in exported(double_blind)}
    assert f"[{arms[one]}]" in said.out
    assert other not in said.out
    refused(double_blind.run("randomize export", "ivan", "--out", double_blind.folder / "arms.csv"))


def test_unblinding_is_refused_without_password_right_reason_or_subject(bench: Any) -> None:
    subject = bench.randomized()
    records = bench.records()
    wrong = bench.folder / "wrong"
    wrong.write_text("not the password at all")
    ask = ["--subject", subject, "--reason", "emergency"]
    assert "one of the roles" in refused(bench.run("randomize unblind", "cara", *ask))
    assert "one of the roles" in refused(bench.run("randomize unblind", "boss", *ask))
    assert "set a password for the account" in refused(bench.run("randomize unblind", "open", *ask))
    refused(bench.run("randomize unblind", None, "--as", "ivan", "--password-file", wrong, *ask))
    refused(bench.run("randomize unblind", "root", *ask))
    refused(bench.run("randomize unblind", "ivan", "--subject", subject, "--reason", " "))
    refused(bench.run("randomize unblind", "ivan", "--subject", "A-999", "--reason", "emergency"))
    assert bench.records() == records


def test_the_report_of_a_site_says_of_what_it_counts(bench: Any, tmp_path: Path) -> None:
    bench.randomized(1)
    site, whole = tmp_path / "site.html", tmp_path / "all.html"
    assert bench.run("randomize report", "cara", "--out", site).status == 0
    assert bench.run("randomize report", "open", "--out", whole).status == 0
    said = [" ".join(re.sub(r"<[^>]+>", " ", page.read_text("utf-8")).split()) for page in (site, whole)]
    assert "Randomized at A 1 of 64 " in said[0]
    assert "Subjects randomized at A 1 " in said[0]
    assert "Randomized 1 of 314 " in said[1]
    assert "Subjects randomized 1 " in said[1]


def test_the_report_shows_arms_only_to_those_who_may_see_them(bench: Any, tmp_path: Path) -> None:
    for day in (1, 2, 3):
        bench.randomized(day)
    assert bench.run("randomize report", "cara", "--out", tmp_path / "site.html").status == 0
    assert bench.run("randomize report", "open", "--with-arms", "--out", tmp_path / "all.html").status == 0
    for login in ("cara", "stat", "dm"):
        refused(bench.run("randomize report", login, "--with-arms", "--out", tmp_path / "no.html"))
    blinded, unblinded = (tmp_path / "site.html").read_text(), (tmp_path / "all.html").read_text()
    assert "Balance of the arms" not in blinded
    assert "Balance of the arms" in unblinded
    assert "Tertiary hospital 2" not in blinded
    commitment = json.loads((bench.list_maker / "commitment.json").read_text())["commitment"]
    assert commitment in blinded and commitment in unblinded
    assert "Nobody: this is a demonstration." in blinded
