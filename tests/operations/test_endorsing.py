"""Nobody but the site changes its data unagreed; what was changed on its answer is put before it again."""

from __future__ import annotations

from typing import Any

import pytest
from chain import ADMIN, COORDINATOR, FIRST, INVESTIGATOR, MANAGER, SECOND, person
from test_randomize import screened

from trialkit import operations as op
from trialkit.access import AccessError, Actor
from trialkit.entry import QueryStatus
from trialkit.errors import EntryError, LockRefusedError, OperationError
from trialkit.operations import TaskKind as T
from trialkit.operations.endorsing import (
    CorrectionAnswer,
    endorse_correction,
    list_corrections,
    object_to_correction,
)
from trialkit.vocabulary import Role

PLACE = {"visit": "baseline", "form": "vas", "item": "vas_mm"}


@pytest.fixture
def subject_id(trial: op.Trial) -> str:
    number = screened(trial)
    for who in (FIRST, SECOND):
        row = op.EnteredRow({"vas_mm": "55"})
        op.enter_pass(trial, who, entry=op.FormEntry(number, "baseline", "vas", (row,)))
    return number


def _asked(trial: op.Trial, subject_id: str, *, answered: bool = True) -> int:
    number = op.open_query(trial, MANAGER, subject_id=subject_id, **PLACE, text="Is this 55?").number
    if answered:
        op.answer_query(trial, INVESTIGATOR, number=number, text="It is 56.")
    return number


def _correct(trial: op.Trial, actor: Actor, subject_id: str, **more: Any) -> Any:
    asked = {"value": "56", "reason": "as the site says", "second_person": INVESTIGATOR, **more}
    return op.correct(trial, actor, subject_id=subject_id, **PLACE, **asked)


def _kinds(trial: op.Trial, actor: Actor) -> list[T]:
    return [task.kind for task in op.todo(trial, actor)]


def _status(trial: op.Trial, number: int) -> QueryStatus:
    every = op.list_queries(trial, MANAGER, status=tuple(QueryStatus))
    return next(query.status for query in every if query.number == number)


def _nothing(trial: op.Trial, subject_id: str) -> None:
    return None


def _open(trial: op.Trial, subject_id: str) -> int:
    return _asked(trial, subject_id, answered=False)


def _closed_unanswered(trial: op.Trial, subject_id: str) -> int:
    number = _asked(trial, subject_id, answered=False)
    op.close_query(trial, MANAGER, number=number)
    return number


def _asked_again(trial: op.Trial, subject_id: str) -> int:
    number = _asked(trial, subject_id)
    op.reopen_query(trial, MANAGER, number=number, text="On which page?")
    return number


def _closed_after_asking_again(trial: op.Trial, subject_id: str) -> int:
    number = _asked_again(trial, subject_id)
    op.close_query(trial, MANAGER, number=number)
    return number


def _answered(trial: op.Trial, subject_id: str) -> int:
    return _asked(trial, subject_id)


def _answered_and_closed(trial: op.Trial, subject_id: str) -> int:
    number = _asked(trial, subject_id)
    op.close_query(trial, MANAGER, number=number)
    return number


@pytest.mark.parametrize(
    "cited", [_nothing, _open, _closed_unanswered, _asked_again, _closed_after_asking_again]
)
def test_data_management_corrects_nothing_that_the_site_did_not_answer(
    trial: op.Trial, subject_id: str, cited: Any
) -> None:
    number = cited(trial, subject_id)
    with pytest.raises(OperationError, match="query"):
        _correct(trial, MANAGER, subject_id, query=number)
    assert list_corrections(trial, MANAGER, only_awaited=False) == []


@pytest.mark.parametrize("cited", [_answered, _answered_and_closed])
def test_data_management_corrects_on_the_sites_answer_and_the_site_is_told(
    trial: op.Trial, subject_id: str, cited: Any
) -> None:
    number = cited(trial, subject_id)
    _correct(trial, MANAGER, subject_id, query=number)
    (one,) = list_corrections(trial, COORDINATOR)
    assert (one.old, one.new, one.query, one.answer) == ("55", "56", number, CorrectionAnswer.AWAITED)
    assert (one.corrected_by, one.reason) == (MANAGER.account, "as the site says")
    for who in (COORDINATOR, INVESTIGATOR):
        assert T.ENDORSE_CORRECTION in _kinds(trial, who)
    assert T.ENDORSE_CORRECTION not in _kinds(trial, MANAGER)


@pytest.mark.parametrize("who", [COORDINATOR, INVESTIGATOR])
def test_a_site_corrects_its_own_data_with_a_reason_and_is_asked_nothing(
    trial: op.Trial, subject_id: str, who: Actor
) -> None:
    op.add_account(trial, ADMIN, login="inga", person_name="I", role=Role.INVESTIGATOR)
    _correct(trial, who, subject_id, second_person=person("inga", Role.INVESTIGATOR))
    (one,) = list_corrections(trial, who, only_awaited=False)
    assert one.answer is CorrectionAnswer.OWN
    assert T.ENDORSE_CORRECTION not in _kinds(trial, who)


def test_another_site_corrects_and_endorses_nothing_here(trial: op.Trial, subject_id: str) -> None:
    op.add_account(trial, ADMIN, login="bea", person_name="B", role=Role.COORDINATOR, site="B")
    bea = person("bea", Role.COORDINATOR, "B")
    with pytest.raises(EntryError, match="the number of a subject of this study"):  # as of nobody
        _correct(trial, bea, subject_id)
    _correct(trial, MANAGER, subject_id, query=_asked(trial, subject_id))
    (one,) = list_corrections(trial, COORDINATOR)
    assert list_corrections(trial, bea, only_awaited=False) == []
    for act in (endorse_correction, object_to_correction):
        told = []
        for number in (one.number, one.number + 1):
            with pytest.raises(OperationError) as refused:
                act(trial, bea, number=number, text="no")
            told.append(str(refused.value).replace(str(number), "N"))
        assert told[0] == told[1], "a correction elsewhere is as unknown as one that never was"


