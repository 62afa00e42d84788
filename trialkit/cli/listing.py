"""Lists by command: printed, or written as CSV, workbook, page or JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from trialkit.cli.door import FILE, refuse_existing

if TYPE_CHECKING:
    from trialkit.report.list_files import ListTable


@dataclass(frozen=True)
class Listing:
    """Where a list goes. Files are new; what is printed is text, or JSON where that was asked for."""

    csv_file: Path | None
    xlsx_file: Path | None
    html_file: Path | None
    as_json: bool

    def refuse_existing(self) -> None:
        for path in (self.csv_file, self.xlsx_file, self.html_file):
            refuse_existing(path)

    def give(self, table: ListTable, title: str, lines: Sequence[str]) -> None:
        """Write the files that were asked for, and print the lines, or the table as JSON objects."""
        if self.csv_file or self.xlsx_file or self.html_file:
            from trialkit.report.list_files import write_list_csv, write_list_html, write_list_xlsx

            if self.csv_file is not None:
                write_list_csv(table, self.csv_file)
            if self.xlsx_file is not None:
                write_list_xlsx([table], self.xlsx_file)
            if self.html_file is not None:
                write_list_html([table], title, self.html_file)
        if self.as_json:
            rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
            click.echo(json.dumps(rows, indent=1, ensure_ascii=False, default=str))
            return
        for line in lines:
            click.echo(line)
        click.echo(f"{len(table.rows)} in the list.")


IDENTIFIERS = click.option(
    "--identifier",
    "identifiers",
    multiple=True,
    metavar="ITEM",
    help="An item marked as identifier, to be in a file or the JSON too.",
)


def listed(function: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options that say where a list goes, and hands them on as one ``listing``."""

    @click.option("--csv", "csv_file", type=FILE, metavar="FILE", help="Write it to a new CSV file.")
    @click.option("--xlsx", "xlsx_file", type=FILE, metavar="FILE", help="Write it to a new workbook.")
    @click.option("--html", "html_file", type=FILE, metavar="FILE", help="Write it to a new page.")
    @click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
    @wraps(function)
    def with_listing(
        csv_file: Path | None, xlsx_file: Path | None, html_file: Path | None, as_json: bool, **rest: Any
    ) -> Any:
        listing = Listing(csv_file, xlsx_file, html_file, as_json)
        listing.refuse_existing()
        return function(listing=listing, **rest)

    return with_listing
