"""All documents of one page at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from trialkit.documents.html import write_html
from trialkit.documents.page import Page
from trialkit.documents.pdf import write_pdf
from trialkit.documents.rich_text import write_rtf
from trialkit.documents.word import write_docx
from trialkit.documents.workbook import write_xlsx

WRITERS: Mapping[str, Callable[[Page, Path], Path]] = {
    "index.html": write_html,
    "report.docx": write_docx,
    "report.rtf": write_rtf,
    "report.pdf": write_pdf,
    "tables.xlsx": write_xlsx,
}


def write_documents(
    page: Page, folder: Path | str, tell: Callable[[str], None] = lambda name: None
) -> tuple[Path, ...]:
    """Write a page as HTML, Word, RTF, PDF and a workbook of its tables.

    Parameters
    ----------
    page
        What to print.
    folder
        Where the files go; made where it is absent.
    tell
        Called with a file's name before it is written.

    Returns
    -------
    The paths written. The same page gives the same bytes.

    Raises
    ------
    DocumentError
        A library of the extra ``documents`` is not installed; HTML and workbook need none, and what was
        written before stays.
    """
    folder = Path(folder)
    written = []
    for name, write in WRITERS.items():
        tell(name)
        written.append(write(page, folder / name))
    return tuple(written)
