"""Where packaged files lie: beside the package in a checkout, inside it in a wheel."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from trialkit.errors import TrialkitError
from trialkit.wording import said

_PACKAGE = Path(__file__).resolve().parent


def folder(name: Literal["db", "examples", "sap", "sample_data"]) -> Path:
    """The folder ``db``, ``examples``, ``sap`` or ``sample_data``, wherever this installation keeps it."""
    for candidate in (_PACKAGE / "_data" / name, _PACKAGE.parent / name):
        if candidate.is_dir():
            return candidate
    raise TrialkitError(
        expected=said("the packaged folder {name!r}", name=name),
        found="neither a wheel's copy nor a checkout's",
        next_step="Reinstall trialkit.",
    )
