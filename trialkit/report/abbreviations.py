"""The abbreviations a document uses, each expanded once, in one list at its end."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from trialkit.documents.page import Block, Entry, Figure, Findings, Highlight, Notice, Section
from trialkit.documents.table import Cell, Column, Row, Table

EXPANDED = {
    "AIC": "Akaike information criterion",
    "ANCOVA": "analysis of covariance",
    "AUC": "area under the ROC curve",
    "BMI": "body mass index",
    "CI": "confidence interval",
    "CONSORT": "Consolidated Standards of Reporting Trials",
    "df": "degrees of freedom",
    "FDR": "false discovery rate",
    "GEE": "generalized estimating equations",
    "HC3": "standard errors robust to unequal variances (MacKinnon and White)",
    "ICC": "intraclass correlation coefficient",
    "IPCW": "inverse probability of censoring weighting",
    "JOA": "Japanese Orthopaedic Association",
    "LS": "least squares",
    "MAR": "missing at random",
    "MCID": "minimal clinically important difference",
    "MMRM": "mixed model for repeated measures",
    "NASS": "North American Spine Society",
    "NNH": "number needed to harm",
    "NNT": "number needed to treat",
    "NSAID": "non-steroidal anti-inflammatory drug",
    "ODI": "Oswestry Disability Index",
    "Q1": "first quartile",
    "Q3": "third quartile",
    "RMST": "restricted mean event-free (survival) time",
    "ROC": "receiver operating characteristic",
    "SAE": "serious adverse event",
    "SD": "standard deviation",
    "SE": "standard error",
    "VAS": "visual analogue scale",
    "VBQ": "vertebral bone quality score",
}
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9]*")


def abbreviations(
    sections: Iterable[Section], number: str, highlight: Highlight | None = None
) -> Entry | None:
    """What sections and key result abbreviate, as one table; None where they abbreviate nothing known."""
    texts = [text for section in sections for text in _texts(section)]
    texts += _highlight_texts(highlight) if highlight else []
    used = {word for text in texts for word in _WORD.findall(text)}
    found = sorted(used & EXPANDED.keys(), key=str.lower)
    if not found:
        return None
    table = Table(
        number=number,
        title="Abbreviations",
        columns=(Column("Abbreviation"), Column("In full", align="left")),
        rows=tuple(Row(one, (Cell(EXPANDED[one]),)) for one in found),
    )
    return Entry("abbreviations", "Abbreviations", (table,))


def _texts(section: Section) -> Iterator[str]:
    yield section.title
    for entry in section.entries:
        yield from (entry.title, entry.lead, *(note.text for note in entry.notes))
        for block in entry.blocks:
            yield from _block_texts(block)


def _highlight_texts(above: Highlight) -> Iterator[str]:
    yield from (above.question, above.caption, above.statement.text)
    for label, cell in above.facts:
        yield from (label, cell.text)
    for heading, sentence in above.remarks:
        yield from (heading, sentence.text)


def _block_texts(block: Block) -> Iterator[str]:
    if isinstance(block, Findings):
        yield from (text for item in block.items for text in (item.title, item.text))
    elif isinstance(block, Notice):
        yield block.text
    else:
        yield from (block.title, block.method, block.population, *block.footnotes)
        yield from _table_texts(block) if isinstance(block, Table) else _figure_texts(block)


def _table_texts(table: Table) -> Iterator[str]:
    for column in table.columns:
        yield from (column.label, column.note)
    for row in table.rows:
        yield row.label


def _figure_texts(figure: Figure) -> Iterator[str]:
    yield figure.alt
