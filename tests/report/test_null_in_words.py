"""A p value beside an interval says what was tested where it is not that there is no difference."""

from __future__ import annotations

import pytest

from trialkit.documents.declared.rows import ResultRow
from trialkit.documents.declared.wording import alternative_words


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"alternative": "two-sided", "null_value": 0.0}, "two-sided"),
        ({"alternative": "two-sided", "null_value": -5.0}, "two-sided (H₀: \u22125)"),
        ({"alternative": "two-sided", "null_value": 3}, "two-sided (H₀: 3)"),
        ({"alternative": "two-sided", "null_value": 0.25}, "two-sided (H₀: 0.25)"),
        ({"alternative": "two-sided", "null_value": 1.0, "log_standard_error": 0.2}, "two-sided"),
        ({"alternative": "two-sided", "null_value": 1.25, "log_standard_error": 0.2}, "two-sided (H₀: 1.25)"),
        ({"alternative": "two-sided", "null_value": 0.0, "log_standard_error": 0.2}, "two-sided"),
        ({"alternative": "two-sided", "null_value": 1.0, "measure": "risk ratio"}, "two-sided"),
        ({"alternative": "two-sided", "null_value": 1.0, "measure": "risk difference"}, "two-sided (H₀: 1)"),
        ({"alternative": "two-sided"}, "two-sided"),
        ({"alternative": "less", "null_value": -2.0}, "one-sided (H₁: below \u22122)"),
        ({"alternative": "greater", "null_value": 0.0}, "one-sided (H₁: above 0)"),
    ],
)
def test_the_value_tested_is_said_where_it_is_not_the_usual_one(row: dict[str, object], words: str) -> None:
    assert alternative_words(made(row)) == words


def made(row: dict[str, object]) -> ResultRow:
    return ResultRow("P1", "contrasts", 0, row)
