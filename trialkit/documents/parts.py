"""The libraries of the extra ``documents``, imported where used; absent, the error says what to install."""

from __future__ import annotations

import importlib
from types import ModuleType

from trialkit.documents.errors import DocumentError
from trialkit.wording import said


def library(name: str, to_write: str) -> ModuleType:
    """Import a library that only some documents need.

    Parameters
    ----------
    name
        The module: ``"docx"``.
    to_write
        What it is needed for, in words: ``"a Word document"``.

    Raises
    ------
    DocumentError
        The library, or a system library under it, is not there.
    """
    try:
        return importlib.import_module(name)
    except (ImportError, OSError) as error:  # WeasyPrint raises OSError where Pango is missing
        raise DocumentError(
            expected=said("the library {name} to write {to_write}", name=name, to_write=to_write),
            found=" ".join(str(error).split())[:200],
            next_step="Install it with: pip install 'trialkit[documents]'. The other documents need it not.",
        ) from error
