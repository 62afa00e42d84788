"""Codecs: files of other systems to frozen records and back. Nothing here knows a database."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trialkit.interchange.reading import READABLE_SUFFIXES, read_table
    from trialkit.table_files.errors import FileEncodingError, FileFormatError
    from trialkit.table_files.table_file import TableFile

__all__ = ["READABLE_SUFFIXES", "FileEncodingError", "FileFormatError", "TableFile", "read_table"]

_MODULE_OF = {
    "READABLE_SUFFIXES": "interchange.reading",
    "FileEncodingError": "table_files.errors",
    "FileFormatError": "table_files.errors",
    "TableFile": "table_files.table_file",
    "read_table": "interchange.reading",
}


def __getattr__(name: str) -> Any:
    module = _MODULE_OF.get(name)
    if module is None:
        raise AttributeError(f"trialkit.interchange has no {name!r}")
    return getattr(importlib.import_module(f"trialkit.{module}"), name)
