"""``trialkit compare``: two independent entries of the same forms, file against file."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from trialkit.wording import said

if TYPE_CHECKING:
    from trialkit.interchange.entry_pair import FileComparison

IDENTICAL, DISCREPANCIES = 0, 1


@click.command(
    epilog="Exit status: 0 identical, 1 discrepancies found, 2 the input cannot be compared.",
)
@click.argument("first", type=click.Path(path_type=Path))
@click.argument("second", type=click.Path(path_type=Path))
@click.option(
    "--key",
    "keys",
    multiple=True,
    metavar="NAME",
    help="Column that identifies a record; repeat for several.",
)
@click.option(
    "--item", "items", multiple=True, metavar="NAME", help="Compare only this column; repeat for several."
)
@click.option(
    "--text",
    default="exact",
    show_default=True,
    metavar="exact|casefold|ignore",
    help="Texts that differ only in case or outer space: a discrepancy, none, or leave text items out.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the discrepancies as .csv, .xlsx, .json or .html.",
)
@click.option(
    "--encoding",
    "encodings",
    multiple=True,
    metavar="NAME",
    help="Encoding where it is not UTF-8, e.g. cp1252, gb18030; twice: of each file.",
)
@click.option(
    "--part",
    "parts",
    multiple=True,
    metavar="NAME",
    help="Sheet of a workbook or data file of an EpiData project, where there are several; twice: of each.",
)
@click.option(
    "--text-item", "text_items", multiple=True, metavar="NAME", help="A column of texts: 1.10 is not 1.1."
)
@click.option("--decimal-comma", is_flag=True, help="70,5 is a number too.")
@click.option(
    "--date-order",
    type=click.Choice(["ymd", "dmy", "mdy"]),
    help="2/1/2025 is a date too, in this order; ymd, or what the dictionary says of each of its dates.",
)
@click.option("--missing", multiple=True, metavar="CODE", help="A code that means blank, e.g. -99; repeat.")
@click.option("--tolerance", type=float, default=0.0, metavar="NUMBER", help="Numbers this near are equal.")
@click.option(
    "--dictionary",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="A data dictionary: says which columns are texts or codes or have a decimal comma, how near numbers "
    "agree, and the order of dates.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the whole report as JSON.")
def command(
    first: Path,
    second: Path,
    keys: tuple[str, ...],
    items: tuple[str, ...],
    text: str,
    out: Path | None,
    encodings: tuple[str, ...],
    parts: tuple[str, ...],
    text_items: tuple[str, ...],
    decimal_comma: bool,
    date_order: str | None,
    missing: tuple[str, ...],
    tolerance: float,
    dictionary: Path | None,
    as_json: bool,
) -> None:
    """Compare two independent entries of the same records, cell by cell.

    FIRST and SECOND are .csv, .xlsx, EpiData .rec, .epx or .epz files, of one kind or of two. Records are
    paired by the key columns; a key that stands twice is counted and never paired.
    """
    from trialkit.entry import ComparisonError
    from trialkit.interchange import read_table
    from trialkit.interchange.comparison_files import check_writable_kind
    from trialkit.interchange.declared_columns import declared_by
    from trialkit.interchange.entry_pair import compare_files

    if not keys:
        raise ComparisonError(
            expected="at least one key column",
            found="none",
            next_step="Say what identifies a record, e.g. --key subject_id --key visit.",
        )
    first_encoding, second_encoding = _of_each("--encoding", encodings)
    first_part, second_part = _of_each("--part", parts)
    if out is not None:
        check_writable_kind(out, (first, second))
    comparison = compare_files(
        read_table(first, first_encoding, first_part),
        read_table(second, second_encoding, second_part),
        keys,
        items or None,
        text,
        text_items=text_items,
        decimal_comma=decimal_comma,
        date_order=date_order,
        missing=missing,
        tolerance=tolerance,
        declared=declared_by(dictionary),
    )
    _tell(comparison, out, as_json)
    sys.exit(IDENTICAL if comparison.report.identical else DISCREPANCIES)


def _tell(comparison: FileComparison, out: Path | None, as_json: bool) -> None:
    from trialkit.interchange.comparison_files import comparison_as_json, write_comparison
    from trialkit.interchange.comparison_text import text_report

    if out is not None:
        write_comparison(comparison, out)
    if as_json:
        click.echo(json.dumps(comparison_as_json(comparison), indent=1))
        return
    _print(text_report(comparison))
    if out is not None:
        _print(f"\nWritten: {out}")


def _of_each(option: str, stated: tuple[str, ...]) -> tuple[str | None, str | None]:
    """What was stated for the first and for the second file: once is for both."""
    from trialkit.entry import ComparisonError

    if len(stated) > 2:
        raise ComparisonError(
            expected=said("{option} at most twice, once for each file", option=option),
            found=said("{n_stated} times", n_stated=len(stated)),
            next_step="Give it once for both files, or once for each.",
        )
    return (stated[0], stated[-1]) if stated else (None, None)


def _print(text: str) -> None:
    """Print text that a terminal of any encoding can take; what it cannot show is escaped."""
    encoding = sys.stdout.encoding or "utf-8"
    click.echo(text.encode(encoding, "backslashreplace").decode(encoding))
