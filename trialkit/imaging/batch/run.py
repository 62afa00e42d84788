"""``run_batch``: every scan of a manifest once, whatever happens on the way."""

from __future__ import annotations

import csv
import fcntl
import io
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from trialkit.imaging.batch.manifest import Task
from trialkit.imaging.batch.pools import in_this_process, on_cluster, on_processes
from trialkit.imaging.batch.work import ERROR_COLUMNS, Job, Outcome, headers, settings_name
from trialkit.imaging.errors import ImagingError
from trialkit.safe_files import write_over

_PARTS = "parts"


@dataclass(frozen=True)
class Progress:
    """How far a batch is; ``seconds_left`` from the pace so far, None after the first scan."""

    done: int
    total: int
    errors: int
    seconds_left: float | None


@dataclass(frozen=True)
class BatchResult:
    """``resumed`` scans were there from an earlier run; ``errors`` have a row in ``errors.csv``."""

    scans: int
    resumed: int
    errors: int
    folder: Path


def run_batch(
    tasks: list[Task],
    out: Path,
    job: Job,
    workers: int = 1,
    scheduler: str | None = None,
    tell: Callable[[Progress], None] = lambda progress: None,
) -> BatchResult:
    """Measure all scans; run again, it goes on where it was.

    Parameters
    ----------
    tasks
        From ``read_manifest``.
    out
        Folder for ``measurements.csv``, ``errors.csv``, ``warnings.csv``, the settings, and
        ``features.csv`` where the job has radiomics; ``parts/`` holds what is done, one file a scan.
    workers
        Processes; 1 works in this one.
    scheduler
        Address of a Dask scheduler instead.
    tell
        Called after every scan.

    Raises
    ------
    ImagingError
        Another batch is writing to the folder, it cannot be written to, or the cluster cannot be reached or
        is lost. What was done is kept.

    Notes
    -----
    A scan is done when its part is whole on the disk; a part counts only for the same row, files (by size and
    time), settings and version. Scans that failed are tried again by the next run. Tables are put together
    from
    the parts, in the manifest's order, when all is done: a reader never sees half a table. In memory are
    never more scans than twice the workers.
    """
    with _told_where(out), _alone_in(out):
        write_over(out / settings_name(job), json.dumps(_settings(job), indent=1) + "\n")
        part_of = {task.scan: out / _PARTS / f"{task.fingerprint(job.as_text())}.json" for task in tasks}
        waiting = [task for task in tasks if not _is_measured(part_of[task.scan])]
        begun, errors, first = time.monotonic(), 0, 0.0
        for number, outcome in enumerate(_outcomes(waiting, job, workers, scheduler), start=1):
            errors += bool(outcome.error)
            _keep(part_of[outcome.scan], outcome)
            if number == 1:  # starting up is in the first scan's time, and in no other's
                first = time.monotonic() - begun
            pace = first if number == 1 else (time.monotonic() - begun - first) / (number - 1)
            done = len(tasks) - len(waiting) + number
            left = None if number == 1 and len(waiting) > 1 else pace * (len(waiting) - number)
            tell(Progress(done, len(tasks), errors, left))
        _put_together(out, [part_of[task.scan] for task in tasks], job)
    return BatchResult(len(tasks), len(tasks) - len(waiting), errors, out)


def _outcomes(tasks: list[Task], job: Job, workers: int, scheduler: str | None) -> Iterator[Outcome]:
    if scheduler is not None:
        return on_cluster(tasks, job, scheduler)
    return in_this_process(tasks, job) if workers == 1 else on_processes(tasks, job, workers)


@contextmanager
def _told_where(out: Path) -> Iterator[None]:
    """A folder that cannot be written to, or a full disk, is named; what is done stays done."""
    try:
        (out / _PARTS).mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise ImagingError(
            expected="a folder that can be written to",
            found=error.strerror or type(error).__name__,
            where=str(out),
            next_step="Make room, or mend the folder's rights, and run again: it goes on where it was.",
        ) from None


@contextmanager
def _alone_in(out: Path) -> Iterator[None]:
    """The system gives the lock back when a process ends, however it ends."""
    handle = os.open(out / ".lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise ImagingError(
            expected="a folder that no other batch is writing to",
            found="one that is in use",
            where=str(out),
            next_step="Wait for it, or choose another folder.",
        ) from None
    finally:
        os.close(handle)


def _settings(job: Job) -> dict[str, Any]:
    return {"measure": asdict(job.measure), "radiomics": asdict(job.radiomics) if job.radiomics else None}


def _keep(part: Path, outcome: Outcome) -> None:
    temporary = part.with_suffix(".part")
    with temporary.open("w", encoding="utf-8") as file:
        json.dump(asdict(outcome), file)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(part)


def _is_measured(part: Path) -> bool:
    try:
        return not json.loads(part.read_text(encoding="utf-8"))["error"]
    except (OSError, ValueError, KeyError):
        return False


def _put_together(out: Path, parts: list[Path], job: Job) -> None:
    """One part at a time: the tables may be larger than memory."""
    tables = {**headers(job), "errors": ERROR_COLUMNS, "warnings": ("scan", "warning")}
    places = {name: out / f".{name}.csv.part" for name in tables}
    files = {name: place.open("w", encoding="utf-8", newline="") for name, place in places.items()}
    try:
        for name, columns in tables.items():
            files[name].write(_line(columns))
        for part in parts:
            told = json.loads(part.read_text(encoding="utf-8"))
            for name, rows in told["rows"].items():
                files[name].write(rows)
            if told["error"]:
                files["errors"].write(_line(told["error"]))
            for warning in told["warnings"]:
                files["warnings"].write(_line((told["scan"], warning)))
    finally:
        for file in files.values():
            file.close()
    for name, place in places.items():
        place.replace(out / f"{name}.csv")


def _line(cells: tuple[str, ...]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue()
