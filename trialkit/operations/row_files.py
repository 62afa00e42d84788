"""Leftover lines in bulk: the list of those that only one pass has goes out, and comes back decided."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from trialkit.access import Actor
from trialkit.access.acts.capture import DECIDE_ROWS
from trialkit.access.acts.reading import LIST_DISCREPANCIES
from trialkit.entry import check_adjudicator
from trialkit.entry.errors import EntryError
from trialkit.errors import TrialkitError
from trialkit.interchange import TableFile, read_table
from trialkit.interchange.reading import ONE_PART
from trialkit.nearest import advice
from trialkit.operations.filled_lists import Named, in_order, named_by_several, require_columns
from trialkit.operations.gate import Gate, acting, reading, unknown_subject
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

Line = tuple[str, str, str, str, str]
"""A line of a form as a row of the list names it: by the columns of ``LINE``."""


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
    """What a file decided; ``left_open`` of its lines had no decision, and no partner decided them."""

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
        line that neither it nor its partner decides stays open.
    encoding
        Of a text file; None: UTF-8.

    Raises
    ------
    EntryError, PassError
        Every row that cannot be taken, by row and column of the file. Nothing was decided.
    AccessError
        No right.
    """
    file = _as_written(read_table(path, encoding, many_parts=ONE_PART))
    require_columns(file, (*LINE, *DECIDED))
    with reading(trial, actor, DECIDE_ROWS) as gate:
        gate.require_not_closed()
        verdicts, left_open = _verdicts(gate, file)
    if not verdicts:
        raise EntryError(
            expected="a decision in at least one row",
            found="none",
            where=str(file.path),
            next_step="Fill in the column decision.",
        )
    rows = discrepancies = 0
    with acting(trial, actor, DECIDE_ROWS) as progress:
        progress.known_subjects({key[0] for key in verdicts})
        for key, of_form in verdicts.items():
            done = decide_form_rows(progress, key, of_form)
            rows += done.rows
            discrepancies += done.discrepancies
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


def _verdicts(gate: Gate, file: TableFile) -> tuple[dict[FormKey, list[RowVerdict]], int]:
    """What is decided of each form, and how many rows of the file leave their line open."""
    people = gate.subjects()
    open_ones = {_line(one) for one in gate.unmatched_rows(only_open=True) if one.subject_id in people}
    passes = {key: state.passes for key, state in gate.forms({line[0] for line in open_ones}).items()}
    found: dict[FormKey, list[RowVerdict]] = defaultdict(list)
    halves: dict[tuple[FormKey, RowVerdict | None], int] = {}  # pairs that one row has said, and which
    named: list[Named] = []
    without: list[Line] = []
    problems: list[tuple[int, TrialkitError]] = []
    for number, cells in zip(file.line_numbers, file.rows, strict=True):
        line = {name: cell.strip() for name, cell in zip(file.columns, cells, strict=True)}
        key = (line["subject_id"], line["visit"], line["form"])
        if not any(line[name] for name in DECIDED):
            without.append((*key, line["pass"], line["row"]))
            continue
        where = f"{file.path}:{file.line_word} {number}"
        try:
            if key[0] not in people:
                raise unknown_subject(key[0], said("{where}:subject_id", where=where))
            verdict = _verdict(line, where)
            lines = list(zip(_lines_of(key, verdict), ("row", "pair_with"), strict=False))
            for one, column in lines:
                _require_open(one, open_ones, said("{where}:{column}", where=where, column=column))
            check_adjudicator(passes[key], gate.actor.account, where=where)
        except TrialkitError as problem:
            problems.append((number, problem))
            continue
        by = halves.pop((key, _other_side(verdict)), None)
        if by is None:
            by = halves[key, verdict] = number
            found[key].append(verdict)
        named += (Named(one, number, column, by) for one, column in lines)
    problems += named_by_several(file, named, "each line decided once")
    if problems:
        raise in_order(problems)
    decided = {cell.what for cell in named}
    return found, sum(one not in decided for one in without)


def _line(one: UnmatchedState) -> Line:
    return (one.subject_id, one.visit, one.form, str(one.pass_number), one.row)


def _lines_of(key: FormKey, verdict: RowVerdict) -> list[Line]:
    """The line that is decided, and its partner where it has one."""
    own = (*key, str(verdict.pass_number), verdict.row)
    partner = verdict.pair_with
    return [own] if partner is None else [own, (*key, str(3 - verdict.pass_number), partner)]


def _require_open(line: Line, open_ones: Collection[Line], where: str) -> None:
    if line not in open_ones:
        raise EntryError(
            expected=said("an undecided leftover line of pass {pass_number}", pass_number=line[3]),
            found=repr(line[4]),
            where=where,
            next_step="Look at the paper form again, or write the list again.",
        )


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
