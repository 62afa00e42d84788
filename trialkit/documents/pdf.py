"""The PDF writer: the page's own HTML, laid out on A4 by WeasyPrint, with bookmarks and page numbers."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

from trialkit.documents.html import render_html
from trialkit.documents.page import Page
from trialkit.documents.parts import library


def write_pdf(page: Page, path: Path | str) -> Path:
    """Write a page as a PDF document (A4).

    Parameters
    ----------
    page
        What to print.
    path
        The file; its folder is made where it is absent.

    Returns
    -------
    The path written. The same page gives the same bytes on machines with the same fonts; Chinese needs one
    that has it, such as Noto Sans CJK.

    Raises
    ------
    DocumentError
        WeasyPrint, of the extra ``documents``, or Pango under it is not installed.
    """
    path = Path(path)
    weasyprint = library("weasyprint", "a PDF document")
    logging.getLogger("weasyprint").setLevel(logging.ERROR)  # it tells of every style a browser knows better
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    text = render_html(replace(page, evidence=()), paper=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    weasyprint.HTML(string=text, base_url=None).write_pdf(path)
    return path
