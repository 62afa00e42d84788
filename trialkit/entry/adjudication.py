"""Adjudication: a third person, with the paper in hand, decides what two typists disagree about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from trialkit.entry.agreement import TypedValue
from trialkit.entry.errors import AdjudicationError
from trialkit.entry.final_record import Discrepancy, FinalValue, UnmatchedRow, ValueOrigin
from trialkit.vocabulary import ValueState
from trialkit.wording import said


class AdjudicationChoice(StrEnum):
    FIRST = "first"
    SECOND = "second"
    NEW_VALUE = "new_value"
    CANNOT_DECIDE = "cannot_decide"


class ReasonCode(StrEnum):
    """Why the two entries differed, as the adjudicator reads it from the paper."""

    MISREAD = "misread"
    TYPING_ERROR = "typing_error"
    ILLEGIBLE = "illegible"
    CODE_LIST = "code_list"
    BLANK_ON_CRF = "blank_on_crf"
    CANNOT_DECIDE = "cannot_decide"


@dataclass(frozen=True, slots=True)
class Decision:
    """What an adjudication makes of a discrepancy.

    ``final`` is None exactly where ``raises_query`` is true: the field stays open and the site is asked.
    """

    discrepancy: Discrepancy
    choice: AdjudicationChoice
    reason: ReasonCode
    final: FinalValue | None
    raises_query: bool


def adjudicate(
    discrepancy: Discrepancy,
    choice: AdjudicationChoice,
    reason: ReasonCode,
    new_value: TypedValue | None = None,
    *,
    where: str = "",
) -> Decision:
    """Decide one discrepancy.

    Parameters
    ----------
    discrepancy
        What the passes disagree about.
    choice
        First, second, a new value read from the paper, or "cannot decide".
    reason
        Why they differed; ``CANNOT_DECIDE`` goes with that choice and no other.
    new_value
        Only with ``NEW_VALUE``; may be a missing code or blank.
    where
        ``subject/visit/form``, for the error.

    Raises
    ------
    AdjudicationError
        Choice, reason and new value do not hold together, or "blank on CRF" ends in a typed value.
    """
    undecided = choice is AdjudicationChoice.CANNOT_DECIDE
    if undecided != (reason is ReasonCode.CANNOT_DECIDE):
        _refuse(
            "the reason cannot_decide with the choice cannot_decide, and only there",
            said("{choice} with {reason}", choice=choice, reason=reason),
            where,
        )
    if (choice is AdjudicationChoice.NEW_VALUE) != (new_value is not None):
        _refuse(
            "a new value with the choice new_value, and only there",
            said(
                "{choice} {with_or_without} a new value",
                choice=choice,
                with_or_without="with" if new_value else "without",
            ),
            where,
        )
    if undecided:
        return Decision(discrepancy, choice, reason, None, raises_query=True)
    chosen = {
        AdjudicationChoice.FIRST: discrepancy.first,
        AdjudicationChoice.SECOND: discrepancy.second,
    }.get(choice, new_value)
    assert chosen is not None
    typed = chosen.state is ValueState.VALUE and bool((chosen.text or "").strip())
    if reason is ReasonCode.BLANK_ON_CRF and typed:
        _refuse("a blank or a missing code where the paper is blank", "a typed value", where)
    final = FinalValue(discrepancy.row_key, discrepancy.item, chosen, ValueOrigin.ADJUDICATED)
    return Decision(discrepancy, choice, reason, final, raises_query=False)


@dataclass(frozen=True, slots=True)
class RowDecision:
    """What becomes of unmatched rows: two are one (``second`` given), or one was entered in error."""

    row: UnmatchedRow
    second: UnmatchedRow | None = None
    entered_in_error: bool = False


def check_row_decisions(
    unmatched: Sequence[UnmatchedRow], decisions: Sequence[RowDecision], *, where: str = ""
) -> None:
    """Refuse decisions that leave a row out, use it twice, or pair two rows of one pass.

    Raises
    ------
    AdjudicationError
        As said; rows neither paired nor in error stay unmatched and must be decided too.
    """
    used: Counter[UnmatchedRow] = Counter()
    for decision in decisions:
        paired = decision.second is not None
        if paired == decision.entered_in_error:
            _refuse("a row either paired with another or entered in error", "both or neither", where)
        used[decision.row] += 1
        if decision.second is not None:
            used[decision.second] += 1
            if (decision.row.pass_number, decision.second.pass_number) != (1, 2):
                _refuse("a row of pass 1 paired with a row of pass 2", "another pair of passes", where)
    if used != Counter(unmatched):
        _refuse("every unmatched row decided exactly once", "a row left out, decided twice or unknown", where)


def _refuse(expected: str, found: str, where: str) -> None:
    raise AdjudicationError(
        expected=expected, found=found, where=where, next_step="Look at the paper form and decide again."
    )
