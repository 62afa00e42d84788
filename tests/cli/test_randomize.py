"""``trialkit randomize`` at the clinic desk."""

from __future__ import annotations

import csv
import json
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.cli.randomizing import arm_file, arm_told, ask, exported, refused
from trialkit import operations as op


def test_a_confirmation_carries_the_audit_record_that_the_trail_holds(bench: Any) -> None:
    subject = bench.screened()
    said = ask(bench, "cara", subject, "site=A", "sex=female")
    assert said.status == 0, said.err
    facts = dict(line.split(None, 2)[0::2] for line in said.out.splitlines() if line.startswith("Audit"))
    number, link = [line.split()[-1] for line in said.out.splitlines() if line.startswith("Audit")]
    trail = [json.loads(line) for line in bench.run("audit show", "dm", "--json").out.splitlines()]
    assert (trail[-1]["number"], trail[-1]["hash"]) == (int(number), link)
    assert facts


def test_asked_again_the_answer_is_the_same_allocation_and_takes_no_slot(bench: Any) -> None:
    subject = bench.screened()
    first = ask(bench, "cara", subject, "site=A", "sex=female")
    records = bench.records()
    again = ask(bench, "cara", subject, "site=A", "sex=female")
    assert arm_told(again.out) == arm_told(first.out)
    assert "the same allocation" in again.out
    assert bench.records() == records


def test_a_confirmation_printed_again_names_who_randomized_and_who_asked(bench: Any) -> None:
    subject = bench.screened()
    paper = bench.folder / "confirmation.txt"
    values = ["--value", "site=A", "--value", "sex=female", "--confirm", subject]
    first = bench.run("randomize enrol", "cara", "--subject", subject, *values, "--paper", paper)
    assert (
        paper.read_text().rstrip() == first.out.rstrip()
    )  # but for the blanks that make all papers one size
    again = ask(bench, "ivan", subject, "site=A", "sex=female").out.splitlines()
    assert "By            cara" in again
    assert "Asked again   by ivan, investigator" in again
    taken = bench.run("randomize enrol", "cara", "--subject", subject, *values, "--paper", paper)
    assert "confirmation.txt" in refused(taken)


def test_a_confirmation_shows_the_time_at_the_site(bench: Any) -> None:
    subject = bench.screened()
    lines = ask(bench, "cara", subject, "site=A", "sex=female").out.splitlines()
    said = dict(line.split(None, 1) for line in lines if line.startswith("Time"))
    local = next(line for line in lines if line.startswith("At the site"))
    with op.open_trial(bench.study) as trial:
        zone = ZoneInfo(trial.study.site("A").time_zone)
    at = datetime.fromisoformat(said["Time"]).astimezone(zone)
    assert at.utcoffset() != timedelta(0)
    assert local == f"At the site   {at:%Y-%m-%d %H:%M} ({zone.key})"


def test_values_left_out_are_asked_for_and_the_number_is_typed_once_more(bench: Any) -> None:
    subject = bench.screened()
    said = bench.run("randomize enrol", "cara", "--subject", subject, typed=f"A\nfemale\n{subject}\n")
    assert said.status == 0, said.err
    assert arm_told(said.out) in ("exercise", "control")


def test_a_slip_at_a_question_is_asked_again(bench: Any) -> None:
    subject = bench.screened()
    typed = f"A\nwoman\nfemale\n{subject}\n"
    said = bench.run("randomize enrol", "cara", "--subject", subject, typed=typed)
    assert said.status == 0, said.err
    assert "'woman' is not one of 'female', 'male'" in said.err
    assert "Stratum       site A, sex female" in said.out


@pytest.mark.parametrize(
    ("login", "subject", "values", "confirm", "told"),
    [
        ("cara", "A-001", ("site=A", "sex=male"), None, "Sex as on the confirmed form"),
        ("cara", "A-001", ("site=A", "sex=other"), None, "a level of sex"),
        ("cara", "A-001", ("site=A", "sex=female", "age=old"), None, "age"),
        ("cara", "A-001", ("site=A", "sex=female"), "A-002", "once more"),
        ("cara", "A-999", ("site=A", "sex=female"), None, "A-999"),
        ("bert", "A-001", ("site=A", "sex=female"), None, "A-001"),
        ("first", "A-001", ("site=A", "sex=female"), None, "coordinator"),
        ("assessor", "A-001", ("site=A", "sex=female"), None, "coordinator"),
        ("nobody", "A-001", ("site=A", "sex=female"), None, "password"),
    ],
)
def test_a_wrong_request_is_one_clear_line_and_takes_no_slot(
    bench: Any, login: str, subject: str, values: tuple[str, ...], confirm: str | None, told: str
) -> None:
    bench.screened()
    records = bench.records()
    assert told in refused(ask(bench, login, subject, *values, confirm=confirm))
    assert bench.records() == records


