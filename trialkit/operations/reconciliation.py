"""Adjudication in bulk: the discrepancy list goes out as a table, and comes back with decisions in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from trialkit.access import Actor
from trialkit.access.acts.capture import ADJUDICATE
from trialkit.access.acts.reading import LIST_DISCREPANCIES
from trialkit.entry import (
    AdjudicationChoice,
    Discrepancy,
    ReasonCode,
    adjudicate as decide,
    check_adjudicator,
)
from trialkit.entry.errors import EntryError
from trialkit.errors import TrialkitError
from trialkit.interchange import TableFile, read_table
from trialkit.nearest import advice
from trialkit.operations.adjudication import (
    Adjudicated,
    DiscrepancyPlace,
    Verdict,
    readable,
    shown,
    write_verdicts,
)
from trialkit.operations.filled_lists import Named, in_order, named_by_several, require_columns
from trialkit.operations.flags import sides_as_written
from trialkit.operations.gate import Gate, reading
from trialkit.operations.trial import Trial, file_sha256
from trialkit.store.reading.discrepancies import DiscrepancyState
from trialkit.store.reading.forms import FormKey, FormState
from trialkit.vocabulary import ItemType
from trialkit.wording import said

Word = TypeVar("Word", AdjudicationChoice, ReasonCode)

SHEET = "discrepancies"
_NO_LIST = said("Read back the workbook of discrepancies that was taken along, filled in.")
PLACE = ("subject_id", "visit", "form", "row", "item")
SEEN = ("first", "second")
DECIDED = ("decision", "reason", "new_value")
TOLD = ("question", "codes", "kind")
COLUMNS = (*PLACE, *TOLD, *SEEN, *DECIDED)


@dataclass(frozen=True, slots=True)
class ReconciliationRow:
    """One open discrepancy as the list shows it; the last three columns are left to the adjudicator."""

    subject_id: str
    visit: str
    form: str
    row: str
    item: str
    question: str
    codes: str
    kind: str
    first: str
    second: str


@dataclass(frozen=True, slots=True)
class ReconciledFromFile:
    """What a file decided; ``left_open`` rows had no decision in it."""

    adjudicated: Adjudicated
    left_open: int


def reconciliation_rows(trial: Trial, actor: Actor) -> list[ReconciliationRow]:
    """Every open discrepancy at the sites of the actor's right, by subject and form.

    Lines that only one pass has are not among them: those are decided by ``decide_rows``.

    Raises
    ------
    AccessError
        The actor's role is no reader of discrepancies.
    """
    with reading(trial, actor, LIST_DISCREPANCIES) as gate:
        people = gate.subjects()
        found = [one for one in gate.discrepancies(only_open=True) if one.subject_id in people]
        sides = sides_as_written(gate, found)
        found.sort(key=lambda one: (one.subject_id, one.id))
        return [_row(gate, one, sides[one.id]) for one in found]


def _row(gate: Gate, found: DiscrepancyState, sides: tuple[str, str]) -> ReconciliationRow:
    item = gate.rules.items[found.item]
    codes = "; ".join(f"{choice.code} = {choice.label}" for choice in item.choices)
    return ReconciliationRow(*_place(found), item.label, codes, str(found.kind), *sides)


def adjudicate_from_file(
    trial: Trial,
    actor: Actor,
    *,
    path: Path | str,
    encoding: str | None = None,
    second_person: Actor | None = None,
) -> ReconciledFromFile:
    """Decide what a filled-in discrepancy list decides, in one transaction: all of it, or nothing.

    Parameters
    ----------
    path
        XLSX (its sheet ``discrepancies``) or CSV with the columns of ``COLUMNS``. ``decision`` is first,
        second, new_value or cannot_decide, ``reason`` a reason code; ``new_value`` goes with that decision
        and may be empty for a blank. A row without a decision stays open.
    encoding
        Of a text file; None: UTF-8.
    second_person
        As in :func:`adjudicate`.

    Raises
    ------
    EntryError
        Every row that cannot be taken, by row and column: no such open discrepancy, values that are others
        by now, decision and reason that do not hold together, a new value that cannot be one, a form of
        which this account made a pass. Nothing was decided.
    AccessError
        No right.
    """
    workbook = Path(path).suffix.lower() == ".xlsx"
    file = read_table(path, encoding, SHEET if workbook else None, many_parts=_NO_LIST)
    require_columns(file, (*PLACE, *SEEN, *DECIDED))
    with reading(trial, actor, ADJUDICATE) as gate:
        verdicts, left_open = _verdicts(gate, file, second_person)
    if not verdicts:
        raise EntryError(
            expected="a decision in at least one row",
            found="none",
            where=str(file.path),
            next_step="Fill in the columns decision and reason.",
        )
    facts = {"file": file.path.name, "file_sha256": file_sha256(file.path)}
    return ReconciledFromFile(write_verdicts(trial, actor, verdicts, second_person, facts), left_open)


def _verdicts(gate: Gate, file: TableFile, second_person: Actor | None) -> tuple[list[Verdict], int]:
    people = gate.subjects()
    open_ones = {_place(one): one for one in gate.discrepancies(only_open=True) if one.subject_id in people}
    sides = sides_as_written(gate, list(open_ones.values()))
    states = gate.forms()
    verdicts: list[Verdict] = []
    problems: list[tuple[int, TrialkitError]] = []
    named: list[Named] = []
    left_open = 0
    for line, cells in _lines(file):
        if not any(cells[name] for name in DECIDED):
            left_open += 1
            continue
        where = f"{file.path}:{file.line_word} {line}"
        place: DiscrepancyPlace = tuple(cells[name] for name in PLACE)  # type: ignore[assignment]
        try:
            found = _open_one(open_ones, sides, place, cells, where)
            named.append(Named(place, line, "item", line))
            verdict = _verdict(place, cells, where)
            _require_typed_text(gate, verdict, file, line, where)
            _require_holds_together(gate, verdict, found, states, where)
            _require_second_person(gate, verdict, second_person, where)
            verdicts.append(verdict)
        except TrialkitError as error:
            problems.append((line, _as_entry_error(error, where)))
    problems += named_by_several(file, named, "each discrepancy once")
    if problems:
        raise in_order(problems)
    return verdicts, left_open


def _lines(file: TableFile) -> Iterator[tuple[int, dict[str, str]]]:
    for line, cells in zip(file.line_numbers, file.rows, strict=True):
        yield line, {name: cell.strip() for name, cell in zip(file.columns, cells, strict=True)}


def _open_one(
    open_ones: Mapping[DiscrepancyPlace, DiscrepancyState],
    sides: Mapping[int, tuple[str, str]],
    place: DiscrepancyPlace,
    cells: Mapping[str, str],
    where: str,
) -> DiscrepancyState:
    found = open_ones.get(place)
    if found is None:
        raise EntryError(
            expected="an open discrepancy",
            found=said("none at {place}, or one decided already", place="/".join(filter(None, place))),
            where=where,
            next_step="Write the list again, and carry the decisions over.",
        )
    plain = [shown(value) or "" for value in (found.first, found.second)]
    for side, value, bare in zip(SEEN, sides[found.id], plain, strict=True):
        if cells[side].removeprefix("'") not in (value.strip(), bare.strip()):
            raise EntryError(
                expected=said("{value!r}, as that pass has it now", value=value),
                found=repr(cells[side]),
                where=f"{where}:{side}",
                next_step="The form was entered again, or the cell was changed. Write the list again.",
            )
    return found


def _verdict(place: DiscrepancyPlace, cells: Mapping[str, str], where: str) -> Verdict:
    choice = _one_of(AdjudicationChoice, cells["decision"], said("{where}:decision", where=where))
    reason = _one_of(ReasonCode, cells["reason"], said("{where}:reason", where=where))
    new = cells["new_value"]
    value = new if choice is AdjudicationChoice.NEW_VALUE or new else None
    return Verdict(*place, choice, reason, value)


def _require_typed_text(gate: Gate, verdict: Verdict, file: TableFile, line: int, where: str) -> None:
    """A text that the spreadsheet took for a number or a day is not what was typed: 0041 is 41 there."""
    text = gate.rules.items[verdict.item].type is ItemType.TEXT and verdict.new_value
    if text and (line in file.numbers.get("new_value", ()) or line in file.days.get("new_value", ())):
        raise EntryError(
            expected="a text, kept as it was typed",
            found=said("a number or day of the spreadsheet's, {text!r}", text=str(text)),
            where=said("{where}:new_value", where=where),
            next_step="Format the cell as text, and type it again from paper.",
        )


def _one_of(words: type[Word], text: str, where: str) -> Word:
    known = [str(word) for word in words]
    if text not in known:
        raise EntryError(
            expected=said("one of {known}", known=", ".join(known)),
            found=repr(text),
            where=where,
            next_step=advice(text, known, otherwise="Choose from the list of the cell."),
        )
    return words(text)


def _require_holds_together(
    gate: Gate,
    verdict: Verdict,
    found: DiscrepancyState,
    states: Mapping[FormKey, FormState],
    where: str,
) -> None:
    """Everything the act itself would refuse of one verdict, so that the file is told of all of them."""
    check_adjudicator(states[verdict.place[:3]].passes, gate.actor.account, where=where)
    new_value = None
    if verdict.new_value is not None:
        new_value = readable(
            gate.asked_by(states[verdict.place[:3]].study_version),
            verdict.item,
            verdict.new_value,
            said("{where}:new_value", where=where),
        )
        gate.require_value_without_arm(
            verdict.item, new_value.text, where=said("{where}:new_value", where=where)
        )
    difference = Discrepancy(found.row, found.item, found.first, found.second, found.kind)
    decide(difference, verdict.choice, verdict.reason, new_value, where=where)


def _require_second_person(gate: Gate, verdict: Verdict, second: Actor | None, where: str) -> None:
    """Whether that person may confirm is for the act to say: it is one person for the whole file."""
    alone = verdict.choice is AdjudicationChoice.NEW_VALUE and second is None
    if alone and gate.trial.rules.items[verdict.item].critical:
        raise EntryError(
            expected=said("a second person for a new value of the critical item {item}", item=verdict.item),
            found="none",
            where=said("{where}:new_value", where=where),
            next_step="Let somebody else confirm the file, with login and password.",
        )


def _as_entry_error(error: TrialkitError, where: str) -> EntryError:
    if isinstance(error, EntryError):
        return error
    return EntryError(expected=error.expected, found=error.found, where=where, next_step=error.next_step)


def _place(found: DiscrepancyState) -> DiscrepancyPlace:
    return (found.subject_id, found.visit, found.form, found.row, found.item)


def as_cells(row: ReconciliationRow) -> Sequence[str]:
    """In the order of ``COLUMNS``, the adjudicator's columns empty."""
    values = (getattr(row, name) for name in (*PLACE, *TOLD, *SEEN))
    return (*values, *("" for _ in DECIDED))
