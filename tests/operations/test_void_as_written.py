"""One pass voided: the text that the other kept as written stands beside it, the void one's nowhere."""

from __future__ import annotations

import pytest
from chain import ADJUDICATOR, FIRST, MANAGER, SECOND
from test_randomize import screened

from trialkit import operations as op
from trialkit.access import Actor
from trialkit.access.acts.reading import LIST_FLAGS
from trialkit.operations.flags import kept_as_written
from trialkit.operations.gate import reading

FIELD = {"visit": "baseline", "form": "vas"}
UNREAD = "@as_written:4O or 40"
SHOWN = "@unknown (as written: 4O or 40)"


def _typed(trial: op.Trial, number: str, who: Actor, text: str) -> int:
    entry = op.FormEntry(number, FIELD["visit"], FIELD["form"], (op.EnteredRow({"vas_mm": text}),))
    return op.enter_pass(trial, who, entry=entry).discrepancies


def _voided(trial: op.Trial, number: str, which: int) -> None:
    op.void_pass(trial, MANAGER, subject_id=number, **FIELD, reason="Misread", pass_number=which)


@pytest.fixture
def number(trial: op.Trial) -> str:
    number = screened(trial)
    assert _typed(trial, number, FIRST, UNREAD) == 0
    return number


@pytest.mark.parametrize("times", [1, 2])
def test_the_same_text_beside_a_kept_one_agrees_however_often_the_other_was_voided(
    trial: op.Trial, number: str, times: int
) -> None:
    for _ in range(times):
        _typed(trial, number, SECOND, UNREAD)
        _voided(trial, number, 2)
    assert _typed(trial, number, SECOND, UNREAD) == 0
    assert op.reconciliation_rows(trial, ADJUDICATOR) == []


def test_a_plain_unknown_beside_a_kept_text_is_a_discrepancy_that_shows_the_text(
    trial: op.Trial, number: str
) -> None:
    _typed(trial, number, SECOND, UNREAD)
    _voided(trial, number, 2)
    assert _typed(trial, number, SECOND, "@unknown") == 1
    (shown,) = op.reconciliation_rows(trial, ADJUDICATOR)
    assert (shown.first, shown.second) == (SHOWN, "@unknown")


def test_the_second_pass_keeps_its_text_where_the_first_was_voided(trial: op.Trial, number: str) -> None:
    _typed(trial, number, SECOND, UNREAD)
    _voided(trial, number, 1)
    assert _typed(trial, number, FIRST, "@as_written:4O") == 1
    (shown,) = op.reconciliation_rows(trial, ADJUDICATOR)
    assert (shown.first, shown.second) == ("@unknown (as written: 4O)", SHOWN)


def test_what_a_voided_pass_said_is_no_longer_said_of_the_value(trial: op.Trial, number: str) -> None:
    assert _typed(trial, number, SECOND, "@as_written:a blot") == 1
    _voided(trial, number, 2)
    assert _typed(trial, number, SECOND, UNREAD) == 0
    with reading(trial, MANAGER, LIST_FLAGS) as gate:
        said = kept_as_written(gate, [number])
    assert said == {(number, "baseline", "", "vas_mm"): "as written: 4O or 40"}
