"""What happened to every row: read, used, excluded; subjects too; by arm and visit where there are any."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import pandas as pd

_COUNTS = ("read", "used", "excluded", "subjects_read", "subjects_used", "subjects_excluded")


@dataclass(frozen=True)
class Rows:
    """The account of the rows of a fit.

    Attributes
    ----------
    read, used, excluded
        Numbers of rows; ``read == used + excluded``.
    subjects_read, subjects_used, subjects_excluded
        Numbers of subjects where the method knows subjects, else None. A subject is used when one row is.
    missing
        Column -> number of rows read in which it was missing (columns without missing values left out).
    by
        DataFrame of read, used and excluded by arm and visit; None where the fit has neither.

    The counts are also reached by name: ``fit.rows["used"]``.
    """

    read: int
    used: int
    excluded: int
    subjects_read: int | None
    subjects_used: int | None
    subjects_excluded: int | None
    missing: dict[str, int]
    by: pd.DataFrame | None

    def __getitem__(self, name: str) -> int | None:
        if name not in _COUNTS:
            raise KeyError(name)
        count: int | None = getattr(self, name)
        return count

    def keys(self) -> Iterator[str]:
        return iter(_COUNTS)

    def sentence(self) -> str:
        """One line for the foot of a table."""
        text = f"rows read {self.read}, used {self.used}, excluded {self.excluded}"
        if self.subjects_used is not None:
            text += f"; subjects read {self.subjects_read}, used {self.subjects_used}"
            text += f", excluded {self.subjects_excluded}"
        if self.missing:
            text += " (missing: " + ", ".join(f"{name} {count}" for name, count in self.missing.items()) + ")"
        return text


def count_rows(
    data: pd.DataFrame,
    used: npt.NDArray[np.bool_],
    missing: dict[str, int],
    *,
    subject: str | None = None,
    count_by: tuple[str, ...] = (),
) -> Rows:
    """Count what was read and used; a missing subject counts as no subject."""
    import pandas as pd

    read, kept = len(used), int(used.sum())
    subjects_read = subjects_used = None
    if subject is not None:
        codes = pd.factorize(data[subject])[0]
        subjects_read = len(np.unique(codes[codes >= 0]))
        subjects_used = len(np.unique(codes[used & (codes >= 0)]))
    return Rows(
        read=read,
        used=kept,
        excluded=read - kept,
        subjects_read=subjects_read,
        subjects_used=subjects_used,
        subjects_excluded=None if subjects_read is None else subjects_read - (subjects_used or 0),
        missing={name: count for name, count in missing.items() if count},
        by=_count_by(data, used, count_by) if count_by else None,
    )


def _count_by(data: pd.DataFrame, used: npt.NDArray[np.bool_], names: tuple[str, ...]) -> Any:
    frame = data[list(names)].copy()
    frame["read"] = 1
    frame["used"] = used.astype(int)
    counts = frame.groupby(list(names), observed=True, dropna=False, sort=True)[["read", "used"]].sum()
    counts["excluded"] = counts["read"] - counts["used"]
    return counts.reset_index()
