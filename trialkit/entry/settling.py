"""What follows from one another, settled: whichever is looked at first, the same is found."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

Place = TypeVar("Place", bound=Hashable)


def settle(
    found: set[Place],
    places: Iterable[Place],
    holds: Callable[[Place], bool],
    hanging_on: Callable[[Place], Iterable[Place]],
) -> None:
    """Fill ``found`` with the places at which something holds, given those found before.

    Parameters
    ----------
    found
        What ``holds`` looks at; a place that is in it stays in it. A circle that nothing from without decides
        stays out.
    places
        Where to look.
    holds
        May only turn true as ``found`` grows, never false.
    hanging_on
        The places to look at again once one is found.
    """
    waiting = deque(places)
    while waiting:
        place = waiting.popleft()
        if place not in found and holds(place):
            found.add(place)
            waiting.extend(hanging_on(place))
