"""Readers' measurements of scans as passes of a form: each linked to its subject, and to no other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from trialkit.access import Actor
from trialkit.access.acts.capture import IMPORT_PASS
from trialkit.entry.checking import EnteredRow, FormEntry
from trialkit.entry.errors import EntryError
from trialkit.operations.batches import Terms
from trialkit.operations.gate import reading
from trialkit.operations.import_batches import ImportSource, ScanFile, require_one_subject
from trialkit.operations.passes import PassesEntered, write_batch
from trialkit.operations.trial import Trial
from trialkit.store.reading.subjects import VisitState
from trialkit.wording import said

DAYS_FROM_VISIT = 31


@dataclass(frozen=True, slots=True)
class ScanReading:
    """What one reader measured of one scan.

    ``file_sha256`` is the image's: two readers of one scan have the same. ``values`` are texts by item.
    ``provenance`` joins the audit record: the other files' digests (``water_sha256``,
    ``segmentation_sha256``), formulas, settings, software. ``another_file``: it is known that the other
    reader read another file of this scan, such as a conversion.
    """

    subject_id: str
    visit: str
    form: str
    scan_date: date
    file_name: str
    file_sha256: str
    values: Mapping[str, str]
    provenance: Mapping[str, str] = field(default_factory=dict)
    another_file: bool = False

    @property
    def key(self) -> tuple[str, str, str]:
        return self.subject_id, self.visit, self.form


def import_reading(
    trial: Trial, actor: Actor, *, scan: ScanReading, days_from_visit: int = DAYS_FROM_VISIT
) -> PassesEntered:
    """Enter one reading; as :func:`import_readings` with a batch of one."""
    return import_readings(trial, actor, scans=[scan], days_from_visit=days_from_visit)


def import_readings(
    trial: Trial, actor: Actor, *, scans: Sequence[ScanReading], days_from_visit: int = DAYS_FROM_VISIT
) -> PassesEntered:
    """Enter readings, each as a pass of the actor's own: all of them, or none.

    The second pass of a form is made without seeing the first.

    Parameters
    ----------
    scans
        Each form at most once.
    days_from_visit
        How far a scan's date may lie from the visit's.

    Raises
    ------
    EntryError
        A subject or visit is not there, the dates are too far apart, a file belongs to another subject, the
        other reader read another image or drew this very segmentation, or a value is none for its item.
        Nothing was written.
    PassError
        This account made the other pass, or both are there.
    AccessError, StoreError
        No right at the site; a locked study.
    """
    ids = list(dict.fromkeys(scan.subject_id for scan in scans))
    files = {
        scan.key: ScanFile(scan.file_name, scan.file_sha256, scan.provenance, scan.another_file)
        for scan in scans
    }
    with reading(trial, actor, IMPORT_PASS) as gate:
        gate.require_not_closed()
        for subject_id in ids:
            gate.subject(subject_id)
        visits = gate.visits(ids)
        require_one_subject(gate.reader, files)
    for scan in scans:
        _require_near(scan, visits.get((scan.subject_id, scan.visit)), days_from_visit)
    entries = [FormEntry(*scan.key, (EnteredRow(scan.values),)) for scan in scans]
    first = scans[0] if scans else None
    source = ImportSource(
        first.file_name if first else "", first.file_sha256 if first else "", actor.account, files
    )
    return write_batch(
        trial, actor, IMPORT_PASS, entries=entries, terms=Terms(confirmed=False, source=source)
    )


def _require_near(scan: ScanReading, visit: VisitState | None, days_from_visit: int) -> None:
    where = "/".join(scan.key)
    if visit is None or visit.date is None:
        raise EntryError(
            expected="a visit that took place",
            found="none with a date",
            where=where,
            next_step="Record the visit first.",
        )
    apart = abs((scan.scan_date - visit.date).days)
    if apart > days_from_visit:
        raise EntryError(
            expected=said("a scan within {days} days of the visit", days=days_from_visit),
            found=said(
                "{scanned}, {apart} days from {visited}",
                scanned=scan.scan_date,
                apart=apart,
                visited=visit.date,
            ),
            where=where,
            next_step="Check subject, visit and date of the scan.",
        )
