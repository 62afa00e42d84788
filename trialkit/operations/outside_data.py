"""A finished trial's data file, imported as its definition maps it: subjects, forms, allocations, at once."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from trialkit.access import Actor
from trialkit.access.acts.capture import IMPORT_OUTSIDE_DATA
from trialkit.entry.checking import CheckedEntry, EnteredRow, Flag, FormEntry, check_entries
from trialkit.entry.errors import EntryError
from trialkit.interchange import TableFile, read_table
from trialkit.interchange.pass_cells import CellReader, known_code
from trialkit.interchange.reading import ONE_PART
from trialkit.nearest import advice
from trialkit.operations.custody import seal_arm
from trialkit.operations.errors import OperationError
from trialkit.operations.gate import OpenAct, acting
from trialkit.operations.import_batches import ImportSource
from trialkit.operations.outside_people import Person, Reading, is_missing, people_of
from trialkit.operations.pass_writer import PassWriter
from trialkit.operations.second_person import confirm_critical
from trialkit.operations.subjects import latest_date
from trialkit.operations.trial import Trial, file_sha256
from trialkit.randomization import AllocationKey
from trialkit.store import models as m
from trialkit.store.audit_chain import AuditStamp
from trialkit.store.reading.allocations import external_place
from trialkit.store.reading.subjects import subjects
from trialkit.study.import_mapping import ImportColumn, ImportMapping
from trialkit.table_files.table_file import with_its_faults
from trialkit.vocabulary import EntryMode
from trialkit.wording import said

NOT_IN_THE_FILE = "no value in the imported file"


@dataclass(frozen=True, slots=True)
class OutsideDataImported:
    """What came in, and what did not.

    ``forms_not_done`` counts forms of which the file has no value at all, ``set_aside`` values not taken
    because the definition says that they mean nothing where another column is missing. ``notes``: what was
    read otherwise than it stands, with how often.
    """

    subjects: int
    allocations: int
    forms: int
    forms_not_done: int
    set_aside: int
    flags: tuple[Flag, ...]
    notes: tuple[str, ...]
    stamp: AuditStamp


def import_outside_data(
    trial: Trial,
    actor: Actor,
    *,
    path: Path | str,
    encoding: str | None = None,
    date_order: str = "ymd",
    decimal_comma: bool = False,
    second_person: Actor | None = None,
) -> OutsideDataImported:
    """Import the data file of a trial that was run elsewhere, as ``[import]`` of its definition says.

    Parameters
    ----------
    path
        The file that ``[import]`` names, one line a subject, or a subject and visit where it states a
        ``visit_column``;
        every column mapped or listed as ignored.
    encoding
        Of a text file; None: UTF-8.
    date_order
        ``dmy`` or ``mdy`` where the file writes its days so.
    decimal_comma
        True where the file writes ``10,5``, and ``63,0`` for a whole number or a code.
    second_person
        Proved by password: needed where a column of the file is mapped to a critical item and the study's
        ``[capture]`` says so.

    Returns
    -------
    OutsideDataImported
        Allocations are recorded as made outside, sealed, and never as slots.

    Raises
    ------
    OperationError
        The definition maps no file, or to a form that is entered twice.
    EntryError, FileFormatError, FileEncodingError
        Naming file, line and column: the first of what is wrong, with the others in ``also``. Nothing was
        written.
    """
    mapping = _mapping(trial)
    file = read_table(path, encoding, with_faults=True, many_parts=ONE_PART)
    cells = CellReader(date_order, decimal_comma=decimal_comma)
    reading = Reading(mapping, trial.study, cells, latest_date(trial.clock.now()), [])
    with with_its_faults(file):
        _check_columns(file, mapping)
        people = people_of(file, reading)
        entries, missing, set_aside = _entries(trial, reading, people)
        if reading.problems:
            raise EntryError.all_of(reading.problems)
    checked = check_entries(lambda _: trial.definitions.current.asked(blinded=False), entries)
    with acting(trial, actor, IMPORT_OUTSIDE_DATA, reason=trial.study.randomization.reason_external) as act:
        _refuse_known(act, people)
        for person in people:
            act.add(m.Subject, subject_id=person.subject_id, site=person.site)
        mapped = [(act.rules.items[column.item].form, column.item) for column in mapping.columns]
        alone = mapped if trial.study.capture.second_person_at_entry else []
        confirm_critical(act, alone, second_person, sites={person.site for person in people})
        source = ImportSource(Path(path).name, file_sha256(Path(path)), actor.account)
        _write_forms(trial, act, actor, source, checked, missing)
        allocated = _write_allocations(trial, act, mapping, people)
        act.state(
            subjects=len(people), forms=len(checked), forms_not_done=len(missing), set_aside=set_aside,
            source=mapping.source, file=source.file_name, file_sha256=source.file_sha256,
        )  # fmt: skip
    return OutsideDataImported(
        subjects=len(people),
        allocations=allocated,
        forms=len(checked),
        forms_not_done=len(missing),
        set_aside=set_aside,
        flags=tuple(flag for one in checked for flag in one.flags),
        notes=tuple(reading.cells.notes()),
        stamp=act.stamp,
    )


def _mapping(trial: Trial) -> ImportMapping:
    mapping = trial.study.import_mapping
    if mapping is None or (mapping.site is None and mapping.site_column is None):
        raise OperationError(
            expected="a definition that maps a data file, with the site of its subjects",
            found="none",
            where="study.toml: [import]",
            next_step="Describe the file under [import].",
        )
    for column in mapping.columns:
        form = trial.rules.forms[trial.rules.items[column.item].form]
        if form.entry is not EntryMode.SINGLE or form.repeating:
            raise OperationError(
                expected="a mapping to forms that are entered once and do not repeat",
                found=said("form {name}", name=form.name),
                where=said("study.toml: [import.columns.{column}]", column=column.column),
                next_step="Import the two passes of such a form one by one.",
            )
    return mapping


def _check_columns(file: TableFile, mapping: ImportMapping) -> None:
    keys = mapping.key_columns
    wanted = [*keys, *(column.column for column in mapping.columns)]
    header = f"{file.path}:1"
    problems = [
        EntryError(
            expected=said("the column {column!r} that the definition maps", column=column),
            found="none",
            where=header,
            next_step=advice(column, file.columns, otherwise="Check that this is the file meant."),
        )
        for column in dict.fromkeys(wanted)
        if column not in file.columns
    ]
    problems += [
        EntryError(
            expected="every column mapped or listed under ignored_columns",
            found=repr(column),
            where=f"{header}:{column}",
            next_step=advice(column, wanted, otherwise="Map it, or list it as ignored."),
        )
        for column in file.columns
        if column not in wanted and column not in mapping.ignored_columns
    ]
    if not file.rows and not file.faults:
        problems.append(EntryError(expected="at least one subject", found="a header alone", where=header))
    if problems:
        raise EntryError.all_of(problems)


def _entries(
    trial: Trial, reading: Reading, people: list[Person]
) -> tuple[list[FormEntry], list[tuple[str, str, str]], int]:
    """The forms of everybody, those of which the file has no value, and how many values mean nothing."""
    mapping = reading.mapping
    entries, missing, set_aside = [], [], 0
    places = _places(trial, mapping, people)
    for person in people:
        for (visit, form), columns in places.items():
            values = {}
            for column in columns:
                value = reading.tried(None, _value, trial, reading, column, person, visit)
                set_aside += value is None
                values[column.item] = value or ""
            if any(values.values()):
                row = EnteredRow(values, place=_place(person, visit))
                entries.append(FormEntry(person.subject_id, visit, form, (row,)))
            else:
                missing.append((person.subject_id, visit, form))
        _refuse_values_without_a_place(trial, reading, person)
    return entries, missing, set_aside


def _refuse_values_without_a_place(trial: Trial, reading: Reading, person: Person) -> None:
    """A value on the line of a visit at which its form is not asked: it would be lost without a word."""
    mapping = reading.mapping
    if mapping.visit_column is None:
        return
    for column in mapping.columns:
        form = trial.rules.forms[trial.rules.items[column.item].form]
        for visit, line in person.lines.items():
            text = line.texts[column.column]
            if column.visit or visit in form.visits or is_missing(mapping, text):
                continue
            error = EntryError(
                expected=said(
                    "no value where form {name} is not asked ({visit})", name=form.name, visit=visit
                ),
                found=repr(text),
                where=f"{line.place}:{column.column}",
                next_step="Say in [import] of which visit the column is, or empty the cells of other visits.",
            )
            reading.problems.append(error)


def _places(
    trial: Trial, mapping: ImportMapping, people: list[Person]
) -> dict[tuple[str, str], list[ImportColumn]]:
    """The columns of each visit and form that the file can fill."""
    told = {visit for person in people for visit in person.lines}
    visits = [visit.name for visit in trial.study.visits if visit.name in told]
    found: dict[tuple[str, str], list[ImportColumn]] = defaultdict(list)
    for column in mapping.columns:
        form = trial.rules.forms[trial.rules.items[column.item].form]
        for visit in [column.visit] if column.visit else [v for v in visits if v in form.visits]:
            found[visit, form.name].append(column)
    return found


def _place(person: Person, visit: str) -> str:
    line = person.lines.get(visit)
    return line.place if line else person.place


def _value(trial: Trial, reading: Reading, column: ImportColumn, person: Person, visit: str) -> str | None:
    """The text as the item takes it, None where it says nothing; refused by the column's name, which the
    reader of the file knows.
    """
    mapping = reading.mapping
    text, place = person.told(mapping, column, visit)
    if is_missing(mapping, text):
        return ""
    if column.missing_with is not None:
        companion = next(one for one in mapping.columns if one.column == column.missing_with)
        if is_missing(mapping, person.told(mapping, companion, visit)[0]):
            return None
    expected = ""
    code = known_code(text, column.codes, comma=reading.cells.decimal_comma)
    if column.codes and code not in column.codes:
        expected = said("one of the codes {codes}", codes=", ".join(column.codes))
    item = trial.rules.items[column.item]
    value = column.codes.get(code, text) if column.codes else reading.cells.read(item, text)
    expected = expected or trial.rules.read(item, value).problem
    if expected:
        raise EntryError(
            expected=expected,
            found=repr(text),
            where=f"{place}:{column.column}",
            next_step="Correct the file, or say in [import] what the text means.",
        )
    return value


def _refuse_known(act: OpenAct, people: list[Person]) -> None:
    known = subjects(act.reader, [person.subject_id for person in people])
    for person in people:
        if person.subject_id in known:
            raise EntryError(
                expected="subjects who are not in the study yet",
                found=repr(person.subject_id),
                where=person.place,
                next_step="Import into a study that was newly founded.",
            )


def _write_forms(
    trial: Trial,
    act: OpenAct,
    actor: Actor,
    source: ImportSource,
    checked: list[CheckedEntry],
    missing: list[tuple[str, str, str]],
) -> None:
    PassWriter(trial, act, actor, actor.account, source, {}).write_all(checked, confirmed=True)
    instances = act.next_ids(m.FormInstance)
    for subject_id, visit, form in missing:
        instance = next(instances)
        act.add(
            m.FormInstance,
            id=instance,
            subject_id=subject_id,
            visit=visit,
            form=form,
            study_version=trial.version_number,
        )
        act.add(m.FormNotDone, form_instance=instance, reason=NOT_IN_THE_FILE)


def _write_allocations(trial: Trial, act: OpenAct, mapping: ImportMapping, people: list[Person]) -> int:
    allocated = [(person, person.arm) for person in people if person.arm is not None]
    if not allocated:
        return 0
    key = AllocationKey.draw()
    trial.keys.keep(key)
    for person, arm in allocated:
        sealed = seal_arm(key, external_place(person.subject_id, trial.study.id), arm)
        act.add(
            m.ExternalAllocation,
            subject_id=person.subject_id,
            key_id=key.key_id,
            nonce=sealed.nonce,
            sealed=sealed.sealed,
            allocated_on=person.randomized_on,
            source=mapping.source,
        )
    return len(allocated)
