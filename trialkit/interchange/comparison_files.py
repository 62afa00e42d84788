"""The list of discrepancies as a file: CSV and XLSX to work on, JSON for programs, HTML to read."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from trialkit.free_text import for_spreadsheet
from trialkit.interchange.comparison_text import overview, shown
from trialkit.interchange.entry_pair import FileComparison
from trialkit.safe_files import write_over
from trialkit.table_files.errors import FileFormatError
from trialkit.table_files.table_file import TableFile
from trialkit.wording import said

_NOT_IN_XML = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def comparison_as_json(comparison: FileComparison) -> dict[str, Any]:
    """Everything in the report, for a program; what has no value is null."""
    report = comparison.report
    return {
        "first": _origin(comparison.first),
        "second": _origin(comparison.second),
        "keys": list(report.keys),
        "items": list(report.items),
        "items_left_out": dict(report.items_left_out),
        "text": str(report.text),
        "notes": list(comparison.notes),
        "identical": report.identical,
        "summary": {name: None if math.isnan(value) else value for name, value in report.summary.items()},
        "discrepancies": _rows_as_text(report.discrepancies),
        "unpaired": _rows_as_text(report.unpaired),
    }


def _origin(table: TableFile) -> dict[str, Any]:
    return {
        "path": str(table.path),
        "format": table.format,
        "part": table.part,
        "encoding": table.encoding,
        "records": len(table.rows),
    }


def _rows_as_text(frame: Any) -> list[dict[str, Any]]:
    columns = list(frame.columns)
    return [
        {
            name: value if name == "records" else (None if value is None or value != value else str(value))
            for name, value in zip(columns, row, strict=True)
        }
        for row in frame.itertuples(index=False, name=None)
    ]


def check_writable_kind(path: Path, inputs: tuple[Path, ...]) -> None:
    """Refuse, before any work, an output of an unknown kind or one that would overwrite an entry.

    Raises
    ------
    FileFormatError
        As said.
    """
    if path.suffix.casefold() not in _WRITERS:
        raise FileFormatError(
            expected=said("an output file of one of the kinds {writers}", writers=", ".join(_WRITERS)),
            found=path.suffix or "no suffix",
            where=str(path),
            next_step="Choose one of them.",
        )
    if any(path.resolve() == entry.resolve() for entry in inputs):
        raise FileFormatError(
            expected="an output file of its own",
            found="one of the two entries",
            where=str(path),
            next_step="Choose another name: an entry is never overwritten.",
        )


def write_comparison(comparison: FileComparison, path: Path) -> None:
    """Write the discrepancies as ``.csv``, ``.xlsx``, ``.json`` or ``.html``, whole or not at all.

    Raises
    ------
    FileFormatError, FileError
        Another suffix; a place that cannot be written to.
    """
    check_writable_kind(path, (comparison.first.path, comparison.second.path))
    content = _WRITERS[path.suffix.casefold()](comparison)
    write_over(path, content)


def _csv(comparison: FileComparison) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    frame = comparison.report.discrepancies
    writer.writerow(frame.columns)
    writer.writerows(
        [for_spreadsheet(shown(value)) for value in row] for row in frame.itertuples(index=False, name=None)
    )
    return text.getvalue().encode("utf-8")


def _json(comparison: FileComparison) -> bytes:
    return (json.dumps(comparison_as_json(comparison), ensure_ascii=False, indent=1) + "\n").encode("utf-8")


def _xlsx(comparison: FileComparison) -> bytes:
    import openpyxl
    from openpyxl.cell import WriteOnlyCell

    book = openpyxl.Workbook(write_only=True)

    def write_sheet(title: str, rows: list[list[str]]) -> None:
        sheet = book.create_sheet(title)
        for row in rows:
            cells = []
            for text in row:
                cell = WriteOnlyCell(sheet, value=_NOT_IN_XML.sub("\ufffd", text))
                cell.data_type = "s"  # a text that begins with = is a text, never a formula
                cells.append(cell)
            sheet.append(cells)

    for title, frame in (
        ("discrepancies", comparison.report.discrepancies),
        ("keys not compared", comparison.report.unpaired),
    ):
        rows = [[shown(value) for value in row] for row in frame.itertuples(index=False, name=None)]
        write_sheet(title, [[str(name) for name in frame.columns], *rows])
    write_sheet("overview", [[label.strip(), number] for label, number in overview(comparison)])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _html(comparison: FileComparison) -> bytes:
    from trialkit.interchange.comparison_page import comparison_page

    return comparison_page(comparison).encode("utf-8")


_WRITERS: dict[str, Callable[[FileComparison], bytes]] = {
    ".csv": _csv,
    ".xlsx": _xlsx,
    ".json": _json,
    ".html": _html,
}
