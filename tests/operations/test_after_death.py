"""Nobody comes to a visit after death: the day of the one or of the other is wrong, and somebody is asked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime

import pytest
from chain import COORDINATOR, FIRST, MANAGER, SECOND
from test_randomize import STRATUM, screened

from trialkit import operations as op
from trialkit.clock import SimulatedClock
from trialkit.entry import QueryStatus

DIED, LATER = date(2024, 7, 10), date(2024, 7, 13)


@pytest.fixture
def dead(trial: op.Trial) -> str:
    """Somebody randomized on 1 June, and it is August."""
    number = screened(trial)
    op.randomize(trial, COORDINATOR, subject_id=number, stratum_values=STRATUM)
    assert isinstance(trial.clock, SimulatedClock)
    trial.clock.advance_to(datetime(2024, 8, 10, 3, tzinfo=UTC))
    return number


def _died(trial: op.Trial, subject_id: str, **values: str) -> None:
    died: Mapping[str, str] = {"death_date": DIED.isoformat(), "death_cause": "Fall"} | values
    for who in (FIRST, SECOND):
        op.enter_pass(trial, who, entry=op.FormEntry(subject_id, "week_6", "death", (op.EnteredRow(died),)))


def _visit(trial: op.Trial, subject_id: str, day: date) -> tuple[str, ...]:
    done = op.record_visits(trial, COORDINATOR, visits_done=[op.VisitDone(subject_id, "week_6", day)])
    return tuple(str(flag.text) for flag in done.flags)


def _asked(trial: op.Trial) -> list[str]:
    op.raise_queries(trial, MANAGER)
    return [one.thread[0] for one in op.list_queries(trial, MANAGER, check="after_death")]


def test_a_visit_recorded_after_death_is_flagged_and_asked_about(trial: op.Trial, dead: str) -> None:
    _died(trial, dead)
    assert any("2024-07-13 is after death (2024-07-10)" in text for text in _visit(trial, dead, LATER))
    (asked,) = _asked(trial)
    assert "2024-07-13 is after death (2024-07-10)" in asked
    assert len(_asked(trial)) == 1, "once"


def test_a_death_entered_after_the_visit_asks_too(trial: op.Trial, dead: str) -> None:
    assert not any("death" in text for text in _visit(trial, dead, LATER))
    assert _asked(trial) == []
    _died(trial, dead)
    assert len(_asked(trial)) == 1


def test_a_visit_on_the_day_or_in_the_month_of_death_is_nobodys_mistake(trial: op.Trial, dead: str) -> None:
    _died(trial, dead, death_date="2024-07")
    assert not any("death" in text for text in _visit(trial, dead, LATER))
    assert _asked(trial) == []


def test_a_corrected_day_of_death_settles_the_question(trial: op.Trial, dead: str) -> None:
    _visit(trial, dead, LATER)
    _died(trial, dead)
    assert len(_asked(trial)) == 1
    done = op.VisitDone(dead, "week_6", DIED, "the day on the form")
    op.record_visits(trial, COORDINATOR, visits_done=[done])
    told = op.raise_queries(trial, MANAGER)
    (query,) = op.list_queries(trial, MANAGER, check="after_death")
    assert (told.settled, query.status) == ((query.number,), QueryStatus.OPEN)
