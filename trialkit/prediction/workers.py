"""Many independent fits: here, over processes, or over an existing Dask cluster; the results are the same.

Every task carries its own seed, so who computes it and in what order changes nothing. Each process keeps its
libraries to one thread: two threads a model on shared cores are twenty times slower, not twice as fast.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any, TypeVar

from trialkit.child_processes import end_with_parent
from trialkit.errors import TrialkitError
from trialkit.prediction.errors import PredictionError
from trialkit.wording import said

T = TypeVar("T")
Task = Any

_SECONDS_BETWEEN_LOOKS, _LOOKS_AT_SILENCE = 2, 4
"""A scheduler that comes back within ten seconds is waited for."""

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")


def run_tasks(
    work: Callable[[Task], T],
    tasks: Sequence[Task],
    workers: int = 1,
    scheduler: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[T]:
    """``work`` of each task, in the order of the tasks; ``progress`` hears how many are done."""
    results: list[T] = []
    for result in _stream(work, tasks, workers, scheduler):
        results.append(result)
        if progress is not None:
            progress(len(results), len(tasks))
    return results


def _stream(
    work: Callable[[Task], T], tasks: Sequence[Task], workers: int, scheduler: str | None
) -> Iterator[T]:
    if scheduler is not None:
        yield from _on_cluster(work, tasks, scheduler)
    elif workers <= 1:
        with one_thread():
            yield from map(work, tasks)
    else:
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_start) as pool:
            yield from pool.map(work, tasks, chunksize=1)


def _start() -> None:
    end_with_parent()
    for name in THREADS:
        os.environ[name] = "1"
    from threadpoolctl import threadpool_limits

    threadpool_limits(1)


class one_thread:
    """Numerical libraries keep to one thread inside."""

    def __enter__(self) -> None:
        from threadpoolctl import threadpool_limits

        self._limits = threadpool_limits(1)

    def __exit__(self, *_: object) -> None:
        self._limits.restore_original_limits()


def _on_cluster(work: Callable[[Task], T], tasks: Sequence[Task], address: str) -> Iterator[T]:
    """On the workers of a running Dask scheduler, which must have trialkit.

    Raises
    ------
    PredictionError
        Dask is not installed, no scheduler answers, it has no workers, or it is lost midway.
    """
    try:
        from distributed import Client
    except ImportError:
        raise PredictionError(
            expected="Dask, for --scheduler",
            found="not installed",
            next_step="pip install 'trialkit[cluster]', or leave --scheduler out.",
        ) from None
    try:
        client = Client(address, timeout="10s", set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, TimeoutError, ValueError) as error:
        raise PredictionError(
            expected="a Dask scheduler that answers",
            found=type(error).__name__,
            where=address,
            next_step="Start it, or mend the address (tcp://host:8786).",
        ) from None
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)  # what goes wrong is told below, once
    with client:
        if not client.nthreads():  # type: ignore[no-untyped-call]
            raise PredictionError(
                expected="a cluster with workers",
                found="a scheduler without any",
                where=address,
                next_step="Start workers with `dask worker`.",
            )
        futures = client.map(_in_one_thread, [(work, task) for task in tasks], pure=False)
        for done, future in enumerate(futures):
            yield _result(client, future, address, f"{done} of {len(tasks)}")


def _result(client: Any, future: Any, address: str, done: str) -> Any:
    """What a worker found; a cluster that ended or a worker that died again and again is one error."""
    from distributed import CancelledError, KilledWorker

    silent = 0
    while True:
        try:
            return future.result(timeout=_SECONDS_BETWEEN_LOOKS)
        except TrialkitError:
            raise
        except KilledWorker:
            raise _lost(
                said("a worker that ended again and again, after {done}", done=done), address
            ) from None
        except TimeoutError:
            # A task may end just after its result was not there in time: that is no error of its own.
            if future.done() and isinstance(future.exception(), TimeoutError):
                raise
            silent = 0 if client.status == "running" else silent + 1
            if silent > _LOOKS_AT_SILENCE:
                raise _lost(said("one that no longer answers, after {done}", done=done), address) from None
        except Exception as error:
            if client.status == "running" and not isinstance(error, (CancelledError, OSError)):
                raise
            raise _lost(said("one that no longer answers, after {done}", done=done), address) from None


def _lost(found: str, address: str) -> PredictionError:
    return PredictionError(
        expected="a Dask cluster until the last task",
        found=found,
        where=address,
        next_step="Start it again and run the same command, or leave --scheduler out: it begins anew and "
        "gives the same numbers. Nothing was written; of a model, the test set was not opened.",
    )


def _in_one_thread(pair: tuple[Callable[[Task], T], Task]) -> T:
    work, task = pair
    with one_thread():
        return work(task)
