"""A form, a subject or a site is locked by itself; marks for all of a place; ticks at single values."""

from __future__ import annotations

from datetime import date

import pytest
from chain import ADMIN, COORDINATOR, FIRST, INVESTIGATOR, MANAGER, SECOND, person

from trialkit import operations as op
from trialkit.access import AccessError
from trialkit.errors import LockRefusedError, OperationError
from trialkit.operations.place_marks import forms_to_mark
from trialkit.operations.verifying import form_to_verify
from trialkit.vocabulary import Role

MONITOR = person("moni", Role.MONITOR)
WHY = {"reason": "Reviewed and settled"}
FIELD = {"visit": "baseline", "form": "vas"}


@pytest.fixture
def subject_id(trial: op.Trial) -> str:
    """A subject with a complete pain scale."""
    op.add_account(trial, ADMIN, login="moni", person_name="M", role=Role.MONITOR)
    return _enrolled(trial)


def _enrolled(trial: op.Trial) -> str:
    number = op.enrol(trial, COORDINATOR, site="A", consent_date=date(2024, 5, 20)).subject_id
    for who in (FIRST, SECOND):
        entry = op.FormEntry(number, "baseline", "vas", (op.EnteredRow({"vas_mm": "55"}),))
        op.enter_pass(trial, who, entry=entry)
    return number


def _correct(trial: op.Trial, number: str, value: str = "56") -> None:
    op.correct(
        trial, COORDINATOR, subject_id=number, **FIELD, item="vas_mm", value=value, reason="Misread",
        second_person=INVESTIGATOR,
    )  # fmt: skip


def _settle(trial: op.Trial, number: str) -> None:
    """Leave nothing open of a subject: it failed screening, and its other forms were not done."""
    op.record_visits(trial, COORDINATOR, visits_done=[op.VisitDone(number, "baseline", date(2024, 5, 21))])
    open_ = [
        op.NotDone(number, form.visit, "Screening failure", form=form.form)
        for form in op.forms_now(trial, MANAGER, subject_ids=[number])
        if form.status == "expected"
    ]
    if open_:
        op.mark_not_done(trial, COORDINATOR, entries=open_)
    op.screen_fail(trial, COORDINATOR, subject_id=number, date=date(2024, 5, 22), reason="Not eligible")


def test_a_locked_form_takes_no_value_query_or_mark_and_another_form_does(
    trial: op.Trial, subject_id: str
) -> None:
    place = {"scope": op.FreezeScope.FORM, "place": f"{subject_id}/baseline/vas"}
    done = op.lock_place(trial, MANAGER, **place, **WHY)
    assert len(done.content_sha256) == 64
    with pytest.raises(OperationError, match="a lock of the form"):
        _correct(trial, subject_id)
    with pytest.raises(OperationError, match="a lock of the form"):
        op.open_query(trial, MANAGER, subject_id=subject_id, **FIELD, text="Sure?")
    with pytest.raises(OperationError, match="a lock of the form"):
        op.verify_source(trial, MONITOR, subject_id=subject_id, **FIELD)
    with pytest.raises(OperationError, match="a lock of the form"):
        op.void_pass(trial, MANAGER, subject_id=subject_id, **FIELD, reason="Wrong subject")
    for closing in (op.freeze, op.lift_freeze):
        with pytest.raises(OperationError, match="a lock of the form"):
            closing(trial, MANAGER, **place, **WHY)
    with pytest.raises(OperationError, match="found a lock"):
        op.lock_place(trial, MANAGER, **place, **WHY)
    op.open_query(trial, MANAGER, subject_id=subject_id, visit="baseline", text="Life goes on")
    lifted = op.unlock_place(trial, MANAGER, **place, **WHY)
    assert lifted.content_sha256 == done.content_sha256
    _correct(trial, subject_id)
    again = op.lock_place(trial, MANAGER, **place, **WHY)
    assert again.content_sha256 != done.content_sha256
    assert op.verify_audit(trial).whole


def test_a_lock_is_refused_with_every_reason_while_anything_is_open(trial: op.Trial, subject_id: str) -> None:
    op.open_query(trial, MANAGER, subject_id=subject_id, **FIELD, text="Sure?")
    for scope, place in (
        (op.FreezeScope.FORM, f"{subject_id}/baseline/vas"),
        (op.FreezeScope.SUBJECT, subject_id),
        (op.FreezeScope.SITE, "A"),
    ):
        with pytest.raises(LockRefusedError) as refused:
            op.lock_place(trial, MANAGER, scope=scope, place=place, **WHY)
        assert f"{subject_id}/baseline/vas: open query (1)" in refused.value.obstacles
        beyond = [line for line in refused.value.obstacles if "still screened" in line]
        assert bool(beyond) == (scope is not op.FreezeScope.FORM)


