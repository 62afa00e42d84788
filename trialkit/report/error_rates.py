"""Error rates of entry as workbook, page with picture, and JSON; EpiData's table beside them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trialkit.entry.error_rates import EpiDataTable, ErrorRate
from trialkit.figures.drawing import Drawing
from trialkit.figures.forest import ForestLine, draw_forest
from trialkit.numbers import plain
from trialkit.report.list_files import Cell, ListTable, write_list_html, write_list_xlsx
from trialkit.wording import said

if TYPE_CHECKING:
    from trialkit.operations.rates import ErrorRates

COLUMNS = ("clerk", "by", "group", "fields", "errors", "per_10000", "ci_lower", "ci_upper")
_HEADS = ("Clerk", "By", "Group", "Fields", "Errors", "Per 10,000", "Lower limit", "Upper limit")
_CLERK_COLUMNS, _CLERK_HEADS = ("clerk", "name", *COLUMNS[1:]), ("Clerk", "Name", *_HEADS[1:])
_EPIDATA_HEADS = (
    "Form", "Records missing in first entry", "Records missing in second entry",
    "Non-unique in first entry", "Non-unique in second entry", "Number of fields checked", "Common records",
    "Records with errors", "Field entries with errors", "Error percentage (#records)",
    "Error percentage (#fields)",
)  # fmt: skip
_EPIDATA_COLUMNS = (
    "form", "missing_in_first", "missing_in_second", "not_unique_in_first", "not_unique_in_second",
    "fields_checked", "common_records", "records_with_errors", "field_entries_with_errors",
    "percent_records", "percent_fields",
)  # fmt: skip
_WORDS = {
    "all": "all",
    "form": "by form",
    "site": "by site",
    "month": "by month",
    "mode": "by mode of the second entry",
    "clerks": "by pair",
}
_DRAWN = ("form", "site", "month", "mode", "clerks")
_DIGITS = 2
_FEWEST_DRAWN = 200  # fields: of fewer, an interval says so little that it would press all others together


def write_rates_xlsx(found: ErrorRates, path: Path) -> None:
    """Between the entries, each clerk against the final record, as EpiData prints it, who typed."""
    write_list_xlsx(_tables(found), path)


def write_rates_html(found: ErrorRates, study_id: str, path: Path) -> None:
    """The same on a page, under a picture of the rates with their intervals."""
    title = f"Error rates of entry, study {study_id}"
    drawing = rates_drawing(found)
    note = said("Groups of fewer than {n} fields are in the tables alone.", n=_FEWEST_DRAWN)
    picture = f'{drawing.svg}<p class="note">{note}</p>' if drawing else ""
    write_list_html(_tables(found), title, path, picture=picture)


def rates_json(found: ErrorRates) -> dict[str, Any]:
    """Full precision; a rate of no fields is null."""
    return {
        "confidence_level": found.confidence_level,
        "undecided": found.undecided,
        "undecided_lines": found.undecided_lines,
        "verified_lines": found.verified_lines,
        "passes": found.passes,
        "passes_authenticated": found.authenticated,
        "both_passes_at_one_desk": list(found.one_desk),
        "people": dict(found.people),
        "between": [_as_json(rate) for rate in found.between],
        "clerks": [_as_json(rate) for rate in found.clerks],
        "epidata": [
            dict(zip(_EPIDATA_COLUMNS, _epidata_cells(table), strict=True)) for table in found.epidata
        ],
    }


def rates_drawing(found: ErrorRates) -> Drawing | None:
    """Between the entries, overall and by form, site, month and pair; then each clerk. None without rates.

    Groups of few fields are left to the tables.
    """
    lines = [*_drawn_between(found), *_drawn_clerks(found)]
    if not lines:
        return None
    return draw_forest(
        lines,
        "Errors per 10,000 fields, with 95 % exact interval"
        if found.confidence_level == 0.95
        else f"Errors per 10,000 fields, with {100 * found.confidence_level:g} % exact interval",
        "error-rates",
        "Error rates per 10,000 fields with exact intervals: between the two entries, and of each clerk.",
        ratio=False,
    )


def _drawn_between(found: ErrorRates) -> Iterator[ForestLine]:
    rates = found.between
    whole = [rate for rate in rates if rate.by == "all" and rate.fields]
    if not whole:
        return
    yield ForestLine("Between the two entries", heading=True)
    yield _line("all fields", whole[0])
    for by in _DRAWN:
        here = [rate for rate in rates if rate.by == by and rate.fields >= _FEWEST_DRAWN]
        if len(here) > 1:
            yield ForestLine(_WORDS[by], heading=True)
            yield from (
                _line(_named(found, rate.group) if by == "clerks" else rate.group, rate) for rate in here
            )


def _named(found: ErrorRates, pair: str) -> str:
    """A pair of clerks by their names."""
    return " + ".join(found.person(login) for login in pair.split(" + "))


def _drawn_clerks(found: ErrorRates) -> Iterator[ForestLine]:
    whole = [rate for rate in found.clerks if rate.by == "all" and rate.fields]
    if whole:
        yield ForestLine("Each clerk against the final record", heading=True)
        yield from (_line(found.person(rate.clerk), rate) for rate in whole)


def _line(label: str, rate: ErrorRate) -> ForestLine:
    return ForestLine(label, rate.per_10000, rate.ci_lower, rate.ci_upper)


def verified_note(found: ErrorRates) -> str:
    """What the rates are not, where second entries were verified; empty where none was."""
    if not found.verified_lines:
        return ""
    return said(
        "{n} lines were verified: the second typist was told where hers differed from the first. Rates that "
        "hold them are not of independent entries, and are lower than those would be.",
        n=found.verified_lines,
    )


def independence(found: ErrorRates) -> tuple[str, ...]:
    """What is established of who typed, and what is only declared."""
    return (
        said(
            "{n} of {passes} entries were proved by password or session; the others are as declared.",
            n=found.authenticated,
            passes=found.passes,
        ),
        said(
            "{n} forms had both entries from one system account of one machine (sessions left out): that two "
            "people typed them is declared, and not established.",
            n=len(found.one_desk),
        ),
    )


def _tables(found: ErrorRates) -> list[ListTable]:
    level = f"{100 * found.confidence_level:g} %"
    exact = said("Exact (Clopper-Pearson) {level} limits, per 10,000 fields.", level=level)
    verified = tuple(note for note in (verified_note(found),) if note)
    fields = said("A field is an item of a line that both entries have. Months are UTC, of the later entry.")
    clerks = (
        said(
            "Months are of the clerk's own entry. An error that both made alike shows once it is corrected; "
            "so does a value that the site corrected on its own paper, though no clerk misread it."
        ),
        said("{n} discrepancies are undecided, and are fields of no clerk yet.", n=found.undecided),
    )
    epidata = (
        said("First entry is EpiData's main file, second entry the duplicate file; one table a form."),
        said("Records that one entry lacks are counted, and are in no denominator; EpiData keeps them in."),
        said(
            "Without common records there is no percentage; EpiData prints 100. Void forms are not counted."
        ),
    )
    printed = [_rounded(_epidata_cells(table)) for table in found.epidata]
    return [
        ListTable(
            "Between the entries",
            _HEADS[1:],
            _rows(found.between, 1),
            COLUMNS[1:],
            (exact, fields, *verified),
        ),
        ListTable(
            "Each clerk",
            _CLERK_HEADS,
            [
                [rate.clerk, found.person(rate.clerk), *row]
                for rate, row in zip(found.clerks, _rows(found.clerks, 1), strict=True)
            ],
            _CLERK_COLUMNS,
            (exact, *clerks, *verified),
        ),
        ListTable("As EpiData prints it", _EPIDATA_HEADS, printed, _EPIDATA_COLUMNS, (*epidata, *verified)),
        ListTable(
            "Independence",
            ("Form whose two entries came from one desk",),
            [[where] for where in found.one_desk],
            ("both_passes_at_one_desk",),
            independence(found),
        ),
    ]


def _rows(rates: Sequence[ErrorRate], first: int) -> list[list[Cell]]:
    return [_rounded([getattr(rate, name) for name in COLUMNS[first:]]) for rate in rates]


def _rounded(cells: Sequence[Cell]) -> list[Cell]:
    """For people: two decimals, and an empty cell where there is no number."""
    return [
        cell
        if not isinstance(cell, float)
        else None
        if math.isnan(cell)
        else float(plain(cell, _DIGITS))
        if isinstance(cell, float)
        else cell
        for cell in cells
    ]


def _epidata_cells(table: EpiDataTable) -> list[Cell]:
    return [getattr(table, name) for name in _EPIDATA_COLUMNS]


def _as_json(rate: ErrorRate) -> dict[str, Any]:
    return {
        name: None if isinstance(value, float) and math.isnan(value) else value
        for name, value in asdict(rate).items()
    }
