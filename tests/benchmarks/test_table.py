"""A time stands in the table only beside an answer that was held against another."""

from __future__ import annotations

import math

import numpy as np
import pytest

from benchmarks import run, table
from benchmarks.clock import Reading
from benchmarks.in_r import Absent
from benchmarks.measure import Measure, NotHere, PythonPeer, RPeer, relative_gap, sorted_gap
from benchmarks.run import Beside, Row, Wanted

QUICK = Wanted(quick=True)


def measure_with(*peers, data=lambda size: np.arange(1.0, size + 1)):
    return Measure(
        what="sum", data=data, ours=lambda x: [x.sum()], sizes=(10,), quick=4, unit="numbers", peers=peers
    )


def peer(work, **more):
    return PythonPeer(name="another way", work=work, within=1e-9, **more)


def only_row(measure, wanted=QUICK):
    (row,) = run.rows_of("sum", measure, wanted)
    return row


def test_a_peer_with_the_same_answer_gets_its_time():
    (beside,) = only_row(measure_with(peer(lambda x: [math.fsum(x)]))).beside
    assert beside.seconds > 0
    assert beside.gap == 0


def test_a_peer_with_another_answer_gets_no_time():
    row = only_row(measure_with(peer(lambda x: [x.max()])))
    (beside,) = row.beside
    assert beside.failed
    assert beside.seconds is None
    assert "disagrees: gap 1.5e+00 > 1e-09" in list(table.terminal(row))[1]


def test_an_answer_that_is_not_a_number_agrees_with_nothing():
    (beside,) = only_row(measure_with(peer(lambda x: [math.nan]))).beside
    assert beside.failed


def test_a_peer_that_breaks_off_does_not_end_the_table():
    (beside,) = only_row(measure_with(peer(lambda x: [1 / 0]))).beside
    assert beside.failed
    assert beside.note == "failed: ZeroDivisionError: division by zero"


def test_the_time_of_a_peer_that_does_a_part_of_the_work_is_scaled_up():
    whole, part = only_row(
        measure_with(*(peer(lambda x: [math.fsum(x)], share=share) for share in (1.0, 1e-6)))
    ).beside
    assert part.seconds > 1000 * whole.seconds


def test_a_slow_peer_is_run_only_when_asked_for():
    measure = measure_with(peer(lambda x: [math.fsum(x)], slow=True))
    assert only_row(measure).beside[0].note == "not asked for"
    assert only_row(measure, Wanted(quick=True, slow=True)).beside[0].seconds > 0


def test_a_peer_is_not_run_beyond_its_largest_size():
    (beside,) = only_row(measure_with(peer(lambda x: [math.fsum(x)], largest=3))).beside
    assert (beside.seconds, beside.note) == (None, "too slow at this size")


def test_a_recorded_time_stands_in_for_a_package_that_is_not_installed_and_says_so(monkeypatch):
    monkeypatch.setattr(run.in_r, "versions", lambda packages: Absent("not installed: mmrm"))
    absent = RPeer(name="R mmrm", packages=("mmrm",), work="1", within=0, recorded={4: 2.5}, aim={4: 10})
    row = only_row(measure_with(absent))
    assert row.beside[0].seconds == 2.5
    assert "R mmrm (not installed: mmrm; time recorded earlier)" in list(table.terminal(row))[1]
    assert "Of them, 1 are judged by a time recorded earlier" in table.count_aims([row]).sentence()


def test_what_a_measure_opens_is_closed():
    class Opened:
        closed = 0

        def sum(self):
            return 1.0

        def close(self):
            Opened.closed += 1

    only_row(measure_with(data=lambda size: Opened()))
    assert Opened.closed == 2  # the rehearsal's and the run's


def test_a_measure_that_needs_what_is_not_here_says_so():
    def nothing(size):
        raise NotHere("no PostgreSQL")

    with pytest.raises(NotHere, match="no PostgreSQL"):
        only_row(measure_with(data=nothing))


@pytest.mark.analytic
def test_aims_are_met_missed_or_open():
    def beside(seconds, aim):
        return Beside(peer(None, aim={10: aim}), seconds=seconds)

    ours = Reading(seconds=0.1, megabytes=1.0, answer=np.array([1.0]))
    row = Row("sum", measure_with(), 10, ours, (beside(1.0, 10), beside(0.9, 10), beside(None, 10)))
    assert table.count_aims([row]).sentence() == "Aims: 1 met, 1 missed, 1 not measured here."
    page = table.markdown([row]).splitlines()
    assert page[2].startswith("| sum | sum | 10 numbers | 100 ms | another way | 1 s | 10 | 10 met |")
    assert "9.00 | 10 MISSED |" in page[3]
    assert "10 open" in page[4]
    unaimed = Row("sum", measure_with(), 10, ours, (Beside(peer(None), seconds=1.0),))
    assert table.markdown([unaimed, row], aims_alone=True).splitlines() == page


@pytest.mark.analytic
def test_gaps_are_relative_and_coefficients_may_come_in_another_order():
    assert relative_gap(np.array([1.1, 200.0]), np.array([1.0, 200.0])) == pytest.approx(0.1)
    assert relative_gap(np.array([1e-9, 200.0]), np.array([0.0, 200.0])) == pytest.approx(5e-9)
    assert sorted_gap(np.array([3.0, 1.0]), np.array([1.0, 3.0])) == 0
