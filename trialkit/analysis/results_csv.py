"""``results.csv``: one number a row, so that a script can read it and two runs can be compared."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trialkit.analysis.results import AnalysisResult, Results
from trialkit.documents.declared.rows import records_of

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("analysis", "table", "row", "group", "variable", "statistic", "value", "warning")
GROUPS = ("arm", "contrast")
SENTENCES = ("text", "remark")  # said of a row; they do not name it
NOT_ESTIMATED, NO_VALUE = "not estimated", "no value"
DOES_NOT_APPLY, NOT_STATED = "does not apply", "not stated"
SCALES = "scales"  # how an entry's numbers are to be read: what the plan states
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
    as Python's ``repr`` prints it, or a text. A missing number has an empty value and a warning: "does not
    apply" where rows of its kind never have one (the mean of a category, a test's second degrees of freedom),
    "not estimated" of an estimate, its error, limits or test, "not stated" of what the plan says for other
    entries, else "no value". An empty text has none.
    What could not be estimated has a row of its own, with the statistic ``failure`` or ``warning``. What is
    printed and no entry of the plan (recruitment, a published result) has an ``analysis`` that begins with
    ``_``; so have the notes on the whole run (``_notes``), which are texts.
    """
    notes = [
        ("_notes", "notes", str(position), "", "", "note", note, "")
        for position, note in enumerate(results.notes)
    ]
    return rows_text((*results.analyses, *results.told), notes)


def rows_text(results: Iterable[AnalysisResult], more: Iterable[tuple[str, ...]] = ()) -> str:
    """The same of results without a run around them; ``more`` are further rows."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for result in results:
        writer.writerows(_rows(result))
    writer.writerows(more)
    return out.getvalue()


def write_results_csv(results: Results, path: Path | str) -> None:
    path = Path(path)
    path.write_text(results_csv_text(results), encoding="utf-8", newline="\n")


def _rows(result: AnalysisResult) -> Iterator[tuple[str, ...]]:
    for name, table in {"counts": result.counts, **result.tables}.items():
        for row in _table_rows(name, table):
            yield (result.id, name, *row)
    if result.failure is not None:
        yield (result.id, "", "", "", "", "failure", "", result.failure)
    for warning in result.warnings:
        yield (result.id, "", "", "", "", "warning", "", warning)


def _table_rows(table_name: str, table: pd.DataFrame) -> Iterator[tuple[str, ...]]:
    records = records_of(table)
    printed = [{name: value_text(value) for name, value in row.items()} for row in records]
    idle = _does_not_apply(records, printed)
    for position, row in enumerate(records):
        texts = {name: value for name, value in row.items() if isinstance(value, str)}
        group = next((texts[name] for name in GROUPS if name in texts), "")
        named = {name: text for name, text in texts.items() if name not in (*GROUPS, *SENTENCES)}
        variable = " | ".join(text for text in named.values() if text)
        for name, value in row.items():
            text = printed[position][name]
            warning = "" if text or isinstance(value, str) else _why_missing(table_name, name)
            if warning and (position, name) in idle:
                warning = DOES_NOT_APPLY
            yield (str(position), group, variable, name, text, warning)


def _does_not_apply(
    records: Sequence[Mapping[str, Any]], printed: Sequence[Mapping[str, str]]
) -> set[tuple[int, str]]:
    """Places without a number where no row of the kind has one and rows of another kind do.

    Of one kind are rows in which the same texts are filled (a category has a level, a measurement none) and
    the same test was made. Of an estimate the test alone counts: a text may say why it is missing.
    """
    idle = set()
    for kind_of, of_estimates in ((_by_texts, False), (_by_test, True)):
        kinds = [kind_of(row) for row in records]
        held: dict[Any, set[str]] = {}
        for kind, texts in zip(kinds, printed, strict=True):
            held.setdefault(kind, set()).update(name for name, text in texts.items() if text)
        anywhere = set().union(*held.values())
        idle |= {
            (position, name)
            for position, kind in enumerate(kinds)
            for name in anywhere - held[kind]
            if _of_an_estimate(name) == of_estimates
        }
    return idle


def _by_texts(row: Mapping[str, Any]) -> tuple[str, ...]:
    filled = sorted(name for name, value in row.items() if isinstance(value, str) and value)
    return (*filled, _by_test(row))


def _by_test(row: Mapping[str, Any]) -> str:
    return str(row.get("test", ""))


def _of_an_estimate(column: str) -> bool:
    return column in OF_AN_ESTIMATE or column.endswith(LIMITS)


def _why_missing(table: str, column: str) -> str:
    if table == SCALES:
        return NOT_STATED
    return NOT_ESTIMATED if _of_an_estimate(column) else NO_VALUE


def value_text(value: Any) -> str:
    """A number as ``repr`` prints it, a text as it is; empty where there is none."""
    import numpy as np
    import pandas as pd

    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value is pd.NA or value is pd.NaT or value != value:
        return ""
    return value if isinstance(value, str) else repr(value) if isinstance(value, (int, float)) else str(value)
