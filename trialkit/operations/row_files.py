"""Leftover lines in bulk: the list of those that only one pass has goes out, and comes back decided."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from trialkit.access import Actor
from trialkit.access.acts.capture import DECIDE_ROWS
from trialkit.access.acts.reading import LIST_DISCREPANCIES
from trialkit.entry.errors import EntryError
from trialkit.errors import TrialkitError
from trialkit.interchange import TableFile, read_table
from trialkit.interchange.reading import ONE_PART
from trialkit.nearest import advice
from trialkit.operations.filled_lists import require_columns
from trialkit.operations.gate import Gate, acting, reading
from trialkit.operations.kept_back import KEPT_BACK
from trialkit.operations.row_decisions import RowVerdict, decide_form_rows
from trialkit.operations.trial import Trial, file_sha256
from trialkit.store.audit_chain import AuditStamp
from trialkit.store.reading.discrepancies import UnmatchedState
from trialkit.store.reading.forms import FormKey, pass_rows
from trialkit.wording import said

LINE = ("subject_id", "visit", "form", "pass", "row")
DECIDED = ("decision", "pair_with")
COLUMNS = (*LINE, "values", *DECIDED)
KEEP, PAIR, IN_ERROR = "keep", "pair", "entered_in_error"
DECISIONS = (KEEP, PAIR, IN_ERROR)


@dataclass(frozen=True, slots=True)
class LeftoverRow:
    """A line that only one pass has; ``values``: what was typed there, item = text."""

    subject_id: str
    visit: str
    form: str
    pass_number: int
    row: str
    values: str


@dataclass(frozen=True, slots=True)
class RowsDecidedFromFile:
    """What a file decided; ``left_open`` lines had no decision in it."""

    forms: int
    rows: int
    discrepancies: int
    left_open: int
    stamp: AuditStamp


def leftover_rows(trial: Trial, actor: Actor, *, hidden: Collection[str] = ()) -> list[LeftoverRow]:
    """Every undecided line that only one pass has, with what was typed there.

    Parameters
    ----------
    hidden
        Items whose values are not told, where the list leaves the screen.

    Raises
    ------
    AccessError
        The actor's role is no reader of discrepancies.
    """
    with reading(trial, actor, LIST_DISCREPANCIES) as gate:
        return [_shown(gate, one, typed) for one, typed in _leftover(gate, hidden)]


def decide_rows_from_file(
    trial: Trial, actor: Actor, *, path: Path | str, encoding: str | None = None
) -> RowsDecidedFromFile:
    """Decide what a filled-in list of leftover lines decides, in one transaction: all of it, or nothing.

    Parameters
    ----------
    path
        CSV or XLSX with the columns subject_id, visit, form, pass, row, decision, pair_with. ``decision`` is
        keep, pair or entered_in_error; ``pair_with`` goes with pair, on one of the two lines or on both. A
        line without a decision stays open.
    encoding
        Of a text file; None: UTF-8.

    Raises
    ------
    EntryError
        Every line that cannot be taken, by row of the file. Nothing was decided.
    AccessError
        No right.
    """
    file = _as_written(read_table(path, encoding, many_parts=ONE_PART))
    require_columns(file, (*LINE, *DECIDED))
    verdicts, places, left_open = _verdicts(file)
    if not verdicts:
        raise EntryError(
            expected="a decision in at least one row",
            found="none",
            where=str(file.path),
            next_step="Fill in the column decision.",
        )
    rows = discrepancies = 0
    problems: list[EntryError] = []
    with acting(trial, actor, DECIDE_ROWS) as progress:
        try:
            progress.known_subjects({key[0] for key in verdicts})
        except EntryError as error:
            raise _as_entry_error(error, str(file.path)) from None
        for key, of_form in verdicts.items():
            try:
                done = decide_form_rows(progress, key, of_form)
            except TrialkitError as error:
                problems.append(_as_entry_error(error, places[key]))
                continue
            rows += done.rows
            discrepancies += done.discrepancies
        if problems:
            raise EntryError.all_of(problems)
        progress.state(file=file.path.name, file_sha256=file_sha256(file.path), forms=len(verdicts))
    return RowsDecidedFromFile(len(verdicts), rows, discrepancies, left_open, progress.stamp)


def _leftover(gate: Gate, hidden: Collection[str] = ()) -> list[tuple[UnmatchedState, str]]:
    people = gate.subjects()
    found = [one for one in gate.unmatched_rows(only_open=True) if one.subject_id in people]
    states = gate.forms({one.subject_id for one in found}) if found else {}
    keys = {(one.subject_id, one.visit, one.form) for one in found}
    passes = [number for key in keys for number in states[key].pass_ids.values()]
    typed = {row.id: row for rows in pass_rows(gate.reader, passes).values() for row in rows}
    shown = []
    for one in sorted(
        found, key=lambda one: (one.subject_id, one.visit, one.form, one.pass_number, one.position)
    ):
        values = typed[one.pass_row].row.values
        words = "; ".join(
            f"{name} = {KEPT_BACK if name in hidden else value.text}"
            for name, value in values.items()
            if value.text is not None and gate.sight.of_item(one.form, name)
        )
        shown.append((one, words))
    return shown


def _shown(gate: Gate, one: UnmatchedState, typed: str) -> LeftoverRow:
    return LeftoverRow(one.subject_id, one.visit, one.form, one.pass_number, one.row, typed)


def _as_written(file: TableFile) -> TableFile:
    """The workbook of the list has heads to be read, ``Pair with``: they are its columns all the same."""
    named = {name.replace("_", " "): name for name in COLUMNS}
    columns = tuple(named.get(column.strip().casefold().replace("_", " "), column) for column in file.columns)
    return replace(file, columns=columns) if len(set(columns)) == len(columns) else file


def _verdicts(file: TableFile) -> tuple[dict[FormKey, list[RowVerdict]], dict[FormKey, str], int]:
    """What is decided of each form, where in the file that stands, and how many rows decide nothing."""
    found: dict[FormKey, list[RowVerdict]] = defaultdict(list)
    numbers: dict[FormKey, list[str]] = defaultdict(list)
    problems: list[EntryError] = []
    left_open = 0
    for number, cells in zip(file.line_numbers, file.rows, strict=True):
        line = {name: cell.strip() for name, cell in zip(file.columns, cells, strict=True)}
        if not any(line[name] for name in DECIDED):
            left_open += 1
            continue
        where = f"{file.path}:{file.line_word} {number}"
        try:
            verdict = _verdict(line, where)
        except EntryError as problem:
            problems.append(problem)
            continue
        key = (line["subject_id"], line["visit"], line["form"])
        numbers[key].append(str(number))
        of_form = found[key]
        if _other_side(verdict) not in of_form:
            of_form.append(verdict)
    if problems:
        raise EntryError.all_of(problems)
    places = {key: f"{file.path}:{file.line_word} {', '.join(some)}" for key, some in numbers.items()}
    return dict(found), places, left_open


def _verdict(line: Mapping[str, str], where: str) -> RowVerdict:
    decision, partner = line["decision"], line["pair_with"]
    if decision not in DECISIONS:
        raise EntryError(
            expected=said("one of {known}", known=", ".join(DECISIONS)),
            found=repr(decision),
            where=said("{where}:decision", where=where),
            next_step=advice(decision, list(DECISIONS), otherwise="Choose one."),
        )
    if (decision == PAIR) != bool(partner):
        raise EntryError(
            expected="a line of the other pass with the decision pair, and none with another",
            found=repr(partner),
            where=said("{where}:pair_with", where=where),
            next_step="Fill in pair_with, or take it out.",
        )
    if line["pass"] not in ("1", "2"):
        raise EntryError(
            expected="pass 1 or 2", found=repr(line["pass"]), where=said("{where}:pass", where=where)
        )
    return RowVerdict(int(line["pass"]), line["row"], partner or None, decision == IN_ERROR)


def _other_side(verdict: RowVerdict) -> RowVerdict | None:
    """The same pair, as its other line says it."""
    if verdict.pair_with is None:
        return None
    return RowVerdict(3 - verdict.pass_number, verdict.pair_with, verdict.row)


def _as_entry_error(error: TrialkitError, place: str) -> EntryError:
    return EntryError(
        expected=error.expected,
        found=error.found,
        where=f"{place}: {error.where}" if error.where else place,
        next_step=error.next_step,
    )
