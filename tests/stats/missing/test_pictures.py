"""Pictures of missing values and of tipping points show what their tables say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from trialkit.stats import ancova, impute_reference_based, missingness, tipping_point

pytestmark = pytest.mark.analytic


def test_every_missing_value_of_a_pattern_is_a_grey_tile_and_every_row_its_count():
    trial = pd.DataFrame({"arm": list("aaab"), "base": 1.0, "w6": [1.0, np.nan, 1.0, 1.0]})
    trial["w52"] = [1.0, np.nan, np.nan, 1.0]
    found = missingness(trial, ["base", "w6", "w52"], by="arm")
    first, second = found.plot().axes
    assert [axes.get_title(loc="left") for axes in (first, second)] == ["arm: a", "arm: b"]
    grey = [tile.get_x() for tile in first.patches if len(set(tile.get_facecolor()[:3])) == 1]
    assert len(first.patches) == 9
    assert [round(x + 0.46) for x in sorted(grey)] == [1, 2, 2]
    assert [label.get_text() for label in first.get_yticklabels()] == ["1", "1", "1"]
    assert [label.get_text() for label in first.get_xticklabels()] == ["base", "w6", "w52"]
    assert len(second.patches) == 3
    assert len(missingness(trial, ["base", "w6"]).plot().axes) == 1


def test_the_tipping_delta_is_marked_where_the_interval_reaches_no_difference(long_trial, names):
    draws = impute_reference_based(
        long_trial, **names, strategy="mar", ice=dict.fromkeys(range(8), 26), method="bayes", n=10, seed=1
    )

    def last(frame: pd.DataFrame):
        return ancova("odi ~ arm + base", frame[frame.week == 26], treatment="arm", reference="control")

    found = tipping_point(draws, last, [0, 20, 60], "higher")
    (axes,) = found.plot().axes
    assert (
        axes.get_title(loc="left") == f"the conclusion no longer holds from delta {found.tipping_delta:g} on"
    )
    null, curve, mark = axes.lines
    assert list(null.get_ydata()) == [0.0, 0.0]
    np.testing.assert_array_equal(curve.get_ydata(), found.table.estimate)
    assert mark.get_xdata()[0] == found.tipping_delta
    assert axes.get_ylabel() == "exercise - control"
    held = tipping_point(draws, last, [0, 0.1], "higher").plot().axes[0]
    assert len(held.lines) == 2
