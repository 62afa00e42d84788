"""Empty cells of a table that is about to be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


def blank_where_missing(table: pd.DataFrame) -> pd.DataFrame:
    """The table with empty text in place of what is missing."""
    shown = table.astype(object)
    return shown.where(shown.notna(), "")
