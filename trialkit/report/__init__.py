"""Results to one page: ``write_report`` and what it may be told."""

from __future__ import annotations

import importlib
from typing import Any

_HOME = {
    "PublishedResult": "facts",
    "ReportError": "errors",
    "TrialFacts": "facts",
    "TrueEffect": "facts",
    "Truth": "facts",
    "report_page": "page",
    "trial_facts": "facts",
    "write_report": "page",
}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"trialkit.report has no {name!r}")
    return getattr(importlib.import_module(f"trialkit.report.{_HOME[name]}"), name)