def test_an_endorsed_correction_waits_no_more_and_is_answered_once(trial: op.Trial, subject_id: str) -> None:
    _correct(trial, MANAGER, subject_id, query=_asked(trial, subject_id))
    (one,) = list_corrections(trial, COORDINATOR)
    endorse_correction(trial, COORDINATOR, number=one.number)
    assert list_corrections(trial, COORDINATOR) == []
    assert T.ENDORSE_CORRECTION not in _kinds(trial, INVESTIGATOR)
    with pytest.raises(OperationError, match="endorsed"):
        object_to_correction(trial, INVESTIGATOR, number=one.number, text="No")
    (told,) = list_corrections(trial, MANAGER, only_awaited=False)
    assert (told.answer, told.answered_by) == (CorrectionAnswer.ENDORSED, COORDINATOR.account)
    with pytest.raises(AccessError):
        endorse_correction(trial, MANAGER, number=one.number)


@pytest.mark.parametrize("cited", [_answered, _answered_and_closed])
def test_an_objection_opens_the_query_again_and_stands_against_a_lock(
    trial: op.Trial, subject_id: str, cited: Any
) -> None:
    number = cited(trial, subject_id)
    _correct(trial, MANAGER, subject_id, query=number)
    (one,) = list_corrections(trial, COORDINATOR)
    with pytest.raises(OperationError, match="a text"):
        object_to_correction(trial, COORDINATOR, number=one.number, text=" ")
    assert object_to_correction(trial, COORDINATOR, number=one.number, text="It was 55.").query == number
    assert _status(trial, number) is QueryStatus.ANSWERED
    assert T.CLOSE_QUERY in _kinds(trial, MANAGER)
    assert any("open query" in line for line in op.obstacles(trial, MANAGER))
    _correct(trial, MANAGER, subject_id, value="55", query=number, reason="back as it was")
    (again,) = list_corrections(trial, COORDINATOR)
    assert (again.old, again.new) == ("56", "55")


def test_what_the_site_was_not_heard_on_stands_against_every_closing_of_its_form(
    trial: op.Trial, subject_id: str
) -> None:
    """Locked, the site could neither endorse nor object any more."""
    number = _asked(trial, subject_id)
    _correct(trial, MANAGER, subject_id, query=number)
    op.close_query(trial, MANAGER, number=number)
    form = f"{subject_id}/baseline/vas"
    waits = f"{form}: correction not endorsed (1)"
    assert waits in op.obstacles(trial, MANAGER)
    at = {"scope": op.FreezeScope.FORM, "place": form, "reason": "All in"}
    for close in (
        lambda: op.freeze(trial, MANAGER, **at),
        lambda: op.lock_place(trial, MANAGER, **at),
        lambda: op.lock(trial, MANAGER, reason="All in"),
    ):
        with pytest.raises(LockRefusedError) as refused:
            close()
        assert waits in refused.value.obstacles
    (one,) = list_corrections(trial, COORDINATOR)
    endorse_correction(trial, COORDINATOR, number=one.number)
    assert not any("not endorsed" in line for line in op.obstacles(trial, MANAGER))
    assert op.lock_place(trial, MANAGER, **at).locked


def test_nothing_is_to_do_again_on_a_locked_form(trial: op.Trial, subject_id: str) -> None:
    where = {"subject_id": subject_id, "visit": "baseline", "form": "vas"}
    op.add_account(trial, ADMIN, login="mona", person_name="M", role=Role.MONITOR)
    monitor = person("mona", Role.MONITOR)
    op.sign_form(trial, INVESTIGATOR, **where, meaning="Seen and right")
    op.verify_source(trial, monitor, **where)
    _correct(trial, COORDINATOR, subject_id)  # its second person is the investigator
    assert T.SIGN_AGAIN in _kinds(trial, INVESTIGATOR)
    assert T.VERIFY_AGAIN in _kinds(trial, monitor)
    place = f"{subject_id}/baseline/vas"
    op.lock_place(trial, MANAGER, scope=op.FreezeScope.FORM, place=place, reason="All in")
    assert T.SIGN_AGAIN not in _kinds(trial, INVESTIGATOR)
    assert T.VERIFY_AGAIN not in _kinds(trial, monitor)


def test_a_correction_of_a_correction_asks_about_the_last_alone(trial: op.Trial, subject_id: str) -> None:
    number = _asked(trial, subject_id)
    for value in ("56", "57"):
        _correct(trial, MANAGER, subject_id, value=value, query=number)
    (one,) = list_corrections(trial, COORDINATOR)
    assert (one.old, one.new) == ("56", "57")
    every = list_corrections(trial, COORDINATOR, only_awaited=False)
    assert [line.answer for line in every] == [CorrectionAnswer.SUPERSEDED, CorrectionAnswer.AWAITED]


def test_the_investigator_whose_signature_is_void_is_asked_to_sign_again(
    trial: op.Trial, subject_id: str
) -> None:
    number = _asked(trial, subject_id)
    op.close_query(trial, MANAGER, number=number)
    place = {"subject_id": subject_id, "visit": "baseline", "form": "vas"}
    op.sign_form(trial, INVESTIGATOR, **place, meaning="approved")
    _correct(trial, MANAGER, subject_id, query=number)
    assert {T.SIGN_AGAIN, T.ENDORSE_CORRECTION} <= set(_kinds(trial, INVESTIGATOR))
