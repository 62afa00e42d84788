"""When visits and forms are due; dates follow from the windows by counting days."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, strategies as st

from trialkit import resources
from trialkit.entry import FormStatus
from trialkit.entry.work import (
    VisitDates,
    WorkKind,
    form_work,
    last_day_expected,
    visit_dates,
    visit_work,
)
from trialkit.study import load_study

W = WorkKind
DATES = VisitDates(date(2025, 2, 5), date(2025, 2, 12), date(2025, 2, 26))


def test_dates_are_counted_from_the_anchor_of_the_visit() -> None:
    study = load_study(resources.folder("sample_data"))
    consent, randomized = date(2025, 1, 1), date(2025, 1, 10)
    found = {visit.name: visit_dates(study, visit, consent, randomized) for visit in study.visits}
    assert found["baseline"] == VisitDates(date(2025, 1, 1), date(2025, 1, 1), date(2025, 1, 29))
    assert found["week_6"] == VisitDates(date(2025, 2, 14), date(2025, 2, 21), date(2025, 3, 7))
    end = date(2025, 2, 21)  # 42 days after randomization
    month_1 = VisitDates(*(end + timedelta(days=days) for days in (16, 30, 44)))
    assert found["month_1"] == month_1
    assert visit_dates(study, study.visit("week_6"), consent, None) == VisitDates()


@pytest.mark.parametrize(
    ("today", "done_on", "not_done", "kind"),
    [
        (date(2025, 2, 4), None, False, W.EXPECTED),
        (date(2025, 2, 5), None, False, W.DUE),
        (date(2025, 2, 26), None, False, W.DUE),
        (date(2025, 2, 27), None, False, W.OVERDUE),
        (date(2025, 6, 1), date(2025, 2, 5), False, W.COMPLETE),
        (date(2025, 6, 1), date(2025, 2, 26), False, W.COMPLETE),
        (date(2025, 6, 1), date(2025, 2, 4), False, W.OUT_OF_WINDOW),
        (date(2025, 6, 1), date(2025, 2, 27), False, W.OUT_OF_WINDOW),
        (date(2025, 6, 1), None, True, W.NOT_DONE),
    ],
)
def test_a_visit_is_due_from_the_first_to_the_last_day_of_its_window(today, done_on, not_done, kind) -> None:
    assert visit_work(DATES, done_on=done_on, not_done=not_done, today=today) is kind


def test_a_visit_without_days_is_never_late() -> None:
    assert visit_work(VisitDates(), done_on=None, not_done=False, today=date.max) is W.EXPECTED
    assert visit_work(VisitDates(), done_on=date(2025, 1, 1), not_done=False, today=date.max) is W.COMPLETE


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (FormStatus.IN_ENTRY, W.ENTERED_ONCE),
        (FormStatus.AWAITING_SECOND_ENTRY, W.ENTERED_ONCE),
        (FormStatus.IN_ADJUDICATION, W.IN_CONFLICT),
        (FormStatus.COMPLETE, W.COMPLETE),
        (FormStatus.NOT_DONE, W.NOT_DONE),
    ],
)
def test_what_was_typed_says_where_a_form_stands(status, kind) -> None:
    assert form_work(status, W.OVERDUE, done_on=None, days_to_enter=14, today=date.max) is kind


@pytest.mark.parametrize(("days", "kind"), [(0, W.DUE), (14, W.DUE), (15, W.OVERDUE)])
def test_a_form_is_late_when_its_days_for_typing_are_over(days: int, kind: WorkKind) -> None:
    done_on = date(2025, 2, 12)
    today = done_on + timedelta(days=days)
    status = FormStatus.EXPECTED
    assert form_work(status, W.COMPLETE, done_on=done_on, days_to_enter=14, today=today) is kind
    assert form_work(status, W.OVERDUE, done_on=None, days_to_enter=14, today=today) is W.OVERDUE


@given(st.one_of(st.none(), st.dates()), st.one_of(st.none(), st.dates()))
def test_whichever_end_comes_first_closes(withdrawn, died) -> None:
    found = last_day_expected(withdrawn, died)
    ends = [day for day in (withdrawn, died) if day]
    assert (found is None) == (not ends)
    assert all(found <= day for day in ends)
