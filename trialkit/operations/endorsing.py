"""What a site says of a correction that data management made of its data: it endorses it, or objects.

Nobody on the sponsor's side changes a site's data unagreed (ICH E6(R3) 3.16.1(i)): a data manager's
correction rests on the site's answer to a query, and is put before the site again as it was made.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from trialkit.access import Actor
from trialkit.access.acts.capture import ENDORSE_CORRECTION, OBJECT_TO_CORRECTION
from trialkit.access.acts.reading import LIST_CORRECTIONS
from trialkit.access.groups import SITE
from trialkit.entry import QueryStatus
from trialkit.operations.adjudication import shown
from trialkit.operations.errors import OperationError
from trialkit.operations.gate import Gate, OpenAct, acting, reading
from trialkit.operations.queries import query_seen, take_step
from trialkit.operations.trial import Trial
from trialkit.store import models as m
from trialkit.store.audit_chain import AuditStamp
from trialkit.store.reading.corrections import CorrectionState, corrections, places_corrected
from trialkit.wording import said


class CorrectionAnswer(StrEnum):
    """``own``: the site corrected its own data, and nothing is asked of it."""

    AWAITED = "awaited"
    ENDORSED = "endorsed"
    OBJECTED = "objected"
    OWN = "own"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class CorrectionListed:
    """``number`` is what it is endorsed by; ``old`` and ``new`` as people read them, None for a blank."""

    number: int
    site: str
    subject_id: str
    visit: str
    form: str
    row: str
    item: str
    old: str | None
    new: str | None
    corrected_by: str
    at: datetime
    reason: str
    query: int | None
    answer: CorrectionAnswer
    said: str
    answered_by: str

    @property
    def where(self) -> str:
        place = (self.subject_id, self.visit, self.form, self.row, self.item)
        return "/".join(part for part in place if part)


@dataclass(frozen=True, slots=True)
class CorrectionAnswered:
    """``query`` is the number of the query that an objection opened again, or None."""

    where: str
    answer: CorrectionAnswer
    query: int | None
    stamp: AuditStamp


def list_corrections(trial: Trial, actor: Actor, *, only_awaited: bool = True) -> list[CorrectionListed]:
    """Corrections of the final record, the oldest first.

    Parameters
    ----------
    only_awaited
        Those of data management of which the site has said nothing yet, and that still stand.

    Raises
    ------
    AccessError
        No right.
    """
    with reading(trial, actor, LIST_CORRECTIONS) as gate:
        people, number = gate.subjects(), _numbers(gate)
        found = [
            _listed(number[one.id], one, people[one.subject_id].site)
            for one in corrections(gate.reader)
            if is_shown(gate, one, people)
        ]
    return [one for one in found if one.answer is CorrectionAnswer.AWAITED or not only_awaited]


def endorse_correction(trial: Trial, actor: Actor, *, number: int, text: str = "") -> CorrectionAnswered:
    """Say for the site that a correction is right.

    Raises
    ------
    AccessError, OperationError
        No right at the site; no such correction, or nothing is asked of the site about it; a text that names
        an arm.
    """
    with acting(trial, actor, ENDORSE_CORRECTION) as progress:
        state = _awaited(progress, number)
        _write(progress, state, CorrectionAnswer.ENDORSED, text)
    return CorrectionAnswered(_where(state), CorrectionAnswer.ENDORSED, None, progress.stamp)


def object_to_correction(trial: Trial, actor: Actor, *, number: int, text: str) -> CorrectionAnswered:
    """Say for the site that a correction is wrong: the query it cites is asked again, with this answer.

    The value stays until it is corrected: data management closes the query or corrects once more, citing it.

    Raises
    ------
    AccessError, OperationError
        As :func:`endorse_correction`; no text.
    """
    with acting(trial, actor, OBJECT_TO_CORRECTION) as progress:
        state = _awaited(progress, number)
        assert state.query is not None, "data management corrects on a query alone"
        query = query_seen(progress, state.query)
        if query.status in (QueryStatus.ANSWERED, QueryStatus.CLOSED):
            again = "The site objects to the correction."
            take_step(progress, query.id, query.where, QueryStatus.REOPENED, again)
        take_step(progress, query.id, query.where, QueryStatus.ANSWERED, text)
        _write(progress, state, CorrectionAnswer.OBJECTED, text)
    return CorrectionAnswered(_where(state), CorrectionAnswer.OBJECTED, query.id, progress.stamp)


def _numbers(gate: Gate) -> dict[int, int]:
    """Id of each correction that the actor is shown -> its number among them.

    The id grows with every value that is hidden from the blinded. A void changes no number.
    """
    shown = [id for id, form, item in places_corrected(gate.reader) if gate.sight.of_item(form, item)]
    return {id: number for number, id in enumerate(shown, start=1)}


def is_shown(gate: Gate, one: CorrectionState, people: Container[str]) -> bool:
    return one.subject_id in people and gate.sight.of_item(one.form, one.item)


def is_awaited(one: CorrectionState) -> bool:
    """Whether the site is asked about it."""
    return _answer(one) is CorrectionAnswer.AWAITED


def _answer(one: CorrectionState) -> CorrectionAnswer:
    if one.answer:
        return CorrectionAnswer(one.answer)
    if one.role in SITE or one.query is None:  # none: made before a query had to be cited
        return CorrectionAnswer.OWN
    return CorrectionAnswer.AWAITED if one.stands else CorrectionAnswer.SUPERSEDED


def _awaited(progress: OpenAct, number: int) -> CorrectionState:
    people, numbers = progress.subjects(), _numbers(progress)
    found = next((one for one in corrections(progress.reader) if numbers.get(one.id) == number), None)
    if found is None or not is_shown(progress, found, people):
        raise OperationError(
            expected="the number of a correction",
            found=str(number),
            next_step="Look at the list of corrections.",
        )
    progress.known_subjects([found.subject_id])
    progress.require_form_unlocked([(found.subject_id, found.visit, found.form)])
    if not is_awaited(found):
        raise OperationError(
            expected="a correction of which the site has said nothing yet",
            found=said("one that is {answer}", answer=_answer(found)),
            where=_where(found),
            next_step="Nothing to do.",
        )
    return found


def _write(progress: OpenAct, state: CorrectionState, answer: CorrectionAnswer, text: str) -> None:
    progress.require_no_arm_named(text, where=_where(state))
    progress.add(
        m.CorrectionAnswer,
        final_value=state.id,
        answer=answer.value,
        said=text.strip(),
        account=progress.actor.account,
        at=progress.at,
    )
    progress.state(field=_where(state), answer=answer.value)


def _where(state: CorrectionState) -> str:
    place = (state.subject_id, state.visit, state.form, state.row, state.item)
    return "/".join(part for part in place if part)


def _listed(number: int, one: CorrectionState, site: str) -> CorrectionListed:
    return CorrectionListed(
        number,
        site,
        one.subject_id,
        one.visit,
        one.form,
        one.row,
        one.item,
        None if one.old is None else shown(one.old),
        shown(one.new),
        one.account,
        one.at,
        one.reason,
        one.query,
        _answer(one),
        one.said,
        one.answered_by,
    )
