"""``results.csv``: one number a row, so that a script can read it and two runs can be compared."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trialkit.analysis.results import AnalysisResult, Results

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("analysis", "table", "row", "group", "variable", "statistic", "value", "warning")
GROUPS = ("arm", "contrast")
NOT_ESTIMATED, NO_VALUE = "not estimated", "no value"
OF_AN_ESTIMATE = frozenset(
    {
        *(
            "estimate",
            "standard_error",
            "log_standard_error",
            "statistic",
            "df",
            "p_value",
            "adjusted_p_value",
        ),
        *("risk", "survival", "proportion"),
    }
)
LIMITS = ("_lower", "_upper")


def results_csv_text(results: Results) -> str:
    """Every value of every table: ``analysis table row group variable statistic value warning``.

    ``group`` is the arm or the contrast; ``variable`` the other words that name the row; ``value`` a number
    as Python's ``repr`` prints it, or a text. A missing number has an empty value and a warning: "not
    estimated" of an estimate, its error, limits or test, else "no value". An empty text has none.
    What could not be estimated has a row of its own, with the statistic ``failure`` or ``warning``. What is
    printed and no entry of the plan (recruitment, a published result) has an ``analysis`` that begins with
    ``_``; so have the notes on the whole run (``_notes``), which are texts.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for result in (*results.analyses, *results.told):
        writer.writerows(_rows(result))
    for position, note in enumerate(results.notes):
        writer.writerow(("_notes", "notes", str(position), "", "", "note", note, ""))
    return out.getvalue()


def write_results_csv(results: Results, path: Path) -> None:
    path.write_text(results_csv_text(results), encoding="utf-8", newline="\n")


def _rows(result: AnalysisResult) -> Iterator[tuple[str, ...]]:
    for name, table in {"counts": result.counts, **result.tables}.items():
        for row in _table_rows(table):
            yield (result.id, name, *row)
    if result.failure is not None:
        yield (result.id, "", "", "", "", "failure", "", result.failure)
    for warning in result.warnings:
        yield (result.id, "", "", "", "", "warning", "", warning)


def _table_rows(table: pd.DataFrame) -> Iterator[tuple[str, ...]]:
    for position, row in enumerate(table.to_dict("records")):
        texts = {str(name): value for name, value in row.items() if isinstance(value, str)}
        group = next((texts[name] for name in GROUPS if name in texts), "")
        variable = " | ".join(text for name, text in texts.items() if name not in GROUPS and text)
        for name, value in row.items():
            printed = value_text(value)
            warning = "" if printed or isinstance(value, str) else _why_missing(str(name))
            yield (str(position), group, variable, str(name), printed, warning)


def _why_missing(column: str) -> str:
    estimate = column in OF_AN_ESTIMATE or column.endswith(LIMITS)
    return NOT_ESTIMATED if estimate else NO_VALUE


def value_text(value: Any) -> str:
    """A number as ``repr`` prints it, a text as it is; empty where there is none."""
    import numpy as np
    import pandas as pd

    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value is pd.NA or value is pd.NaT or value != value:
        return ""
    return value if isinstance(value, str) else repr(value) if isinstance(value, (int, float)) else str(value)
