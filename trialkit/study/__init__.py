"""The protocol as data: arms, factors, visits, forms and items, and the contradictions among them."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from trialkit.study.errors import StudyError
from trialkit.study.model import Study

if TYPE_CHECKING:
    from trialkit.study.check import check_study
    from trialkit.study.findings import Finding, Severity
    from trialkit.study.load import load_study, study_from_texts

__all__ = [
    "Finding",
    "Severity",
    "Study",
    "StudyError",
    "check_study",
    "load_study",
    "study_from_texts",
]

_MODULE_OF = {
    "Finding": "findings",
    "Severity": "findings",
    "check_study": "check",
    "load_study": "load",
    "study_from_texts": "load",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"trialkit.study has no {name!r}")
    return getattr(importlib.import_module(f"trialkit.study.{_MODULE_OF[name]}"), name)
