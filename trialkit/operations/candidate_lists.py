"""The candidates of the blind data review in bulk: the list goes out, and comes back decided."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from trialkit.access import Actor
from trialkit.access.acts.closing import DECIDE_SET
from trialkit.errors import TrialkitError
from trialkit.interchange import TableFile, read_table
from trialkit.interchange.reading import ONE_PART
from trialkit.nearest import advice
from trialkit.operations.data_review import (
    Decision,
    require_blind,
    require_decidable,
    write_decision,
)
from trialkit.operations.errors import OperationError
from trialkit.operations.filled_lists import Named, in_order, named_by_several, require_columns
from trialkit.operations.gate import acting
from trialkit.operations.trial import Trial, file_sha256
from trialkit.store.audit_chain import AuditStamp
from trialkit.store.reading.review import set_decisions
from trialkit.wording import said


@dataclass(frozen=True, slots=True)
class SetsDecidedFromFile:
    """What a file decided; ``standing`` lines say what stood already, ``left_open`` ones had no decision."""

    decided: int
    standing: int
    left_open: int
    stamp: AuditStamp


def decide_sets_from_file(
    trial: Trial,
    actor: Actor,
    *,
    path: Path | str,
    known_sets: Collection[str] = (),
    encoding: str | None = None,
) -> SetsDecidedFromFile:
    """Decide what a filled-in list of candidates decides, in one transaction: all of it, or nothing.

    Parameters
    ----------
    path
        CSV or XLSX with the columns subject_id, analysis_set, decision, reason: ``candidates.csv`` of
        ``trialkit sap review``, its other columns are passed over. ``decision`` is exclude or keep; a line
        without one stays open, and one whose decision stands already is passed over.
    known_sets
        The sets of the plan; empty: any name is taken, and a run says where it is none of its sets.
    encoding
        Of a text file; None: UTF-8.

    Raises
    ------
    OperationError
        Every line that cannot be taken, by line of the file; nothing was decided. The data are locked or the
        arms were opened.
    AccessError
        No right.
    """
    file = read_table(path, encoding, many_parts=ONE_PART)
    lines, left_open = _lines_of(file, known_sets)
    decided = standing = 0
    problems: list[TrialkitError] = []
    why = said("the decisions of the file {name}, each with its reason", name=file.path.name)
    with acting(trial, actor, DECIDE_SET, reason=why) as progress:
        require_blind(progress, file.path.name)
        people = progress.known_subjects({subject_id for _, subject_id, *_ in lines})
        before = set_decisions(progress.reader)
        for where, subject_id, analysis_set, decision, reason in lines:
            try:
                name = require_decidable(people[subject_id], analysis_set)
                progress.require_no_arm_named(reason)
            except TrialkitError as error:
                problems.append(_at_line(error, where))
                continue
            stands = before.get((subject_id, name))
            if stands is not None and stands.decision == decision.value:
                standing += 1
                continue
            write_decision(trial, progress, actor, subject_id, name, decision, reason)
            decided += 1
        if problems:
            raise TrialkitError.all_of(problems)
        if not decided:
            raise OperationError(
                expected="a decision in at least one line that does not stand already",
                found="none",
                where=str(file.path),
                next_step="Fill in the columns decision and reason.",
            )
        progress.state(file=file.path.name, file_sha256=file_sha256(file.path), decisions=decided)
    return SetsDecidedFromFile(decided, standing, left_open, progress.stamp)


_COLUMNS = ("subject_id", "analysis_set", "decision", "reason")
_Line = tuple[str, str, str, Decision, str]


def _lines_of(file: TableFile, known_sets: Collection[str]) -> tuple[list[_Line], int]:
    """(place, subject, set, decision, reason) of every line with a decision, and how many have none."""
    require_columns(file, _COLUMNS)
    problems: list[tuple[int, TrialkitError]] = []
    named: list[Named] = []
    lines: list[_Line] = []
    left_open = 0
    for number, cells in zip(file.line_numbers, file.rows, strict=True):
        line = {name: cell.strip() for name, cell in zip(file.columns, cells, strict=True)}
        if not line["decision"]:
            left_open += 1
            continue
        where = f"{file.path}:{file.line_word} {number}"
        key = (line["subject_id"], line["analysis_set"])
        wrong = _wrong_in(line, where, known_sets)
        if wrong is not None:
            problems.append((number, wrong))
            continue
        named.append(Named(key, number, "subject_id", number))
        lines.append((where, *key, Decision(line["decision"].casefold()), line["reason"]))
    problems += named_by_several(file, named, "one decision a subject and analysis set")
    if problems:
        raise in_order(problems)
    return lines, left_open


def _wrong_in(line: Mapping[str, str], where: str, known_sets: Collection[str]) -> OperationError | None:
    decisions = [decision.value for decision in Decision]
    if line["decision"].casefold() not in decisions:
        expected = said("one of {known}", known=", ".join(decisions))
        near = advice(line["decision"], decisions, otherwise="Choose one.")
        return OperationError(
            expected=expected,
            found=repr(line["decision"]),
            where=said("{where}:decision", where=where),
            next_step=near,
        )
    if known_sets and line["analysis_set"] not in known_sets:
        near = advice(line["analysis_set"], list(known_sets), otherwise="")
        return OperationError(
            expected="an analysis set of the plan",
            found=repr(line["analysis_set"]),
            where=said("{where}:analysis_set", where=where),
            next_step=near,
        )
    if not line["reason"]:
        return OperationError(
            expected="a reason for the decision", found="none", where=said("{where}:reason", where=where)
        )
    return None


def _at_line(error: TrialkitError, where: str) -> TrialkitError:
    return OperationError(
        expected=error.expected,
        found=error.found,
        where=said("{where}, {place}", where=where, place=error.where) if error.where else where,
        next_step=error.next_step,
    )
