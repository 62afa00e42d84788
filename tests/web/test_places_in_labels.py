"""A place in the record as people name it: labels of visit, form and item, and the line."""

from __future__ import annotations

from pathlib import Path

import pytest

from trialkit.study import load_study
from trialkit.web.obstacles import in_labels

STUDY = load_study(Path(__file__).parents[2] / "sample_data")
EVENTS = "A-001, End of intervention (week 6): Adverse events"


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("A-001/week_6", "A-001, End of intervention (week 6)"),
        ("A-001/week_6/adverse_events", EVENTS),
        ("A-001/week_6/adverse_events/2", f"{EVENTS}, line 2"),
        ("A-001/week_6/adverse_events/2/ae_severity", f"{EVENTS}, line 2, Severity"),
        ("A-001/week_6/adverse_events/ae_severity", f"{EVENTS}, Severity"),
        ("A-001/week_6/adverse_events/left hip/1/ae_severity", f"{EVENTS}, line left hip/1, Severity"),
        ("A-001/week_6/adverse_events/vas_mm", f"{EVENTS}, line vas_mm"),
        ("A-001/no_visit/vas/vas_mm", "A-001/no_visit/vas/vas_mm"),
        ("study.toml", "study.toml"),
    ],
)
def test_a_place_is_told_down_to_its_item(place: str, told: str) -> None:
    assert in_labels(STUDY, place) == told
