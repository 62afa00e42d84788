"""The life of a form and of a query: which states there are, and which step may follow which."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from trialkit.entry.errors import FormLifeError
from trialkit.entry.passes import PassState, PassStatus, live_passes
from trialkit.vocabulary import EntryMode
from trialkit.wording import said, said_count


class FormStatus(StrEnum):
    """Where the entry of a form stands. Verified, signed, frozen and locked are marks set on top of it."""

    EXPECTED = "expected"
    IN_ENTRY = "in_entry"
    AWAITING_SECOND_ENTRY = "awaiting_second_entry"
    IN_ADJUDICATION = "in_adjudication"
    COMPLETE = "complete"
    NOT_DONE = "not_done"


_S = FormStatus
FORM_TRANSITIONS: dict[FormStatus, frozenset[FormStatus]] = {
    _S.EXPECTED: frozenset({_S.IN_ENTRY, _S.NOT_DONE}),
    _S.IN_ENTRY: frozenset({_S.AWAITING_SECOND_ENTRY, _S.IN_ADJUDICATION, _S.COMPLETE, _S.EXPECTED}),
    _S.AWAITING_SECOND_ENTRY: frozenset({_S.IN_ENTRY, _S.IN_ADJUDICATION, _S.COMPLETE, _S.EXPECTED}),
    _S.IN_ADJUDICATION: frozenset({_S.COMPLETE, _S.IN_ENTRY, _S.AWAITING_SECOND_ENTRY}),
    _S.COMPLETE: frozenset({_S.IN_ENTRY, _S.AWAITING_SECOND_ENTRY, _S.EXPECTED}),
    _S.NOT_DONE: frozenset({_S.EXPECTED}),
}
"""Steps back happen only when a pass is voided, or when "not done" turns out to be wrong."""


def form_status(
    mode: EntryMode, passes: Sequence[PassState], *, undecided: int = 0, not_done: bool = False
) -> FormStatus:
    """Where a form stands, from its passes and what is undecided between them.

    Parameters
    ----------
    mode
        Single or double entry.
    passes
        Every pass, voided ones included.
    undecided
        Discrepancies and unmatched rows without an adjudication ("cannot decide" leaves one open).
    not_done
        Somebody stated, with a reason, that the form was not done.

    Raises
    ------
    FormLifeError
        "Not done" was stated for a form that has a pass.

    Degenerate cases
    ----------------
    A double form with pass 2 complete and pass 1 voided awaits its other entry.
    """
    live = live_passes(passes)
    if not_done:
        if live:
            raise FormLifeError(
                expected="no entry of a form that was not done",
                found=said_count("{n} pass", "{n} passes", len(live)),
                next_step="Void the passes with a reason first.",
            )
        return FormStatus.NOT_DONE
    if not live:
        return FormStatus.EXPECTED
    if any(entry.status is PassStatus.OPEN for entry in live.values()):
        return FormStatus.IN_ENTRY
    if mode is EntryMode.DOUBLE and len(live) < 2:
        return FormStatus.AWAITING_SECOND_ENTRY
    return FormStatus.IN_ADJUDICATION if undecided else FormStatus.COMPLETE


def check_form_step(present: FormStatus, wanted: FormStatus, *, where: str = "") -> None:
    """Refuse a step that the life of a form does not have.

    Raises
    ------
    FormLifeError
        No such step.
    """
    if wanted is not present and wanted not in FORM_TRANSITIONS[present]:
        raise FormLifeError(
            expected=said(
                "one of {form_transitions} after {present}",
                form_transitions=", ".join(sorted(FORM_TRANSITIONS[present])),
                present=present,
            ),
            found=str(wanted),
            where=where,
            next_step="Look at what the form waits for.",
        )


class QueryStatus(StrEnum):
    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"
    REOPENED = "reopened"


QUERY_TRANSITIONS: dict[QueryStatus, frozenset[QueryStatus]] = {
    QueryStatus.OPEN: frozenset({QueryStatus.ANSWERED, QueryStatus.CLOSED}),
    QueryStatus.ANSWERED: frozenset({QueryStatus.CLOSED, QueryStatus.REOPENED}),
    QueryStatus.CLOSED: frozenset({QueryStatus.REOPENED}),
    QueryStatus.REOPENED: frozenset({QueryStatus.ANSWERED, QueryStatus.CLOSED}),
}


def check_query_step(present: QueryStatus, wanted: QueryStatus, *, where: str = "") -> None:
    """Refuse a step that the life of a query does not have: a closed query is reopened, never answered.

    Raises
    ------
    FormLifeError
        No such step.
    """
    if wanted not in QUERY_TRANSITIONS[present]:
        raise FormLifeError(
            expected=said(
                "one of {query_transitions} after {present}",
                query_transitions=", ".join(sorted(QUERY_TRANSITIONS[present])),
                present=present,
            ),
            found=str(wanted),
            where=where,
            next_step="Reopen a closed query before answering it.",
        )
