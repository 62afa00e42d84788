"""Plan x datasets x methods, to results that carry where they came from."""

from __future__ import annotations

import importlib
from typing import Any

_HOME = {
    "AnalysisResult": "results",
    "all_methods": "methods",
    "check_plan": "plans",
    "load_plan": "plans",
    "load_plan_text": "plans",
    "plan_problems": "plans",
    "Provenance": "results",
    "Results": "results",
    "results_text": "files",
    "run_plan": "run",
    "write_results": "files",
}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"trialkit.analysis has no {name!r}")
    return getattr(importlib.import_module(f"trialkit.analysis.{_HOME[name]}"), name)
