from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from trialkit.safe_files import FileError
from trialkit.snapshot import SnapshotContent, SnapshotError, read_snapshot, write_snapshot


def _subject(subject_id: str, sex: str) -> dict[str, str]:
    return {
        "subject_id": subject_id,
        "site": "A",
        "status": "randomized",
        "status_reason": "",
        "consent_date": "2024-01-02",
        "randomization_date": "2024-01-05",
        "stratum_randomized": f"A/{sex}",
        "stratum_true": f"A/{sex}",
        "sex_randomized": sex,
        "sex_true": sex,
    }


def _value(row: int, value: str) -> dict[str, str]:
    return {
        "subject_id": "A-002",
        "visit": "baseline",
        "form": "vas",
        "row": str(row),
        "item": "vas_mm",
        "value": value,
        "state": "value",
        "missing_code": "",
    }


@pytest.fixture
def content() -> SnapshotContent:
    return SnapshotContent(
        study_id="A",
        study_version="1.0",
        study_sha256="0" * 64,
        definition_text="[study]\n",
        dictionary_text='a,"b\nc"\n',
        factors=("sex",),
        tables={
            "subjects": [_subject("A-002", "male"), _subject("A-001", "female")],
            "values": [_value(10, 'a "quoted"\r\n, text'), _value(9, "55")],
            "quality": [{"measure": "fields_compared", "value": "2"}],
            "allocations": [{"subject_id": "A-001", "planned_arm": "control", "actual_arm": "control"}],
        },
        state="locked",
        taken_at=datetime(2025, 6, 1, tzinfo=UTC),
        audit_number=7,
        audit_hash="f" * 64,
    )


def test_what_is_written_is_what_is_read(tmp_path: Path, content: SnapshotContent):
    manifest = write_snapshot(tmp_path / "locked", content)
    snapshot = read_snapshot(tmp_path / "locked")
    assert snapshot.manifest == manifest
    assert not snapshot.blinded
    assert snapshot.tables["subjects"]["subject_id"].tolist() == ["A-001", "A-002"]
    assert snapshot.tables["values"]["value"].tolist() == ["55", 'a "quoted"\r\n, text']


def test_row_ten_comes_after_row_nine(tmp_path: Path, content: SnapshotContent):
    write_snapshot(tmp_path / "locked", content)
    assert read_snapshot(tmp_path / "locked").tables["values"]["row"].tolist() == ["9", "10"]


def test_the_content_hash_ignores_order_time_and_audit_but_not_a_value(
    tmp_path: Path, content: SnapshotContent
):
    first = write_snapshot(tmp_path / "1", content)
    shuffled = {name: list(reversed(rows)) for name, rows in content.tables.items()}
    later = replace(
        content,
        tables=shuffled,
        taken_at=datetime(2026, 1, 1, tzinfo=UTC),
        audit_hash="e" * 64,
        audit_number=9,
    )
    assert write_snapshot(tmp_path / "2", later).content_sha256 == first.content_sha256
    changed = replace(content, tables={**content.tables, "values": [_value(9, "56")]})
    assert write_snapshot(tmp_path / "3", changed).content_sha256 != first.content_sha256


def test_a_blinded_snapshot_has_no_allocation_file(tmp_path: Path, content: SnapshotContent):
    tables = {name: rows for name, rows in content.tables.items() if name != "allocations"}
    write_snapshot(tmp_path / "blinded", replace(content, tables=tables))
    assert read_snapshot(tmp_path / "blinded").blinded
    assert not (tmp_path / "blinded" / "allocations.csv").exists()


@pytest.mark.parametrize("tamper", ["change", "remove", "add", "manifest"])
def test_a_tampered_snapshot_is_refused(tmp_path: Path, content: SnapshotContent, tamper: str):
    folder = tmp_path / "locked"
    write_snapshot(folder, content)
    values = folder / "values.csv"
    values.chmod(0o644)
    (folder / "manifest.json").chmod(0o644)
    if tamper == "change":
        values.write_text(values.read_text().replace("55", "5"))
    elif tamper == "remove":
        values.unlink()
    elif tamper == "add":
        (folder / "notes.txt").write_text("x")
    else:
        manifest = folder / "manifest.json"
        manifest.write_text(manifest.read_text().replace('"format": 1', '"format": 99'))
    with pytest.raises(SnapshotError):
        read_snapshot(folder)


def test_a_snapshot_is_never_overwritten(tmp_path: Path, content: SnapshotContent):
    write_snapshot(tmp_path / "locked", content)
    with pytest.raises(FileError, match="nothing is yet"):
        write_snapshot(tmp_path / "locked", content)
