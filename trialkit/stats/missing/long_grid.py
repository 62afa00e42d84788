"""Reads one-row-a-visit data as a full grid of subjects and visits, and says what cannot be read so."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from trialkit.stats.columns import BoolArray, CodedColumn, IntArray, read_column, require_columns
from trialkit.stats.distributions import FloatArray
from trialkit.stats.errors import DataError
from trialkit.stats.mixed.visits import require_ordered_visits
from trialkit.stats.stated_order import require_stated_order
from trialkit.wording import said, written

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Grid:
    """Every subject at every visit.

    Attributes
    ----------
    frame
        One row a subject and visit, subjects in the order they appear, visits in theirs. Rows that were
        added hold what is constant within the subject; the outcome and the rest are missing in them.
    outcome
        Subjects x visits, NaN where missing.
    subjects, visits, arms
        Labels.
    arm
        Code of each subject's arm.
    added
        Number of rows added.
    """

    frame: pd.DataFrame
    outcome: FloatArray
    subjects: tuple[Hashable, ...]
    visits: tuple[Hashable, ...]
    arms: tuple[Hashable, ...]
    arm: IntArray
    added: int


def read_grid(
    data: pd.DataFrame, subject: str, visit: str, outcome: str, arm: str, covariates: tuple[str, ...]
) -> Grid:
    """Arrange long data; every refusal is a DataError or FormulaError that names the column."""
    import pandas as pd

    require_columns(data, (subject, visit, outcome, arm, *covariates), "impute_reference_based")
    visits = require_ordered_visits(data, visit)
    require_stated_order(data[visit], visit, "an event affects the visits after it", "visits")
    arms = read_column(data[arm], arm, as_factor=True)
    values = _numbers(data, outcome)
    for name in (subject, visit, arm, *covariates):
        _require_complete(data, name)
    codes, labels = pd.factorize(data[subject])
    codes = codes.astype(np.intp)
    assert visits.codes is not None
    assert visits.levels is not None
    present, at = np.unique(visits.codes, return_inverse=True)
    levels = tuple(visits.levels[i] for i in present)
    if len(levels) < 2:
        raise DataError(
            expected="at least two visits",
            found=written(len(levels)),
            where=said("column {visit!r}", visit=visit),
            next_step="Impute a single visit with impute.",
        )
    _require_unique(codes, at, len(levels), subject, visit)
    first = np.unique(codes, return_index=True)[1]
    for name in (arm, *covariates):
        _require_constant(data[name], codes, first, name, subject)
    frame, source = _full(data, codes, at, first, len(levels))
    frame[visit] = _visit_column(data[visit], levels, len(labels))
    grid_values = np.where(source >= 0, values[np.maximum(source, 0)], np.nan)
    frame[outcome] = grid_values
    arm_levels, own = _own_arm(arms, first)
    return Grid(
        frame=frame,
        outcome=grid_values.reshape(len(labels), len(levels)),
        subjects=tuple(labels.tolist()),
        visits=levels,
        arms=arm_levels,
        arm=own,
        added=int((source < 0).sum()),
    )


def _full(
    data: pd.DataFrame, codes: IntArray, at: IntArray, first: IntArray, visits: int
) -> tuple[pd.DataFrame, IntArray]:
    """The grid's frame, and each row's position in the data (-1: added)."""
    source = np.full(len(first) * visits, -1, dtype=np.intp)
    source[codes * visits + at] = np.arange(len(codes))
    added = source < 0
    owner = np.repeat(first, visits)
    frame = data.iloc[np.where(added, owner, source)].reset_index(drop=True)
    if added.any():
        for name in frame.columns:
            if not _is_constant(data[name], codes, first):
                frame[name] = frame[name].where(~added)
    return frame, source


def _visit_column(column: pd.Series[Any], levels: tuple[Hashable, ...], subjects: int) -> Any:
    import pandas as pd

    values = list(levels) * subjects
    if isinstance(column.dtype, pd.CategoricalDtype):
        return pd.Categorical(values, dtype=column.dtype)
    return np.array(values)


def _numbers(data: pd.DataFrame, outcome: str) -> FloatArray:
    column = read_column(data[outcome], outcome)
    if column.numbers is None:
        raise DataError(
            expected="a numeric outcome",
            found=said("a column of type {dtype}", dtype=data[outcome].dtype),
            where=said("column {outcome!r}", outcome=outcome),
            next_step="Convert it to numbers first.",
        )
    return column.numbers


def _require_complete(data: pd.DataFrame, name: str) -> None:
    count = int(data[name].isna().sum())
    if count:
        raise DataError(
            expected="a value in every row; only the outcome is imputed here",
            found=said("{count} missing", count=count),
            where=said("column {name!r}", name=name),
            next_step="Complete it first: a baseline covariate by its mean over all subjects, say.",
        )


def _require_unique(codes: IntArray, at: IntArray, visits: int, subject: str, visit: str) -> None:
    repeated = len(codes) - len(np.unique(codes * visits + at))
    if repeated:
        raise DataError(
            expected=said("at most one row for each {subject!r} and {visit!r}", subject=subject, visit=visit),
            found=said("{repeated} further row(s) of the same subject and visit", repeated=repeated),
            next_step="Keep one row for each, by a rule stated beforehand.",
        )


def _is_constant(column: pd.Series[Any], codes: IntArray, first: IntArray) -> bool:
    import pandas as pd

    values = pd.factorize(column)[0]
    return bool((values == values[first][codes]).all())


def _require_constant(
    column: pd.Series[Any], codes: IntArray, first: IntArray, name: str, subject: str
) -> None:
    if not _is_constant(column, codes, first):
        raise DataError(
            expected=said(
                "one value for each {subject!r}, since visits without a row need it too", subject=subject
            ),
            found="values that change between visits",
            where=said("column {name!r}", name=name),
            next_step="Use the baseline value.",
        )


def _own_arm(arms: CodedColumn, first: IntArray) -> tuple[tuple[Hashable, ...], IntArray]:
    assert arms.codes is not None
    assert arms.levels is not None
    present, own = np.unique(arms.codes[first], return_inverse=True)
    if len(present) < 2:
        raise DataError(
            expected="at least two arms",
            found=written(len(present)),
            where=said("column {name!r}", name=arms.name),
        )
    return tuple(arms.levels[i] for i in present), np.asarray(own, dtype=np.intp)


def require_observed(grid: Grid, usable: BoolArray) -> None:
    """Refuse an arm without any usable outcome at a visit: nothing could be estimated there."""
    for code in range(len(grid.arms)):
        seen = usable[grid.arm == code].sum(axis=0)
        empty = [str(grid.visits[i]) for i in np.flatnonzero(seen == 0)]
        if empty:
            raise DataError(
                expected="in every arm, an outcome at every visit that the imputation model can use",
                found=said("an arm with none at {empty}", empty=", ".join(empty)),
                next_step="Leave that visit out, or combine it with another by a rule stated beforehand.",
            )
