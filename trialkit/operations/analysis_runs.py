"""Runs of the analysis, read by those whose rights allow what the run says of the arms.

The analysis wing writes a run as a folder; the operator puts it into the folder that the settings name
(``[analyses] folder``; without it ``analyses`` of the study folder). Nothing in it is trusted: the run must
be of this study and of a snapshot that the audit trail knows, and every file that is handed out the one that
its manifest names.

What this does not find: a manifest that somebody with access to the machine wrote anew, all hashes with it.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trialkit.access import Act, Actor
from trialkit.access.acts.reading import (
    LIST_ANALYSES,
    VIEW_CLOSED_ANALYSIS,
    VIEW_MASKED_ANALYSIS,
    VIEW_UNBLINDED_ANALYSIS,
    WRITE_SNAPSHOT,
    WRITE_UNBLINDED_SNAPSHOT,
)
from trialkit.limits import LARGEST_DEFINITION_BYTES, LARGEST_FILE_BYTES
from trialkit.operations.errors import OperationError
from trialkit.operations.gate import Gate, reading
from trialkit.operations.trial import Trial, read_settings
from trialkit.store.reading.audit import records_of
from trialkit.store.reading.study import study_standing
from trialkit.wording import said

FOLDER = "analyses"
MANIFEST = "manifest.json"
RESULTS = "results.json"
PAGES = "report/"

ACT_OF: dict[str, Act] = {
    "dry-run": VIEW_MASKED_ANALYSIS,
    "masked": VIEW_MASKED_ANALYSIS,
    "blinded": VIEW_MASKED_ANALYSIS,
    "coded": VIEW_CLOSED_ANALYSIS,
    "unblinded": VIEW_UNBLINDED_ANALYSIS,
}
_AFTER_UNBLINDING = frozenset({"unblinded"})
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class AnalysisRun:
    """``files`` are those of its report, by name; ``problem`` says why it is handed out to nobody."""

    name: str
    mode: str
    plan_id: str = ""
    plan_version: str = ""
    snapshot_state: str = ""
    files: tuple[str, ...] = ()
    problem: str = ""


def list_analysis_runs(trial: Trial, actor: Actor) -> list[AnalysisRun]:
    """The runs that this actor may read now, by name; those whose manifest cannot be read say so.

    Raises
    ------
    AccessError
        No right to any.
    """
    with reading(trial, actor, LIST_ANALYSES) as gate:
        return [run for folder in _folders(trial) if (run := _listed(gate, folder)) is not None]


def analysis_file(trial: Trial, actor: Actor, *, name: str, file: str) -> bytes | None:
    """One file of a run's report, as it was written; None where this actor may read none of that name.

    Parameters
    ----------
    name
        Of the run's folder.
    file
        As the manifest has it, without ``report/``.

    Raises
    ------
    AccessError
        No right to any run.
    OperationError
        The run is not what its manifest says, or of a snapshot that the audit trail does not know.
    """
    with reading(trial, actor, LIST_ANALYSES) as gate:
        folder = next((one for one in _folders(trial) if one.name == name), None)
        if folder is None:
            return None
        manifest = _manifest(folder)
        if not _is_of(trial, manifest) or not _may_read(gate, str(manifest.get("mode"))):
            return None
        known = {
            facts["content_sha256"]
            for act in (WRITE_SNAPSHOT, WRITE_UNBLINDED_SNAPSHOT)
            for _, facts in records_of(gate.reader, act.name)
        }
    outputs = manifest["outputs"]
    if PAGES + file not in outputs:
        return None
    if manifest["provenance"]["snapshot_content_sha256"] not in known:
        raise OperationError(
            expected="a run of a snapshot that this study wrote",
            found="a snapshot that its audit trail does not know",
            where=name,
            next_step="Take a snapshot of the study, and run the plan on it.",
        )
    results = _unaltered(folder, outputs, RESULTS)
    if json.loads(results).get("mode") != manifest["mode"]:
        raise _altered(folder, MANIFEST)
    return _unaltered(folder, outputs, PAGES + file)


def _folders(trial: Trial) -> list[Path]:
    root = read_settings(trial.folder).analyses or trial.folder / FOLDER
    if not root.is_dir():
        return []
    return sorted(one for one in root.iterdir() if one.is_dir() and _NAME.fullmatch(one.name))


def _listed(gate: Gate, folder: Path) -> AnalysisRun | None:
    try:
        manifest = _manifest(folder)
    except OperationError as error:
        return AnalysisRun(folder.name, "", problem=error.found)
    if not _is_of(gate.trial, manifest) or not _may_read(gate, manifest["mode"]):
        return None
    made_of = manifest["provenance"]
    return AnalysisRun(
        folder.name,
        manifest["mode"],
        str(made_of.get("plan_id", "")),
        str(made_of.get("plan_version", "")),
        str(made_of.get("snapshot_state", "")),
        tuple(sorted(one.removeprefix(PAGES) for one in manifest["outputs"] if one.startswith(PAGES))),
    )


def _may_read(gate: Gate, mode: str) -> bool:
    act = ACT_OF.get(mode)
    if act is None or not gate.permits(act):
        return False
    return mode not in _AFTER_UNBLINDING or study_standing(gate.reader).unblinded


def _is_of(trial: Trial, manifest: dict[str, Any]) -> bool:
    return bool(manifest["provenance"].get("study_id") == trial.study.id)


def _manifest(folder: Path) -> dict[str, Any]:
    file = folder / MANIFEST
    try:
        text = _read(file, LARGEST_DEFINITION_BYTES)
        found = json.loads(text)
        whole = isinstance(found, dict) and all(
            isinstance(found.get(part), kind)
            for part, kind in (("mode", str), ("outputs", dict), ("provenance", dict))
        )
    except (OSError, ValueError, RecursionError):
        whole = False
    if not whole:
        raise OperationError(
            expected="the folder of a run of the analysis, with its manifest",
            found="a manifest that is missing or cannot be read",
            where=folder.name,
            next_step="Run the plan again, into a new folder.",
        )
    made: dict[str, Any] = found
    return made


def _unaltered(folder: Path, outputs: dict[str, Any], name: str) -> bytes:
    """A file whose bytes are those of the manifest: read once, so that what was held against it is given."""
    try:
        content = _read(folder / name, LARGEST_FILE_BYTES)
    except OSError:
        raise _altered(folder, name) from None
    if hashlib.sha256(content).hexdigest() != outputs.get(name):
        raise _altered(folder, name)
    return content


def _read(file: Path, most: int) -> bytes:
    if file.is_symlink() or file.stat().st_size > most:
        raise OSError
    return file.read_bytes()


def _altered(folder: Path, name: str) -> OperationError:
    return OperationError(
        expected="the file that the run wrote",
        found="another one than its manifest names, or none",
        where=said("{name} of {folder}", name=name, folder=folder.name),
        next_step="Run the plan again, into a new folder; ask who changed this one.",
    )
