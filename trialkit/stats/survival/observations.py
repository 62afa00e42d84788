"""Times, events, entries and groups read from a data frame, checked, with every excluded row counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from trialkit.stats.columns import absent, require_columns
from trialkit.stats.errors import DataError
from trialkit.stats.groups import Integers, Strata, groups_of, strata_of
from trialkit.stats.rows import Rows, count_rows
from trialkit.wording import said, written

if TYPE_CHECKING:
    import pandas as pd

    from trialkit.stats.columns import Columns

Floats = npt.NDArray[np.float64]

NEARLY_EQUAL = float(np.sqrt(np.finfo(float).eps))
"""Times closer than this share of their mean are one time, whatever the unit.

(date - date) / 365.25 must not break a tie. R's survival has the same share, and besides it takes times
closer than this absolutely for one, which merges times written in very large units.
"""


@dataclass(frozen=True)
class Observations:
    """The rows a survival method uses, in the order of the data."""

    time: Floats
    event: Floats
    entry: Floats | None
    group: Integers
    group_labels: tuple[Any, ...]
    strata: Strata
    also: Columns
    rows: Rows

    @property
    def stratum(self) -> Integers:
        return self.strata.codes

    @cached_property
    def distinct(self) -> tuple[Floats, Integers]:
        """The times that occur, in order, and each row's place among them."""
        return ranked(self.time)


def read_observations(
    data: pd.DataFrame,
    *,
    time: str,
    event: str,
    by: str | None = None,
    entry: str | None = None,
    strata: str | Sequence[str] | None = None,
    also: tuple[str, ...] = (),
) -> Observations:
    """Read and check the columns of a survival analysis; rows with a missing value in any of them are left
    out and counted."""
    strata_columns = stratum_columns(strata)
    columns = roles_apart(data, (time, event, entry), (by, *strata_columns, *also))
    gaps = {name: absent(data[name]) for name in columns}
    used = np.logical_not(np.logical_or.reduce(list(gaps.values())))
    missing = {name: int(flags.sum()) for name, flags in gaps.items()}
    rows = count_rows(data, used, missing, count_by=(by,) if by else ())
    kept = columns_of(data, columns, used)
    if not rows.used:
        raise DataError(
            expected="at least one row with every value present",
            found=said("{read} rows read, none complete", read=rows.read),
            where=", ".join(columns),
            next_step="Check which of these columns is empty.",
        )
    stop, start = read_times(kept, time, entry)
    groups, labels = group_codes(kept, by, rows.used)
    if by is not None and rows.excluded:
        require_every_group(data, by, labels)
    return Observations(
        stop,
        read_events(kept, event),
        start,
        groups,
        labels,
        strata_of(kept, strata_columns, rows.used),
        {name: kept[name] for name in also},
        rows,
    )


def columns_of(data: pd.DataFrame, columns: Sequence[str], used: npt.NDArray[np.bool_]) -> Columns:
    """Columns of the rows used."""
    if used.all():
        return {name: data[name] for name in columns}
    return {name: data[name][used] for name in columns}


def ranked(values: Floats) -> tuple[Floats, Integers]:
    """The numbers that occur, in order, and each one's place: ``numpy.unique`` with the inverse.

    Whole numbers of some size, as days are, by counting; others by hash: follow-up has far fewer distinct
    times than subjects, and few of them are sorted.
    """
    if values.min(initial=0) >= 0 and values.max(initial=0) <= 4 * len(values) + 1000:
        whole = values.astype(np.int64)
        if (whole == values).all():
            there = np.bincount(whole) > 0
            return np.flatnonzero(there).astype(np.float64), (np.cumsum(there) - 1)[whole]
    import pandas as pd

    codes, found = pd.factorize(values)
    order = np.argsort(found)
    place = np.empty(len(found), dtype=np.int64)
    place[order] = np.arange(len(found))
    return np.asarray(found[order]), np.asarray(place[codes])


def stratum_columns(strata: str | Sequence[str] | None) -> list[str]:
    """The stratification factors, each once."""
    if strata is None or isinstance(strata, str):
        return [] if not strata else [strata]
    names = list(strata) if isinstance(strata, Sequence) else [strata]
    if not all(isinstance(name, str) for name in names):
        raise DataError(
            expected="the name of a column of strata, or a list of names",
            found=written(strata),
            where="strata",
        )
    return list(dict.fromkeys(names))


def roles_apart(data: pd.DataFrame, alone: Sequence[str | None], others: Sequence[str | None]) -> list[str]:
    """All columns asked for, each once; those of ``alone`` (time, event, entry) may have no second role."""
    own = [name for name in alone if name is not None]
    shared = [name for name in others if name is not None]
    needed: list[Any] = list(alone[:2])  # time and event; an entry may be left out
    needed += [name for name in (*own, *shared) if name not in needed]
    require_columns(data, tuple(needed), "arguments")
    twice = [name for name in own if own.count(name) > 1 or name in shared]
    if twice:
        raise DataError(
            expected="time, event and entry each in a column of its own",
            found=said("{twice!r} in two roles", twice=twice[0]),
            where="arguments",
            next_step="Name the column meant for each.",
        )
    return list(dict.fromkeys([*own, *shared]))


