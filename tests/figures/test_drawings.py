"""Figures of the report: aligned counts, labels that do not touch, the same bytes twice."""

from __future__ import annotations

import itertools
import re

import lxml.etree
import pytest

from trialkit.figures.drawing import Drawing
from trialkit.figures.profile import LABEL_SIZE, ProfilePoint, draw_profile, place_labels
from trialkit.figures.ruler import RulerMarks, draw_ruler
from trialkit.figures.survival import AtRisk, CurvePoint, draw_risk

ARMS = {"a": "Exercise + NSAID", "b": "NSAID alone"}
VISITS = {
    0.0: "Baseline",
    42.0: "End of intervention",
    72.0: "1 month after intervention",
    132.0: "3 months after intervention",
    222.0: "6 months after intervention",
    365.0: "12 months after randomization",
}


def risk_figure() -> Drawing:
    points = [
        CurvePoint(arm, day, day / 1000, day / 1200, day / 800, int(day == 150))
        for arm in ARMS
        for day in (50, 100, 150, 300)
    ]
    at_risk = [AtRisk(arm, day, 157 - n) for arm in ARMS for n, day in enumerate((0, 90, 180, 270))]
    return draw_risk(points, at_risk, ARMS, "risk", "Cumulative risk by arm")


def text_places(drawing: Drawing) -> dict[str, list[tuple[float, float]]]:
    """Where each text stands, by its words: x and y of the group's translation or of the text itself."""
    places: dict[str, list[tuple[float, float]]] = {}
    for text in lxml.etree.fromstring(drawing.svg).iterfind(".//{*}text"):
        x, y = text.get("x"), text.get("y")
        if x is None:
            x, y = re.findall(r"-?[\d.]+", text.get("transform", ""))[:2]
        places.setdefault(text.text or "", []).append((float(x), float(y)))
    return places


def test_numbers_at_risk_stand_under_their_times() -> None:
    places = text_places(risk_figure())
    for day, n in (("90", "156"), ("180", "155"), ("270", "154")):
        tick = places[day][0]
        under = places[n]
        assert len(under) == len(ARMS)
        assert all(x == pytest.approx(tick[0], abs=0.5) and y > tick[1] for x, y in under)


def test_numbers_at_risk_stand_in_the_row_of_their_arm() -> None:
    places = text_places(risk_figure())
    for position, label in enumerate(ARMS.values()):
        beside = next(place for place in places[label] if place[1] > places["90"][0][1])
        assert places["156"][position][1] == pytest.approx(beside[1], abs=0.5)


@pytest.mark.parametrize("draw", [risk_figure])
def test_a_figure_is_the_same_bytes_twice(draw: object) -> None:
    assert risk_figure() == risk_figure()


def test_names_of_visits_close_together_never_touch() -> None:
    from trialkit.figures.lettering import text_width_points

    limits = (-18.0, 383.0)
    labels = place_labels(VISITS, limits)
    scale = 7.2 * 72 * 0.81 / (limits[1] - limits[0])
    spans: dict[float, list[tuple[float, float]]] = {}
    for label in labels:
        half = max(text_width_points(line, LABEL_SIZE) for line in label.lines) / 2
        spans.setdefault(label.top, []).append((label.day * scale - half, label.day * scale + half))
    for row in spans.values():
        assert all(a[1] < b[0] for a, b in itertools.pairwise(row))
    assert len(spans) == 2  # week 6 and month 1 are too close for one row


def test_the_profile_names_visits_days_and_numbers_observed() -> None:
    points = [
        ProfilePoint(arm, name, day, 157, 40 - day / 30, 39 - day / 30, 41 - day / 30)
        for arm in ARMS
        for day, name in VISITS.items()
    ]
    places = text_places(draw_profile(points, ARMS, "ODI, %", "profile", "ODI by visit"))
    assert {"day 0", "day 42", "day 365", "ODI, %", "Observed, n"} <= set(places)
    assert len(places["157"]) == len(points)


def test_the_ruler_shows_the_truth_only_where_it_is_known() -> None:
    marks = RulerMarks(-5.2, -7.8, -2.7, mcid=-10.0)
    assert "simulator's truth" not in text_places(draw_ruler(marks, "Difference", "r", "alt"))
    known = RulerMarks(-5.2, -7.8, -2.7, mcid=-10.0, truth=-5.0)
    assert {"simulator's truth", "MCID", "no difference"} <= set(
        text_places(draw_ruler(known, "Difference", "r", "alt"))
    )
