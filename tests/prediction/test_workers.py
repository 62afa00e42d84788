"""The same numbers whoever computes them: here, in processes, on a Dask cluster."""

from __future__ import annotations

import time
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from trialkit.errors import PredictionError
from trialkit.prediction import workers
from trialkit.prediction.pipeline import rows_of
from trialkit.prediction.plan import PredictionPlan
from trialkit.prediction.resampling import Replication, bootstrap_replicate
from trialkit.prediction.table import model_table
from trialkit.prediction.workers import run_tasks


@pytest.fixture
def tasks(data: Any, plan: PredictionPlan) -> list[Replication]:
    plan = replace(plan, learners=("logistic", "lightgbm"))
    rows = rows_of(model_table(data, plan), plan)
    return [Replication(rows, plan, {}, seed) for seed in np.random.SeedSequence(3).spawn(3)]


def _same(one: list[Any], other: list[Any]) -> None:
    for a, b in zip(one, other, strict=True):
        assert a.selected == b.selected
        assert a.thresholds == b.thresholds
        for name in a.risks:
            assert np.array_equal(a.risks[name], b.risks[name])


@pytest.mark.filterwarnings("ignore")
def test_processes_and_a_cluster_give_the_same_numbers(tasks: list[Replication]) -> None:
    distributed = pytest.importorskip("distributed")
    alone = run_tasks(bootstrap_replicate, tasks)
    heard: list[tuple[int, int]] = []
    _same(alone, run_tasks(bootstrap_replicate, tasks, 2, progress=lambda *done: heard.append(done)))
    assert heard == [(1, 3), (2, 3), (3, 3)]
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, processes=True
    ) as cluster:
        _same(alone, run_tasks(bootstrap_replicate, tasks, 1, cluster.scheduler_address))


def test_a_scheduler_that_does_not_answer_is_named(tasks: list[Replication]) -> None:
    pytest.importorskip("distributed")
    with pytest.raises(PredictionError, match=r"tcp://127\.0\.0\.1:9"):
        run_tasks(bootstrap_replicate, tasks, 1, "tcp://127.0.0.1:9")


def _slowly(task: int) -> int:
    time.sleep(0.2)
    return task


@pytest.mark.filterwarnings("ignore")
def test_a_cluster_lost_midway_says_how_to_go_on() -> None:
    distributed = pytest.importorskip("distributed")
    cluster = distributed.LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None)
    try:
        with pytest.raises(
            PredictionError, match=r"no longer answers, after \d+ of 40.*test set was not opened"
        ):
            run_tasks(
                _slowly, range(40), 1, cluster.scheduler_address, progress=lambda done, _: cluster.close()
            )
    finally:
        cluster.close()


@pytest.mark.parametrize(
    ("status", "raised", "message"),
    [
        ("running", "killed", "ended again and again, after 3 of 9"),
        ("closed", "closed", "no longer answers, after 3 of 9"),
        ("connecting", "nothing", "no longer answers, after 3 of 9"),
    ],
)
def test_what_a_lost_cluster_raises_is_one_error(status: str, raised: str, message: str) -> None:
    distributed = pytest.importorskip("distributed")
    errors = {"killed": distributed.KilledWorker("task", None, 3), "closed": OSError("in")}

    class Future:
        def result(self, timeout: float) -> None:
            raise errors.get(raised, TimeoutError())

        def done(self) -> bool:
            return raised != "nothing"

    client = SimpleNamespace(status=status)
    with pytest.raises(PredictionError, match=message):
        workers._result(client, Future(), "tcp://host:8786", "3 of 9")


def test_a_task_s_own_error_is_left_as_it_is() -> None:
    pytest.importorskip("distributed")

    class Future:
        def result(self, timeout: float) -> None:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        workers._result(SimpleNamespace(status="running"), Future(), "tcp://host:8786", "3 of 9")


def test_a_task_that_ends_just_after_it_was_waited_for_is_no_error() -> None:
    """Between the wait and the look at it: a trial that took two seconds was lost to that."""
    pytest.importorskip("distributed")

    class Future:
        waited = 0

        def result(self, timeout: float) -> int:
            self.waited += 1
            if self.waited == 1:
                raise TimeoutError
            return 7

        def done(self) -> bool:
            return True

        def exception(self) -> None:
            return None

    assert workers._result(SimpleNamespace(status="running"), Future(), "tcp://host:8786", "3 of 9") == 7


def test_a_task_s_own_time_out_is_raised() -> None:
    pytest.importorskip("distributed")

    class Future:
        def result(self, timeout: float) -> int:
            raise TimeoutError("the task's own")

        def done(self) -> bool:
            return True

        def exception(self) -> Exception:
            return TimeoutError("the task's own")

    with pytest.raises(TimeoutError, match="the task's own"):
        workers._result(SimpleNamespace(status="running"), Future(), "tcp://host:8786", "3 of 9")
