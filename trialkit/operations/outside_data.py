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
from trialkit.interchange.pass_cells import CellReader
from trialkit.nearest import advice
from trialkit.operations.custody import seal_arm
from trialkit.operations.errors import OperationError
from trialkit.operations.gate import OpenAct, acting
from trialkit.operations.passes import ImportSource, PassWriter
from trialkit.operations.subjects import require_subject_id
from trialkit.operations.trial import Trial, file_sha256
from trialkit.randomization import AllocationKey
from trialkit.store import models as m
from trialkit.store.audit_chain import AuditStamp
from trialkit.store.reading.allocations import external_place
from trialkit.store.reading.subjects import subjects
from trialkit.study.model import ImportColumn, ImportMapping
from trialkit.vocabulary import EntryMode
from trialkit.wording import said

NOT_IN_THE_FILE = "no value in the imported file"


@dataclass(frozen=True, slots=True)
class OutsideDataImported:
    """What came in, and what did not.

    ``forms_not_done`` counts forms of which the file has no value at all, ``set_aside`` values not taken
    because the definition says that they mean nothing where another column is missing.
    """

    subjects: int
    allocations: int
    forms: int
    forms_not_done: int
    set_aside: int
    flags: tuple[Flag, ...]
    stamp: AuditStamp


@dataclass(frozen=True, slots=True)
class _Line:
    subject_id: str
    arm: str | None
    place: str
    texts: dict[str, str]


def import_outside_data(
    trial: Trial, actor: Actor, *, path: Path | str, encoding: str | None = None
) -> OutsideDataImported:
    """Import the data file of a trial that was run elsewhere, as ``[import]`` of its definition says.

    Parameters
    ----------
    path
        The file that ``[import]`` names, one line a subject; every column mapped or listed as ignored.
    encoding
        Of a text file; None: UTF-8.

    Returns
    -------
    OutsideDataImported
        Allocations are recorded as made outside, sealed, and never as slots.

    Raises
    ------
    OperationError
        The definition maps no file, or to a form that is entered twice.
    EntryError, FileFormatError, FileEncodingError
        Naming file, line and column. Nothing was written.
    """
    mapping = _mapping(trial)
    file = read_table(path, encoding)
    _check_columns(file, mapping)
    lines = [_line(mapping, file, place) for place in range(len(file.rows))]
    entries, missing = _entries(trial, mapping, lines)
    set_aside = sum(_means_nothing(mapping, column, line) for line in lines for column in mapping.columns)
    checked = check_entries(trial.rules, entries)
    with acting(trial, actor, IMPORT_OUTSIDE_DATA, reason=trial.study.randomization.reason_external) as act:
        ids = [line.subject_id for line in lines]
        _refuse_known(act, lines)
        for line in lines:
            act.add(m.Subject, subject_id=line.subject_id, site=str(mapping.site))
        source = ImportSource(Path(path).name, file_sha256(Path(path)), actor.account)
        _write_forms(trial, act, actor, source, checked, missing)
        allocated = _write_allocations(trial, act, mapping, lines)
        act.state(
            subjects=len(ids), forms=len(checked), forms_not_done=len(missing), set_aside=set_aside,
            source=mapping.source, file=source.file_name, file_sha256=source.file_sha256,
        )  # fmt: skip
    return OutsideDataImported(
        subjects=len(lines),
        allocations=allocated,
        forms=len(checked),
        forms_not_done=len(missing),
        set_aside=set_aside,
        flags=tuple(flag for one in checked for flag in one.flags),
        stamp=act.stamp,
    )


def _mapping(trial: Trial) -> ImportMapping:
    mapping = trial.study.import_mapping
    if mapping is None or mapping.site is None:
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
    keys = [mapping.subject_column, *([mapping.allocation_column] if mapping.allocation_column else [])]
    wanted = [*keys, *(column.column for column in mapping.columns)]
    header = f"{file.path}:1"
    for column in wanted:
        if column not in file.columns:
            raise EntryError(
                expected=said("the column {column!r} that the definition maps", column=column),
                found="none",
                where=header,
                next_step=advice(column, file.columns, otherwise="Check that this is the file meant."),
            )
    if not file.rows:
        raise EntryError(expected="at least one subject", found="a header alone", where=header)
    for column in file.columns:
        if column not in wanted and column not in mapping.ignored_columns:
            raise EntryError(
                expected="every column mapped or listed under ignored_columns",
                found=repr(column),
                where=f"{header}:{column}",
                next_step=advice(column, wanted, otherwise="Map it, or list it as ignored."),
            )


