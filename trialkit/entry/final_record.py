"""The final record of a double-entered form: what agrees is taken, the rest waits for a third person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from trialkit.entry.agreement import TextRule, TypedValue, compare_as_written, compare_values
from trialkit.vocabulary import DiscrepancyKind, ItemType, ValueState


class ValueOrigin(StrEnum):
    """How a final value came to be."""

    ENTERED = "entered"
    AGREED = "agreed"
    ADJUDICATED = "adjudicated"
    CORRECTED = "corrected"
    DERIVED = "derived"


class PassRow(NamedTuple):
    """One row of one pass; a form that does not repeat has a single row with the key ``""``."""

    row_key: str
    values: Mapping[str, TypedValue]


class FinalValue(NamedTuple):
    """A tuple, since saving the forms of a visit makes ten thousand of them."""

    row_key: str
    item: str
    value: TypedValue
    origin: ValueOrigin


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """One item of one row that the two passes do not agree on."""

    row_key: str
    item: str
    first: TypedValue
    second: TypedValue
    kind: DiscrepancyKind


@dataclass(frozen=True, slots=True)
class UnmatchedRow:
    """A row that was not paired: ``position`` counts the rows of its pass from 0."""

    pass_number: int
    position: int
    row_key: str
    reason: str  # "only_in_this_pass" | "duplicate_key" | "no_key"


@dataclass(frozen=True, slots=True)
class FinalDraft:
    """What two complete passes give before anybody has adjudicated."""

    values: tuple[FinalValue, ...]
    discrepancies: tuple[Discrepancy, ...]
    unmatched_rows: tuple[UnmatchedRow, ...]
    fields_compared: int

    @property
    def undecided(self) -> int:
        """How many decisions a third person still owes."""
        return len(self.discrepancies) + len(self.unmatched_rows)


@dataclass(frozen=True, slots=True)
class RowPairs:
    pairs: tuple[tuple[PassRow, PassRow], ...]
    unmatched: tuple[UnmatchedRow, ...]


@dataclass(frozen=True, slots=True)
class ItemRule:
    """How one item is compared."""

    name: str
    type: ItemType | None = None
    text: TextRule = TextRule.EXACT
    tolerance: float = 0.0
    """Of an item that two readers measure: numbers this near agree, and their mean is taken."""
    decimals: int | None = None
    """Of that mean; None keeps all."""


_NEVER_SEEN = TypedValue(state=ValueState.NEVER_SEEN)
_NOTHING_WRITTEN: Mapping[str, tuple[str, str]] = MappingProxyType({})


def pair_rows(first: Sequence[PassRow], second: Sequence[PassRow]) -> RowPairs:
    """Pair the rows of two passes by row key, in the order of pass 1.

    Degenerate cases
    ----------------
    A key that stands twice in a pass is never paired, on either side. In a repeating form a row without
    a key is left over; the single row of a form that does not repeat has the key ``""`` and is paired.
    """
    if len(first) == len(second) == 1 and not first[0].row_key and not second[0].row_key:
        return RowPairs(((first[0], second[0]),), ())
    times = [Counter(row.row_key for row in rows) for rows in (first, second)]
    repeating = any(len(rows) > 1 or any(row.row_key for row in rows) for rows in (first, second))
    others = {row.row_key: row for row in second}
    pairs, unmatched = [], []
    for number, rows in ((1, first), (2, second)):
        own, other = times[number - 1], times[2 - number]
        for position, row in enumerate(rows):
            key = row.row_key
            reason = (
                "no_key"
                if repeating and not key.strip()
                else "duplicate_key"
                if own[key] > 1 or other[key] > 1
                else "only_in_this_pass"
                if not other[key]
                else ""
            )
            if reason:
                unmatched.append(UnmatchedRow(number, position, key, reason))
            elif number == 1:
                pairs.append((row, others[key]))
    return RowPairs(tuple(pairs), tuple(unmatched))


def compare_rows(
    row_key: str,
    first: PassRow,
    second: PassRow,
    items: Iterable[ItemRule],
    written: Mapping[str, tuple[str, str]] = _NOTHING_WRITTEN,
) -> FinalDraft:
    """Compare one pair of rows item by item; where they agree the final value is pass 1 as typed.

    Of numbers that agree within the item's tolerance it is their mean: neither reader is the right one.
    ``written``: item -> what either pass says stands on the form, of items that are missing in both because
    no value could be made of it. Where the texts differ the passes do.
    """
    values, discrepancies, compared = [], [], 0
    for rule in items:
        if rule.type is ItemType.DERIVED:
            continue
        one, two = first.values.get(rule.name, _NEVER_SEEN), second.values.get(rule.name, _NEVER_SEEN)
        kind = None
        if one != two:
            kind = compare_values(one, two, item_type=rule.type, text=rule.text, tolerance=rule.tolerance)
        elif rule.name in written:
            kind = compare_as_written(*written[rule.name], rule.text)
        compared += 1
        if kind is None:
            agreed = mean_of(one, two, rule.decimals) if rule.tolerance else one
            values.append(FinalValue(row_key, rule.name, agreed, ValueOrigin.AGREED))
        else:
            discrepancies.append(Discrepancy(row_key, rule.name, one, two, kind))
    return FinalDraft(tuple(values), tuple(discrepancies), (), compared)


def mean_of(first: TypedValue, second: TypedValue, decimals: int | None) -> TypedValue:
    """The mean of two numbers as text, halves to the even digit; ``first`` where they say the same.

    Counted in decimals: no digit appears that neither reader and the mean have.
    """
    if first.text is None or second.text is None or first.text.strip() == second.text.strip():
        return first
    mean = (Decimal(first.text.strip()) + Decimal(second.text.strip())) / 2
    if decimals is not None:
        mean = mean.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_EVEN)
    return TypedValue(f"{mean:f}")


def merge_passes(
    first: Sequence[PassRow], second: Sequence[PassRow], items: Sequence[ItemRule]
) -> FinalDraft:
    """Make the draft of the final record from two complete passes.

    Parameters
    ----------
    first, second
        The rows of pass 1 and pass 2.
    items
        The form's items; derived ones are neither entered nor compared.

    Returns
    -------
    FinalDraft
        Agreed values as pass 1 typed them, discrepancies, and rows that found no partner.
    """
    paired = pair_rows(first, second)
    drafts = [compare_rows(one.row_key, one, two, items) for one, two in paired.pairs]
    return FinalDraft(
        values=tuple(value for draft in drafts for value in draft.values),
        discrepancies=tuple(found for draft in drafts for found in draft.discrepancies),
        unmatched_rows=paired.unmatched,
        fields_compared=sum(draft.fields_compared for draft in drafts),
    )


def take_single_pass(rows: Sequence[PassRow], items: Sequence[ItemRule]) -> FinalDraft:
    """The final record of a single-entered form: what was entered, with nothing to compare it to."""
    values = tuple(
        FinalValue(row.row_key, rule.name, row.values.get(rule.name, _NEVER_SEEN), ValueOrigin.ENTERED)
        for row in rows
        for rule in items
        if rule.type is not ItemType.DERIVED
    )
    return FinalDraft(values, (), (), 0)
