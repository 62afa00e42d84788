"""Seconds and megabytes of a piece of work in this process."""

from __future__ import annotations

import time
import tracemalloc
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.measure import Numbers, Work

REPEATS = 5
BUDGET_SECONDS = 1.5
SHORTEST_READING = 0.02
LONGEST_TRACED_SECONDS = 3.0

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
"""NumPy reads these once, when it is first imported."""


@dataclass(frozen=True)
class Reading:
    """``megabytes``: the most allocated at once, as tracemalloc sees it (NumPy's arrays included)."""

    seconds: float
    megabytes: float | None
    answer: Numbers


def read_off(work: Work, data: Any, *, once: bool = False, on_disk: bool = False) -> Reading:
    """The best of up to five readings; work under 20 ms is run several times a reading. ``once``: one run."""
    clock = time.perf_counter if on_disk else time.process_time
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what a peer says to its own users
        best, answer = _timed(clock, work, data, 1)
        if not once:
            times = max(1, round(SHORTEST_READING / max(best, 1e-6)))
            for _ in range(min(REPEATS, int(BUDGET_SECONDS / max(best * times, 1e-6)))):
                best = min(best, _timed(clock, work, data, times)[0])
        peak = None if once or best > LONGEST_TRACED_SECONDS else _peak(work, data)
    return Reading(best, peak, np.asarray(answer, dtype=float))


def timed(work: Work, data: Any, times: int) -> float:
    """CPU seconds of one run, of so many."""
    return _timed(time.process_time, work, data, times)[0]


def _timed(clock: Callable[[], float], work: Work, data: Any, times: int) -> tuple[float, Any]:
    begun = clock()
    for _ in range(times):
        answer = work(data)
    return (clock() - begun) / times, answer


def _peak(work: Work, data: Any) -> float:
    tracemalloc.start()
    try:
        work(data)
        return tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()
