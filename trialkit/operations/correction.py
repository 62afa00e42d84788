"""Correction of the final record; the passes stay as they were typed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trialkit.access import Actor
from trialkit.access.acts.capture import CORRECT
from trialkit.access.groups import SITE
from trialkit.entry import QueryStatus, TypedValue, ValueOrigin
from trialkit.entry.branching import NOTHING_TYPED, Asked
from trialkit.entry.checking import Flag
from trialkit.entry.rules import StudyRules
from trialkit.nearest import advice
from trialkit.operations.adjudication import oddities, readable, shown
from trialkit.operations.asked_now import asked_for
from trialkit.operations.binding import asked_of
from trialkit.operations.errors import OperationError
from trialkit.operations.flags import FlagStage, keep_flags
from trialkit.operations.gate import OpenAct, acting
from trialkit.operations.import_lines import line_number
from trialkit.operations.queries import query_seen
from trialkit.operations.raising import raise_again
from trialkit.operations.second_person import confirm_critical
from trialkit.operations.trial import Trial
from trialkit.store import models as m
from trialkit.store.audit_chain import AuditStamp
from trialkit.store.reading.finals import FinalState, authors_of
from trialkit.store.reading.review import QueryState
from trialkit.vocabulary import ItemType, ValueState
from trialkit.wording import said


@dataclass(frozen=True, slots=True)
class Corrected:
    """The value before and after, as the audit trail shows them."""

    where: str
    old: str | None
    new: str | None
    stamp: AuditStamp
    flags: tuple[Flag, ...] = ()  # what to look at in the new value
    asked_again: tuple[int, ...] = ()  # queries of the checks that read it and fail


def correct(
    trial: Trial,
    actor: Actor,
    *,
    subject_id: str,
    visit: str,
    form: str,
    item: str,
    value: str | TypedValue,
    reason: str,
    row: str = "",
    seen: str | TypedValue | None = None,
    query: int | None = None,
    second_person: Actor | None = None,
) -> Corrected:
    """Give a value of the final record another one, with a reason; both are kept.

    Every item of a form in the final record can be corrected, one that no pass has seen too; an open
    discrepancy is adjudicated.

    Parameters
    ----------
    subject_id, visit, form, row, item
        The field; ``row`` is the line number of a repeating form.
    value
        The text as it should be; ``@unknown`` for a missing code.
    reason
        Why.
    seen
        The present value as its author saw it: the empty text for a blank. Where somebody was quicker and it
        is another one by now, nothing is written. None: not checked.
    query
        The number of the query whose answer it rests on: about this field or its form. Needed of everybody
        but the site, which corrects its own data with a reason.
    second_person
        Who confirms it, proved by password: needed where the item is critical. Neither the actor nor the
        author of the value that is replaced.

    Raises
    ------
    AccessError, OperationError, EntryError
        No right or reason; a data manager's without a query that the site answered; a critical item without
        its second person; no final value there (a discrepancy is
        adjudicated, not corrected), the same value, or a text that cannot be one.
    """
    where = "/".join(part for part in (subject_id, visit, form, row, item) if part)
    with acting(trial, actor, CORRECT, reason=reason) as progress:
        site = progress.known_subjects([subject_id])[subject_id].site
        progress.require_not_frozen([(subject_id, visit, form)])
        rules = asked_of(progress, (subject_id, visit, form))
        cited = _cited(progress, query, (subject_id, visit, form, row, item))
        _require_agreed(progress, cited, where)
        finals = progress.written_values([subject_id])
        present = [
            one for one in finals if (one.visit, one.form, one.row, one.item) == (visit, form, row, item)
        ]
        final_row = (
            present[0].final_row if present else _row_of(progress, rules, subject_id, visit, form, row, item)
        )
        new = readable(rules, item, value, where)
        progress.require_value_without_arm(item, new.text, where=where)
        old = present[0].value if present else TypedValue(state=ValueState.NEVER_SEEN)
        _require_another(old, new, seen, where)
        _require_own_number(rules, finals, (visit, form, row, item), new, where)
        authors = authors_of(progress.reader, present[0]) if present else ()
        confirm_critical(progress, [(form, item)], second_person, sites=[site], authors=authors, where=where)
        number = _written(progress, present[0].id if present else None, final_row, item, new)
        if cited is not None:
            progress.add(m.QueryCited, final_value=number, query=cited.id)
            progress.state(query=cited.id)
        progress.state(changes=[{"field": where, "old": shown(old), "new": shown(new)}])
        after = FinalState(number, final_row, subject_id, visit, form, row, item, new, ValueOrigin.CORRECTED)
        others = [final for final in finals if final not in present]
        asked = asked_for(progress, [after], [*others, after]).get(number, Asked.YES)
        flags = _as_asked(oddities(rules, item, value, where, row), after, asked, where)
        keep_flags(progress, (subject_id, visit, form), FlagStage.CORRECTED, flags)
        asked_again = raise_again(progress, after, others, flags)
        if asked_again:
            progress.state(queries_asked_again=list(asked_again))
    return Corrected(where, shown(old), shown(new), progress.stamp, flags, asked_again)


def _as_asked(flags: tuple[Flag, ...], after: FinalState, asked: Asked, where: str) -> tuple[Flag, ...]:
    """A blank is odd only where the record asks for the item, and a value where it does not."""
    if after.value.state in NOTHING_TYPED:
        return flags if asked is Asked.YES else ()
    if asked is not Asked.NO:
        return flags
    return (
        *flags,
        Flag(where, said("entered although branching does not ask for it"), after.row, after.item),
    )


def _written(progress: OpenAct, superseded: int | None, final_row: int, item: str, new: TypedValue) -> int:
    """The number of the corrected value, which stands in the place of another or of none."""
    number = next(progress.next_ids(m.FinalValue))
    progress.add(
        m.FinalValue,
        id=number,
        final_row=final_row,
        item=item,
        raw_text=new.text,
        state=new.state.value,
        missing_code=new.missing_code and new.missing_code.value,
        origin="corrected",
        supersedes=superseded,
    )
    return number


def _require_another(old: TypedValue, new: TypedValue, seen: str | TypedValue | None, where: str) -> None:
    """The new value replaces the one its author saw, and is not that one again."""
    if seen is not None and (shown(old) or "") != _as_seen(seen):
        raise OperationError(
            expected=said("the value that you saw, {seen!r}", seen=_as_seen(seen)),
            found=repr(shown(old) or ""),
            where=where,
            next_step="Somebody else was quicker. Look at the value again.",
        )
    if new == old:
        raise OperationError(expected="another value than the present one", found="the same", where=where)


def _require_own_number(
    rules: StudyRules,
    finals: Sequence[FinalState],
    place: tuple[str, str, str, str],
    new: TypedValue,
    where: str,
) -> None:
    """The printed number of a line stays one, and is no other line's: 2, 02 and 2.0 are one."""
    visit, form, row, item = place
    if rules.forms[form].row_key != item:
        return
    if new.text is None:
        raise OperationError(
            expected="the number that the line has on paper",
            found=shown(new) or "none",
            where=where,
            next_step="A line is told by its number. Where it is not on paper: void the passes, and enter "
            "all lines.",
        )
    number = line_number(new.text)
    others = [
        one for one in finals if (one.visit, one.form, one.item) == (visit, form, item) and one.row != row
    ]
    if any(line_number(one.value.text or "") == number for one in others):
        raise OperationError(
            expected="a number that no other line of the form has",
            found=repr(new.text),
            where=where,
            next_step="Look at the paper: which line is it?",
        )


