"""A score is spread over its items without losing a point."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from trialkit.simulation.spread import spread_over_items

RANGES = st.lists(st.tuples(st.integers(-3, 3), st.integers(0, 5)), min_size=1, max_size=14)


@settings(derandomize=True, deadline=None)
@given(RANGES, st.data(), st.floats(0, 3))
def test_items_add_up_to_the_total_and_stay_within_their_ranges(
    ranges: list[tuple[int, int]], data: st.DataObject, scatter: float
) -> None:
    lowest = np.array([low for low, _ in ranges])
    highest = lowest + np.array([width for _, width in ranges])
    totals = st.integers(int(lowest.sum()), int(highest.sum()))
    total = np.array(data.draw(st.lists(totals, min_size=1, max_size=8)))
    points = spread_over_items(total, lowest, highest, scatter, np.random.default_rng(1))
    assert (points.sum(axis=1) == total).all()
    assert (points >= lowest).all()
    assert (points <= highest).all()


def test_no_item_is_favoured_when_all_have_the_same_range() -> None:
    total = np.full(20_000, 19)
    points = spread_over_items(total, np.zeros(10, int), np.full(10, 5), 0.8, np.random.default_rng(1))
    means = points.mean(axis=0)
    assert np.abs(means - 1.9).max() < 4 * points[:, 0].std() / np.sqrt(20_000)


def test_a_total_that_the_items_cannot_reach_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot add up"):
        spread_over_items(np.array([11]), np.zeros(2, int), np.full(2, 5), 0.5, np.random.default_rng(1))
