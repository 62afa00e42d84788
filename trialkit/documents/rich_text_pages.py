"""Where a table goes on to the next page: between groups, inside one only where it is longer than a page."""

from __future__ import annotations

from trialkit.documents.measure import Fit, fit
from trialkit.documents.table import Row, Table
from trialkit.figures.lettering import wrap_text

WIDTH_POINTS = 700.0  # A4 landscape less its margins
PAGE_POINTS = 450.0
_TITLE_POINTS, _NOTE_SIZE = 48.0, 8.0
_LEADING = 1.25
_ROW_SPACE = 2.5
CONTINUED_POINTS = 14.0  # the line below a page that says that the table goes on


def page_breaks(table: Table) -> list[list[Row]]:
    """The rows of each page; one page with no rows for a table without any."""
    sizes = fit(table, WIDTH_POINTS)
    whole = PAGE_POINTS - _TITLE_POINTS - _head_points(table, sizes)
    room, last_room = whole - CONTINUED_POINTS, whole - _foot_points(table)
    pages: list[list[Row]] = [[]]
    used = 0.0
    groups = _groups(table.rows)
    for place, group in enumerate(groups):
        tall = [_row_points(row, sizes) for row in group]
        here = last_room if place == len(groups) - 1 else room
        if pages[-1] and used + sum(tall) > here:
            pages.append([])
            used = 0.0
        for row, points in zip(group, tall, strict=True):
            if pages[-1] and used + points > room:
                pages.append([])
                used = 0.0
            pages[-1].append(row)
            used += points
    return pages


def _groups(rows: tuple[Row, ...]) -> list[list[Row]]:
    """A heading with the rows below it; a plain row is a group of its own."""
    groups: list[list[Row]] = []
    for row in rows:
        if not groups or row.section or (row.indent == 0 and not groups[-1][0].section):
            groups.append([])
        groups[-1].append(row)
    return groups


def _row_points(row: Row, sizes: Fit) -> float:
    if row.section and not row.cells:
        lines = 1
    elif row.spanning:
        lines = max(sizes.lines(row.label, 0), sizes.lines(row.cells[0].text, 1))
    else:
        lines = max(
            sizes.lines(row.label, 0),
            *(sizes.lines(cell.text, place) for place, cell in enumerate(row.cells, 1)),
        )
    return lines * sizes.size * _LEADING + _ROW_SPACE


def _head_points(table: Table, sizes: Fit) -> float:
    lines = max(
        sizes.lines(column.label, place, bold=True) + (sizes.lines(column.note, place) if column.note else 0)
        for place, column in enumerate(table.columns)
    )
    return (lines + bool(table.column_groups)) * sizes.size * _LEADING + 8


def _foot_points(table: Table) -> float:
    notes = [*table.reasons, *table.footnotes, table.method, table.source]
    lines = sum(len(wrap_text(note, WIDTH_POINTS - 12, _NOTE_SIZE)) for note in notes if note)
    return lines * _NOTE_SIZE * _LEADING + 8
