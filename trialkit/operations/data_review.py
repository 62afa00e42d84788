"""The blind data review: who is left out of an analysis set, or kept in, decided before the lock."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from trialkit.access import Actor
from trialkit.access.acts.closing import DECIDE_SET
from trialkit.errors import TrialkitError
from trialkit.interchange import TableFile, read_table
from trialkit.interchange.reading import ONE_PART
from trialkit.nearest import advice
from trialkit.operations.errors import OperationError
from trialkit.operations.gate import OpenAct, acting
from trialkit.operations.trial import Trial, file_sha256
from trialkit.store.audit_chain import AuditStamp
from trialkit.store.models import SetDecision
from trialkit.store.reading.review import set_decisions
from trialkit.store.reading.study import study_standing
from trialkit.store.reading.subjects import SubjectState
from trialkit.wording import said


class Decision(StrEnum):
    EXCLUDE = "exclude"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class SetDecided:
    subject_id: str
    analysis_set: str
    decision: Decision
    stamp: AuditStamp


@dataclass(frozen=True, slots=True)
class SetsDecidedFromFile:
    """What a file decided; ``standing`` lines say what stood already, ``left_open`` ones had no decision."""

    decided: int
    standing: int
    left_open: int
    stamp: AuditStamp


def decide_set(
    trial: Trial, actor: Actor, *, subject_id: str, analysis_set: str, decision: Decision, reason: str
) -> SetDecided:
    """Decide about a subject and an analysis set of the plan; a later decision takes the place of this one.

    Parameters
    ----------
    subject_id
        Randomized.
    analysis_set
        As the plan names it (``per_protocol``); the plan is not known here, and a run says where a name is
        none of its sets.
    decision
        Leave out, or keep.
    reason
        Why, in words that name no arm: it is printed with the name of who decided.

    Raises
    ------
    AccessError, OperationError
        No right or reason; not randomized; the data are locked or the arms were opened: a review is blind.
    """
    with acting(trial, actor, DECIDE_SET, reason=reason) as progress:
        _require_blind_and_open(progress, subject_id)
        name = _require_decidable(progress.known_subjects([subject_id])[subject_id], analysis_set)
        before = set_decisions(progress.reader).get((subject_id, name))
        if before is not None and before.decision == decision.value:
            raise OperationError(
                expected="another decision than the one that stands",
                found=said("{decision}, by {login}", decision=before.decision, login=before.account),
                where=said("{subject_id}, {name}", subject_id=subject_id, name=name),
            )
        _write(trial, progress, actor, subject_id, name, decision, reason)
        progress.state(subject=subject_id, analysis_set=name, decision=decision.value)
    return SetDecided(subject_id, name, decision, progress.stamp)


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
        _require_blind_and_open(progress, file.path.name)
        people = progress.known_subjects({subject_id for _, subject_id, *_ in lines})
        before = set_decisions(progress.reader)
        for where, subject_id, analysis_set, decision, reason in lines:
            try:
                name = _require_decidable(people[subject_id], analysis_set)
                progress.require_no_arm_named(reason)
            except TrialkitError as error:
                problems.append(_at_line(error, where))
                continue
            stands = before.get((subject_id, name))
            if stands is not None and stands.decision == decision.value:
                standing += 1
                continue
            _write(trial, progress, actor, subject_id, name, decision, reason)
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


def _require_blind_and_open(progress: OpenAct, where: str) -> None:
    standing = study_standing(progress.reader)
    if standing.locked or standing.was_unblinded:
        raise OperationError(
            expected="data that are not locked and arms that were never opened",
            found="a lock" if standing.locked else "opened arms",
            where=where,
            next_step="The review comes before the lock: unlock to decide again, if the arms are closed.",
        )


def _require_decidable(person: SubjectState, analysis_set: str) -> str:
    """The name of the set, of a subject whom a set can have."""
    if not person.allocated:
        raise OperationError(expected="a randomized subject", found="one who is not", where=person.subject_id)
    name = analysis_set.strip()
    if not name.isidentifier():
        raise OperationError(
            expected="the name of an analysis set, such as per_protocol",
            found=repr(analysis_set),
            where=person.subject_id,
            next_step="Write it as the plan does, in [sets.NAME].",
        )
    return name


def _write(
    trial: Trial,
    progress: OpenAct,
    actor: Actor,
    subject_id: str,
    name: str,
    decision: Decision,
    reason: str,
) -> None:
    progress.add(
        SetDecision,
        id=next(progress.next_ids(SetDecision)),
        subject_id=subject_id,
        analysis_set=name,
        decision=decision.value,
        reason=reason.strip(),
        account=actor.account,
        at=trial.clock.now().isoformat(),
    )


_COLUMNS = ("subject_id", "analysis_set", "decision", "reason")
_Line = tuple[str, str, str, Decision, str]


def _lines_of(file: TableFile, known_sets: Collection[str]) -> tuple[list[_Line], int]:
    """(place, subject, set, decision, reason) of every line with a decision, and how many have none."""
    problems: list[TrialkitError] = [
        OperationError(
            expected=said("a column {name!r}", name=name),
            found="none",
            where=f"{file.path}:1",
            next_step=advice(name, list(file.columns), otherwise="Write the list again and fill that in."),
        )
        for name in _COLUMNS
        if name not in file.columns
    ]
    if problems:
        raise TrialkitError.all_of(problems)
    lines: dict[tuple[str, str], _Line] = {}
    left_open = 0
    for number, cells in zip(file.line_numbers, file.rows, strict=True):
        line = {name: cell.strip() for name, cell in zip(file.columns, cells, strict=True)}
        if not line["decision"]:
            left_open += 1
            continue
        where = f"{file.path}:{file.line_word} {number}"
        key = (line["subject_id"], line["analysis_set"])
        wrong = _wrong_in(line, where, known_sets, twice=key in lines)
        if wrong is not None:
            problems.append(wrong)
            continue
        lines[key] = (where, *key, Decision(line["decision"].casefold()), line["reason"])
    if problems:
        raise TrialkitError.all_of(problems)
    return list(lines.values()), left_open


def _wrong_in(
    line: Mapping[str, str], where: str, known_sets: Collection[str], *, twice: bool
) -> OperationError | None:
    decisions = [decision.value for decision in Decision]
    if line["decision"].casefold() not in decisions:
        expected = said("one of {known}", known=", ".join(decisions))
        near = advice(line["decision"], decisions, otherwise="Choose one.")
        return OperationError(expected=expected, found=repr(line["decision"]), where=where, next_step=near)
    if known_sets and line["analysis_set"] not in known_sets:
        near = advice(line["analysis_set"], list(known_sets), otherwise="")
        return OperationError(
            expected="an analysis set of the plan",
            found=repr(line["analysis_set"]),
            where=where,
            next_step=near,
        )
    if not line["reason"]:
        return OperationError(expected="a reason for the decision", found="none", where=where)
    if twice:
        return OperationError(
            expected="one decision a subject and analysis set", found="another line above", where=where
        )
    return None


def _at_line(error: TrialkitError, where: str) -> TrialkitError:
    return OperationError(
        expected=error.expected,
        found=error.found,
        where=said("{where}, {place}", where=where, place=error.where) if error.where else where,
        next_step=error.next_step,
    )
