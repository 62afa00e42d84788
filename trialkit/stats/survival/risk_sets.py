"""Rows arranged by the event cells they are at risk in, so that every sum over risk sets is one pass.

A *cell* is a distinct event time within a stratum. A row is at risk in a run of cells of its stratum: those
after its entry and up to its time. Rows at risk in no cell say nothing about the hazard ratio and are left
out here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from trialkit.stats.groups import Integers
from trialkit.stats.survival.observations import Floats


@dataclass(frozen=True)
class RiskSets:
    """Cells in order of stratum and time; rows in order of the last cell they are at risk in."""

    row: Integers  # position of each arranged row in the original data
    event: Floats
    last_cell: Integers
    first_of_cell: Integers  # where the rows of each last cell begin
    before_entry: (
        Integers | None
    )  # the cell just before the first one at risk, -1 where the row enters before all
    event_rows: Integers
    cell_of_event: Integers
    first_event_of_cell: Integers
    deaths: Floats  # number of events in each cell
    cell_time: Floats
    stratum_start: Integers  # first cell of each stratum
    row_stratum_start: Integers  # first row of each stratum

    @classmethod
    def arrange(cls, stop: Floats, event: Floats, entry: Floats | None, stratum: Integers) -> RiskSets:
        happened = event == 1
        cells, cell_at = _cells(stop, stratum, happened)
        cell_stratum, cell_time = cells
        starts = np.searchsorted(cell_stratum, np.arange(int(stratum.max()) + 2))
        last = _count_until(cells, starts, stop, stratum, cell_at) - 1
        before = None if entry is None else _count_until(cells, starts, entry, stratum, None) - 1
        at_risk = last >= (starts[stratum] if before is None else before + 1)
        row = np.flatnonzero(at_risk)
        row = row[np.argsort(last[row], kind="stable")]
        last_cell = last[row]
        event_rows = np.flatnonzero(happened[row])
        cell_of_event = last_cell[event_rows]
        used = np.flatnonzero(np.diff(starts))
        return cls(
            row=row,
            event=event[row],
            last_cell=last_cell,
            first_of_cell=np.searchsorted(last_cell, np.arange(len(cell_time))),
            before_entry=None if before is None else np.where(before < starts[stratum], -1, before)[row],
            event_rows=event_rows,
            cell_of_event=cell_of_event,
            first_event_of_cell=np.searchsorted(cell_of_event, np.arange(len(cell_time))),
            deaths=np.bincount(cell_of_event, minlength=len(cell_time)).astype(float),
            cell_time=cell_time,
            stratum_start=starts[used],
            row_stratum_start=np.searchsorted(last_cell, starts[used]),
        )

    def strata(self) -> Iterator[slice]:
        """The run of cells of each stratum."""
        ends = [*self.stratum_start[1:], len(self.cell_time)]
        return (slice(int(start), int(end)) for start, end in zip(self.stratum_start, ends, strict=True))

    def over_risk_sets(self, values: Floats) -> Floats:
        """Sum of a value (or a row of values) over the risk set of every cell."""
        total = self._from_the_end(np.add.reduceat(values, self.first_of_cell, axis=0))
        if self.before_entry is None:
            return total
        late = np.flatnonzero(self.before_entry >= 0)
        if not len(late):
            return total
        order = late[np.argsort(self.before_entry[late], kind="stable")]
        cells, first = np.unique(self.before_entry[order], return_index=True)
        not_yet = np.zeros_like(total)
        not_yet[cells] = np.add.reduceat(values[order], first, axis=0)
        return total - self._from_the_end(not_yet)

    def over_events(self, values: Floats) -> Floats:
        """Sum of a value (or a row of values) over the events of every cell."""
        return np.add.reduceat(values[self.event_rows], self.first_event_of_cell, axis=0)

    def along_rows(self, increments: Floats) -> Floats:
        """For every row, the sum of a value over the cells it is at risk in."""
        total = np.empty_like(increments)
        for cells in self.strata():
            np.cumsum(increments[cells], axis=0, out=total[cells])
        gathered = total[self.last_cell]
        if self.before_entry is None:
            return gathered
        late = self.before_entry >= 0
        gathered[late] -= total[self.before_entry[late]]
        return gathered

    def _from_the_end(self, per_cell: Floats) -> Floats:
        total = np.empty_like(per_cell)
        for cells in self.strata():
            total[cells] = np.cumsum(per_cell[cells][::-1], axis=0)[::-1]
        return total


def _cells(
    stop: Floats, stratum: Integers, happened: Integers
) -> tuple[tuple[Integers, Floats], tuple[Floats, Integers]]:
    """The distinct (stratum, time) of the events, and the distinct times with a rank for each row."""
    times, rank = np.unique(stop, return_inverse=True)
    keys = np.unique(stratum[happened] * len(times) + rank[happened])
    return (keys // len(times), times[keys % len(times)]), (times, rank)


def _count_until(
    cells: tuple[Integers, Floats],
    starts: Integers,
    value: Floats,
    stratum: Integers,
    ranked: tuple[Floats, Integers] | None,
) -> Integers:
    """Number of cells, counted from the first of all, up to the given time in the row's stratum."""
    cell_stratum, cell_time = cells
    if len(starts) == 2:
        return np.searchsorted(cell_time, value, side="right")
    distinct, rank = ranked if ranked is not None else np.unique(value, return_inverse=True)
    all_times = np.unique(np.concatenate([distinct, cell_time]))
    size = len(all_times)
    keys = cell_stratum * size + np.searchsorted(all_times, cell_time)
    wanted = stratum * size + np.searchsorted(all_times, distinct)[rank]
    return np.searchsorted(keys, wanted, side="right")
