"""Two groups by a yes-or-no outcome, in one table or one a stratum, read from a data frame."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from trialkit.stats.columns import BoolArray, require_free_names
from trialkit.stats.complete_rows import complete_rows
from trialkit.stats.distributions import FloatArray
from trialkit.stats.errors import DataError
from trialkit.stats.groups import Strata, strata_of, two_groups
from trialkit.stats.rows import Rows
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd

_RESULT_COLUMNS = (
    *("events", "n", "estimate", "ci_lower", "ci_upper"),
    *("events_test", "n_test", "events_reference", "n_reference", "informative", "weight", "odds_ratio"),
)
"""Of the tables by group and by stratum: no column of the data may have these names."""


@dataclass(frozen=True)
class StrataTables:
    """Events and sizes by stratum in the test and the reference group.

    Strata in which a group is missing tell nothing about the difference: ``informative`` leaves them out of
    the numbers. ``strata`` are all of them.
    """

    x1: FloatArray
    n1: FloatArray
    x0: FloatArray
    n0: FloatArray
    strata: Strata
    test: Hashable
    reference: Hashable
    rows: Rows

    @property
    def contrast(self) -> str:
        return f"{self.test} - {self.reference}"

    @property
    def total(self) -> FloatArray:
        return np.asarray(self.n1 + self.n0)

    @property
    def have_both(self) -> BoolArray:
        """The strata with subjects of both groups."""
        return np.asarray((self.n1 > 0) & (self.n0 > 0))

    def informative(self) -> StrataTables:
        """The strata with both groups.

        Raises
        ------
        DataError
            There is none.
        """
        both = self.have_both
        if both.all():
            return self
        if not both.any():
            raise DataError(
                expected="a stratum with subjects of both groups",
                found="none",
                next_step="Use fewer strata.",
            )
        return StrataTables(
            self.x1[both],
            self.n1[both],
            self.x0[both],
            self.n0[both],
            self.strata,
            self.test,
            self.reference,
            self.rows,
        )

    def described(self) -> pd.DataFrame:
        """One row a stratum: its labels, events and n of both groups, whether it has both."""
        return self.strata.labels.assign(
            events_test=self.x1.astype(int),
            n_test=self.n1.astype(int),
            events_reference=self.x0.astype(int),
            n_reference=self.n0.astype(int),
            informative=self.have_both,
        )


def read_strata_tables(
    data: pd.DataFrame,
    outcome: str,
    by: str,
    reference: Hashable,
    strata: str | Sequence[str] | None,
    where: str,
) -> StrataTables:
    """Read yes-or-no outcomes of two groups; rows with a gap are left out and counted.

    Raises
    ------
    DataError
        An outcome of another kind, not exactly two groups, ``reference`` one of them, or one column in two
        roles.
    """
    strata_columns = [strata] if isinstance(strata, str) else list(strata or [])
    if len({outcome, by, *strata_columns}) < 2 + len(strata_columns):
        raise DataError(
            expected="outcome, groups and strata each in a column of its own",
            found=", ".join(map(repr, (outcome, by, *strata_columns))),
            where="arguments",
        )
    require_free_names([by, *strata_columns], _RESULT_COLUMNS)
    kept, rows = complete_rows(data, (outcome, by, *strata_columns), where, count_by=(by,))
    happened = _happened(kept[outcome])
    groups = two_groups(kept[by], by, reference)
    found = strata_of(kept, strata_columns, rows.used)
    cells = 4 * found.codes + 2 * groups.in_test + happened
    counts = np.bincount(cells, minlength=4 * found.count).reshape(-1, 4).astype(float)
    return StrataTables(
        x1=counts[:, 3],
        n1=counts[:, 2] + counts[:, 3],
        x0=counts[:, 1],
        n0=counts[:, 0] + counts[:, 1],
        strata=found,
        test=groups.test,
        reference=reference,
        rows=rows,
    )


def _happened(values: pd.Series[Any]) -> Any:
    """Where the event happened: 1, true, or the second of two categories."""
    import pandas as pd

    dtype = values.dtype
    if isinstance(dtype, pd.CategoricalDtype) and not set(dtype.categories) <= {0, 1}:
        # Two labels, one of them perhaps never seen; of more labels, the two that are.
        labelled = values if len(dtype.categories) == 2 else values.cat.remove_unused_categories()
        if len(labelled.cat.categories) == 2:
            return np.asarray(labelled.cat.codes == 1)
        found = said(
            "{n_categories} of {n_declared} categories",
            n_categories=len(labelled.cat.categories),
            n_declared=len(dtype.categories),
        )
    else:
        held = values.to_numpy()
        outcomes = pd.unique(held).tolist()
        if set(outcomes) <= {0, 1}:
            return np.asarray(held == 1)
        found = said("the outcomes {outcomes}", outcomes=", ".join(sorted(map(repr, outcomes))[:5]))
    raise DataError(
        expected="0 or 1, false or true, or two categories of which the second is the event",
        found=found,
        where=said("outcome {name!r}", name=values.name),
        next_step="Code the event as 1 and its absence as 0.",
    )
