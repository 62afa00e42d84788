"""Which fields of an entry differ from the other one: what a second typist may be told; pure."""

from __future__ import annotations

from collections.abc import Sequence

from trialkit.entry.agreement import TypedValue
from trialkit.entry.final_record import ItemRule, PassRow, compare_rows, pair_rows
from trialkit.vocabulary import ValueState

Field = tuple[str, str]
"""Line and item."""


def fields_that_differ(
    rows: Sequence[PassRow], others: Sequence[PassRow], rules: Sequence[ItemRule]
) -> tuple[Field, ...]:
    """The fields on which an entry and the other one disagree, by the rule that finds discrepancies.

    Parameters
    ----------
    rows, others
        The lines of this entry, or some of them, and those of the other one.
    rules
        The items that may be told of.

    Degenerate case: a line without a partner has no fields to compare.
    """
    return tuple(
        (mine.row_key, found.item)
        for mine, other in pair_rows(rows, others).pairs
        for found in compare_rows(mine.row_key, mine, other, rules).discrepancies
    )


def as_typed(value: TypedValue | None) -> str:
    """A value in the words of its typist: a missing code as ``@unknown``, nothing as nothing."""
    if value is None:
        return ""
    if value.state is ValueState.MISSING:
        return f"@{value.missing_code}"
    return value.text or ""
