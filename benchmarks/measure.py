"""What the file of a method declares: one or more measures, each with its peers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Numbers = npt.NDArray[np.float64]
Work = Callable[[Any], npt.ArrayLike]
Gap = Callable[[Numbers, Numbers], float]


class NotHere(Exception):
    """What a measure needs is not on this machine."""


def relative_gap(ours: Numbers, theirs: Numbers) -> float:
    """Largest difference relative to the number; numbers below a thousandth of the largest count as that."""
    size = np.abs(theirs)
    return float(np.max(np.abs(ours - theirs) / np.maximum(size, max(1e-3 * size.max(), 1e-300))))


def smallest_first(coefficients: pd.DataFrame) -> Numbers:
    """Estimates and errors, which programs order in their own ways."""
    table = coefficients[["estimate", "standard_error"]].to_numpy(dtype=float)
    return np.asarray(table[np.argsort(table[:, 0])].ravel())


def sorted_gap(ours: Numbers, theirs: Numbers) -> float:
    """The same for coefficients, which programs order in their own ways."""
    return relative_gap(np.sort(ours), np.sort(theirs))


@dataclass(frozen=True, kw_only=True)
class Peer:
    """Another way to the same numbers.

    ``within`` is the largest gap at which its time may be printed. ``aim`` says, by size, how many times
    faster trialkit should be. ``largest`` is the largest size it is run at, ``slow`` one that takes minutes.
    """

    name: str
    within: float
    gap: Gap = relative_gap
    aim: Mapping[int, float] = field(default_factory=dict)
    largest: int | None = None
    slow: bool = False


@dataclass(frozen=True, kw_only=True)
class PythonPeer(Peer):
    """``share``: the part of the work it does; its time is scaled up to the whole."""

    work: Work
    share: float = 1.0


@dataclass(frozen=True, kw_only=True)
class RPeer(Peer):
    """A program in R on the data frame ``d`` of ``table(data)``, texts as factors.

    ``setup`` is not timed; ``work`` is, and its value is a numeric vector. ``packages`` must be installed.
    ``recorded`` are CPU seconds by size from an earlier run on another machine: they stand in, named as such,
    where the packages are not installed.
    """

    packages: tuple[str, ...]
    work: str
    setup: str = ""
    table: Callable[[Any], pd.DataFrame] = lambda data: data
    recorded: Mapping[int, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One piece of work at several sizes, from a data frame to the numbers that a report needs.

    ``quick`` is the size of the quick form, and of the run that gets imports out of the way. ``on_disk``:
    work ended by a flush to disk, which is done once and timed by the clock on the wall, not by the CPU's.
    """

    what: str
    data: Callable[[int], Any]
    ours: Work
    sizes: tuple[int, ...]
    quick: int
    unit: str = "subjects"
    peers: tuple[Peer, ...] = ()
    on_disk: bool = False
