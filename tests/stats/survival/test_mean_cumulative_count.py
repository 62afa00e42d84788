"""Mean cumulative count of episodes."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from tests.reference.agreement import agree, own_data, own_reference
from trialkit.stats import DataError, mean_cumulative_count

COLUMNS = {"id": "id", "start": "start", "stop": "stop", "event": "event"}


def episodes() -> pd.DataFrame:
    return own_data("mean_cumulative_count", "episodes")


@pytest.mark.external_reference
def test_counts_and_robust_errors_are_those_of_survfit():
    expected = pd.DataFrame(own_reference("mean_cumulative_count", "output")["curve"])
    both = mean_cumulative_count(episodes(), by="arm", **COLUMNS).curves.merge(
        expected, on=["arm", "time"], suffixes=("", "_r")
    )
    assert len(both) == len(expected)
    for quantity, name in (
        ("estimate", "estimate"),
        ("standard_error", "standard_error"),
        ("count", "n_at_risk"),
    ):
        agree("mean_cumulative_count", "survival::survfit", quantity, both[name], both[f"{name}_r"])


@pytest.mark.independent_reimplementation
def test_a_loop_over_subjects_and_days_gives_the_same():
    data = episodes().query("arm == 'exercise'")
    total, paths = 0.0, dict.fromkeys(data["id"].unique(), 0.0)
    for day in range(1, 31):
        risk = {row.id for row in data.itertuples() if row.start < day <= row.stop}
        had = [row.id for row in data.itertuples() if row.event and row.stop == day]
        for subject in risk:
            paths[subject] += (had.count(subject) - len(had) / len(risk)) / len(risk)
        total += len(had) / len(risk)
    row = mean_cumulative_count(data, **COLUMNS).at([30]).iloc[0]
    assert row["estimate"] == pytest.approx(total, rel=1e-12)
    assert row["standard_error"] == pytest.approx(np.sqrt(sum(path**2 for path in paths.values())), rel=1e-10)


@pytest.mark.analytic
def test_with_everyone_followed_throughout_it_is_the_mean_with_the_error_of_a_mean():
    counts = [0, 1, 3, 2]
    rows = []
    for subject, count in enumerate(counts):
        cuts = [0, *range(1, count + 1), 10]
        rows += [{"id": subject, "start": a, "stop": b, "event": int(b < 10)} for a, b in pairwise(cuts)]
    row = mean_cumulative_count(pd.DataFrame(rows), **COLUMNS).at([10]).iloc[0]
    assert row["estimate"] == pytest.approx(np.mean(counts))
    assert row["standard_error"] == pytest.approx(np.std(counts) / 2)


def test_many_subjects_are_summed_in_portions_without_a_seam(monkeypatch):
    from trialkit.stats.survival import mean_cumulative_count as module

    whole = mean_cumulative_count(episodes(), **COLUMNS).curves
    monkeypatch.setattr(module, "SUBJECTS_AT_ONCE", 7)
    pd.testing.assert_frame_equal(mean_cumulative_count(episodes(), **COLUMNS).curves, whole)


def test_a_contrast_is_test_minus_reference_at_the_time_asked_for():
    result = mean_cumulative_count(episodes(), by="arm", **COLUMNS)
    means = result.at([30]).set_index("arm")
    row = result.contrasts(30, reference="exercise").iloc[0]
    assert row["contrast"] == "control - exercise"
    assert row["estimate"] == pytest.approx(
        means.loc["control", "estimate"] - means.loc["exercise", "estimate"]
    )
    assert row["standard_error"] == pytest.approx(np.hypot(*means["standard_error"]))
    with pytest.raises(DataError, match="follow-up"):
        result.contrasts(99)
    with pytest.raises(DataError, match="reference"):
        result.contrasts(30, reference="other")


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"start": [0, 3, 0]}, "overlap"),
        ({"arm": ["a", "b", "a"]}, "more than one group"),
        ({"start": [0, 5, 9]}, "entry before"),
        ({"event": [2, 0, 0]}, "1 = event"),
    ],
)
def test_periods_that_cannot_be_are_refused(change, text):
    data = pd.DataFrame(
        {
            "id": [1, 1, 2],
            "start": [0, 5, 0],
            "stop": [5, 9, 7],
            "event": [1, 0, 0],
            "arm": ["a", "a", "a"],
            **change,
        }
    )
    with pytest.raises(DataError, match=text):
        mean_cumulative_count(data, by="arm", **COLUMNS)
