"""Whatever was done to a definition, a custody file or a snapshot: it is read, or refused in one line.

Small files are damaged byte by byte and word by word; a traceback or a hang is a failure. The readers of
table files have a fuzz of their own, in tests/interchange.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from trialkit import resources
from trialkit.analysis import load_plan
from trialkit.datasets import build_datasets
from trialkit.errors import TrialkitError
from trialkit.operations import read_anchor
from trialkit.operations.trial import read_settings, settings_text
from trialkit.randomization import (
    AllocationKey,
    Commitment,
    SealedBundle,
    SeedFile,
    load_restriction,
    make_list,
    read_custody_file,
    write_list,
)
from trialkit.randomization.design import RandomizationDesign
from trialkit.randomization.reveal import read_allocations
from trialkit.simulation.scenario_file import load_scenario
from trialkit.snapshot import SnapshotContent, read_snapshot, write_snapshot
from trialkit.snapshot.content import TABLES, content_sha256
from trialkit.study import load_study

PIECES = [range(first, first + 200) for first in range(1_000, 3_000, 200)]
"""2,000 seeds in ten pieces, each a test of its own, so that a run that was cut short goes on where it ended:
``pytest -m long -k "1400 and snapshot"``."""
WORDS = [
    b"", b"=", b'"', b"[", b"]]", b"\n", b"\0", b"\xff", b"nan", b"inf", b"-1", b"0", b"1e999", b"9" * 25,
    b"true", b"''", b'"""', b"2024-02-30", b"[[", b"{", b"}", b"null", b",", b";", b"\\u0000", b"(" * 80,
    b"^9^9^9", b"0x", b"..", b"*", b"9999-12-31", b"[" * 2000, "\u202e".encode(), b"A", b"a.b.c",
]  # fmt: skip


def damaged(content: bytes, seed: int) -> bytes:
    """A few words changed for others, copied, left out; sometimes a byte."""
    draw = random.Random(seed)
    data = bytearray(content)
    for _ in range(draw.randint(1, 3)):
        places = [match.span() for match in re.finditer(rb"[^\s,=\"'\[\]{}:]+", bytes(data))] or [(0, 0)]
        begin, end = draw.choice(places)
        act = draw.choice(["word", "word", "word", "other", "cut", "byte", "line"])
        if act == "word":
            data[begin:end] = draw.choice(WORDS)
        elif act == "other":
            data[begin:end] = data[slice(*draw.choice(places))]
        elif act == "cut":
            del data[begin : end + draw.randint(0, 30)]
        elif act == "byte" and data:
            data[min(begin, len(data) - 1)] = draw.randrange(256)
        elif act == "line":
            lines = bytes(data).split(b"\n")
            lines.insert(draw.randrange(len(lines)), draw.choice(lines))
            data = bytearray(b"\n".join(lines))
    return bytes(data)


@dataclass(frozen=True)
class Case:
    """A folder that is read whole, the file in it that is damaged, and how it is read."""

    folder: Path
    file: str
    read: Callable[[Path], object]


@pytest.fixture(scope="session")
def cases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Case]:
    made = tmp_path_factory.mktemp("whole")
    study = made / "study"
    shutil.copytree(resources.folder("sample_data"), study, ignore=shutil.ignore_patterns("extracts"))
    shutil.copy(resources.folder("sap") / "study_a.toml", study / "plan.toml")
    (study / "trialkit.toml").write_text(settings_text("sqlite:///trial.sqlite", "keys"))
    (study / "anchor.json").write_text(
        json.dumps({"kind": "audit-anchor", "study_id": "A", "number": 3, "hash": "0" * 64, "at": "2024"})
    )
    (study / "allocations.csv").write_text(
        "schedule_id,subject_id,stratum,sequence_number,arm,allocated_at\n"
        'x,A-001,"site=A,sex=female",1,exercise,2024-05-01T10:00:00+00:00\n'
    )
    _write_custody(made / "list")
    _write_snapshot(made / "snapshot")

    def text(read: Callable[[str], object]) -> Callable[[Path], object]:
        return lambda path: read(read_custody_file(path))

    lists = {
        "bundle.json": text(SealedBundle.from_json),
        "commitment.json": text(Commitment.from_json),
        "allocation-key.json": text(AllocationKey.from_json),
        "seed.json": text(SeedFile.from_json),
    }
    definitions: dict[str, tuple[str, Callable[[Path], object]]] = {
        "study": ("study.toml", lambda path: load_study(path.parent)),
        "dictionary": ("dictionary.csv", lambda path: load_study(path.parent)),
        "plan": ("plan.toml", load_plan),
        "scenario": ("simulation.toml", load_scenario),
        "restriction": ("randomization.toml", load_restriction),
        "settings": ("trialkit.toml", lambda path: read_settings(path.parent)),
        "anchor": ("anchor.json", read_anchor),
        "allocations": ("allocations.csv", read_allocations),
    }
    return {
        **{name: Case(study, file, read) for name, (file, read) in definitions.items()},
        **{name: Case(made / "list", name, read) for name, read in lists.items()},
        "manifest": Case(made / "snapshot", "manifest.json", lambda path: read_snapshot(path.parent)),
        **{
            name: Case(made / "snapshot", f"{name}.csv", _read_altered)
            for name in ("subjects", "visits", "values", "allocations table", "mistakes")
            if (made / "snapshot" / f"{name}.csv").exists()
        },
    }


