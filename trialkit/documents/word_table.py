"""A table as WordprocessingML: three rules, heads that repeat on every page, rows that never split."""

from __future__ import annotations

from xml.sax.saxutils import escape

from trialkit.documents.measure import INDENT, Fit, fit
from trialkit.documents.table import Cell, Row, Table

_NAMESPACE = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_TWENTIETHS = 20  # of a point
_KEPT_WHOLE = 12  # rows; longer tables may go on to the next page
_KEPT_TOGETHER = 2  # rows at the top and the end of a longer one
_RULE = '<w:{side} w:val="single" w:sz="{eighths}" w:space="0" w:color="1A1D21"/>'


def table_xml(table: Table, width_points: float) -> str:
    """The ``w:tbl`` element of a table."""
    sizes = fit(table, width_points)
    last = len(table.rows) - 1
    whole = len(table.rows) <= _KEPT_WHOLE
    rows = [
        _row(table, row, sizes, keep=kept or whole or not _KEPT_TOGETHER <= place < last - _KEPT_TOGETHER)
        for place, (row, kept) in enumerate(zip(table.rows, table.kept, strict=True))
    ]
    columns = "".join(f'<w:gridCol w:w="{_twips(width)}"/>' for width in sizes.widths)
    return (
        f"<w:tbl {_NAMESPACE}><w:tblPr>"
        f'<w:tblW w:w="{_twips(sum(sizes.widths))}" w:type="dxa"/>'
        f"<w:tblBorders>{_rule('top', 12)}{_rule('bottom', 12)}</w:tblBorders>"
        '<w:tblLayout w:type="fixed"/>'
        '<w:tblCellMar><w:left w:w="80" w:type="dxa"/><w:right w:w="80" w:type="dxa"/></w:tblCellMar>'
        f"</w:tblPr><w:tblGrid>{columns}</w:tblGrid>{_heads(table, sizes)}{''.join(rows)}</w:tbl>"
    )


def _heads(table: Table, sizes: Fit) -> str:
    """One or two head rows, both repeated on every page."""
    rows = []
    if table.column_groups:
        cells, column = [], 0
        for group, span in table.column_groups:
            width = sum(sizes.widths[column : column + span])
            under = _borders(_rule("bottom", 4)) if group else ""
            text = _paragraph([(group, True)], sizes.size, "center", keep=True)
            cells.append(_cell(text, width, span=span, extra=under))
            column += span
        rows.append(_table_row("".join(cells), head=True))
    cells = []
    for place, (column_head, width) in enumerate(zip(table.columns, sizes.widths, strict=True)):
        align = "left" if place == 0 else column_head.align
        text = _paragraph([(column_head.label, True)], sizes.size, align, keep=True)
        if column_head.note:
            text += _paragraph([(column_head.note, False)], sizes.size, align, keep=True)
        cells.append(_cell(text, width, extra=_borders(_rule("bottom", 6)) + '<w:vAlign w:val="bottom"/>'))
    rows.append(_table_row("".join(cells), head=True))
    return "".join(rows)


def _row(table: Table, row: Row, sizes: Fit, *, keep: bool) -> str:
    keep = keep or row.section
    if row.section and not row.cells:
        text = _paragraph([(row.label, True)], sizes.size, "left", keep=keep, before=60)
        return _table_row(_cell(text, sum(sizes.widths), span=len(table.columns)))
    label = _paragraph([(row.label, row.section)], sizes.size, "left", keep=keep, indent=row.indent)
    cells = [_cell(label, sizes.widths[0])]
    if row.spanning:
        text = _written(table, row.cells[0], sizes.size, table.columns[1].align, keep=keep)
        cells.append(_cell(text, sum(sizes.widths[1:]), span=len(table.columns) - 1))
        return _table_row("".join(cells))
    for cell, column, width in zip(row.cells, table.columns[1:], sizes.widths[1:], strict=True):
        cells.append(_cell(_written(table, cell, sizes.size, column.align, keep=keep), width))
    return _table_row("".join(cells))


def _written(table: Table, cell: Cell, size: float, align: str, *, keep: bool) -> str:
    mark = table.footnote_mark(cell.reason) if cell.reason else ""
    return _paragraph([(cell.text, False)], size, align, keep=keep, mark=mark)


def _table_row(cells: str, head: bool = False) -> str:
    repeat = "<w:tblHeader/>" if head else ""
    return f"<w:tr><w:trPr><w:cantSplit/>{repeat}</w:trPr>{cells}</w:tr>"


def _cell(content: str, width: float, span: int = 1, extra: str = "") -> str:
    merged = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{_twips(width)}" w:type="dxa"/>{merged}{extra}</w:tcPr>{content}</w:tc>'
    )


def _paragraph(
    runs: list[tuple[str, bool]],
    size: float,
    align: str,
    *,
    keep: bool,
    indent: int = 0,
    before: int = 20,
    mark: str = "",
) -> str:
    left = f'<w:ind w:left="{_twips(indent * INDENT)}"/>' if indent else ""
    text = "".join(_run(words, size, bold=bold) for words, bold in runs if words)
    if mark:
        text += _run(mark, size, raised=True)
    return (
        f"<w:p><w:pPr>{'<w:keepNext/>' if keep else ''}"
        f'<w:spacing w:before="{before}" w:after="20" w:line="240" w:lineRule="auto"/>{left}'
        f'<w:jc w:val="{align}"/></w:pPr>{text}</w:p>'
    )


def _run(text: str, size: float, *, bold: bool = False, raised: bool = False) -> str:
    weight = "<w:b/>" if bold else ""
    height = '<w:vertAlign w:val="superscript"/>' if raised else ""
    half_points = round(size * 2)
    return (
        f'<w:r><w:rPr>{weight}<w:sz w:val="{half_points}"/><w:szCs w:val="{half_points}"/>{height}</w:rPr>'
        f'<w:t xml:space="preserve">{escape(text)}</w:t></w:r>'
    )


def _borders(rules: str) -> str:
    return f"<w:tcBorders>{rules}</w:tcBorders>"


def _rule(side: str, eighths: int) -> str:
    return _RULE.format(side=side, eighths=eighths)


def _twips(points: float) -> int:
    return round(points * _TWENTIETHS)
