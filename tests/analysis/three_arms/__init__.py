"""Study A's stored snapshot with a third arm: every fifth subject counts as allocated to walking."""

from __future__ import annotations

import zipfile
from datetime import datetime
from pathlib import Path

from trialkit import resources
from trialkit.analysis import load_plan
from trialkit.plan import Plan
from trialkit.snapshot import Snapshot, SnapshotContent, read_snapshot, write_snapshot
from trialkit.study import load_study

ARMS = ("exercise", "walking", "control")
STORED = Path("tests/reference/study_a/snapshot.zip")
OTHERS = 5  # every fifth of the subjects walks
_THIRD = """[arms.walking]
label = "Walking + NSAID"
role = "test"
ratio = 1
components = ["nsaid", "education"]

[arms.control]
"""


def three_arm_plan(folder: Path) -> Plan:
    """The entries of this folder in the frame (sets, visits, endpoints) of study A's plan."""
    text = (resources.folder("sap") / "study_a.toml").read_text(encoding="utf-8")
    frame, _, _ = text.partition("[[analysis]]")
    frame = frame.replace('roles = { test = "exercise",', 'roles = { test = ["exercise", "walking"],')
    path = folder / "plan.toml"
    path.write_text(
        frame + (Path(__file__).parent / "entries.toml").read_text(encoding="utf-8"), encoding="utf-8"
    )
    return load_plan(path)


def three_arm_snapshot(folder: Path, walks: int = OTHERS) -> Snapshot:
    """Written anew: the definition has one arm more, and every ``walks``-th subject is in it."""
    with zipfile.ZipFile(STORED) as archive:
        archive.extractall(folder / "stored")
    stored = read_snapshot(folder / "stored")
    study, manifest = load_study(stored.folder), stored.manifest
    tables = {name: table.astype(str).to_dict("records") for name, table in stored.tables.items()}
    allocated = sorted(row["subject_id"] for row in tables["allocations"])
    walking = set(allocated[::walks])
    for row in tables["allocations"]:
        if row["subject_id"] in walking:
            row |= {"planned_arm": "walking", "actual_arm": "walking"}
    content = SnapshotContent(
        study_id=study.id,
        study_version=study.version,
        study_sha256=study.sha256,
        definition_text=study.definition_text.replace("[arms.control]\n", _THIRD, 1),
        dictionary_text=study.dictionary_text,
        factors=tuple(factor.name for factor in study.factors),
        tables=tables,
        state=manifest.state,
        taken_at=datetime.fromisoformat(manifest.taken_at),
        audit_number=manifest.audit_number,
        audit_hash=manifest.audit_hash,
    )
    write_snapshot(folder / "three", content)
    return read_snapshot(folder / "three")
