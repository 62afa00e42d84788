"""The archive: a folder that opens in twenty years, with a text editor, a spreadsheet and a reader of PDF."""

from __future__ import annotations

import csv
import io
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from trialkit.access import Actor
from trialkit.access.acts.closing import ARCHIVE
from trialkit.operations.archive_review import marks_by_form, review_tables
from trialkit.operations.gate import Gate, acting, reading
from trialkit.operations.snapshot_content import snapshot_content
from trialkit.operations.trial import Trial, file_sha256
from trialkit.safe_files import new_folder, require_place_for_folder, write_new
from trialkit.snapshot import prepare_snapshot
from trialkit.snapshot.content import SnapshotContent
from trialkit.store.audit_chain import IDENTITY, AuditStamp
from trialkit.store.reading.audit import AuditEntry, audit_entries
from trialkit.store.reading.forms import FormKey, pass_rows

_PASS_COLUMNS = (
    "subject_id", "visit", "form", "pass", "typed_by", "row", "item", "text", "state", "missing_code",
)  # fmt: skip
_TRAIL_COLUMNS = (*IDENTITY, "previous_hash", "hash", "mac")

README = """An archive of the study {study}, version {version}: {title}
Written {at}. It holds the state after audit record {number}, whose hash is
{link}

data/         The final record and whatever else a snapshot holds, as tables (CSV, UTF-8), everybody's
              arm among them, with the definition (study.toml) and the dictionary of the forms
              (dictionary.csv: item, form, label, codes, range, unit) under which the values were
              captured. manifest.json says the hashes.
passes.csv    What each person typed, both entries of each form, before they were compared. Forms that
              were voided are not in it; the trail has them.
trail/        Who did what, when and why. records.csv is for reading. records.jsonl is the trail itself, a
              record a line: its payload_text is exactly what was hashed, and says every row that the act
              wrote.
review/       What was said about the record: queries.csv (a line a step of each thread), signatures.csv
              (verifications too, and whether a later change made them void, or the form was voided),
              ticks.csv (single values held against their source), flags.csv (what was warned of while
              typing), serious_events.csv (a line a report; an event without one has a line of its own).
subjects/     The final record of each subject with its signatures, to be read: one PDF a subject.
SHA256SUMS    The SHA-256 of every file. `sha256sum -c SHA256SUMS` compares them.

The trail is a chain. The hash of a record is the SHA-256, in hexadecimal, of the hash of the record before
it, a line feed (byte 10), and its payload_text, in UTF-8. Before the first record stands the SHA-256 of the
text "trialkit audit chain 1" and a line feed. The last hash must be the one above; it should also stand on
a paper of its time. The mac is an HMAC-SHA-256 of the hash under the study's audit key, which is not in
this folder.

Redaction: a text that identifies somebody may have been taken out of a record by a later act, whose
operation is "redact". "[redacted]" stands in its place, and where that was a date or a number, the missing
code "unknown". The record keeps the hash that its own words had: it follows no more from payload_text, and
is taken as it stands for the record after it. Its payload_text is held against the act instead: the payload
of that act's record says under "writes", "redaction", in "rows" (what each column is stands in "columns"),
the number of the record that was changed (record), where in it (place), and the SHA-256 of its payload_text
in UTF-8 as it is since (after_sha256). Of several such acts the last one counts. A record whose hash does
not follow and which no later act names, or whose payload_text has another SHA-256, was changed by hand.

Nothing here needs trialkit. Keep the folder read-only, in two places, and compare the sums once a year.
"""


@dataclass(frozen=True, slots=True)
class SubjectRecord:
    """The final record of a subject, as tables of texts: what a page to be read is made of."""

    study_title: str
    version: str
    subject_id: str
    site: str
    facts: tuple[tuple[str, str], ...]
    forms: tuple[FormPrinted, ...]
    stand: str  # the record of the trail after which this was so


@dataclass(frozen=True, slots=True)
class FormPrinted:
    """A form at a visit: ``lines`` are (line, label, item, value with its unit).

    ``marks``: its signatures and verifications, a sentence each.
    """

    visit: str
    form: str
    status: str
    lines: tuple[tuple[str, str, str, str], ...]
    marks: tuple[str, ...] = ()


Printer = Callable[[SubjectRecord, Path], object]
"""Writes the record of a subject to a file."""


@dataclass(frozen=True, slots=True)
class Archived:
    folder: Path
    subjects: int
    records: int
    files: int
    stamp: AuditStamp