@pytest.mark.parametrize("scope", [op.FreezeScope.SUBJECT, op.FreezeScope.SITE])
def test_a_locked_subject_or_site_takes_nothing_and_another_does(
    trial: op.Trial, subject_id: str, scope: op.FreezeScope
) -> None:
    _settle(trial, subject_id)
    place = subject_id if scope is op.FreezeScope.SUBJECT else "A"
    op.lock_place(trial, MANAGER, scope=scope, place=place, **WHY)
    said = f"a lock of the {scope.value} {place}"
    with pytest.raises(OperationError, match=said):
        _correct(trial, subject_id)
    with pytest.raises(OperationError, match=said):
        op.record_visits(
            trial,
            COORDINATOR,
            visits_done=[op.VisitDone(subject_id, "baseline", date(2024, 5, 23), reason="Misread")],
        )
    with pytest.raises(OperationError, match=said):
        op.open_query(trial, MANAGER, subject_id=subject_id, visit="baseline", text="Sure?")
    form = {"scope": op.FreezeScope.FORM, "place": f"{subject_id}/baseline/vas"}
    for closing in (op.freeze, op.lift_freeze):
        with pytest.raises(OperationError, match=said):
            closing(trial, MANAGER, **form, **WHY)
    if scope is op.FreezeScope.SITE:
        with pytest.raises(OperationError, match=said):
            op.enrol(trial, COORDINATOR, site="A", consent_date=date(2024, 5, 30))
    op.enrol(trial, COORDINATOR, site="B", consent_date=date(2024, 5, 30))
    op.raise_queries(trial, MANAGER)
    op.unlock_place(trial, MANAGER, scope=scope, place=place, **WHY)
    _correct(trial, subject_id)


def test_a_lock_takes_a_right_a_signature_and_a_place_below_the_study(
    trial: op.Trial, subject_id: str
) -> None:
    place = {"scope": op.FreezeScope.FORM, "place": f"{subject_id}/baseline/vas"}
    with pytest.raises(AccessError):
        op.lock_place(trial, INVESTIGATOR, **place, **WHY)
    with pytest.raises(AccessError):
        op.lock_place(trial, MANAGER, **place, reason="")
    with pytest.raises(OperationError, match="found the study"):
        op.lock_place(trial, MANAGER, scope=op.FreezeScope.STUDY, place="", **WHY)
    with pytest.raises(OperationError, match="a lock of this form"):
        op.unlock_place(trial, MANAGER, **place, **WHY)


def test_everything_of_a_subject_is_signed_and_verified_in_one_act(trial: op.Trial, subject_id: str) -> None:
    subject = {"scope": op.FreezeScope.SUBJECT, "place": subject_id}
    with pytest.raises(LockRefusedError):
        op.sign_place(trial, INVESTIGATOR, **subject, meaning="approved")
    _settle(trial, subject_id)
    forms, seen = forms_to_mark(trial, INVESTIGATOR, subject_id=subject_id, kind="signed")
    assert [(one.visit, one.form) for one in forms] == [("baseline", "vas")]
    _correct(trial, subject_id, "22")
    with pytest.raises(OperationError, match="the forms that you were shown"):
        op.sign_place(trial, INVESTIGATOR, **subject, meaning="approved", seen=seen)
    assert not op.form_marks(trial, MANAGER)
    (form,), seen = forms_to_mark(trial, INVESTIGATOR, subject_id=subject_id, kind="signed")
    signed = op.sign_place(trial, INVESTIGATOR, **subject, meaning="approved", seen=seen)
    assert {mark.content_sha256 for mark in op.form_marks(trial, MANAGER)} == {form.content_sha256}
    assert forms_to_mark(trial, INVESTIGATOR, subject_id=subject_id, kind="signed")[0] == ()
    verified = op.verify_place(trial, MONITOR, **subject)
    assert (signed.forms, verified.forms) == (1, 1)
    assert [(mark.kind, mark.void) for mark in op.form_marks(trial, MANAGER)] == [
        ("signed", False), ("verified", False),
    ]  # fmt: skip
    with pytest.raises(OperationError, match="Nothing to do"):
        op.sign_place(trial, INVESTIGATOR, **subject, meaning="approved")
    _correct(trial, subject_id)
    assert [mark.void for mark in op.form_marks(trial, MANAGER)] == [True, True]
    assert op.verify_audit(trial).whole


def test_a_tick_at_a_value_goes_with_the_value(trial: op.Trial, subject_id: str) -> None:
    def ticked() -> list[tuple[str, ...]]:
        return [
            value.verified_by
            for value in form_to_verify(trial, MONITOR, subject_id=subject_id, **FIELD)
            if value.item == "vas_mm"
        ]

    assert ticked() == [()]
    done = op.verify_values(trial, MONITOR, subject_id=subject_id, **FIELD, items=["vas_mm"])
    assert done.items == (("", "vas_mm"),)
    assert ticked() == [("moni",)]
    with pytest.raises(OperationError, match="has not ticked"):
        op.verify_values(trial, MONITOR, subject_id=subject_id, **FIELD, items=["vas_mm"])
    with pytest.raises(OperationError, match=r"vas_mn.*Did you mean 'vas_mm'"):
        op.verify_values(trial, MONITOR, subject_id=subject_id, **FIELD, items=["vas_mn"])
    _correct(trial, subject_id)
    assert ticked() == [()]
    (void,) = op.value_ticks(trial, MONITOR)
    assert (void.where, void.account, void.void) == (f"{subject_id}/baseline/vas/vas_mm", "moni", True)
    op.verify_values(trial, MONITOR, subject_id=subject_id, **FIELD, items=["vas_mm"])
    assert [tick.void for tick in op.value_ticks(trial, MANAGER)] == [True, False]
    assert op.verify_audit(trial).whole
