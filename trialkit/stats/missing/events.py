"""Intercurrent events: from which visit on each subject's course is affected, and what is then assumed."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

import numpy as np

from trialkit.stats.columns import BoolArray, IntArray
from trialkit.stats.errors import DataError
from trialkit.stats.inference import check_choice
from trialkit.stats.missing.long_grid import Grid
from trialkit.stats.missing.strategies import STRATEGIES, Strategy
from trialkit.wording import said


@dataclass(frozen=True)
class Events:
    """``first``: first affected visit of each subject (the number of visits: none); its ``strategies``."""

    first: IntArray
    strategies: tuple[Strategy, ...]
    visits: int

    @property
    def affected(self) -> BoolArray:
        """Subjects x visits: at or after the subject's event."""
        flags: BoolArray = np.arange(self.visits)[None, :] >= self.first[:, None]
        return flags

    @property
    def not_at_random(self) -> BoolArray:
        """Affected, under a strategy other than MAR."""
        other = np.array([name != "mar" for name in self.strategies])
        flags: BoolArray = self.affected & other[:, None]
        return flags


def read_events(
    grid: Grid,
    ice: Mapping[Hashable, Hashable] | None,
    strategy: Strategy | Mapping[Hashable, Strategy],
) -> Events:
    """The events of each subject of the grid.

    Raises
    ------
    DataError
        Events that are not a mapping, a subject or visit that is not in the data, an unknown strategy, a
        subject with an event and no strategy, last mean carried forward from an event before the first visit.
    """
    given = _mapping(ice)
    if not isinstance(strategy, str | Mapping) and hasattr(strategy, "to_dict"):
        strategy = strategy.to_dict()  # a Series, as for the events
    _check_strategies(strategy)
    subjects = {label: i for i, label in enumerate(grid.subjects)}
    visits = {label: i for i, label in enumerate(grid.visits)}
    first = np.full(len(subjects), len(visits), dtype=np.intp)
    chosen: list[Strategy] = ["mar"] * len(subjects)
    for label, visit in given.items():
        if label not in subjects:
            raise DataError(
                expected="events of subjects in the data",
                found=said("subject {label!r}, who is not", label=label),
                where="ice",
                next_step="Check the subject's identifier and its type (text or number).",
            )
        if visit not in visits:
            raise DataError(
                expected=said(
                    "the first affected visit: one of {visits}", visits=", ".join(map(str, grid.visits))
                ),
                found=said("{visit!r} for subject {label!r}", visit=visit, label=label),
                where="ice",
                next_step="Give the visit as it stands in the data.",
            )
        position = subjects[label]
        first[position] = visits[visit]
        chosen[position] = _strategy_of(label, strategy)
    _require_last_mean(grid, first, chosen)
    return Events(first, tuple(chosen), len(visits))


def _mapping(ice: Mapping[Hashable, Hashable] | None) -> dict[Hashable, Hashable]:
    """Events as a dict; a Series (subjects as its index) serves too."""
    if ice is None:
        return {}
    if not isinstance(ice, Mapping) and not hasattr(ice, "to_dict"):
        raise DataError(
            expected="a mapping of subject to first affected visit",
            found=said("a {name}", name=type(ice).__name__),
            where="ice",
            next_step="Write ice={subject: visit, ...}.",
        )
    return dict(ice)


def _check_strategies(strategy: Strategy | Mapping[Hashable, Strategy]) -> None:
    """Whether every strategy named exists, also where nobody has an event that calls for it."""
    named = tuple(strategy.values()) if isinstance(strategy, Mapping) else (strategy,)
    for name in named:
        check_choice("strategy", name, STRATEGIES)


def _strategy_of(label: Hashable, strategy: Strategy | Mapping[Hashable, Strategy]) -> Strategy:
    if not isinstance(strategy, Mapping):
        return strategy
    if label not in strategy:
        raise DataError(
            expected="a strategy for every subject with an event",
            found=said("none for subject {label!r}", label=label),
            where="strategy",
            next_step="Name one, 'mar' if nothing else is assumed.",
        )
    return strategy[label]


def _require_last_mean(grid: Grid, first: IntArray, chosen: list[Strategy]) -> None:
    for position, name in enumerate(chosen):
        if name == "lmcf" and first[position] == 0:
            raise DataError(
                expected="an event after the first visit, whose mean is carried forward",
                found=said(
                    "subject {subjects!r} affected from the first visit on", subjects=grid.subjects[position]
                ),
                where="ice",
                next_step="Choose another strategy for that subject.",
            )
