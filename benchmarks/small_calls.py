"""Every method of ``trialkit.stats`` on some 300 subjects beside R, for whoever calls it a thousand times.

A call may take as long as R timed inside R, or 1 ms, whichever is more. Both are the best of many readings,
taken in turn with each other, so that what else the machine does hits both.
"""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from benchmarks import clock, in_r
from benchmarks.in_r import Absent
from benchmarks.measure import Measure, RPeer
from benchmarks.run import measures_of
from benchmarks.table import lines_replaced
from trialkit.stats import METHODS

SIZE = 314
LIMIT = 1e-3
ROUNDS = 3
SECONDS_A_ROUND = 0.4
HEADING = "## Small calls"
READING = """CPU seconds of one call on 314 subjects (or the smallest size of the method): the best of
many readings, ours and R's in turn. The limit is R's time, inside R, or 1 ms, whichever is more; where the
R package is not here, its time is that of an earlier run, and said to be.
Made by `python -m benchmarks --small --write docs/benchmarks.md`."""
_SAID = {True: "yes", False: "**no**", None: "no R to compare"}
_LAST_WORDS = "without R."


@dataclass(frozen=True)
class SmallCall:
    """``theirs`` is None where no program in R stands beside the method, or its package is not here."""

    method: str
    what: str
    size: str
    ours: float
    theirs: float | None
    peer: str

    @property
    def limit(self) -> float:
        return max(LIMIT, self.theirs or 0.0)

    @property
    def met(self) -> bool | None:
        """None where it takes more than 1 ms and no R stands beside it: then nobody knows."""
        return True if self.ours <= self.limit else None if self.theirs is None else False


def small_calls(methods: tuple[str, ...] = tuple(sorted(METHODS))) -> Iterator[SmallCall]:
    for method in methods:
        for measure in measures_of(method):
            size = SIZE if SIZE in measure.sizes else min(measure.sizes)
            yield _read_off(method, measure, size)


def _read_off(method: str, measure: Measure, size: int) -> SmallCall:
    data = measure.data(size)
    beside = [peer for peer in measure.peers if isinstance(peer, RPeer)]
    here = [peer for peer in beside if not isinstance(in_r.versions(peer.packages), Absent)]
    peer = here[0] if here else None
    earlier = next((one for one in beside if size in one.recorded), None)
    measure.ours(data)
    ours, theirs = float("inf"), float("inf")
    for _ in range(ROUNDS):
        ours = min(ours, _best(measure, data))
        if peer is not None:
            read = in_r.read_off(peer, data)
            assert not isinstance(read, Absent)
            theirs = min(theirs, read.seconds)
    name = peer.name if peer else f"({', '.join(one.name for one in beside)}: not here)" if beside else ""
    if peer is None and earlier is not None:
        theirs, name = earlier.recorded[size], f"{earlier.name} (not here: recorded earlier)"
    shown = f"{size:,} {measure.unit}"
    calls = size if measure.unit == "designs" else 1  # a grid of designs is a call a design
    timed = theirs / calls if math.isfinite(theirs) else None
    return SmallCall(method, measure.what, shown, ours / calls, timed, name)


def _best(measure: Measure, data: Any) -> float:
    """The least of many readings of 5 ms or more each."""
    best, ends = float("inf"), time.monotonic() + SECONDS_A_ROUND
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        times = max(1, round(0.005 / max(clock.timed(measure.ours, data, 1), 1e-6)))
        while best == float("inf") or time.monotonic() < ends:
            best = min(best, clock.timed(measure.ours, data, times))
    return best


def chapter(calls: list[SmallCall], closing_words: tuple[str, ...]) -> str:
    """The chapter of the page."""
    heads = ("method", "measure", "size", "trialkit", "R", "limit", "met", "program")
    lines = [f"| {' | '.join(heads)} |", "|---|---|---:|---:|---:|---:|---|---|", *map(_line, calls)]
    return "\n\n".join((HEADING, READING, _count(lines), *closing_words, "\n".join(lines)))


def with_calls(page: str, calls: list[SmallCall]) -> str:
    """The page with the lines of these methods replaced in the chapter and its count; the others stand."""
    words = lines_replaced(chapter_of(page), [_line(call) for call in calls])
    count = _count(words.split("\n"))
    told = [count if line.endswith(_LAST_WORDS) else line for line in words.split("\n")]
    return put_into(page, "\n".join(told))


def _line(call: SmallCall) -> str:
    theirs = "" if call.theirs is None else f"{call.theirs * 1e3:.2f} ms"
    return (
        f"| {call.method} | {call.what} | {call.size} | {call.ours * 1e3:.2f} ms | {theirs} "
        f"| {call.limit * 1e3:.2f} ms | {_SAID[call.met]} | {call.peer} |"
    )


def _count(lines: list[str]) -> str:
    cells = [line.split(" | ")[6] for line in lines if line.count(" | ") == 7]
    yes, no, unknown = (cells.count(_SAID[met]) for met in (True, False, None))
    return f"{yes} within their limit, {no} over it, {unknown} {_LAST_WORDS}"


def chapter_of(page: str) -> str:
    """The chapter as it stands in a page."""
    return HEADING + page.partition(HEADING)[2].partition("\n## ")[0].rstrip()


def put_into(page: str, words: str) -> str:
    """The page with its chapter of small calls replaced, or added before the table of every method."""
    before, _, rest = page.partition(HEADING)
    if not rest:
        before, _, rest = page.partition("## Every method")
        return f"{before}{words}\n\n## Every method{rest}"
    _, following, rest = rest.partition("\n## ")
    return f"{before}{words}\n{following}{rest}"
