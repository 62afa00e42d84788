"""The protocol as data: arms, factors, visits, forms and items, and the contradictions among them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trialkit.study.errors import StudyError
from trialkit.study.model import Study

if TYPE_CHECKING:
    from trialkit.study.load import load_study, study_from_texts

__all__ = ["Study", "StudyError", "load_study", "study_from_texts"]


def __getattr__(name: str) -> Any:
    if name in ("load_study", "study_from_texts"):
        from trialkit.study import load

        return getattr(load, name)
    raise AttributeError(f"trialkit.study has no {name!r}")
