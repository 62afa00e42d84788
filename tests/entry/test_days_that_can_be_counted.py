"""A day of a year that no analysis can count is refused where it is typed, and not when all data are in."""

from __future__ import annotations

import pandas as pd
import pytest

from trialkit.entry.meaning import read_typed
from trialkit.study.model import Item
from trialkit.vocabulary import ItemType


@pytest.mark.parametrize(("kind", "rest"), [(ItemType.DATE, ""), (ItemType.DATETIME, " 10:30")])
def test_a_day_of_a_year_that_no_analysis_can_count_is_no_value(kind: ItemType, rest: str) -> None:
    item = Item("onset", "f", "Onset", kind)
    for day in ("1799-12-31", "0202-10-01", "2200-01-01", "9999-09-01"):
        assert "of the years 1800 to 2199" in read_typed(item, day + rest).problem, day
    for day in ("1800-01-01", "2024-02-29", "2199-12-31"):
        typed = read_typed(item, day + rest)
        assert not typed.problem and pd.notna(pd.to_datetime(typed.value.text)), day
