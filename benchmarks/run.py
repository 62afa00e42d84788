"""A measure at one size: ours, its peers, and whether they agree."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import closing, nullcontext, suppress
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks import clock, in_r
from benchmarks.clock import Reading
from benchmarks.in_r import Absent
from benchmarks.measure import Measure, Peer, PythonPeer, RPeer, Work

METHODS = tuple(sorted(file.stem for file in Path(__file__).with_name("methods").glob("[a-z]*.py")))


@dataclass(frozen=True)
class Wanted:
    """``quick``: the smallest size, each piece of work once. ``slow``: also peers that take minutes.

    ``rehearsed``: everything in Python runs once before it is timed, so that no import is.
    """

    quick: bool = False
    rehearsed: bool = True
    slow: bool = False
    in_r: bool = True


@dataclass(frozen=True)
class Beside:
    """A peer at one size. Without ``seconds`` it was not run, or ``failed``: broke off, or did not agree.

    ``recorded`` seconds were taken earlier, on another machine.
    """

    peer: Peer
    seconds: float | None = None
    megabytes: float | None = None
    gap: float | None = None
    note: str = ""
    failed: bool = False
    recorded: bool = False


@dataclass(frozen=True)
class Row:
    method: str
    measure: Measure
    size: int
    ours: Reading
    beside: tuple[Beside, ...]


def measures_of(method: str) -> tuple[Measure, ...]:
    found: tuple[Measure, ...] = import_module(f"benchmarks.methods.{method}").MEASURES
    return found


def rows_of(method: str, measure: Measure, wanted: Wanted) -> Iterator[Row]:
    """A row a size, as each is done.

    Raises
    ------
    NotHere
        The measure needs what this machine has not.
    """
    if wanted.rehearsed:
        _rehearse(measure, wanted)
    for size in (measure.quick,) if wanted.quick else measure.sizes:
        yield _row(method, measure, size, wanted)


def _row(method: str, measure: Measure, size: int, wanted: Wanted) -> Row:
    with _made(measure, size) as data:
        ours = _read_off(measure, measure.ours, data, wanted)
        beside = tuple(_beside(measure, peer, size, data, ours, wanted) for peer in measure.peers)
    return Row(method, measure, size, ours, beside)


def _rehearse(measure: Measure, wanted: Wanted) -> None:
    """Everything in Python once at the smallest size, so that no import is timed."""
    with _made(measure, measure.quick) as data, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        measure.ours(data)
        for peer in measure.peers:
            if isinstance(peer, PythonPeer) and not _left_out(peer, measure.quick, wanted):
                with suppress(Exception):  # it will break off again, and be told
                    peer.work(data)


def _beside(measure: Measure, peer: Peer, size: int, data: Any, ours: Reading, wanted: Wanted) -> Beside:
    why = _left_out(peer, size, wanted)
    if why:
        return Beside(peer, note=why)
    try:
        theirs = _peer_read_off(measure, peer, data, wanted)
        if isinstance(theirs, Absent):
            earlier = peer.recorded.get(size) if isinstance(peer, RPeer) else None
            return Beside(peer, seconds=earlier, note=theirs.why, recorded=earlier is not None)
        gap = peer.gap(ours.answer, theirs.answer)
    except Exception as error:  # a peer that breaks off must not end the table
        return Beside(peer, note=f"failed: {type(error).__name__}: {error}", failed=True)
    if not gap <= peer.within:
        return Beside(peer, gap=gap, note=f"disagrees: gap {gap:.1e} > {peer.within:g}", failed=True)
    return Beside(peer, seconds=theirs.seconds, megabytes=theirs.megabytes, gap=gap)


def _left_out(peer: Peer, size: int, wanted: Wanted) -> str:
    """Why the peer is not run; empty where it is."""
    if (peer.slow and not wanted.slow) or (isinstance(peer, RPeer) and not wanted.in_r):
        return "not asked for"
    return "too slow at this size" if peer.largest is not None and size > peer.largest else ""


def _peer_read_off(measure: Measure, peer: Peer, data: Any, wanted: Wanted) -> Reading | Absent:
    if isinstance(peer, RPeer):
        return in_r.read_off(peer, data)
    assert isinstance(peer, PythonPeer)
    part = _read_off(measure, peer.work, data, wanted)
    return replace(part, seconds=part.seconds / peer.share)


def _read_off(measure: Measure, work: Work, data: Any, wanted: Wanted) -> Reading:
    return clock.read_off(work, data, once=wanted.quick or measure.on_disk, on_disk=measure.on_disk)


def _made(measure: Measure, size: int) -> Any:
    """The data; what holds files open is closed afterwards."""
    data = measure.data(size)
    return closing(data) if hasattr(data, "close") else nullcontext(data)