def archive(
    trial: Trial, actor: Actor, *, folder: Path | str, printer: Printer, told: Callable[[str], object] = str
) -> Archived:
    """Write an archive of the study: data, trail, definition, hashes, and a PDF a subject.

    Parameters
    ----------
    folder
        Where; it must not exist yet. It appears whole or not at all; the record of the act stands either way.
    printer
        Writes one subject's record as a PDF.
    told
        Is called with the number of each subject whose record is written.

    Raises
    ------
    AccessError
        No right at every site, or a blinded role in a study that is not unblinded: everybody's arm is in it.
    FileError
        The folder exists, or cannot be written.
    """
    folder = Path(folder)
    require_place_for_folder(folder)
    with acting(trial, actor, ARCHIVE) as progress:
        progress.state(folder=folder.name)
    with reading(trial, actor, ARCHIVE) as gate, new_folder(folder, private=True) as making:
        everything = [name for name, item in gate.rules.items.items() if item.identifier]
        content = snapshot_content(gate, taken_at=trial.clock.now(), identifiers=everything)
        prepare_snapshot(content).write(making / "data")
        _write(making / "passes.csv", _csv(_PASS_COLUMNS, _pass_lines(gate)))
        entries = list(audit_entries(gate.reader))
        _write(making / "trail" / "records.csv", _csv(_TRAIL_COLUMNS, map(_trail_line, entries)))
        _write(making / "trail" / "records.jsonl", "".join(map(_trail_json, entries)))
        for name, (columns, lines) in review_tables(gate).items():
            _write(making / "review" / f"{name}.csv", _csv(columns, lines))
        people = subject_records(trial, content, marks_by_form(gate))
        for record in people:
            path = making / "subjects" / f"{record.subject_id}.pdf"
            path.parent.mkdir(exist_ok=True)
            printer(record, path)
            told(record.subject_id)
        _write(making / "README.txt", _readme(trial, content))
        files = sorted(path for path in making.rglob("*") if path.is_file())
        sums = "".join(f"{file_sha256(path)}  {path.relative_to(making).as_posix()}\n" for path in files)
        _write(making / "SHA256SUMS", sums)
    return Archived(folder, len(people), len(entries), len(files) + 1, progress.stamp)


def _readme(trial: Trial, content: SnapshotContent) -> str:
    return README.format(
        study=trial.study.id,
        version=trial.study.version,
        title=trial.study.title,
        at=content.taken_at.isoformat(timespec="seconds"),
        number=content.audit_number,
        link=content.audit_hash,
    )


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    write_new(path, text, private=True)


def _csv(columns: Sequence[str], lines: Iterable[Sequence[object]]) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(lines)
    return text.getvalue()


def _trail_line(entry: AuditEntry) -> list[object]:
    return [getattr(entry, name) or "" for name in _TRAIL_COLUMNS]


def _trail_json(entry: AuditEntry) -> str:
    facts = {name: getattr(entry, name) for name in (*_TRAIL_COLUMNS, "payload_text")}
    return json.dumps(facts, ensure_ascii=False) + "\n"


def _pass_lines(gate: Gate) -> Iterator[list[object]]:
    for key, state in sorted(gate.forms().items()):
        rows = pass_rows(gate.reader, list(state.pass_ids.values()))
        by_number = {made.number: made for made in state.passes}
        for number, pass_id in sorted(state.pass_ids.items()):
            for stored in rows[pass_id]:
                for item, value in stored.row.values.items():
                    yield [
                        *key, number, by_number[number].entered_by, stored.row.row_key, item,
                        value.text or "", value.state.value, value.missing_code or "",
                    ]  # fmt: skip


def subject_records(
    trial: Trial, content: SnapshotContent, marks: Mapping[FormKey, Sequence[str]]
) -> list[SubjectRecord]:
    """The final record of each subject, in the order of the study's visits and forms.

    ``marks``: signatures and verifications of each form, a sentence each.
    """
    values: dict[tuple[str, str, str], list[tuple[str, str, str, str]]] = defaultdict(list)
    items = trial.rules.items
    order = {name: place for place, name in enumerate(items)}
    for row in sorted(content.tables["values"], key=lambda row: (row["row"], order[row["item"]])):
        item = items[row["item"]]
        said = item.shown(row["value"]) if row["state"] == "value" else row["missing_code"] or row["state"]
        unit = f" {item.unit}" if item.unit and row["state"] == "value" else ""
        values[row["subject_id"], row["visit"], row["form"]].append(
            (row["row"], item.label, row["item"], said + unit)
        )
    status = {(r["subject_id"], r["visit"], r["form"]): r for r in content.tables["forms"]}
    dates = {(r["subject_id"], r["visit"]): r["date"] for r in content.tables["visits"]}
    arms = {row["subject_id"]: row for row in content.tables.get("allocations", ())}
    found = []
    for person in sorted(content.tables["subjects"], key=lambda row: row["subject_id"]):
        number = person["subject_id"]
        forms = [
            FormPrinted(
                visit.label + (f", {dates[number, visit.name]}" if dates.get((number, visit.name)) else ""),
                form.label,
                " ".join(filter(None, (status[key]["status"], status[key]["reason"])))
                if key in status
                else "voided",
                tuple(values.get(key, ())),
                tuple(marks.get(key, ())),
            )
            for visit in trial.study.visits
            for form in trial.study.forms
            if (key := (number, visit.name, form.name)) in status or key in values or key in marks
        ]
        facts = {
            **{name: text for name, text in person.items() if text},
            **{name: text for name, text in arms.get(number, {}).items() if text},
        }
        found.append(
            SubjectRecord(
                trial.study.title, trial.study.version, number, person["site"], tuple(facts.items()),
                tuple(forms), f"audit record {content.audit_number}, {content.audit_hash}",
            )
        )  # fmt: skip
    return found
