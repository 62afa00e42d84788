"""One scan in a worker: its tables as text, or why there are none. Nothing here may end the batch."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from trialkit.errors import TrialkitError
from trialkit.imaging.batch.manifest import Task
from trialkit.imaging.muscle.settings import MeasureSettings
from trialkit.imaging.texture.settings import RadiomicsSettings

if TYPE_CHECKING:
    import pandas as pd

ERROR_COLUMNS = ("scan", "kind", "expected", "found", "where", "next_step")


@dataclass(frozen=True)
class Job:
    """What is done with every scan: muscle metrics always, features where settings are given."""

    measure: MeasureSettings
    radiomics: RadiomicsSettings | None = None

    def as_text(self) -> str:
        return self.measure.as_text() + (self.radiomics.as_text() if self.radiomics else "")


@dataclass(frozen=True)
class Outcome:
    """Of one scan: CSV rows without a header by table, or an error by ``ERROR_COLUMNS``; and warnings."""

    scan: str
    rows: dict[str, str]
    error: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def work(task: Task, job: Job) -> Outcome:
    """Measure one scan; every failure becomes an outcome."""
    try:
        return _measured(task, job)
    except TrialkitError as error:
        told = (type(error).__name__, error.expected, error.found, error.where, error.next_step)
    except MemoryError:
        told = (
            "MemoryError",
            "a scan that fits into memory",
            "too little memory",
            task.image,
            "Use fewer workers.",
        )
    except Exception as error:  # a defect of ours or of a library must not cost the other scans
        told = (
            type(error).__name__,
            "a scan that can be measured",
            f"unexpected: {type(error).__name__}",
            task.image,
            "Run `trialkit imaging measure` on it, with TRIALKIT_DEBUG=1, and report it.",
        )
    return Outcome(task.scan, {}, (task.scan, *map(str, told)))


def _measured(task: Task, job: Job) -> Outcome:
    from trialkit.imaging import measure, radiomics, read_segmentation
    from trialkit.imaging.identity.places import oddities
    from trialkit.imaging.reading.dixon import read_pair

    masks = read_segmentation(task.segmentation, labels=task.labels or None)
    image, water = read_pair(Path(task.image), Path(task.water) if task.water else None)
    rows = {"measurements": _text(measure(image, masks, water, job.measure, task.scan), job)}
    if job.radiomics is not None:
        rows["features"] = _text(radiomics(image, masks, job.radiomics, task.scan, water), job)
    volumes = [volume for volume in (image, water, masks) if volume is not None]
    notices = [notice for volume in volumes for notice in volume.notices] + oddities(masks)
    return Outcome(task.scan, rows, (), tuple(map(str, notices)))


def _text(table: pd.DataFrame, job: Job) -> str:
    """Rows whose settings are the name of a file written once: repeated, they would be most of the table."""
    return table.assign(settings=settings_name(job)).to_csv(index=False, header=False, lineterminator="\n")


def settings_name(job: Job) -> str:
    import hashlib

    return f"settings-{hashlib.sha256(job.as_text().encode()).hexdigest()[:12]}.json"


def headers(job: Job) -> dict[str, tuple[str, ...]]:
    """The columns of each table that the job writes."""
    from trialkit.imaging.muscle import measure
    from trialkit.imaging.texture import radiomics

    found: dict[str, tuple[str, ...]] = {"measurements": (*measure.COLUMNS, *measure.PROVENANCE)}
    if job.radiomics is not None:
        found["features"] = (*radiomics.COLUMNS, *radiomics.PROVENANCE)
    return found
