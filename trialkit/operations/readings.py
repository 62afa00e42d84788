"""A reader's measurements of one scan as one pass of a form: linked to the subject, and to no other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from trialkit.access import Actor
from trialkit.access.acts.capture import IMPORT_PASS
from trialkit.entry.checking import EnteredRow, FormEntry
from trialkit.entry.errors import EntryError
from trialkit.operations.gate import reading
from trialkit.operations.passes import ImportSource, PassesEntered, write_batch
from trialkit.operations.scan_files import require_nobody_elses
from trialkit.operations.trial import Trial
from trialkit.wording import said

DAYS_FROM_VISIT = 31


@dataclass(frozen=True, slots=True)
class ScanReading:
    """What one reader measured of one scan.

    ``file_sha256`` is the image's: two readers of one scan have the same. ``values`` are texts by item.
    ``provenance`` joins the audit record: the other files' digests, formulas, settings, software.
    """

    subject_id: str
    visit: str
    form: str
    scan_date: date
    file_name: str
    file_sha256: str
    values: Mapping[str, str]
    provenance: Mapping[str, str] = field(default_factory=dict)


def import_reading(
    trial: Trial, actor: Actor, *, scan: ScanReading, days_from_visit: int = DAYS_FROM_VISIT
) -> PassesEntered:
    """Enter a reading as a pass of the actor's own; the second is made without seeing the first.

    Parameters
    ----------
    days_from_visit
        How far the scan's date may lie from the visit's.

    Raises
    ------
    EntryError
        The subject or visit is not there, the dates are too far apart, the scan belongs to another subject,
        or a value is none for its item. Nothing was written.
    PassError
        This account made the other pass, or both are there.
    AccessError, StoreError
        No right at the site; a locked study.
    """
    with reading(trial, actor, IMPORT_PASS) as gate:
        gate.subject(scan.subject_id)
        visit = gate.visits([scan.subject_id]).get((scan.subject_id, scan.visit))
        require_nobody_elses(gate.reader, scan.file_sha256, {scan.subject_id})
    where = f"{scan.subject_id}/{scan.visit}/{scan.form}"
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
    entry = FormEntry(scan.subject_id, scan.visit, scan.form, (EnteredRow(scan.values),))
    source = ImportSource(
        scan.file_name, scan.file_sha256, actor.account, one_subject=True, facts=scan.provenance
    )
    return write_batch(trial, actor, IMPORT_PASS, entries=[entry], confirmed=False, source=source)
