"""Pictures show the numbers of the tables they belong to, and nothing else."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest

from tests.reference.agreement import own_data
from tests.stats.survival.conftest import invented_trial
from trialkit.stats import (
    DataError,
    FormulaError,
    bland_altman,
    calibration,
    cox,
    cumulative_incidence,
    forest_plot,
    kaplan_meier,
    mean_cumulative_count,
    roc,
)

pytestmark = pytest.mark.analytic


def drawn(figure) -> int:
    target = io.BytesIO()
    figure.savefig(target, format="png")
    return target.getbuffer().nbytes


def counts_in(axes) -> list[int]:
    return [int(text.get_text()) for text in axes.texts]


def steps_in(axes) -> list[tuple[list[float], list[float]]]:
    """Time and height of every curve; ticks of censoring are lines too, but without steps."""
    lines = [line for line in axes.lines if line.get_drawstyle() == "steps-post"]
    return [(list(line.get_xdata()), list(line.get_ydata())) for line in lines]


@pytest.fixture(scope="module")
def trial() -> pd.DataFrame:
    data = invented_trial(3)
    return data.assign(cause=data["event"] * (1 + np.arange(len(data)) % 2), id=np.arange(len(data)))


@pytest.mark.parametrize("entry", [None, "entry"])
def test_a_survival_picture_has_the_curves_the_censored_and_the_numbers_at_risk(trial, entry):
    result = kaplan_meier(trial, "time", "event", "arm", entry=entry)
    figure = result.plot([1, 5, 9])
    above, below = figure.axes
    for (time, height), (_, curve) in zip(steps_in(above), result.curves.groupby("arm"), strict=True):
        assert (time[0], height[0]) == (0, 1)
        assert time[1:] == curve["time"].tolist()
        assert height[1:] == curve["survival"].tolist()
    marks = [line for line in above.lines if line.get_marker() == "|"]
    censored = result.curves[result.curves["n_censored"] > 0]
    assert sum(len(line.get_xdata()) for line in marks) == len(censored)
    assert counts_in(below) == result.at([1, 5, 9])["n_at_risk"].tolist()
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["control", "exercise"]
    assert above.get_xlabel() == "time"
    assert drawn(figure) > 1000


def test_risk_is_drawn_upwards_from_nothing(trial):
    result = kaplan_meier(trial, "time", "event")
    ((time, height),) = steps_in(result.plot(risk=True).axes[0])
    assert (time[0], height[0]) == (0, 0)
    assert height[1:] == result.curves["risk"].tolist()
    assert result.plot().legends == []


def test_with_delayed_entry_those_who_enter_at_0_are_counted_there(trial):
    picture = kaplan_meier(trial, "time", "event", entry="entry").plot([0, 5])
    assert counts_in(picture.axes[1])[0] == (trial["entry"] == 0).sum()


def test_a_long_name_of_an_arm_is_broken_between_words_and_leaves_room(trial):
    long = "celecoxib or acetaminophen alone"
    named = trial.assign(arm=trial["arm"].replace("control", long))
    figure = kaplan_meier(named, "time", "event", "arm").plot()
    figure.draw_without_rendering()
    above, below = figure.axes
    assert [text.get_text() for text in below.get_yticklabels()] == [
        "celecoxib or\nacetaminophen alone",
        "exercise",
    ]
    assert above.get_window_extent().width > 0.6 * figure.bbox.width
    heights = sorted({text.get_position()[1] for text in below.texts})
    assert heights == [0.5, 2.0]


def test_each_cause_has_a_panel_with_its_incidence(trial):
    result = cumulative_incidence(trial, "time", "cause", "arm")
    figure = result.plot()
    panels = [axes for axes in figure.axes if axes.get_title()]
    assert [axes.get_title() for axes in panels] == ["1", "2"]
    for axes, cause in zip(panels, (1, 2), strict=True):
        heights = [height[1:] for _, height in steps_in(axes)]
        curves = result.curves[result.curves["cause"] == cause].groupby("arm")["estimate"]
        assert heights == [curve.tolist() for _, curve in curves]
    assert drawn(figure) > 1000


def test_mean_counts_are_drawn_with_everybody_at_risk_at_0():
    episodes = own_data("mean_cumulative_count", "episodes")
    result = mean_cumulative_count(episodes, "id", "start", "stop", "event", "arm")
    figure = result.plot([0.0])
    heights = [height[1:] for _, height in steps_in(figure.axes[0])]
    assert heights == [curve.tolist() for _, curve in result.curves.groupby("arm")["estimate"]]
    assert (
        counts_in(figure.axes[1]) == episodes[episodes["start"] == 0].groupby("arm")["id"].nunique().tolist()
    )


@pytest.mark.parametrize("transform", ["km", "log"])
def test_residuals_of_every_coefficient_are_drawn_about_a_curve_inside_its_band(trial, transform):
    fit = cox("arm + base", trial, time="time", event="event", strata="site")
    figure = fit.plot_proportional_hazards(transform)
    panels = [axes for axes in figure.axes if axes.get_visible()]
    p = fit.proportional_hazards_test(transform).set_index("term")["p_value"]
    assert [axes.get_title() for axes in panels] == [
        f"arm[T.exercise]   p = {p['arm']:.3f}",
        f"base   p = {p['base']:.3f}",
    ]
    for axes, name in zip(panels, ("arm[T.exercise]", "base"), strict=True):
        points, curve, level = axes.lines
        assert list(points.get_ydata()) == fit.scaled_schoenfeld_residuals[name].tolist()
        assert set(level.get_ydata()) == {fit.coefficients.set_index("term").loc[name, "estimate"]}
        band = axes.collections[0].get_paths()[0].vertices[:, 1]
        assert band.min() < min(curve.get_ydata())
        assert band.max() > max(curve.get_ydata())
    assert drawn(figure) > 1000


def test_the_smooth_of_residuals_is_a_straight_line_where_they_lie_on_one(trial, monkeypatch):
    from trialkit.stats.survival import schoenfeld

    fit = cox("base", trial, time="time", event="event")
    line = fit.scaled_schoenfeld_residuals.assign(base=lambda d: 2 + 0.1 * d["time"])
    monkeypatch.setattr(schoenfeld, "scaled_residuals", lambda fit: line)
    _, curve, _ = fit.plot_proportional_hazards("identity").axes[0].lines
    assert curve.get_ydata() == pytest.approx(2 + 0.1 * curve.get_xdata(), rel=1e-9)


def test_a_roc_picture_has_the_curve_its_cutoff_and_its_area():
    result = roc(own_data("roc", "trial"), "recurred", "muscle_area", direction="lower")
    figure = result.plot()
    _, curve, cutoff = figure.axes[0].lines
    assert list(curve.get_ydata()) == result.curve["sensitivity"].tolist()
    assert list(curve.get_xdata()) == (1 - result.curve["specificity"]).tolist()
    assert cutoff.get_ydata() == [result.sensitivity]
    texts = " ".join(text.get_text() for text in figure.axes[0].texts)
    assert f"{result.auc:.3f}" in texts
    assert f"< {result.cutoff:.3f}" in texts
    assert drawn(figure) > 1000


def test_a_calibration_picture_has_every_group_and_its_size():
    result = calibration(own_data("roc", "trial"), "recurred", "predicted", groups=5)
    above, below = result.plot().axes
    points = above.lines[1]
    assert list(points.get_xdata()) == result.groups["predicted"].tolist()
    assert list(points.get_ydata()) == result.groups["observed"].tolist()
    tops = [segment[1][1] for segment in below.collections[0].get_segments()]
    assert tops == result.groups["n"].tolist()


def test_a_bland_altman_picture_has_every_pair_and_the_three_lines():
    result = bland_altman(own_data("bland_altman", "readings"), "scan", "method", "area")
    axes = result.plot().axes[0]
    levels = [line.get_ydata()[0] for line in axes.lines[1:4]]
    assert levels == result.table["estimate"].tolist()
    assert list(axes.lines[4].get_ydata()) == result.points["difference"].tolist()
    assert axes.get_ylabel() == result.contrast


def test_a_forest_has_a_row_an_estimate_in_the_order_of_the_table(trial):
    ratios = cox("arm + site", trial, time="time", event="event").hazard_ratios
    figure = forest_plot(ratios)
    axes = figure.axes[0]
    assert axes.get_xscale() == "log"
    assert axes.lines[0].get_xdata() == [1, 1]
    assert [text.get_text() for text in axes.get_yticklabels()] == ratios["term"].tolist()
    assert [line.get_xdata()[0] for line in axes.lines[2::2]] == ratios["estimate"].tolist()
    assert drawn(figure) > 1000


def test_differences_have_a_forest_on_a_plain_axis_whose_null_may_be_a_margin(trial):
    contrasts = kaplan_meier(trial, "time", "event", "arm").contrasts([3, 6, 9])
    axes = forest_plot(contrasts, ["contrast", "time"], null_value=-0.1).axes[0]
    assert axes.get_xscale() == "linear"
    assert axes.lines[0].get_xdata() == [-0.1, -0.1]
    assert axes.get_yticklabels()[2].get_text() == "exercise - control, 9.0"


def test_a_row_without_an_estimate_keeps_its_name_and_has_no_mark():
    table = pd.DataFrame(
        {"term": ["a", "b"], "estimate": [1.0, np.nan], "ci_lower": 0.5, "ci_upper": [2, np.inf]}
    )
    axes = forest_plot(table).axes[0]
    assert len(axes.lines) == 3
    assert [text.get_text() for text in axes.get_yticklabels()] == ["a", "b"]


@pytest.mark.parametrize(
    ("change", "arguments", "error", "text"),
    [
        (lambda d: d.drop(columns="ci_upper"), {}, DataError, "ci_upper"),
        (lambda d: d.iloc[:0], {}, DataError, "at least one row"),
        (lambda d: d, {"label": "name"}, FormulaError, "unknown column 'name'"),
        (lambda d: d.assign(log_standard_error=1), {"null_value": 0}, DataError, "above 0"),
    ],
)
def test_a_table_without_a_forest_is_refused(change, arguments, error, text):
    table = pd.DataFrame({"term": ["a"], "estimate": 1.0, "ci_lower": 0.5, "ci_upper": 2.0})
    with pytest.raises(error, match=text):
        forest_plot(change(table), **arguments)
