"""The rows of a result's table are what pandas says they are, however its columns are kept."""

from __future__ import annotations

import numpy as np
import pandas as pd

from trialkit.documents.declared.rows import records_of

EVERY_KIND = pd.DataFrame(
    {
        "arm": pd.Categorical(["exercise", "control"]),
        "n": [3, 4],
        "estimate": [0.1, np.nan],
        "concluded": [True, False],
        "slice": pd.array([1, None], dtype="Int64"),
        "day": pd.to_datetime(["2026-01-31", None]),
        "mixed": np.array([np.float64(0.1), "text"], dtype=object),
        "counted": np.array([np.int64(7), None], dtype=object),
        "said": pd.array(["a", None], dtype="string"),
    }
)


def test_each_row_holds_the_values_and_types_that_pandas_gives() -> None:
    found, expected = records_of(EVERY_KIND), EVERY_KIND.to_dict("records")
    assert [list(row) for row in found] == [list(row) for row in expected]
    assert repr(found) == repr(expected)
    assert [[type(value) for value in row.values()] for row in found] == [
        [type(value) for value in row.values()] for row in expected
    ]


def test_a_table_without_rows_or_without_columns_has_as_many_rows() -> None:
    assert records_of(EVERY_KIND.iloc[:0]) == []
    assert records_of(pd.DataFrame(index=[0, 1])) == [{}, {}]
