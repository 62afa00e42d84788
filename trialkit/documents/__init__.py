"""Tables, figures and pages: the table object, number formatting, figure style, writers."""

from __future__ import annotations

import importlib
from typing import Any

_HOME = {
    "Cell": "table",
    "Column": "table",
    "DocumentError": "errors",
    "Entry": "page",
    "Evidence": "page",
    "Figure": "page",
    "Finding": "page",
    "Findings": "page",
    "Highlight": "page",
    "Notice": "page",
    "Page": "page",
    "ResultReference": "table",
    "Row": "table",
    "Section": "page",
    "Table": "table",
    "render_html": "html",
    "write_documents": "write",
    "write_docx": "word",
    "write_html": "html",
    "write_pdf": "pdf",
    "write_rtf": "rich_text",
    "write_xlsx": "workbook",
}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"trialkit.documents has no {name!r}")
    return getattr(importlib.import_module(f"trialkit.documents.{_HOME[name]}"), name)
