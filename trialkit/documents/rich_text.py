"""The RTF writer, by rtflite: one output a page in the manner of a clinical study report.

RTF readers do not reflow as one: pages are broken here, between the groups of a table and never inside one
that fits, and every page of a table repeats its title and heads.
"""

from __future__ import annotations

import tempfile
from functools import singledispatch
from pathlib import Path
from typing import Any

from trialkit.documents.measure import INDENT, fit
from trialkit.documents.page import Block, Figure, Page
from trialkit.documents.parts import library
from trialkit.documents.rich_text_pages import WIDTH_POINTS, page_breaks
from trialkit.documents.table import Row, Table
from trialkit.documents.tables_only import tables_only

_MARGINS = [0.9, 0.9, 1.0, 0.8, 0.5, 0.45]  # inches: left, right, top, bottom, header, footer
_A4_LANDSCAPE = {"orientation": "landscape", "width": 11.69, "height": 8.27}
_LINE = "\\line "
_ARIAL = 4  # rtflite counts its faces from 1
_BLANK = r"\~"  # rtflite drops an empty text
_UNCUT = 100_000  # rows a page for rtflite: pages are broken here
_END_OF_HEAD = r"\footery"  # of rtflite: fonts, header, footer and paper come before the first paragraph
_FIRST_PARAGRAPH = r"{\pard"
_NEXT_PAGE = r"{\pard\pagebb"
_NUMBERS_BELOW = r"Page \chpgn  of {\field{\*\fldinst {\f3\fs16 NUMPAGES }}{\fldrslt {\f3\fs16 1}}}"


def write_rtf(page: Page, path: Path | str) -> Path:
    """Write a page as one RTF document (A4, landscape).

    Parameters
    ----------
    page
        What to print. Notices, findings and the key result are printed as tables of text.
    path
        The file; its folder is made where it is absent.

    Returns
    -------
    The path written. The same page gives the same bytes.

    Raises
    ------
    DocumentError
        rtflite, of the extra ``documents``, is not installed.
    """
    path = Path(path)
    library("rtflite", "an RTF document")
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        parts = [
            part.rtf_encode()
            for place, output in enumerate(tables_only(page))
            for part in _parts(output, page, Path(name) / f"{place:05}")
        ]
    path.write_text(_joined(parts), encoding="ascii", newline="\n")
    return path


def _joined(parts: list[str]) -> str:
    """One document: the first part's fonts, band and paper; every other part begins a page.

    rtflite's own ``assemble_rtf`` breaks pages by a control that LibreOffice passes over here.
    """
    bodies: list[str] = []
    for part in parts:
        head, end, body = part.partition(_END_OF_HEAD)
        setting, _, body = body.partition(_FIRST_PARAGRAPH)
        start = f"{head}{end}{setting}{_FIRST_PARAGRAPH}" if not bodies else _NEXT_PAGE
        bodies.append(start + body.rstrip().removesuffix("}"))
    return "\n".join(bodies) + "}\n"


@singledispatch
def _parts(output: Block, page: Page, stem: Path) -> list[Any]:
    raise TypeError(f"no writing of {type(output).__name__} in RTF")


@_parts.register(Table)
def _(output: Table, page: Page, stem: Path) -> list[Any]:
    """A document a printed page of the table."""
    breaks = page_breaks(output)
    return [
        _table_part(output, rows, page, first=place == 0, last=place == len(breaks) - 1)
        for place, rows in enumerate(breaks)
    ]


@_parts.register(Figure)
def _(output: Figure, page: Page, stem: Path) -> list[Any]:
    rtflite = library("rtflite", "an RTF document")
    stem = stem.with_suffix(".png")
    stem.write_bytes(output.drawing.png())
    drawing = output.drawing
    width = min(drawing.width_inches, 8.5)
    height = drawing.height_inches * width / drawing.width_inches
    if height > 4.6:
        width, height = width * 4.6 / height, 4.6
    picture = rtflite.RTFFigure(figures=[str(stem)], fig_width=width, fig_height=height)
    number = f"Figure {output.number}" if output.number else "Key result"
    titles = [number, output.title, output.population]
    foot = [*output.footnotes, *_about(output)]
    frame = _frame(page, titles, foot, as_table=False)
    return [rtflite.RTFDocument(rtf_figure=picture, **frame)]


def _about(output: Table | Figure) -> list[str]:
    lines = [f"Method: {output.method}"] if output.method else []
    return lines + ([f"Source: {output.source}"] if output.source else [])


def _table_part(table: Table, rows: list[Row], page: Page, *, first: bool, last: bool) -> Any:
    rtflite = library("rtflite", "an RTF document")
    sizes = fit(table, WIDTH_POINTS)
    number = table.called
    titles = [number, table.title if first else f"{table.title} (continued)", table.population]
    reasons = [f"{table.footnote_mark(reason)} {reason}" for reason in table.reasons]
    foot = [*reasons, *table.footnotes, *_about(table)] if last else ["Continued on the next page."]
    frame = _frame(page, titles, foot, as_table=True, size=sizes.size)
    return rtflite.RTFDocument(
        df=_frame_of(table, rows),
        rtf_column_header=_heads(table, list(sizes.widths), sizes.size),
        rtf_body=_body(table, rows, list(sizes.widths), sizes.size),
        **frame,
    )


