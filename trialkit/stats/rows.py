"""What happened to every row: read, used, excluded; subjects too; by arm and visit where there are any."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
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

    The counts are also reached by name: ``fit.rows["used"]``.
    """

    read: int
    used: int
    excluded: int
    subjects_read: int | None
    subjects_used: int | None
    subjects_excluded: int | None
    missing: dict[str, int]
    counted: tuple[pd.Series[Any], ...] | None = field(default=None, repr=False, compare=False)
    used_flags: npt.NDArray[np.bool_] | None = field(default=None, repr=False, compare=False)

    @cached_property
    def by(self) -> pd.DataFrame | None:
        """DataFrame of read, used and excluded by arm and visit; None where the fit has neither."""
        import pandas as pd

        if self.counted is None:
            return None
        flags = pd.Series(self.used_flags, index=self.counted[0].index).astype(int)
        keys = list(self.counted)
        groups = flags.groupby(keys, observed=True, dropna=False, sort=True)
        counts = groups.agg(read="size", used="sum").reset_index()
        counts["excluded"] = counts["read"] - counts["used"]
        return counts

    def __getitem__(self, name: str) -> int | None:
        if name not in _COUNTS:
            raise KeyError(name)
        count: int | None = getattr(self, name)
        return count

    def keys(self) -> Iterator[str]:
        return iter(_COUNTS)

    def sentence(self, unit: str = "subjects") -> str:
        """One line for the foot of a table; ``unit`` names what the method takes for subjects."""
        text = f"rows read {self.read}, used {self.used}, excluded {self.excluded}"
        if self.subjects_used is not None:
            text += f"; {unit} read {self.subjects_read}, used {self.subjects_used}"
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
        codes, subjects = pd.factorize(data[subject])
        subjects_read = len(subjects)
        subjects_used = int(np.count_nonzero(np.bincount(codes[used & (codes >= 0)])))
    return Rows(
        read=read,
        used=kept,
        excluded=read - kept,
        subjects_read=subjects_read,
        subjects_used=subjects_used,
        subjects_excluded=None if subjects_read is None else subjects_read - (subjects_used or 0),
        missing={name: count for name, count in missing.items() if count},
        counted=tuple(data[name].copy() for name in count_by) if count_by else None,
        used_flags=used if count_by else None,
    )
