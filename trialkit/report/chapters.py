"""The chapters of a report in order, and where an analysis belongs."""

from __future__ import annotations

from trialkit.analysis.methods import all_methods

CHAPTERS = {
    "participants": "Participants",
    "primary": "Primary outcome",
    "sensitivity": "Sensitivity analyses",
    "secondary": "Secondary outcomes",
    "supplementary": "Supplementary analyses",
    "safety": "Adverse events",
    "quality": "Quality of the data",
    "listings": "Listings",
}


def chapter_named(kind: str, role: str) -> str:
    """Where an analysis is printed: where its method belongs, else by its role in the plan."""
    method = all_methods().get(kind)
    if method is not None and method.page:
        return method.page
    return role if role in ("primary", "sensitivity", "supplementary") else "secondary"