def _line(mapping: ImportMapping, file: TableFile, place: int) -> _Line:
    texts = dict(zip(file.columns, file.rows[place], strict=True))
    where = f"{file.path}:{file.line_numbers[place]}"
    subject_id = texts[mapping.subject_column].strip()
    require_subject_id(subject_id, f"{where}:{mapping.subject_column}")
    arm = None
    if mapping.allocation_column is not None:
        code = texts[mapping.allocation_column].strip()
        if code not in mapping.allocation_codes:
            raise EntryError(
                expected=said(
                    "one of the codes {allocation_codes}",
                    allocation_codes=", ".join(mapping.allocation_codes),
                ),
                found="another text",
                where=f"{where}:{mapping.allocation_column}",
            )
        arm = mapping.allocation_codes[code]
    return _Line(subject_id, arm, where, texts)


def _entries(
    trial: Trial, mapping: ImportMapping, lines: list[_Line]
) -> tuple[list[FormEntry], list[tuple[str, str, str]]]:
    """The forms of every line, and those of which the file has no value."""
    columns: dict[tuple[str, str], list[ImportColumn]] = defaultdict(list)
    for column in mapping.columns:
        columns[column.visit, trial.rules.items[column.item].form].append(column)
    entries, missing = [], []
    seen: dict[str, str] = {}
    for line in lines:
        if line.subject_id in seen:
            raise EntryError(
                expected="each subject once",
                found=said(
                    "{subject_id!r} of line {rpartition} again",
                    subject_id=line.subject_id,
                    rpartition=seen[line.subject_id].rpartition(":")[2],
                ),
                where=f"{line.place}:{mapping.subject_column}",
                next_step="Remove the line that is not the subject's.",
            )
        seen[line.subject_id] = line.place
        for (visit, form), mapped in columns.items():
            values = {column.item: _value(trial, mapping, column, line) for column in mapped}
            if any(values.values()):
                row = EnteredRow(values, place=line.place)
                entries.append(FormEntry(line.subject_id, visit, form, (row,)))
            else:
                missing.append((line.subject_id, visit, form))
    return entries, missing


def _value(trial: Trial, mapping: ImportMapping, column: ImportColumn, line: _Line) -> str:
    """The text as the item takes it; refused by the column's name, which the reader of the file knows."""
    text = line.texts[column.column].strip()
    if _is_missing(mapping, text) or _means_nothing(mapping, column, line):
        return ""
    expected = ""
    if column.codes and text not in column.codes:
        expected = said("one of the codes {codes}", codes=", ".join(column.codes))
    item = trial.rules.items[column.item]
    value = column.codes.get(text, text) if column.codes else CellReader().read(item, text)
    expected = expected or trial.rules.read(trial.rules.items[column.item], value).problem
    if expected:
        raise EntryError(
            expected=expected,
            found=repr(text),
            where=f"{line.place}:{column.column}",
            next_step="Correct the file, or say in [import] what the text means.",
        )
    return value


def _is_missing(mapping: ImportMapping, text: str) -> bool:
    return text in mapping.missing_values


def _means_nothing(mapping: ImportMapping, column: ImportColumn, line: _Line) -> bool:
    """Whether there is a text, in a column that says nothing where its companion is missing."""
    if column.missing_with is None or _is_missing(mapping, line.texts[column.column].strip()):
        return False
    return _is_missing(mapping, line.texts[column.missing_with].strip())


def _refuse_known(act: OpenAct, lines: list[_Line]) -> None:
    known = subjects(act.reader, [line.subject_id for line in lines])
    for line in lines:
        if line.subject_id in known:
            raise EntryError(
                expected="subjects who are not in the study yet",
                found=repr(line.subject_id),
                where=line.place,
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
    PassWriter(trial, act, actor, actor.account, source).write_all(checked, confirmed=True)
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


def _write_allocations(trial: Trial, act: OpenAct, mapping: ImportMapping, lines: list[_Line]) -> int:
    allocated = [(line.subject_id, line.arm) for line in lines if line.arm is not None]
    if not allocated:
        return 0
    key = AllocationKey.draw()
    trial.keys.keep(key)
    for subject_id, arm in allocated:
        sealed = seal_arm(key, external_place(subject_id, trial.study.id), arm)
        act.add(
            m.ExternalAllocation,
            subject_id=subject_id,
            key_id=key.key_id,
            nonce=sealed.nonce,
            sealed=sealed.sealed,
            allocated_on="",
            source=mapping.source,
        )
    return len(allocated)
