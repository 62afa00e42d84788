"""Libraries that do a job of a plan's entry: imported where it is answered, named where absent."""

from __future__ import annotations

import importlib
from typing import Any

from trialkit.analysis.errors import AnalysisError
from trialkit.plan import Analysis
from trialkit.wording import said


def pingouin(entry: Analysis) -> Any:
    """pingouin, with the rounding of what it returns switched off."""
    library = _library("pingouin", "correlations", entry)
    for name in ("round", "round.column.CI95", "round.column.CI95%"):
        library.options[name] = None
    return library


def lifelines(entry: Analysis) -> Any:
    return _library("lifelines", "survival", entry)


def _library(name: str, extra: str, entry: Analysis) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise AnalysisError(
            expected=said("the library {name}, which answers {method}", name=name, method=entry.method),
            found="not installed",
            where=entry.where,
            next_step=said("Install it with: pip install 'trialkit[{extra}]'.", extra=extra),
        ) from error