NAMES = (
    "study",
    "dictionary",
    "plan",
    "scenario",
    "restriction",
    "settings",
    "anchor",
    "allocations",
    "bundle.json",
    "commitment.json",
    "allocation-key.json",
    "seed.json",
    "manifest",
    "subjects",
    "visits",
    "values",
    "mistakes",
)


def _write_custody(folder: Path) -> None:
    design = RandomizationDesign(
        arms={"exercise": 1, "control": 1},
        factors={"sex": ("female", "male")},
        block_lengths=(4,),
        subjects_per_stratum=8,
    )
    write_list(make_list(design, seed=7), folder, "a passphrase of several words", cost=14)


def _write_snapshot(folder: Path) -> None:
    """Two subjects of study A with a baseline and a later visit, as the wall would write them."""
    study = load_study(resources.folder("sample_data"))
    people = ("A-001", "exercise"), ("A-002", "control")
    item = {"form": "vas", "row": "", "item": "vas_mm", "state": "value", "missing_code": ""}
    subject = {
        "site": "A",
        "status": "completed",
        "status_reason": "",
        "consent_date": "2024-01-01",
        "randomization_date": "2024-01-05",
        "stratum_randomized": "x",
        "stratum_true": "x",
        **{
            f"{factor.name}_{kind}": factor.levels[0]
            for factor in study.factors
            for kind in ("randomized", "true")
        },
    }
    visits = ("baseline", "2024-01-03"), ("month_3", "2024-04-05")
    content = SnapshotContent(
        study_id=study.id,
        study_version=study.version,
        study_sha256=study.sha256,
        definition_text=study.definition_text,
        dictionary_text=study.dictionary_text,
        factors=tuple(factor.name for factor in study.factors),
        tables={
            "subjects": [{"subject_id": who, **subject} for who, _ in people],
            "visits": [
                {"subject_id": who, "visit": visit, "date": day, "status": "done", "reason": ""}
                for who, _ in people
                for visit, day in visits
            ],
            "values": [
                {"subject_id": who, "visit": visit, "value": "55", **item}
                for who, _ in people
                for visit, _ in visits
            ],
            "mistakes": [
                {"subject_id": "A-001", "kind": "wrong_stratum", "detail": "sex", "duplicate_of": ""}
            ],
            "forms": [],
            "quality": [{"measure": "fields_compared", "value": "2"}],
            "allocations": [
                {"subject_id": who, "planned_arm": arm, "actual_arm": arm} for who, arm in people
            ],
        },
        state="locked",
        taken_at=datetime(2025, 6, 1, tzinfo=UTC),
        audit_number=7,
        audit_hash="f" * 64,
    )
    write_snapshot(folder, content)


def _read_altered(path: Path) -> object:
    """The snapshot with its hashes made anew for the altered table, and the datasets from it."""
    manifest_file = path.parent / "manifest.json"
    manifest = json.loads(manifest_file.read_text(encoding="utf-8"))
    if not _is_text(path):
        return read_snapshot(path.parent)
    manifest["files"][path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
    lines = {
        name.removesuffix(".csv"): list(
            csv.reader(io.StringIO((path.parent / name).read_text(), newline=""))
        )[1:]
        for name in manifest["files"]
        if name.removesuffix(".csv") in TABLES
    }
    manifest["content_sha256"] = content_sha256(manifest["study_sha256"], lines)
    manifest_file.chmod(0o600)
    manifest_file.write_text(json.dumps(manifest), encoding="utf-8")
    snapshot = read_snapshot(path.parent)
    plan = load_plan(resources.folder("sap") / "study_a.toml")
    return build_datasets(snapshot, load_study(path.parent), plan)


def _is_text(path: Path) -> bool:
    try:
        _rows(path)
    except (UnicodeDecodeError, csv.Error):
        return False
    return True


def _rows(path: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))[1:]


def read_or_refused(case: Case, folder: Path, content: bytes) -> bool:
    """Whether it was read; anything but a clear refusal ends the test."""
    shutil.copytree(case.folder, folder, dirs_exist_ok=True)
    target = folder / case.file
    target.chmod(0o600)
    target.write_bytes(content)
    refused: TrialkitError | None = None
    try:
        case.read(target)
    except TrialkitError as problem:
        refused = problem
    finally:
        shutil.rmtree(folder)
    assert refused is None or ("\n" not in str(refused) and refused.expected and refused.found)
    return refused is None


@pytest.mark.parametrize(
    "seeds", [range(8), *(pytest.param(one, marks=pytest.mark.long) for one in PIECES)], ids=str
)
@pytest.mark.parametrize("name", NAMES)
def test_any_damage_is_read_or_refused(
    name: str, seeds: range, cases: dict[str, Case], tmp_path: Path
) -> None:
    case = cases[name]
    whole = (case.folder / case.file).read_bytes()
    assert read_or_refused(case, tmp_path / "case", whole), "the whole file is refused"
    refused = 0
    for seed in seeds:
        try:
            refused += not read_or_refused(case, tmp_path / "case", damaged(whole, seed))
        except Exception as error:
            error.add_note(f"{name}, seed {seed}")
            raise
    assert refused > len(seeds) / 20


def test_an_argument_that_is_no_text_is_refused_in_one_line() -> None:
    for words in (["study", "check", b"\xff\xfe"], [b"\xff"], ["audit", "verify", b"stud\xe9"]):
        answer = subprocess.run(
            [sys.executable, "-m", "trialkit", *words],
            capture_output=True,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
        )
        assert answer.returncode == 2
        assert b"arguments in the terminal's encoding" in answer.stderr
        assert answer.stderr.count(b"\n") == 1
