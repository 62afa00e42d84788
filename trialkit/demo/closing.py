"""The end of data capture: the lock, a write that it refuses, the unblinding, and the way over the wall."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from trialkit.demo.people import data_manager, statistician
from trialkit.errors import TrialkitError
from trialkit.operations import Trial, VisitDone, lock, record_visits, unblind, write_snapshot


@dataclass(frozen=True)
class Closed:
    """``refusal`` is what the data manager was told who tried to move a visit after the lock."""

    refusal: str
    snapshot: Path


def close(trial: Trial, folder: Path, late_change: VisitDone) -> Closed:
    """Lock, prove that the lock holds, and write the blinded and the unblinded snapshot."""
    lock(trial, data_manager(), reason="All forms entered twice, compared and decided")
    refusal = _refusal(trial, late_change)
    write_snapshot(trial, data_manager(), folder=folder / "blinded", blinded=True)
    unblind(trial, data_manager(), reason="Data locked; the plan may be run")
    unblinded = write_snapshot(trial, statistician(), folder=folder / "unblinded", blinded=False)
    return Closed(refusal, unblinded.folder)


def _refusal(trial: Trial, late_change: VisitDone) -> str:
    try:
        record_visits(trial, data_manager(), visits_done=[late_change])
    except TrialkitError as refusal:
        return str(refusal)
    raise TrialkitError(
        expected="the lock to refuse a clinical write",
        found="it was taken",
        next_step="This is a defect in trialkit; please report it.",
    )
