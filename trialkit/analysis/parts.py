"""An answer in parts: one part that cannot be estimated says why and leaves the others standing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from trialkit.errors import TrialkitError
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd

Tables = Mapping[str, "pd.DataFrame"]


class Parts:
    """Tables gathered part by part, with a warning for each part that failed."""

    def __init__(self) -> None:
        self.tables: dict[str, pd.DataFrame] = {}
        self.warnings: list[str] = []
        self._errors: list[TrialkitError] = []

    def add(self, what: str, compute: Callable[[], Tables]) -> None:
        """Add the tables of a part; where it fails, what could not be estimated and why."""
        try:
            self.tables |= compute()
        except TrialkitError as error:
            self._errors.append(error)
            self.warnings.append(said("{what} could not be estimated: {why}", what=what, why=error.whole))

    def require_one(self) -> None:
        """Where every part failed, the first part's error is the entry's."""
        if self._errors and not self.tables:
            raise self._errors[0]
