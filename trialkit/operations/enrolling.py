"""Enrolling many people from one file: all of them, or nobody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path

from trialkit.access import Actor
from trialkit.access.acts.subjects import ENROL
from trialkit.entry.checking import Flag
from trialkit.entry.errors import EntryError
from trialkit.errors import TrialkitError
from trialkit.interchange import TableFile, read_table
from trialkit.interchange.reading import ONE_PART
from trialkit.nearest import advice
from trialkit.operations.errors import OperationError
from trialkit.operations.gate import OpenAct, acting
from trialkit.operations.own_trail import own_number
from trialkit.operations.subjects import HalfRead, Screened, faults_of_lines, write_screened
from trialkit.operations.trial import Trial
from trialkit.store.audit_chain import AuditStamp
from trialkit.store.reading.audit import records_stating
from trialkit.table_files.table_file import with_its_faults
from trialkit.wording import Said, said

SITE, CONSENT, VERSION = "site", "consent_date", "consent_version"


@dataclass(frozen=True, slots=True)
class ManyEnrolled:
    """The numbers in the order of the file's lines."""

    subject_ids: tuple[str, ...]
    stamp: AuditStamp
    flags: tuple[Flag, ...] = ()  # what to look at; it was taken


def enrol_from_file(
    trial: Trial, actor: Actor, *, path: Path | str, encoding: str | None = None
) -> ManyEnrolled:
    """Enter consenting people into screening from a table file, in one transaction.

    Parameters
    ----------
    path
        CSV or XLSX, a person a line: ``consent_date`` (YYYY-MM-DD); ``site`` unless the actor acts at one;
        and where wanted ``consent_version`` and the study's subject column with numbers given elsewhere.
    encoding
        Of a text file; None: UTF-8.

    Raises
    ------
    EntryError
        Everything wrong with the file, by line and column. Nobody was enrolled.
    AccessError, OperationError
        No right at a site; a file whose people are in already; every date in the future or a generation ago,
        every number in use, by line.
    """
    file = read_table(path, encoding, with_faults=True, many_parts=ONE_PART)
    with with_its_faults(file):
        people = _people(trial, actor, file)
    digest = sha256(Path(path).read_bytes()).hexdigest()
    with acting(trial, actor, ENROL, sites=sorted({person.site for person in people})) as progress:
        _require_another_file(progress, digest, str(path))
        numbers, flags = write_screened(trial, progress, people)
        progress.state(subjects=numbers, file=Path(path).name, file_sha256=digest)
    return ManyEnrolled(tuple(numbers), progress.stamp, flags)


def _require_another_file(progress: OpenAct, digest: str, where: str) -> None:
    """The same bytes are the same people, who would be given numbers anew."""
    earlier = records_stating(progress.reader, ENROL.name, "file_sha256", digest)
    if earlier:
        raise OperationError(
            expected="a file that is not in yet",
            found=said(
                "a file whose people audit record {number} enrolled, byte for byte",
                number=own_number(progress.reader, progress.sight, earlier[0]),
            ),
            where=where,
            next_step="This file is in: nothing is to be done. Other people whose lines are the same are "
            "enrolled with their numbers, or one by one.",
        )


def _people(trial: Trial, actor: Actor, file: TableFile) -> list[Screened]:
    key = trial.study.record_id
    permitted = [key, SITE, CONSENT, VERSION]
    header = f"{file.path}:1"
    problems: list[TrialkitError] = [
        EntryError(
            expected=said("columns {permitted}", permitted=", ".join(permitted)),
            found=repr(column),
            where=f"{header}:{column}",
            next_step=advice(column, permitted, otherwise=_what_to_do(key, file.columns)),
        )
        for column in file.columns
        if column not in permitted
    ]
    if CONSENT not in file.columns:
        problems.append(
            EntryError(expected=said("a column {key!r}", key=CONSENT), found="none", where=header)
        )
    if not file.rows and not file.faults:
        problems.append(EntryError(expected="at least one person", found="none", where=str(file.path)))
    if problems:
        raise TrialkitError.all_of(problems)
    people: list[Screened] = []
    half_read: list[HalfRead] = []
    seen: set[str] = set()
    for line, cells in zip(file.line_numbers, file.rows, strict=True):
        texts = {name: cell.strip() for name, cell in zip(file.columns, cells, strict=True)}
        where = f"{file.path}:{line}"
        site = texts.get(SITE) or actor.site or ""
        day, number = _day(texts[CONSENT]), texts.get(key) or None
        if site not in trial.rules.sites:
            sites = ", ".join(sorted(trial.rules.sites))
            expected = said("a site of the study: {sites}", sites=sites)
            problems.append(EntryError(expected=expected, found=repr(site), where=f"{where}:{SITE}"))
        if day is None:
            found = repr(texts[CONSENT])
            problems.append(EntryError(expected="a date YYYY-MM-DD", found=found, where=f"{where}:{CONSENT}"))
        if number is not None:
            if number in seen:
                problems.append(
                    EntryError(expected="each number once", found="one twice", where=f"{where}:{key}")
                )
            seen.add(number)
        half_read.append(HalfRead(site if site in trial.rules.sites else None, day, number, where))
        if day is not None and site in trial.rules.sites:
            people.append(Screened(site, day, texts.get(VERSION, ""), number, where))
    if problems or file.faults:
        problems += faults_of_lines(trial, actor, half_read)
    if problems:
        raise TrialkitError.all_of(problems)
    return people


def _what_to_do(key: str, columns: Sequence[str]) -> str | Said:
    """Of a column that is none of these: it may hold the numbers, which would be given anew."""
    if key in columns:
        return "Remove the column."
    return said("Numbers given elsewhere stand in the column {key!r}: rename it, or remove it.", key=key)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None
