"""What an export says of each file that it wrote."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trialkit.interchange.data_export import FormTable


def exported(path: Path, table: FormTable, format_: str) -> str:
    """Its rows, and which items are not in it or have another name there."""
    from trialkit.interchange.data_export_files import names_cut

    told = f"{path}: {len(table.rows)} rows."
    if table.left_out:
        told += f" Left out as identifiers: {', '.join(table.left_out)}."
    cut = [f"{name} is {short}" for name, short in names_cut(table, format_).items()]
    return told + (f" Names of more than 32 characters are cut: {', '.join(cut)}." if cut else "")
