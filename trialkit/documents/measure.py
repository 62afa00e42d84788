"""How wide the columns of a printed table are, and how small its letters: fit for the paper, nothing cut."""

from __future__ import annotations

from collections.abc import Mapping
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
    columns = _columns(table)
    upright = _fit(table, columns, PORTRAIT_POINTS)
    if upright.size >= SIZES[1] or len(table.columns) <= 4:
        return Sheet(False, SIZES[1], upright.widths)
    across = _fit(table, columns, LANDSCAPE_POINTS)
    too_wide = sum(_least(columns, upright.size)) > PORTRAIT_POINTS
    if across.size <= upright.size and not too_wide:
        return Sheet(False, upright.size, upright.widths)
    return Sheet(True, min(across.size, SIZES[1]), across.widths)


def fit(table: Table, total_points: float) -> Fit:
    """Fit a table to the width of the paper: letters a little smaller rather than labels in many lines, else
    the largest at which no word breaks.

    Cells keep their text in one line where there is room; labels and remarks may wrap. Where even the
    smallest letters are too wide, columns shrink in proportion and words wrap.
    """
    return _fit(table, _columns(table), total_points)


@dataclass(frozen=True, slots=True)
class _Column:
    """The longest that a column holds, for letters of one point: of its head a word and a whole line, of its
    cells, by their indent, a part that cannot break and a whole text."""

    head_word: float
    head_line: float
    parts: Mapping[float, float]
    texts: Mapping[float, float]
    share: float

    def least(self, size: float) -> float:
        """What it needs so that no word breaks; numbers with their intervals stay in one line."""
        return _with_room(self.head_word * size, self.parts, size)

    def natural(self, size: float, total: float) -> float:
        """What it would take with every cell in one line, labels and remarks up to their share."""
        width = _with_room(self.head_line * size / _HEAD_LINES, self.texts, size)
        return max(min(width, total * self.share), self.least(size))


def _with_room(head: float, cells: Mapping[float, float], size: float) -> float:
    return max(head, *(advance * size + indent for indent, advance in cells.items()), 0.0) * _ROOM + PADDING


def _columns(table: Table) -> list[_Column]:
    """Measured once: at every size of letters the same texts are the longest."""
    columns = []
    for place, head in enumerate(table.columns):
        heads = (head.label, head.note)
        parts: dict[float, float] = {}
        texts: dict[float, float] = {}
        wraps = place == 0 or head.align == "left"
        for text, indent, bold in _texts(table, place):
            whole = _advance(text, bold)
            pieces = unbreakable_parts(text) if wraps else []
            part = max((_advance(piece, bold) for piece in pieces), default=0.0 if wraps else whole)
            texts[indent] = max(texts.get(indent, 0.0), whole)
            parts[indent] = max(parts.get(indent, 0.0), part)
        columns.append(
            _Column(
                max(
                    (_advance(word, True) for text in heads for word in unbreakable_parts(text)), default=0.0
                ),
                max(_advance(text, True) for text in heads),
                parts,
                texts,
                _share(table, place),
            )
        )
    return columns


def _share(table: Table, place: int) -> float:
    """Of the paper, at most, where texts may wrap."""
    if len(table.columns) <= 2:
        return 0.7
    return _LABEL_SHARE if place == 0 else _TEXT_SHARE if table.columns[place].align == "left" else 1.0


def _advance(text: str, bold: bool) -> float:
    return text_width_points(text, 1.0, bold)


def _fit(table: Table, columns: list[_Column], total_points: float) -> Fit:
    for size in SIZES[:2]:
        natural = _natural(columns, size, total_points)
        if sum(natural) <= total_points:
            return Fit(_shared(natural, natural, total_points), size)
    fits = [found for size in SIZES if (found := _whole_words(columns, size, total_points))]
    readable = [found for found in fits if found.size in SIZES[:2]]
    if readable:
        return min(readable, key=lambda one: _label_lines(table, one))  # of equals the larger letters
    if fits:
        return fits[0]
    least = _least(columns, SIZES[-1])
    return Fit(tuple(width * total_points / sum(least) for width in least), SIZES[-1])


def _whole_words(columns: list[_Column], size: float, total_points: float) -> Fit | None:
    least = _least(columns, size)
    if sum(least) > total_points:
        return None
    return Fit(_shared(_natural(columns, size, total_points), least, total_points), size)


def _least(columns: list[_Column], size: float) -> list[float]:
    return [column.least(size) for column in columns]


def _natural(columns: list[_Column], size: float, total: float) -> list[float]:
    return [column.natural(size, total) for column in columns]


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
