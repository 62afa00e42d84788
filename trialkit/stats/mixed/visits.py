"""Who was seen at which visit: codes of subjects, visits and covariance groups, and what is refused."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from trialkit.stats.columns import CodedColumn, read_column, require_columns
from trialkit.stats.design import Design
from trialkit.stats.errors import DataError
from trialkit.stats.mixed.pieces import IntArray
from trialkit.stats.mixed.structures import LAG_STRUCTURES, StructureName
from trialkit.stats.reading import plain_text_where_order_matters
from trialkit.wording import said, written

if TYPE_CHECKING:
    import pandas as pd


class UndeterminedCovarianceError(DataError):
    """A structure with parameters that the visits seen say nothing about; another one may be determined."""


@dataclass(frozen=True)
class Visits:
    """Codes of the rows used.

    Attributes
    ----------
    subject, visit, group
        One code a row; groups are all 0 without a group column.
    levels
        The visits in order.
    group_levels
        The groups with a covariance of their own; one None without.
    """

    subject: IntArray
    visit: IntArray
    group: IntArray
    levels: tuple[Hashable, ...]
    group_levels: tuple[Hashable, ...]

    @property
    def n_subjects(self) -> int:
        return int(self.subject.max()) + 1


def require_ordered_visits(data: pd.DataFrame, visit: str) -> CodedColumn:
    """The visit column, refused where it is plain text."""
    require_columns(data, (visit,), "arguments")
    column = read_column(data[visit], visit, as_factor=True)
    if not column.ordered_levels:
        raise plain_text_where_order_matters(visit)
    return column


def arrange_visits(
    design: Design,
    declared: CodedColumn,
    subject: str,
    group: str | None,
) -> Visits:
    """Codes of the rows used; repeated subject-visit rows are refused."""
    import pandas as pd

    assert declared.codes is not None
    assert declared.levels is not None
    codes = declared.codes[design.used]
    present = np.flatnonzero(np.bincount(codes, minlength=len(declared.levels)))
    levels = tuple(declared.levels[i] for i in present)
    if len(levels) < 2:
        raise DataError(
            expected="at least two visits among the rows used",
            found=written(len(levels)),
            where=said("column {name!r}", name=declared.name),
            next_step="Use ancova for a single visit.",
        )
    position = np.full(len(declared.levels), -1, dtype=np.intp)
    position[present] = np.arange(len(present))
    subjects = np.asarray(pd.factorize(design.column(subject))[0], dtype=np.intp)
    group_codes, group_levels = _groups(design, subject, subjects, group)
    visits = Visits(subjects, position[codes], group_codes, levels, group_levels)
    _require_unique(visits, declared.name)
    return visits


def require_determined(visits: Visits, declared: CodedColumn, structure: StructureName) -> None:
    """Refuse a structure whose parameters the rows used do not all inform.

    Raises
    ------
    UndeterminedCovarianceError
        No usable row at a visit that the structure counts as a step or gives a variance; unstructured, no
        subject seen at both of two visits.
    """
    if structure in LAG_STRUCTURES:
        _require_no_gap(visits, declared, structure)
    if structure == "us" or structure.endswith("h"):
        _require_seen(visits, structure)


def _groups(
    design: Design, subject: str, subjects: IntArray, group: str | None
) -> tuple[IntArray, tuple[Hashable, ...]]:
    if group is None:
        return np.zeros(len(subjects), dtype=np.intp), (None,)
    column = read_column(design.column(group), group, as_factor=True)
    assert column.codes is not None
    assert column.levels is not None
    present, codes = np.unique(column.codes, return_inverse=True)
    first = np.zeros(int(subjects.max()) + 1, dtype=np.intp)
    first[subjects] = codes
    changing = len(np.unique(subjects[first[subjects] != codes]))
    if changing:
        raise DataError(
            expected=said("one value of {group!r} for each {subject!r}", group=group, subject=subject),
            found=said("{changing} subject(s) with several", changing=changing),
            next_step="Group by a column that does not change within a subject.",
        )
    return np.asarray(codes, dtype=np.intp), tuple(column.levels[i] for i in present)


def _require_unique(visits: Visits, name: str) -> None:
    key = visits.subject * len(visits.levels) + visits.visit
    found, counts = np.unique(key, return_counts=True)
    repeated = found[counts > 1] % len(visits.levels)
    if len(repeated):
        at = ", ".join(str(visits.levels[i]) for i in np.unique(repeated))
        raise DataError(
            expected="at most one row with a value for each subject and visit",
            found=said(
                "{n_repeated} subject-visit pair(s) with several, at {name} {at}",
                n_repeated=len(repeated),
                name=name,
                at=at,
            ),
            next_step="Keep one row for each, by a rule stated beforehand.",
        )


def _require_no_gap(visits: Visits, column: CodedColumn, structure: StructureName) -> None:
    assert column.levels is not None
    first, last = (column.levels.index(visits.levels[i]) for i in (0, -1))
    inside = [str(level) for level in column.levels[first:last] if level not in visits.levels]
    if inside:
        raise UndeterminedCovarianceError(
            expected=said(
                "rows at every visit between the first and the last, since {structure} counts steps",
                structure=structure,
            ),
            found=said("no usable row at {inside}", inside=", ".join(inside)),
            where=said("column {name!r}", name=column.name),
            next_step="Remove that level from the column, or choose us, cs or csh.",
        )


def _require_seen(visits: Visits, structure: StructureName) -> None:
    """With own parameters for each visit, each must be seen; unstructured, each pair together."""
    m = len(visits.levels)
    for code, label in enumerate(visits.group_levels):
        rows = visits.group == code
        seen = np.zeros((visits.n_subjects, m))
        seen[visits.subject[rows], visits.visit[rows]] = 1.0
        together = seen.T @ seen
        of_group = "" if label is None else said(" in group {label}", label=label)
        empty = [str(visits.levels[i]) for i in np.flatnonzero(np.diag(together) == 0)]
        if empty:
            raise UndeterminedCovarianceError(
                expected=said("rows at every visit{of_group}", of_group=of_group),
                found=said("none at {empty}", empty=", ".join(empty)),
                next_step="Choose a structure without a variance for each visit, or drop the visit.",
            )
        if structure == "us" and not together.all():
            s, t = (visits.levels[i] for i in np.argwhere(together == 0)[0])
            raise UndeterminedCovarianceError(
                expected=said(
                    "at least one subject seen at each pair of visits{of_group}", of_group=of_group
                ),
                found=said("none seen at both {s} and {t}", s=s, t=t),
                next_step="Choose a structure other than us, which has a parameter for each pair.",
            )
