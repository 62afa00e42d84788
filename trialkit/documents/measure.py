"""How wide the columns of a printed table are, and how small its letters: fit for the paper, nothing cut."""

from __future__ import annotations

from dataclasses import dataclass

from trialkit.documents.table import Table
from trialkit.figures.lettering import text_width_points, unbreakable_parts, wrap_text

PADDING = 9.0  # points at both sides of a cell together
INDENT = 10.0  # points a level
SIZES = (9.0, 8.0, 7.0, 6.0)
PORTRAIT_POINTS = 510.0  # of A4 between its margins
LANDSCAPE_POINTS = 757.0
_ROOM = 1.08  # Arial and its kin are narrower than the face measured; some other face may not be
_LABEL_SHARE = 0.46
_TEXT_SHARE = 0.34
_HEAD_LINES = 3.0  # a long head takes three lines before it takes room from the cells


@dataclass(frozen=True, slots=True)
class Fit:
    """Widths in points, one a column, and the size of the letters."""

    widths: tuple[float, ...]
    size: float

    def lines(self, text: str, column: int, bold: bool = False) -> int:
        """How many lines a text takes in a column."""
        return len(wrap_text(text, self.widths[column] - PADDING, self.size, bold))


@dataclass(frozen=True, slots=True)
class Sheet:
    """The way a table lies on A4; the size of its letters and the widths of its columns in points."""

    wide: bool
    size: float
    widths: tuple[float, ...]


def sheet_for(table: Table) -> Sheet:
    """Upright where the table fits with letters that can be read, else across."""
    upright = fit(table, PORTRAIT_POINTS)
    if upright.size >= SIZES[1] or len(table.columns) <= 4:
        return Sheet(False, SIZES[1], upright.widths)
    across = fit(table, LANDSCAPE_POINTS)
    too_wide = sum(_least(table, upright.size)) > PORTRAIT_POINTS
    if across.size <= upright.size and not too_wide:
        return Sheet(False, upright.size, upright.widths)
    return Sheet(True, min(across.size, SIZES[1]), across.widths)


def fit(table: Table, total_points: float) -> Fit:
    """Fit a table to the width of the paper: letters a little smaller rather than labels in many lines, else
    the largest at which no word breaks.

    Cells keep their text in one line where there is room; labels and remarks may wrap. Where even the
    smallest letters are too wide, columns shrink in proportion and words wrap.
    """
    for size in SIZES[:2]:
        natural = _natural(table, size, total_points)
        if sum(natural) <= total_points:
            return Fit(_shared(natural, natural, total_points), size)
    fits = [found for size in SIZES if (found := _whole_words(table, size, total_points))]
    readable = [found for found in fits if found.size in SIZES[:2]]
    if readable:
        return min(readable, key=lambda one: _label_lines(table, one))  # of equals the larger letters
    if fits:
        return fits[0]
    least = _least(table, SIZES[-1])
    return Fit(tuple(width * total_points / sum(least) for width in least), SIZES[-1])


def _whole_words(table: Table, size: float, total_points: float) -> Fit | None:
    least = _least(table, size)
    if sum(least) > total_points:
        return None
    return Fit(_shared(_natural(table, size, total_points), least, total_points), size)


def _label_lines(table: Table, found: Fit) -> int:
    return sum(found.lines(row.label, 0) for row in table.rows if row.cells)


def _shared(natural: list[float], least: list[float], total: float) -> tuple[float, ...]:
    """Natural widths where they fit, stretched by half at most; else what is left above the least, shared."""
    if sum(natural) <= total:
        stretch = min(1.5, total / sum(natural))
        return tuple(width * stretch for width in natural)
    wanted = [max(0.0, wide - narrow) for wide, narrow in zip(natural, least, strict=True)]
    spare = (total - sum(least)) / (sum(wanted) or 1.0)
    return tuple(narrow + more * spare for narrow, more in zip(least, wanted, strict=True))


def _texts(table: Table, column: int) -> list[tuple[str, float, bool]]:
    """The different texts of a column's cells with their indent and whether they are bold."""
    if column == 0:
        rows = (row for row in table.rows if row.cells)
        return list(dict.fromkeys((row.label, row.indent * INDENT, row.section) for row in rows))
    rows = (row for row in table.rows if row.cells and not row.spanning)
    return list(dict.fromkeys((row.cells[column - 1].text, 0.0, False) for row in rows))


def _heads(table: Table, column: int) -> list[str]:
    head = table.columns[column]
    return [head.label, head.note]


def _least(table: Table, size: float) -> list[float]:
    """What a column needs so that no word breaks; numbers with their intervals stay in one line."""
    widths = []
    for column, head in enumerate(table.columns):
        words = [word for text in _heads(table, column) for word in unbreakable_parts(text)]
        longest = max((text_width_points(word, size, bold=True) for word in words), default=0.0)
        for text, indent, bold in _texts(table, column):
            wraps = column == 0 or head.align == "left"
            parts = unbreakable_parts(text) if wraps else [text]
            longest = max(longest, *(text_width_points(p, size, bold) + indent for p in parts or [""]))
        widths.append(longest * _ROOM + PADDING)
    return widths


def _natural(table: Table, size: float, total: float) -> list[float]:
    """What a column would take with every cell in one line, labels and remarks up to their share."""
    widths = []
    for column, head in enumerate(table.columns):
        heads = (text_width_points(text, size, bold=True) for text in _heads(table, column))
        longest = max(heads, default=0.0) / _HEAD_LINES
        for text, indent, bold in _texts(table, column):
            longest = max(longest, text_width_points(text, size, bold) + indent)
        width = longest * _ROOM + PADDING
        share = _LABEL_SHARE if column == 0 else _TEXT_SHARE if head.align == "left" else 1.0
        widths.append(min(width, total * share) if len(table.columns) > 2 else min(width, total * 0.7))
    return [max(pair) for pair in zip(widths, _least(table, size), strict=True)]