def _frame(
    page: Page, titles: list[str], foot: list[str], *, as_table: bool, size: float = 9
) -> dict[str, Any]:
    """What every document has: paper, band, page number, title, notes."""
    rtflite = library("rtflite", "an RTF document")
    band = " · ".join(part for part in (page.watermark, page.state, page.title) if part)
    words = {"text_font": [_ARIAL], "text_convert": [False]}
    bold = {**words, "text_format": ["b"] if page.watermark else [""]}
    return {
        "rtf_page": rtflite.RTFPage(
            **_A4_LANDSCAPE,
            margin=_MARGINS,
            nrow=_UNCUT,
            col_width=WIDTH_POINTS / 72,
            border_first="single",
            border_last="single",
        ),
        "rtf_page_header": rtflite.RTFPageHeader(
            text=[escaped(band)], text_font_size=[8], text_justification=["l"], **bold
        ),
        "rtf_page_footer": rtflite.RTFPageFooter(
            text=[_NUMBERS_BELOW], text_font=[_ARIAL], text_font_size=[8], text_justification=["r"]
        ),
        "rtf_title": rtflite.RTFTitle(
            text=[escaped(title) for title in titles if title], text_font_size=[10], **words
        ),
        "rtf_footnote": rtflite.RTFFootnote(
            text=[escaped(line) for line in foot if line] or [_BLANK],
            text_font_size=[max(7.0, size - 1)],
            as_table=as_table,
            border_left=[[""]],
            border_right=[[""]],
            border_bottom=[[""]],
            text_font=[[_ARIAL]],
            text_convert=[[False]],
        ),
    }


def _frame_of(table: Table, rows: list[Row]) -> Any:
    polars = library("polars", "an RTF document")
    columns: list[list[str]] = [[] for _ in table.columns]
    for row in rows:
        texts = [row.label, *(cell.text + _mark(table, cell.reason) for cell in row.cells)]
        texts += [""] * (len(table.columns) - len(texts))
        for column, text in zip(columns, texts, strict=True):
            column.append(escaped(text))
    return polars.DataFrame({f"c{place}": texts for place, texts in enumerate(columns)})


def _mark(table: Table, reason: str) -> str:
    return f" ({table.footnote_mark(reason)})" if reason else ""


def _heads(table: Table, widths: list[float], size: float) -> list[Any]:
    rtflite = library("rtflite", "an RTF document")
    plain = {
        "text_font": [_ARIAL],
        "text_font_size": [size],
        "text_format": ["b"],
        "text_convert": [[False]],
        "border_left": [""],
        "border_right": [""],
    }
    heads = []
    if table.column_groups:
        spans, column = [], 0
        for _, span in table.column_groups:
            spans.append(sum(widths[column : column + span]))
            column += span
        texts = [escaped(group) for group, _ in table.column_groups]
        under = ["single" if group else "" for group, _ in table.column_groups]
        heads.append(
            rtflite.RTFColumnHeader(
                text=texts, col_rel_width=spans, border_bottom=under, text_justification=["c"], **plain
            )
        )
    texts = [escaped(f"{c.label}{_LINE}{c.note}" if c.note else c.label, lines=True) for c in table.columns]
    above = [""] if heads else ["single"]
    heads.append(
        rtflite.RTFColumnHeader(
            text=texts,
            col_rel_width=widths,
            text_justification=["l", *(c.align[0] for c in table.columns[1:])],
            border_top=above,
            **plain,
        )
    )
    return heads


def _body(table: Table, rows: list[Row], widths: list[float], size: float) -> Any:
    rtflite = library("rtflite", "an RTF document")
    others = len(table.columns) - 1
    indents = [[round(row.indent * INDENT * 20), *([0] * others)] for row in rows]
    bold = [["b" if row.section else "", *([""] * others)] for row in rows]
    return rtflite.RTFBody(
        col_rel_width=widths,
        text_font=[[_ARIAL]],
        text_font_size=[[size]],
        text_convert=[[False]],
        text_justification=[["l", *(c.align[0] for c in table.columns[1:])]],
        text_indent_left=indents,
        text_format=bold,
        border_left=[[""]],
        border_right=[[""]],
    )


def escaped(text: str, *, lines: bool = False) -> str:
    """A text as RTF holds it: braces and backslashes its own, every other letter by its number.

    ``\\line`` is kept where ``lines`` says so. Numbers are signed 16 bits, in pairs beyond the first plane.
    """
    return _LINE.join(map(_letters, text.split(_LINE))) if lines else _letters(text)


def _letters(text: str) -> str:
    written = []
    for char in text:
        if char in "\\{}":
            written.append(f"\\{char}")
        elif ord(char) < 128:
            written.append(char)
        else:
            codes = memoryview(char.encode("utf-16-le")).cast("h")
            written.append(r"\uc1" + "".join(f"\\u{code}*" for code in codes))
    return "".join(written)
