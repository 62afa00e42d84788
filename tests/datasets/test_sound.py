"""Tables that no trial writes are refused by file, row and column, and end in no traceback."""

from __future__ import annotations

import pandas as pd
import pytest

from trialkit.datasets.errors import DatasetError
from trialkit.datasets.sound import require_sound
from trialkit.instruments import score
from trialkit.snapshot.content import TABLES


@pytest.mark.parametrize("day", ["9999-12-31", "5024-04-05", "0203-01-01", "2024-02-30", "2024-2-3"])
def test_a_day_of_no_trial_is_refused_with_its_place(day: str) -> None:
    columns, _ = TABLES["visits"]
    subjects = pd.DataFrame([dict.fromkeys(TABLES["subjects"][0], "") | {"subject_id": "A-001"}])
    row = dict.fromkeys(columns, "") | {"subject_id": "A-001", "visit": "baseline", "date": day}
    with pytest.raises(DatasetError, match=f"visits.csv:2:date: expected a date .*found '{day}'"):
        require_sound({"subjects": subjects, "visits": pd.DataFrame([row])})


def test_a_number_behind_an_unseen_character_is_that_number() -> None:
    assert score("ODI", ["\x1f5", *["5"] * 9]) == score("ODI", ["5"] * 10)