def _as_seen(seen: str | TypedValue) -> str:
    return seen if isinstance(seen, str) else shown(seen) or ""


def _row_of(
    progress: OpenAct, rules: StudyRules, subject_id: str, visit: str, form: str, row: str, item: str
) -> int:
    """The row of the final record that an item without a value belongs to."""
    where = "/".join(part for part in (subject_id, visit, form, row, item) if part)
    known = rules.form_items.get(form, {}).get(item)
    if known is None or known.type is ItemType.DERIVED:
        raise OperationError(
            expected="an item of the form that is entered",
            found=repr(item),
            where=where,
            next_step="A derived item follows from others: correct those."
            if known
            else advice(item, list(rules.form_items.get(form, {})), otherwise="Check the form."),
        )
    rows = {
        final.row: final.final_row
        for final in progress.written_values([subject_id])
        if (final.visit, final.form) == (visit, form)
    }
    undecided = [
        found
        for found in progress.discrepancies([subject_id], only_open=True)
        if (found.visit, found.form, found.row, found.item) == (visit, form, row, item)
    ]
    if rows and row not in rows and not undecided:
        raise OperationError(
            expected=said("a line of the form: {lines}", lines=", ".join(sorted(rows)) or "''"),
            found=repr(row),
            where=where,
            next_step="Look at its number. A line that no pass has: void the passes, and enter all lines.",
        )
    if row not in rows or undecided:
        raise OperationError(
            expected="a value of the final record",
            found="an open discrepancy" if undecided else "none",
            where=where,
            next_step="Adjudicate the discrepancy." if undecided else "Enter the form; both passes of it.",
        )
    return rows[row]


def _require_agreed(progress: OpenAct, cited: QueryState | None, where: str) -> None:
    """Nobody but the site changes its data unagreed: others rest on its answer to a query."""
    if progress.actor.role in SITE:
        return
    if cited is None:
        raise OperationError(
            expected="the number of the query whose answer the correction rests on",
            found="none",
            where=where,
            next_step="Ask the site about the value. Its answer is cited, or the site corrects it itself.",
        )
    spoken = [step.status for step in cited.steps if step.status is not QueryStatus.CLOSED]
    if spoken[-1] is not QueryStatus.ANSWERED:
        raise OperationError(
            expected="a query that the site answered",
            found=said("query {number}, to which it has given no answer", number=cited.id),
            where=where,
            next_step="Wait for the answer; or the site corrects it itself.",
        )


def _cited(progress: OpenAct, query: int | None, place: tuple[str, str, str, str, str]) -> QueryState | None:
    """The query a correction rests on, after it was found to speak of this field or its form."""
    if query is None:
        return None
    state = query_seen(progress, query)
    about_form = (state.subject_id, state.visit, state.form) == place[:3] and not state.item
    if not about_form and (state.subject_id, state.visit, state.form, state.row, state.item) != place:
        raise OperationError(
            expected=said("a query about {where}", where="/".join(part for part in place if part)),
            found=said("one about {where}", where=state.where),
            next_step="Look at the list of queries.",
        )
    return state
