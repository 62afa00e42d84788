"""The plots of results: numbers where they belong, the same bytes twice, words for who cannot see."""

from __future__ import annotations

import math
import re

import lxml.etree
import pytest

from trialkit.figures.dot_plot import DotLine, draw_dot_plot
from trialkit.figures.drawing import Drawing
from trialkit.figures.forest import ForestLine, draw_forest
from trialkit.figures.heatmap import CorrelationCell, RatioCell, draw_correlations, draw_ratio_heatmap
from trialkit.figures.missing_pattern import Pattern, draw_missing_pattern
from trialkit.figures.nomogram import Scale, draw_nomogram
from trialkit.figures.ratio_curve import RatioPoint, draw_ratio_curve
from trialkit.figures.responder_curve import draw_responder_curve
from trialkit.figures.roc import RocCurve, draw_roc
from trialkit.figures.scatter_matrix import draw_scatter_matrix

ARMS = {"a": "运动 + NSAID", "b": "NSAID alone"}


def dots() -> Drawing:
    lines = [
        DotLine("Knee pain", {"a": 12.5, "b": 4.0}, 8.5, 2.0, 15.0),
        DotLine("A very long category of adverse events that wraps", {"a": 1.0}, math.nan),
    ]
    return draw_dot_plot(lines, ARMS, "Difference, points", "dots", "Dots")


def forest() -> Drawing:
    lines = [
        ForestLine("Sex", heading=True, beside="p = 0.12"),
        ForestLine("Female", 1.22, 1.05, 1.42),
        ForestLine("Male"),
    ]
    return draw_forest(lines, "Odds ratio", "forest", "Forest", ratio=True)


def responders() -> Drawing:
    curves = {arm: [(-10.0, 100.0), (0.0, 70.0 + k), (20.0, 10.0)] for k, arm in enumerate(ARMS)}
    return draw_responder_curve(curves, ARMS, "Improvement, points", [10.0], "resp", "Curve")


PLOTS = {
    "dots": dots,
    "forest": forest,
    "responders": responders,
    "missing": lambda: draw_missing_pattern(
        ["Week 6", "12 months"], [Pattern((True, True), 143), Pattern((True, False), 12)], "miss", "Patterns"
    ),
    "roc": lambda: draw_roc([RocCurve("Fat", [0, 0.2, 1], [0, 0.7, 1], (0.2, 0.7))], "roc", "ROC"),
    "heatmap": lambda: draw_ratio_heatmap(
        [RatioCell(0, 0, 1, 1, 1), RatioCell(0, 2, 1.5, 1.2, 1.9)], "InterMAT", "LMM", "heat", "Heat"
    ),
    "correlations": lambda: draw_correlations([CorrelationCell("Fat", "Sway", 0.62, True)], "corr", "Corr"),
    "curve": lambda: draw_ratio_curve(
        [RatioPoint(x, 1 + (x - 40) ** 2 / 4000, 0.9, 2.8) for x in range(0, 120, 10)],
        "Activity",
        "OR",
        40,
        "c",
        "U",
    ),
    "nomogram": lambda: draw_nomogram(
        [Scale("Age", [(0, "20"), (50, "60")]), Scale("Sex", [(0, "Male"), (100, "Female")])],
        [(20.0, "0.10"), (120.0, "0.50")],
        "nomo",
        "Nomogram",
    ),
    "scatter": lambda: draw_scatter_matrix({"x": [1, 2, math.nan], "y": [2, 1, 3]}, "scat", "Scatter"),
}


@pytest.mark.parametrize("name", PLOTS)
def test_a_plot_is_the_same_bytes_twice_and_has_its_words(name: str) -> None:
    first, second = PLOTS[name](), PLOTS[name]()
    assert first.svg == second.svg
    assert lxml.etree.fromstring(first.svg).get("aria-label")
    assert first.png(60) == second.png(60)


def words(drawing: Drawing) -> list[str]:
    return [text.text or "" for text in lxml.etree.fromstring(drawing.svg).iterfind(".//{*}text")]


def test_numbers_beside_a_forest_are_those_of_its_lines() -> None:
    found = words(forest())
    assert "1.22 (1.05 to 1.42)" in found
    assert {"Sex", "Female", "Male", "p = 0.12"} <= set(found)


def test_dots_stand_left_and_right_as_their_percentages_do() -> None:
    drawing = dots()
    assert {"运动 + NSAID", "NSAID alone", "Knee pain", "Difference, points"} <= set(words(drawing))
    places = [float(x) for x in re.findall(r'<use xlink:href="[^"]+" x="([\d.]+)"', drawing.svg)]
    assert max(places) > min(places)


def test_a_responder_curve_marks_the_thresholds_of_the_tables() -> None:
    assert "10" in words(responders())


def test_a_pattern_says_how_many_subjects_have_it() -> None:
    assert {"143", "12", "Week 6", "12 months"} <= set(words(PLOTS["missing"]()))


def test_correlations_and_ratios_print_their_numbers_in_the_cells() -> None:
    assert "0.62" in words(PLOTS["correlations"]())
    assert {"1.00", "1.50"} <= set(words(PLOTS["heatmap"]()))


def test_a_long_label_of_a_curve_is_broken_before_the_edge() -> None:
    label = "Fat infiltration of erector spinae and multifidus, %\nAUC 0.808"
    drawing = draw_roc([RocCurve(label, [0, 0.2, 1], [0, 0.8, 1], (0.2, 0.8))], "roc-long", "Curves")
    parts = [text for text in words(drawing) if text in label.replace("\n", " ")]
    assert len([part for part in parts if "Fat" in part or "multifidus" in part]) >= 2
    assert "AUC 0.808" in parts


def test_a_narrow_axis_of_ratios_has_round_numbers() -> None:
    lines = [ForestLine("InterMAT", 1.24, 1.16, 1.32)]
    drawing = draw_forest(lines, "Odds ratio", "narrow", "Forest", ratio=True)
    assert {"1", "1.1", "1.2", "1.3"} <= set(words(drawing))
