"""A page as tables and figures alone, for documents that know nothing else: no word of it is lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import singledispatch
from itertools import groupby

from trialkit.documents.page import Block, Entry, Figure, Findings, Highlight, Notice, Page
from trialkit.documents.table import Cell, Column, Row, Table


def tables_only(page: Page) -> Iterator[Table | Figure]:
    """Facts, key result, and every block of every entry; an entry's notes go below its last output."""
    yield _pairs(page.title, [(label, Cell(value)) for label, value in page.facts], (page.kicker, page.state))
    if page.highlight:
        yield _key_result(page.highlight)
        if page.highlight.figure is not None:
            yield replace(page.highlight.figure, title=page.highlight.question)
    for section in page.sections:
        for entry in section.entries:
            yield from _entry(entry, section.lead)


def _entry(entry: Entry, lead: str) -> Iterator[Table | Figure]:
    outputs = list(_outputs(entry))
    notes = tuple(text for text in (lead, entry.lead, *(note.text for note in entry.notes)) if text)
    if not outputs and notes:
        outputs = [_texts(entry.title, [("", note) for note in notes])]
    elif notes:
        outputs[-1] = replace(outputs[-1], footnotes=(*outputs[-1].footnotes, *notes))
    yield from outputs


def _outputs(entry: Entry) -> Iterator[Table | Figure]:
    """An output a block; notices that follow each other are one, so that none has a page of its own."""
    for of_notices, blocks in groupby(entry.blocks, lambda block: isinstance(block, Notice)):
        if of_notices:
            yield _notices([block for block in blocks if isinstance(block, Notice)], entry)
        else:
            yield from (_output(block, entry) for block in blocks)


def _notices(notices: list[Notice], entry: Entry) -> Table:
    made = _texts(entry.title, [(notice.title, notice.text) for notice in notices])
    sources = dict.fromkeys(notice.source for notice in notices if notice.source)
    return replace(made, source=" ".join(sources))


@singledispatch
def _output(block: Block, entry: Entry) -> Table | Figure:
    raise TypeError(f"no table of {type(block).__name__}")


@_output.register(Table)
def _(block: Table, entry: Entry) -> Table:
    return block


@_output.register(Figure)
def _(block: Figure, entry: Entry) -> Figure:
    return block


@_output.register(Findings)
def _(block: Findings, entry: Entry) -> Table:
    lines = [(f"{item.title} [{item.tag}]" if item.tag else item.title, item.text) for item in block.items]
    return replace(_texts(entry.title, lines), population=block.intro)


def _texts(title: str, lines: list[tuple[str, str]]) -> Table:
    return _pairs(title, [(head, Cell(text)) for head, text in lines], ())


def _key_result(box: Highlight) -> Table:
    facts = [(box.question, box.statement), *box.facts]
    return replace(_pairs("Key result", [*facts, *box.remarks], ()), footnotes=(box.caption,))


def _pairs(title: str, pairs: list[tuple[str, Cell]], notes: tuple[str, ...]) -> Table:
    return Table(
        number="",
        title=title,
        columns=(Column(""), Column("", align="left")),
        rows=tuple(Row(label, (cell,)) for label, cell in pairs),
        footnotes=tuple(note for note in notes if note),
    )
