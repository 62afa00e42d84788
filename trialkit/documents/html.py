"""The HTML writer: one self-contained, searchable file that prints well."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from trialkit.documents.behind import behind
from trialkit.documents.measure import PORTRAIT_POINTS, sheet_for
from trialkit.documents.page import Entry, Figure, Findings, Notice, Page
from trialkit.documents.table import Cell, Table

if TYPE_CHECKING:
    from jinja2 import Environment

TALLEST_POINTS = 560  # an upright figure on its page
SHARE_POINTS = 245  # others: so that an output fits below another
SHORT_WORDS = 18  # letters
_TEMPLATES = Path(__file__).parent / "templates"


def write_html(page: Page, path: Path | str) -> Path:
    """Write a page as one file without external assets.

    Parameters
    ----------
    page
        What to print.
    path
        The file; its folder is made where it is absent.

    Returns
    -------
    The path written. The same page gives the same bytes.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(render_html(page), encoding="utf-8", newline="\n")
    return path


def render_html(page: Page, *, paper: bool = False) -> str:
    """Print a page as HTML text; ``paper`` adds the style of A4, which only a page layouter reads."""
    return _environment().get_template("page.html.j2").render(page=page, paper=paper)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals["kind_of"] = _kind_of
    environment.filters["references"] = _references
    environment.filters["linked"] = _linked
    environment.filters["behind"] = behind
    environment.filters["sheet"] = sheet_for
    environment.filters["alignments"] = _alignments
    environment.filters["has_texts"] = _has_texts
    environment.filters["opens_wide"] = _opens_wide
    environment.filters["paper_points"] = _paper_points
    return environment


def _kind_of(block: Any) -> str:
    kinds = {Table: "table", Figure: "figure", Notice: "notice", Findings: "findings"}
    return kinds[type(block)]


def _has_texts(table: Table) -> bool:
    """Whether a column after the labels holds words, which wrap: such columns are given their widths."""
    return len(table.columns) > 2 and any(column.align == "left" for column in table.columns[1:])


def _alignments(table: Table) -> list[str]:
    """How each column stands; one of short words needs no room to wrap."""
    found: list[str] = [column.align for column in table.columns]
    rows = [row.cells for row in table.rows if row.cells and not row.spanning]
    for place in range(1, len(found)):
        if found[place] == "left" and all(len(cells[place - 1].text) <= SHORT_WORDS for cells in rows):
            found[place] = "left short"
    return found


def _opens_wide(entry: Entry) -> bool:
    """Whether the first output lies across: its headings then stand on the same sheet."""
    first = next(iter(entry.blocks), None)
    return isinstance(first, Table) and sheet_for(first).wide


def _paper_points(figure: Figure) -> int:
    """How wide a figure stands on A4: its own width, unless it would take more than its share of the page."""
    drawing = figure.drawing
    upright = drawing.height_inches > drawing.width_inches
    tallest = TALLEST_POINTS if upright else SHARE_POINTS
    return round(
        min(1.0, PORTRAIT_POINTS / drawing.width_inches / 72, tallest / drawing.height_inches / 72)
        * drawing.width_inches
        * 72
    )


def _references(cell: Cell) -> str:
    return " ".join(str(reference) for reference in cell.references)


def _linked(cell: Cell) -> Markup:
    """The text, its places as links."""
    rest, parts = cell.text, []
    for words, anchor in cell.places:
        before, found, rest = rest.partition(words)
        parts += [escape(before), Markup('<a href="#{}">{}</a>').format(anchor, found)]
    return Markup().join((*parts, rest))
