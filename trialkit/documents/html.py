"""The HTML writer: one self-contained, searchable file that prints well."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trialkit.documents.behind import behind
from trialkit.documents.page import Figure, Findings, Notice, Page
from trialkit.documents.table import Cell, Table

if TYPE_CHECKING:
    from jinja2 import Environment

_TEMPLATES = Path(__file__).parent / "templates"


def write_html(page: Page, path: Path) -> Path:
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
    environment.filters["behind"] = behind
    return environment


def _kind_of(block: Any) -> str:
    kinds = {Table: "table", Figure: "figure", Notice: "notice", Findings: "findings"}
    return kinds[type(block)]


def _references(cell: Cell) -> str:
    return " ".join(str(reference) for reference in cell.references)