def test_another_value_than_the_allocation_was_made_with_is_refused(bench: Any) -> None:
    subject = bench.randomized()
    assert "mistake" in refused(ask(bench, "cara", subject, "site=A", "sex=male"))


def test_recruitment_pauses_by_study_site_and_stratum_and_opens_again(bench: Any) -> None:
    here, there = bench.screened(1, "A"), bench.screened(2, "B")
    why = ["--reason", "visit of the monitor"]
    for scope in ([], ["--at-site", "A"], ["--stratum", "sex=female;site=A"]):
        assert bench.run("randomize pause", "dm", *why, *scope).status == 0
        assert "paused" in refused(ask(bench, "cara", here, "site=A", "sex=female"))
        assert "paused" in bench.run("randomize show", "cara").out
        assert bench.run("randomize pause", "dm", "--state", "open", *why, *scope).status == 0
    bench.run("randomize pause", "dm", "--state", "closed", "--at-site", "A", *why)
    assert "closed" in refused(ask(bench, "cara", here, "site=A", "sex=female"))
    assert ask(bench, "bert", there, "site=B", "sex=female").status == 0


@pytest.mark.parametrize(
    "scope", [("--at-site", "Z"), ("--stratum", "sex=x"), ("--at-site", "A", "--stratum", "s")]
)
def test_an_unknown_site_or_stratum_cannot_be_paused(bench: Any, scope: tuple[str, ...]) -> None:
    records = bench.records()
    refused(bench.run("randomize pause", "dm", "--reason", "why", *scope))
    assert bench.records() == records


def test_who_enrols_or_assesses_is_told_enough_or_low_and_no_number(bench: Any) -> None:
    bench.randomized()
    for login, strata in (("cara", 2), ("assessor", 10), ("stat", 10), ("dm", 10)):
        supply = json.loads(bench.run("randomize show", login, "--json").out)["strata"]
        assert len(supply) == strata
        assert {stratum["supply"] for stratum in supply} == {"low"}
        assert {stratum["used"] for stratum in supply} == {stratum["left"] for stratum in supply} == {None}
    counted = json.loads(bench.run("randomize show", "open", "--json").out)["strata"]
    assert Counter(stratum["used"] for stratum in counted) == {0: 9, 1: 1}


def test_a_wrong_stratum_is_kept_beside_the_true_one(bench: Any, tmp_path: Path) -> None:
    subject = bench.randomized()
    said = bench.run(
        "randomize mistake", "cara", "--subject", subject, "--kind", "wrong_stratum", "--reason", "misread"
    )
    assert said.status == 0, said.err
    field = ["--subject", subject, "--visit", "baseline", "--form", "demographics", "--item", "sex"]
    change = ["--value", "male", "--reason", "passport seen"]
    second = ["--confirmed-by", "ivan", "--confirmed-by-password-file", bench.password]
    assert bench.run("correct", "cara", *field, *change, *second).status == 0
    assert bench.run("snapshot", "dm", "--out", tmp_path / "snapshot").status == 0
    with (tmp_path / "snapshot" / "subjects.csv").open(newline="") as file:
        row = next(csv.DictReader(file))
    assert (row["stratum_randomized"], row["stratum_true"]) == ("sex=female;site=A", "sex=male;site=A")
    with (tmp_path / "snapshot" / "mistakes.csv").open(newline="") as file:
        assert [entry["kind"] for entry in csv.DictReader(file)] == ["wrong_stratum"]


def test_the_size_of_a_confirmation_tells_no_arm(bench: Any) -> None:
    sizes: dict[str, set[int]] = {}
    for day in range(1, 5):
        subject = bench.screened(day)
        paper = bench.folder / f"paper-{day}"
        values = ["--value", "site=A", "--value", "sex=female", "--confirm", subject]
        said = bench.run("randomize enrol", "cara", "--subject", subject, *values, "--paper", paper)
        assert said.status == 0, said.err
        text = paper.read_text(encoding="utf-8")
        number = next(line.split()[-1] for line in text.splitlines() if line.startswith("Audit record"))
        arm = "exercise" if "[exercise]" in text else "control"
        sizes.setdefault(arm, set()).add(paper.stat().st_size - len(number))
    assert set(sizes) == {"exercise", "control"}
    assert len(set.union(*sizes.values())) == 1


def test_every_mistake_is_kept_and_no_slot_is_used_again(bench: Any) -> None:
    subjects = [bench.randomized(day) for day in (1, 2, 3)]
    before = exported(bench)
    (bench.folder / "export.csv").unlink()
    kinds: list[list[str]] = [
        ["ineligible"],
        ["duplicate", "--duplicate-of", subjects[0]],
        ["wrong_treatment", "--received-file", arm_file(bench, "control")],
    ]
    for subject, kind in zip(subjects, kinds, strict=True):
        said = bench.run(
            "randomize mistake", "cara", "--subject", subject, "--reason", "found at a visit", "--kind", *kind
        )
        assert said.status == 0, said.err
    assert exported(bench) == before
    assert bench.run("audit verify").status == 0
