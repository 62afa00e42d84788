"""A method of the plan as one thing: what it declares, and how its answer is computed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from trialkit.plan import Analysis, Declaration

if TYPE_CHECKING:
    import pandas as pd

    from trialkit.analysis.context import Context


@dataclass(frozen=True)
class Answer:
    """What a method found: tables at full precision, who was counted, and the method in words.

    ``datasets`` are what it made on the way and others need to compute the same again: they are exported with
    the analysis datasets and are no part of the results.
    """

    tables: Mapping[str, pd.DataFrame]
    counts: pd.DataFrame
    method: str
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()  # what of it could not be estimated, and why
    datasets: Mapping[str, pd.DataFrame] = field(default_factory=dict)


def _nothing(context: Context, entry: Analysis) -> Answer:
    raise NotImplementedError(entry.method)


@dataclass(frozen=True)
class Method(Declaration):
    """A declaration with the function that answers its entries.

    ``symmetric`` names the tables that become their own mirror image when the arms change places and hold no
    number of one arm alone: only those are shown of masked groups. Of more than two groups a comparison of
    two tells which they are by their sizes, so there only ``joint`` is shown: tables that do not change
    whatever arms change places. ``pooled``: a run without arms is answered
    from what does not reveal one, whatever else the entry names. ``monitored``: a data and safety monitoring
    board reads it while the trial runs. ``tested`` gives the row of the one test an entry is about, at a
    visit as the study calls it: what a simulation of its power counts. ``before_recruitment``: what it tells
    of those who came stands above by when and where they did.
    """

    compute: Callable[[Context, Analysis], Answer] = field(default=_nothing)
    symmetric: frozenset[str] = frozenset()
    joint: frozenset[str] = frozenset()
    pooled: bool = False
    monitored: bool = False
    before_recruitment: bool = False
    tested: Callable[[Context, Analysis, str], Mapping[str, Any]] | None = None
