"""Which columns of two entries identify a record, and which are compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from trialkit.entry.errors import ComparisonError
from trialkit.nearest import advice
from trialkit.wording import said, written

_REPORT_COLUMNS = ("item", "first_value", "second_value", "kind")


def check_entries(first: object, second: object, names: tuple[str, str]) -> None:
    for entry, name in ((first, names[0]), (second, names[1])):
        if not isinstance(entry, pd.DataFrame):
            raise ComparisonError(
                expected="a pandas DataFrame",
                found=type(entry).__name__,
                where=name,
                next_step="Read the file into a data frame first.",
            )


def check_keys(
    keys: list[str], first: pd.DataFrame, second: pd.DataFrame, names: tuple[str, str]
) -> list[str]:
    if not keys or len(set(keys)) < len(keys):
        raise ComparisonError(
            expected="one or more different key columns",
            found=written(keys),
            next_step="Name the columns that identify a record, each once.",
        )
    reserved = [key for key in keys if key in (*_REPORT_COLUMNS, "reason", "records")]
    if reserved:
        raise ComparisonError(
            expected="key columns whose names the report does not use itself",
            found=written(reserved[0]),
            next_step="Rename that column in both entries.",
        )
    _require_columns(keys, "key", first, second, names)
    return keys


def _require_columns(
    wanted: Sequence[str], role: str, first: pd.DataFrame, second: pd.DataFrame, names: tuple[str, str]
) -> None:
    for entry, name in ((first, names[0]), (second, names[1])):
        for column in wanted:
            times = int((entry.columns == column).sum())
            if times != 1:
                shown = ", ".join(str(known) for known in entry.columns[:20])
                raise ComparisonError(
                    expected=said("{role} column {column!r} once", role=role, column=column),
                    found=said("it {times} times", times=times)
                    if times
                    else said("the columns {shown}", shown=shown or "(none)"),
                    where=name,
                    next_step=advice(
                        column, map(str, entry.columns), otherwise="Check the spelling; capitals count."
                    ),
                )


def check_named(
    named: Mapping[str, Sequence[str]], first: pd.DataFrame, second: pd.DataFrame, names: tuple[str, str]
) -> None:
    """Refuse a column that an option names and neither entry has: it would be passed over in silence.

    Raises
    ------
    ComparisonError
        With the nearest column.
    """
    known = [str(column) for column in dict.fromkeys([*first.columns, *second.columns])]
    for role, columns in named.items():
        for column in columns:
            if column not in known:
                raise ComparisonError(
                    expected=said("a {role} column of either entry", role=role),
                    found=repr(column),
                    where=" and ".join(names),
                    next_step=advice(column, known, otherwise="Check the spelling; capitals count."),
                )


def choose_items(
    items: Sequence[str] | None,
    keys: list[str],
    first: pd.DataFrame,
    second: pd.DataFrame,
    names: tuple[str, str],
) -> tuple[list[str], dict[str, str]]:
    """The items to compare, and why others are not."""
    if items is None:
        in_first, in_second = set(first.columns), set(second.columns)
        chosen = [
            column for column in dict.fromkeys(first.columns) if column in in_second and column not in keys
        ]
        left_out = {c: f"only in {names[0]}" for c in first.columns if c not in in_second}
        left_out |= {c: f"only in {names[1]}" for c in second.columns if c not in in_first}
    else:
        chosen, left_out = list(dict.fromkeys([items] if isinstance(items, str) else items)), {}
        also_keys = [item for item in chosen if item in keys]
        if also_keys:
            raise ComparisonError(
                expected="items that are not keys",
                found=said("{also_keys!r} in both lists", also_keys=also_keys[0]),
                next_step="A key is equal by definition: take it out of the items.",
            )
    _require_columns(chosen, "item", first, second, names)
    return chosen, left_out
