"""The Word writer: real tables whose heads repeat, headings to navigate by, a band on every page."""

from __future__ import annotations

import io
from functools import singledispatch
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trialkit.documents.fixed_zip import without_times
from trialkit.documents.measure import sheet_for
from trialkit.documents.page import Block, Entry, Figure, Findings, Highlight, Notice, Page
from trialkit.documents.parts import library
from trialkit.documents.table import Table
from trialkit.documents.word_frame import frame, lay, sheet, text_width_points
from trialkit.documents.word_table import table_xml

if TYPE_CHECKING:
    from docx.document import Document
    from docx.text.paragraph import Paragraph

_SMALL, _BODY = 8.0, 10.0


def write_docx(page: Page, path: Path | str) -> Path:
    """Write a page as a Word document (A4).

    Parameters
    ----------
    page
        What to print.
    path
        The file; its folder is made where it is absent.

    Returns
    -------
    The path written. The same page gives the same bytes.

    Raises
    ------
    DocumentError
        python-docx, of the extra ``documents``, is not installed.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(render_docx(page))
    return path


def render_docx(page: Page) -> bytes:
    """Print a page as the bytes of a Word document."""
    document = sheet(page)
    frame(document, page)
    _masthead(document, page)
    if page.highlight:
        _highlight(document, page.highlight)
    for section in page.sections:
        lay(document, across=any(_lies_across(one) for one in section.entries[:1]))
        document.add_heading(section.title, 1)
        if section.lead:
            _text(document, section.lead)
        alone = len(section.entries) == 1 and section.entries[0].title == section.title
        for entry in section.entries:
            _entry(document, entry, titled=not alone)
    if page.footer:
        _text(document, page.footer, size=_SMALL)
    buffer = io.BytesIO()
    document.save(buffer)
    return without_times(buffer.getvalue())


def _masthead(document: Document, page: Page) -> None:
    _text(document, f"{page.kicker} · {page.state}", size=_SMALL, bold=True, keep=True)
    document.add_heading(page.title, 0)
    for label, value in page.facts:
        paragraph = _text(document, f"{label}: ", bold=True)
        paragraph.add_run(value)


def _highlight(document: Document, box: Highlight) -> None:
    document.add_heading("Key result", 1)
    _text(document, box.question, bold=True, keep=True)
    _text(document, box.statement.text, size=18, bold=True, keep=True)
    _text(document, box.caption, keep=box.figure is not None)
    if box.figure is not None:
        _picture(document, box.figure)
    for label, cell in box.facts:
        paragraph = _text(document, f"{label}: ")
        paragraph.add_run(cell.text).bold = True
    for heading, sentence in box.remarks:
        paragraph = _text(document, f"{heading} ", bold=True)
        paragraph.add_run(sentence.text)


def _picture(document: Document, figure: Figure) -> None:
    from docx.shared import Inches

    width = min(figure.drawing.width_inches, text_width_points(document) / 72)
    picture = document.add_picture(io.BytesIO(figure.drawing.png()), width=Inches(width))
    described: Any = picture._inline.docPr
    described.set("descr", figure.alt)


def _lies_across(entry: Entry) -> bool:
    """Whether its heading stands above a table too wide for an upright sheet."""
    return bool(entry.blocks) and _is_wide(entry.blocks[0])


def _is_wide(block: Block) -> bool:
    return isinstance(block, Table) and sheet_for(block).wide


def _entry(document: Document, entry: Entry, *, titled: bool) -> None:
    lay(document, across=_lies_across(entry))
    if titled:
        heading = document.add_heading(entry.title, 2)
        if entry.tag:
            heading.add_run(f"  {entry.tag}").bold = False
    if entry.lead:
        _text(document, entry.lead)
    for block in entry.blocks:
        if isinstance(block, Table | Figure):
            lay(document, across=_is_wide(block))
        _block(block, document)
    for note in entry.notes:
        document.add_paragraph(note.text, style="List Bullet")


@singledispatch
def _block(block: Block, document: Document) -> None:
    raise TypeError(f"no writing of {type(block).__name__} in Word")


@_block.register(Table)
def _(block: Table, document: Document) -> None:
    from docx.oxml import parse_xml

    _caption(document, block.called, block.title, block.population)
    table = parse_xml(table_xml(block, text_width_points(document)))
    document.element.body.insert_element_before(table, "w:sectPr")
    marked = [(block.footnote_mark(reason), reason) for reason in block.reasons]
    _foot(document, [*marked, *(("", note) for note in block.footnotes)], block.method, block.source)


@_block.register(Figure)
def _(block: Figure, document: Document) -> None:
    _caption(document, f"Figure {block.number}", block.title, block.population)
    _picture(document, block)
    document.paragraphs[-1].paragraph_format.keep_with_next = True
    _foot(document, [("", note) for note in block.footnotes], block.method, block.source)


@_block.register(Notice)
def _(block: Notice, document: Document) -> None:
    paragraph = _text(document, f"{block.title} ", bold=True)
    paragraph.add_run(block.text)
    paragraph.paragraph_format.left_indent = library("docx.shared", "a Word document").Pt(10)
    if block.source:
        _text(document, block.source, size=_SMALL)


@_block.register(Findings)
def _(block: Findings, document: Document) -> None:
    _text(document, block.intro)
    for item in block.items:
        paragraph = document.add_paragraph(style="List Number")
        paragraph.add_run(item.title).bold = True
        if item.tag:
            paragraph.add_run(f" [{item.tag}]")
        paragraph.add_run(f" {item.text}")


def _caption(document: Document, number: str, title: str, population: str) -> None:
    paragraph = document.add_paragraph(style="Caption")
    paragraph.add_run(f"{number}  ")
    paragraph.add_run(title)
    paragraph.paragraph_format.keep_with_next = True
    if population:
        _text(document, population, size=_SMALL, keep=True)


def _foot(document: Document, notes: list[tuple[str, str]], method: str, source: str) -> None:
    """Everything below an output, kept with it to the last line; a note may have the mark it explains."""
    points = library("docx.shared", "a Word document").Pt
    lines = [("", mark, note) for mark, note in notes]
    lines += [(head, "", text) for head, text in (("Method ", method), ("Source ", source)) if text]
    for place, (head, mark, text) in enumerate(lines):
        paragraph = _text(document, head, size=_SMALL, bold=True, keep=place < len(lines) - 1)
        if mark:
            raised = paragraph.add_run(mark)
            raised.font.size, raised.font.superscript = points(_SMALL), True
            text = f" {text}"
        run = paragraph.add_run(text)
        run.font.size = points(_SMALL)
        spacing = paragraph.paragraph_format
        spacing.space_after = points(0)
        spacing.space_before = points(0 if place else 4)
    _text(document, "", size=_SMALL)


def _text(
    document: Document, text: str, *, size: float = _BODY, bold: bool = False, keep: bool = False
) -> Paragraph:
    from docx.shared import Pt

    paragraph = document.add_paragraph()
    paragraph.paragraph_format.keep_with_next = keep
    paragraph.paragraph_format.space_after = Pt(3)
    if text:
        run = paragraph.add_run(text)
        run.bold = bold
        run.font.size = Pt(size)
    return paragraph
