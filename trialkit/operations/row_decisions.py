"""Rows of two passes that found no partner: pair them, keep them, or reject them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trialkit.access import Actor
from trialkit.access.acts.capture import DECIDE_ROWS
from trialkit.entry import PassRow, TypedValue, ValueOrigin, check_adjudicator, compare_rows
from trialkit.operations.errors import OperationError
from trialkit.operations.flags import both_as_written
from trialkit.operations.gate import OpenAct, acting
from trialkit.operations.trial import Trial
from trialkit.store import models as m
from trialkit.store.audit_chain import AuditStamp
from trialkit.store.reading.discrepancies import UnmatchedState
from trialkit.store.reading.forms import FormKey, FormState, StoredRow, pass_rows
from trialkit.vocabulary import ValueState
from trialkit.wording import said


@dataclass(frozen=True, slots=True)
class RowVerdict:
    """What becomes of one leftover row, named by its pass and line.

    Parameters
    ----------
    pass_number, row
        The leftover row.
    pair_with
        The line of the other pass that is the same line on paper.
    entered_in_error
        There is no such line on paper. Neither of the two: the line is on paper and the other pass left it
        out, so it is kept as it was typed.
    """

    pass_number: int
    row: str
    pair_with: str | None = None
    entered_in_error: bool = False


@dataclass(frozen=True, slots=True)
class RowsDecided:
    rows: int
    discrepancies: int  # between the rows that were paired
    stamp: AuditStamp


def decide_rows(
    trial: Trial, actor: Actor, *, subject_id: str, visit: str, form: str, verdicts: Sequence[RowVerdict]
) -> RowsDecided:
    """Decide leftover rows of one form.

    Raises
    ------
    OperationError
        No such leftover row, one decided twice, or a row that is both paired and rejected.
    PassError
        The account made one of the two passes.
    """
    with acting(trial, actor, DECIDE_ROWS) as progress:
        progress.known_subjects([subject_id])
        done = decide_form_rows(progress, (subject_id, visit, form), verdicts)
        progress.state(
            form=f"{subject_id}/{visit}/{form}",
            rows=[[verdict.pass_number, verdict.row, verdict.pair_with] for verdict in verdicts],
        )
    return RowsDecided(done.rows, done.discrepancies, progress.stamp)


@dataclass(frozen=True, slots=True)
class FormRowsDecided:
    rows: int
    discrepancies: int


def decide_form_rows(progress: OpenAct, key: FormKey, verdicts: Sequence[RowVerdict]) -> FormRowsDecided:
    """The same inside an act that holds the subject.

    Raises
    ------
    OperationError, PassError
        As :func:`decide_rows`.
    """
    where = "/".join(key)
    progress.require_not_frozen([key])
    state = progress.forms([key[0]]).get(key)
    if state is None:
        raise OperationError(expected="a form with two passes", found="none", where=where)
    check_adjudicator(state.passes, progress.actor.account, where=where)
    decider = _Decider(progress, state, where)
    for verdict in verdicts:
        decider.decide(verdict)
    return FormRowsDecided(decider.rows, decider.discrepancies)


class _Decider:
    def __init__(self, progress: OpenAct, state: FormState, where: str) -> None:
        self.progress, self.state, self.where = progress, state, where
        self.rows = self.discrepancies = 0
        leftover = progress.unmatched_rows([state.subject_id], only_open=True)
        self.open: dict[tuple[int, str], UnmatchedState] = {
            (row.pass_number, row.row): row
            for row in leftover
            if (row.visit, row.form) == (state.visit, state.form)
        }
        self.taken: set[tuple[int, str]] = set()
        stored = pass_rows(progress.reader, list(state.pass_ids.values()))
        self.stored: dict[int, StoredRow] = {row.id: row for rows in stored.values() for row in rows}

    def decide(self, verdict: RowVerdict) -> None:
        if verdict.pair_with is not None and verdict.entered_in_error:
            raise self._refusal("a row either paired or entered in error", "both")
        row = self._take(verdict.pass_number, verdict.row)
        if verdict.entered_in_error:
            self._record(row, "entered_in_error", None)
        elif verdict.pair_with is None:
            self._keep(row, verdict.pass_number)
        else:
            partner = self._take(3 - verdict.pass_number, verdict.pair_with)
            first, second = (row, partner) if verdict.pass_number == 1 else (partner, row)
            self._pair(first, second)

    def _take(self, pass_number: int, row: str) -> StoredRow:
        found = self.open.pop((pass_number, row), None)
        if (pass_number, row) in self.taken:
            raise OperationError(
                expected=said("one decision for line {row} of entry {n}", row=row or "–", n=pass_number),
                found="two",
                where=self.where,
                next_step="A pair decides both of its lines: leave one undecided, or take the pair back.",
            )
        self.taken.add((pass_number, row))
        if found is None:
            raise self._refusal(
                said("an undecided leftover line of pass {pass_number}", pass_number=pass_number), repr(row)
            )
        return self.stored[found.pass_row]

    def _keep(self, row: StoredRow, pass_number: int) -> None:
        place = "pass1_row" if pass_number == 1 else "pass2_row"
        final_row = self._final_row(row.row, **{place: row.id})
        for item, value in row.row.values.items():
            if value.state is not ValueState.NEVER_SEEN:
                self._value(final_row, item, value, ValueOrigin.ADJUDICATED)
        self._record(row, "kept", final_row)

    def _pair(self, first: StoredRow, second: StoredRow) -> None:
        final_row = self._final_row(first.row, pass1_row=first.id, pass2_row=second.id)
        version = self.progress.trial.definitions.version(self.state.study_version)
        compared = version.rules.compared[self.state.form]
        written = both_as_written(self.progress.reader, first, second)
        draft = compare_rows(first.row.row_key, first.row, second.row, compared, written)
        for final in draft.values:
            if final.value.state is not ValueState.NEVER_SEEN:
                self._value(final_row, final.item, final.value, final.origin)
        for found in draft.discrepancies:
            self.discrepancies += self.progress.sight.of_item(self.state.form, found.item)
            number = next(self.progress.next_ids(m.Discrepancy))
            self.progress.add(
                m.Discrepancy, id=number, final_row=final_row, item=found.item, kind=found.kind.value
            )
        self._record(first, "paired", final_row)
        self._record(second, "paired", final_row)

    def _final_row(self, row: PassRow, **places: int) -> int:
        final_row = next(self.progress.next_ids(m.FinalRow))
        self.progress.add(
            m.FinalRow, id=final_row, form_instance=self.state.id, row_key=row.row_key, **places
        )
        return final_row

    def _value(self, final_row: int, item: str, value: TypedValue, origin: ValueOrigin) -> None:
        self.progress.add(
            m.FinalValue,
            id=next(self.progress.next_ids(m.FinalValue)),
            final_row=final_row,
            item=item,
            raw_text=value.text,
            state=value.state.value,
            missing_code=value.missing_code and value.missing_code.value,
            origin=origin.value,
        )

    def _record(self, row: StoredRow, decision: str, final_row: int | None) -> None:
        self.rows += 1
        self.progress.add(
            m.RowDecision,
            pass_row=row.id,
            decision=decision,
            final_row=final_row,
            decided_by=self.progress.actor.account,
        )

    def _refusal(self, expected: str, found: str) -> OperationError:
        return OperationError(
            expected=expected, found=found, where=self.where, next_step="Look at the paper form again."
        )
