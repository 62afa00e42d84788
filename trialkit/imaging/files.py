"""Tables to disk, whole or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from trialkit.safe_files import write_over

if TYPE_CHECKING:
    import pandas as pd


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write a table; a reader sees the old file or the new one, never a part."""
    write_over(path, table.to_csv(index=False, lineterminator="\n"))
