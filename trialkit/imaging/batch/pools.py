"""Where the work is done: processes of this machine, or an existing Dask cluster. Both keep few scans in
hand.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from typing import Any

from trialkit.child_processes import end_with_parent
from trialkit.imaging.batch.manifest import Task
from trialkit.imaging.batch.work import Job, Outcome, work
from trialkit.imaging.errors import ImagingError
from trialkit.imaging.libraries import library
from trialkit.wording import said

_IN_HAND = 2
_SCANS_OF_A_PROCESS = 200  # then it is replaced: what a library leaks is given back
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def in_this_process(tasks: Iterable[Task], job: Job) -> Iterator[Outcome]:
    for task in tasks:
        yield work(task, job)


def on_processes(tasks: Iterable[Task], job: Job, workers: int) -> Iterator[Outcome]:
    """As scans are done, in any order. A scan that kills its process is tried once more alone, then is an
    error.
    """
    waiting = iter(tasks)
    while True:
        lost: list[Task] = []
        yield from _until_broken(waiting, job, workers, lost)
        if not lost:
            return
        for task in lost:
            yield from _alone(task, job)


def _until_broken(waiting: Iterator[Task], job: Job, workers: int, lost: list[Task]) -> Iterator[Outcome]:
    with _pool(workers) as pool:
        running: dict[Future[Outcome], Task] = {}
        while True:
            for task in islice(waiting, workers * _IN_HAND - len(running)):
                try:
                    running[pool.submit(work, task, job)] = task
                except BrokenProcessPool:
                    lost.append(task)
            if not running:
                return
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                task = running.pop(future)
                try:
                    yield future.result()
                except BrokenProcessPool:
                    lost.append(task)
            if lost:
                lost += running.values()
                return


def _alone(task: Task, job: Job) -> Iterator[Outcome]:
    with _pool(1) as pool:
        try:
            yield pool.submit(work, task, job).result()
        except BrokenProcessPool:
            told = (
                "BrokenProcessPool",
                "a scan that can be measured",
                "its process was ended",
                task.image,
                "It may need more memory than there is: use fewer workers.",
            )
            yield Outcome(task.scan, {}, (task.scan, *told))


def _pool(workers: int) -> ProcessPoolExecutor:
    os.environ.update({name: value for name, value in _ONE_THREAD.items() if name not in os.environ})
    return ProcessPoolExecutor(
        workers,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=end_with_parent,
        max_tasks_per_child=_SCANS_OF_A_PROCESS,
    )


def on_cluster(tasks: Iterable[Task], job: Job, address: str) -> Iterator[Outcome]:
    """On the workers of a running Dask scheduler, which must see the same files and have trialkit.

    Raises
    ------
    ImagingError
        No scheduler answers at that address, it has no workers, or it is lost midway.
    """
    distributed = library("distributed")
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)  # what goes wrong is told below, once
    try:
        client = distributed.Client(address, timeout="10s", set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise ImagingError(
            expected="a Dask scheduler, such as tcp://host:8786",
            found=said("none that answers ({name})", name=type(error).__name__),
            where=address,
            next_step="Start it with `dask scheduler`, and workers with `dask worker`.",
        ) from None
    with client:
        threads = sum(client.nthreads().values())
        if not threads:
            raise ImagingError(
                expected="a cluster with workers",
                found="a scheduler without any",
                where=address,
                next_step="Start workers with `dask worker`.",
            )
        yield from _on_client(client, iter(tasks), job, threads * _IN_HAND, distributed, address)


def _on_client(
    client: Any, waiting: Iterator[Task], job: Job, in_hand: int, distributed: Any, address: str
) -> Iterator[Outcome]:
    running = {client.submit(work, task, job, pure=False): task for task in islice(waiting, in_hand)}
    done = distributed.as_completed(list(running), loop=client.loop)
    for future in done:
        task = running.pop(future)
        try:
            yield future.result()
        except Exception as error:  # a worker was lost more often than the scheduler tries again
            if client.status != "running":
                raise _cluster_lost(address) from None
            told = (
                type(error).__name__,
                "a scan that can be measured",
                "its worker was lost",
                task.image,
                "Look at the cluster's log.",
            )
            yield Outcome(task.scan, {}, (task.scan, *told))
        for more in islice(waiting, 1):
            try:
                another = client.submit(work, more, job, pure=False)
            except Exception:  # the client was closed from afar; its errors have no name of their own
                raise _cluster_lost(address) from None
            running[another] = more
            done.add(another)


def _cluster_lost(address: str) -> ImagingError:
    return ImagingError(
        expected="a Dask cluster until the last scan",
        found="one that no longer answers",
        where=address,
        next_step="Start it again and run again: it goes on where it was.",
    )
