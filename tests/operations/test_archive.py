"""An archive is read with nothing of ours: sums, chain and values, by standard tools."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
import subprocess
from pathlib import Path

import pytest
from chain import ADMIN, COORDINATOR, INVESTIGATOR, MANAGER, STATISTICIAN, UNBLINDED, Role, person

from trialkit import operations as op
from trialkit.errors import AccessError
from trialkit.report.subject_record import write_subject_record


@pytest.fixture
def archived(finished_copy: op.Trial, tmp_path: Path) -> Path:
    printed: list[str] = []

    def one_printed(record: op.SubjectRecord, path: Path) -> None:
        """The first as it is, the others in a moment."""
        if printed:
            path.write_bytes(b"%PDF")
        else:
            write_subject_record(record, path)
        printed.append(record.subject_id)

    done = op.archive(finished_copy, UNBLINDED, folder=tmp_path / "archive", printer=one_printed)
    assert done.subjects == len(printed)
    return done.folder


def test_an_archive_says_of_itself_how_it_is_checked(archived: Path) -> None:
    sums = dict(reversed(line.split("  ")) for line in (archived / "SHA256SUMS").read_text().splitlines())
    present = {path.relative_to(archived).as_posix() for path in archived.rglob("*") if path.is_file()}
    assert present == {*sums, "SHA256SUMS"}
    for name, digest in sums.items():
        assert hashlib.sha256((archived / name).read_bytes()).hexdigest() == digest
    assert _checked_as_the_readme_says(archived) == []
    assert '"redact"' in (archived / "README.txt").read_text()


def _checked_as_the_readme_says(folder: Path) -> list[int]:
    """Walk the chain with the words of README.txt alone; the numbers of the redacted records.

    Raises
    ------
    AssertionError
        Where the archive is not what it says.
    """
    lines = (folder / "trail" / "records.jsonl").read_text(encoding="utf-8").splitlines()
    records = [json.loads(line) for line in lines]
    since: dict[int, str] = {}
    places: dict[int, set[str]] = {}
    for record in records:
        write = json.loads(record["payload_text"])["writes"].get("redaction", {"columns": [], "rows": []})
        for row in write["rows"]:
            said = dict(zip(write["columns"], row, strict=True))
            assert record["operation"] == "redact"
            assert said["record"] < record["number"]
            since[said["record"]] = said["after_sha256"]  # of several the last
            places.setdefault(said["record"], set()).add(said["place"])
    link = hashlib.sha256(b"trialkit audit chain 1\n").hexdigest()
    for record in records:
        assert record["previous_hash"] == link
        link = record["hash"]
        payload = record["payload_text"]
        if record["number"] in since:
            assert hashlib.sha256(payload.encode()).hexdigest() == since[record["number"]]
            assert "[redacted]" in payload
        else:
            follows = hashlib.sha256(f"{record['previous_hash']}\n{payload}".encode()).hexdigest()
            assert follows == link, record["number"]
    assert link in (folder / "README.txt").read_text()
    return sorted(since)


def test_a_stranger_verifies_redacted_records_as_the_readme_says(
    finished_copy: op.Trial, tmp_path: Path
) -> None:
    """One record is redacted twice, and of one act of redaction the reason is."""
    trial = finished_copy
    (key, *_) = (form for form in op.forms_now(trial, MANAGER) if form.form == "vas")
    place = {"subject_id": key.subject_id, "visit": key.visit, "form": "vas", "item": "vas_mm"}
    op.open_query(trial, MANAGER, **place, text="Zhang Wei of Elm Street said so")
    op.redact(trial, UNBLINDED, text="Zhang Wei", reason="Name, as Peter Schmidt told us")
    op.redact(trial, UNBLINDED, text="Elm Street", reason="Address")
    op.redact(trial, UNBLINDED, text="Peter Schmidt", reason="Name")
    (tmp_path / "printed").mkdir()
    folder = op.archive(
        trial, UNBLINDED, folder=tmp_path / "archive", printer=lambda record, path: path.write_bytes(b"%PDF")
    ).folder
    acts = {line.number: line.operation for line in op.read_trail(trial, UNBLINDED)}
    assert [acts[number] for number in _checked_as_the_readme_says(folder)] == ["open_query", "redact"]

    trail = folder / "trail" / "records.jsonl"
    trail.write_text(trail.read_text("utf-8").replace("[redacted] of", "[redacted] or"), "utf-8")
    with pytest.raises(AssertionError):
        _checked_as_the_readme_says(folder)


def test_its_tables_hold_final_values_passes_and_arms(archived: Path) -> None:
    def table(name: str) -> list[dict[str, str]]:
        with (archived / name).open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))

    arms = {row["planned_arm"] for row in table("data/allocations.csv")}
    assert len(arms) == 2
    passes = table("passes.csv")
    assert {row["pass"] for row in passes} == {"1", "2"}
    final = {
        (row["subject_id"], row["visit"], row["row"], row["item"]): row["value"]
        for row in table("data/values.csv")
        if row["item"] == "vas_mm"
    }
    typed = {
        (row["subject_id"], row["visit"], row["row"], row["item"])
        for row in passes
        if row["item"] == "vas_mm"
    }
    assert final.keys() == typed


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs poppler")
def test_a_subjects_pdf_says_the_values_with_label_and_unit(archived: Path) -> None:
    first = min(archived.glob("subjects/*.pdf"))
    text = subprocess.run(
        ["pdftotext", "-layout", first, "-"], capture_output=True, text=True, check=True
    ).stdout
    with (archived / "data" / "values.csv").open(newline="", encoding="utf-8") as file:
        mine = [row for row in csv.DictReader(file) if row["subject_id"] == first.stem]
    scale = next(row for row in mine if row["item"] == "vas_mm" and row["state"] == "value")
    assert f"{scale['value']} mm" in text
    assert first.stem in text
    assert "Planned arm" in text


def test_only_somebody_who_may_see_every_arm_archives(finished_copy: op.Trial, tmp_path: Path) -> None:
    for actor in (MANAGER, STATISTICIAN):
        with pytest.raises(AccessError):
            op.archive(finished_copy, actor, folder=tmp_path / "archive", printer=write_subject_record)
    assert not (tmp_path / "archive").exists()


def test_an_archive_tells_what_was_asked_signed_ticked_and_reported(
    finished_copy: op.Trial, tmp_path: Path
) -> None:
    trial = finished_copy
    monitor = person("moni", Role.MONITOR)
    op.add_account(trial, ADMIN, login="moni", person_name="M", role=Role.MONITOR)
    (key, *_) = (
        form for form in op.forms_now(trial, MANAGER) if form.form == "vas" and not form.open_queries
    )
    place = {"subject_id": key.subject_id, "visit": key.visit, "form": "vas"}
    op.sign_form(trial, INVESTIGATOR, **place, meaning="approved")
    op.verify_values(trial, monitor, **place, items=["vas_mm"])
    number = op.open_query(trial, MANAGER, **place, item="vas_mm", text="Is it so?").number
    event = op.note_serious_event(
        trial, COORDINATOR, subject_id=key.subject_id, term="Fall", aware_at=trial.clock.now()
    )
    records: list[op.SubjectRecord] = []

    def printed(record: op.SubjectRecord, path: Path) -> None:
        path.write_bytes(b"%PDF")
        records.append(record)

    folder = op.archive(trial, UNBLINDED, folder=tmp_path / "archive", printer=printed).folder

    def table(name: str) -> list[dict[str, str]]:
        with (folder / "review" / f"{name}.csv").open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))

    asked = [row for row in table("queries") if row["number"] == str(number)]
    assert [(row["status"], row["said"], row["item"]) for row in asked] == [("open", "Is it so?", "vas_mm")]
    (signed,) = (row for row in table("signatures") if row["kind"] == "signed" and row["visit"] == key.visit
                 and row["subject_id"] == key.subject_id)  # fmt: skip
    assert (signed["meaning"], signed["stands"], bool(signed["name"])) == ("approved", "yes", True)
    assert [row["field"] for row in table("ticks")] == ["/".join([*place.values(), "vas_mm"])]
    assert str(event.number) in [row["number"] for row in table("serious_events")]
    assert len(table("flags")) == len(op.list_flags(trial, MANAGER))
    (record,) = (one for one in records if one.subject_id == key.subject_id)
    marks = [mark for form in record.forms for mark in form.marks]
    assert any(mark.startswith("Signed by ") and "approved" in mark for mark in marks)
    assert "review/queries.csv" in (folder / "SHA256SUMS").read_text()