def read_times(kept: Columns, time: str, entry: str | None) -> tuple[Floats, Floats | None]:
    """Finite times of at least 0, entries before them, nearly equal values made equal."""
    stop = numbers(kept, time, "a time as a number, in one unit")
    start = numbers(kept, entry, "an entry time as a number, in the unit of the time") if entry else None
    if stop.min() < 0:
        raise DataError(
            expected="times of 0 or more",
            found=said("{n_rows} rows below 0", n_rows=int((stop < 0).sum())),
            where=time,
            next_step="Check the dates these rows were computed from.",
        )
    stop, start = join_nearly_equal(stop, start)
    if start is not None and (start >= stop).any():
        raise DataError(
            expected="an entry before the time in every row",
            found=said("{n_rows} rows where it is not", n_rows=int((start >= stop).sum())),
            where=f"{entry}, {time}",
            next_step="Correct these rows or leave them out: they were never at risk.",
        )
    return stop, start


def join_nearly_equal(stop: Floats, start: Floats | None) -> tuple[Floats, Floats | None]:
    """Give times that differ by less than rounding error the value of the earliest of them."""
    distinct = ranked(stop if start is None else np.concatenate([stop, start]))[0]
    gaps = np.diff(distinct)
    apart = gaps > NEARLY_EQUAL * np.abs(distinct).mean()
    if apart.all():
        return stop, start
    cuts = distinct[np.concatenate([[True], apart])]

    def snapped(values: Floats) -> Floats:
        return np.asarray(cuts[np.searchsorted(cuts, values, side="right") - 1])

    return snapped(stop), None if start is None else snapped(start)


def at_known_times(times: Floats, known: Floats) -> Floats:
    """Times asked for, each put on the known time it equals but for rounding error: 0.1 + 0.2 is 0.3."""
    tolerance = NEARLY_EQUAL * np.abs(known).mean()
    after = np.minimum(np.searchsorted(known, times), len(known) - 1)
    before = np.maximum(after - 1, 0)
    nearest = np.where(
        np.abs(known[after] - times) <= np.abs(known[before] - times), known[after], known[before]
    )
    return np.asarray(np.where(np.abs(nearest - times) <= tolerance, nearest, times), dtype=np.float64)


def read_events(kept: Columns, event: str) -> Floats:
    values = numbers(kept, event, "an event indicator: 1 = event, 0 = censored")
    if not ((values == 0.0) | (values == 1.0)).all():
        found = ", ".join(f"{value:g}" for value in np.unique(values)[:5])
        raise DataError(
            expected="an event indicator: 1 = event, 0 = censored",
            found=said("the values {found}", found=found),
            where=event,
            next_step="Recode it; a CDISC CNSR is 1 - event.",
        )
    return values


def numbers(kept: Columns, column: str, expected: str) -> Floats:
    """The column as finite floats; text, dates and infinity are refused."""
    from pandas.api import types

    series = kept[column]
    numeric = types.is_numeric_dtype(series.dtype) and not types.is_complex_dtype(series.dtype)
    if not numeric and series.dtype == object:
        numeric = all(isinstance(value, int | float | np.number | np.bool_) for value in series)
    if not numeric:
        raise DataError(
            expected=expected,
            found=said("a column of type {dtype}", dtype=series.dtype),
            where=column,
            next_step="Convert it to numbers first.",
        )
    values = series.to_numpy(dtype=np.float64)
    if not np.isfinite(values).all():
        raise DataError(
            expected="finite numbers",
            found=said("{isfinite} infinite values", isfinite=int((~np.isfinite(values)).sum())),
            where=column,
            next_step="Correct them, or set them missing so that they are left out and counted.",
        )
    return values


def group_codes(kept: Columns, by: str | None, rows: int) -> tuple[Integers, tuple[Any, ...]]:
    """Codes and labels of the groups present, in category order where there is one, else sorted."""
    return (np.zeros(rows, dtype=np.int64), ("all",)) if by is None else groups_of(kept[by])


def require_every_group(data: pd.DataFrame, by: str, labels: tuple[Any, ...]) -> None:
    lost = data[by].dropna().nunique() - len(labels)
    if lost:
        raise DataError(
            expected="at least one complete row in every group",
            found=said("{lost} of the groups of {by!r} without one", lost=lost, by=by),
            where=by,
            next_step="Find out why its times or events are missing, or leave that group out by name.",
        )
