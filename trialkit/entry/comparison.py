"""Comparison of two independent entries of the same records: every cell, every discrepancy, an exact rate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from trialkit.entry.agreement import TextRule, as_one_writes, compare_readings
from trialkit.entry.comparison_columns import check_entries, check_keys, check_named, choose_items
from trialkit.entry.errors import ComparisonError
from trialkit.entry.pairing import Pairing, joint_codes, pair_records, typed_texts
from trialkit.entry.rates import clopper_pearson
from trialkit.entry.spelling import Spelling, spelling_of
from trialkit.entry.values import Reading, read_value
from trialkit.wording import said

if TYPE_CHECKING:
    from numpy.typing import NDArray

_CONFIDENCE_LEVEL = 0.95


@dataclass(frozen=True)
class ComparisonReport:
    """What two entries of the same records disagree about.

    Attributes
    ----------
    discrepancies
        One row a discrepancy, in the order of the first entry: the key columns, ``item``,
        ``first_value``, ``second_value`` as they were typed, ``kind``.
    summary
        Counts and the discrepancy rate per 10,000 fields with its exact 95 % interval.
    unpaired
        One row a key that could not be compared: the key columns, ``reason``, ``records``.
    keys, items, text
        What was compared, and how.
    items_left_out
        Item -> why it was not compared.
    rows
        For each record with discrepancies, in their order: its row in each entry, from 0.
    """

    discrepancies: pd.DataFrame
    summary: Mapping[str, int | float]
    unpaired: pd.DataFrame
    keys: tuple[str, ...]
    items: tuple[str, ...]
    items_left_out: Mapping[str, str]
    text: TextRule
    rows: tuple[tuple[int, int], ...] = ()

    @property
    def identical(self) -> bool:
        """True where every record of each entry stands in the other and no compared field differs."""
        return self.discrepancies.empty and self.unpaired.empty


def compare(
    first: pd.DataFrame,
    second: pd.DataFrame,
    keys: Sequence[str],
    items: Sequence[str] | None = None,
    text: Literal["exact", "casefold", "ignore"] | TextRule = "exact",
    *,
    text_items: Sequence[str] = (),
    decimal_comma: bool | Sequence[str] = False,
    date_order: str | Mapping[str, str] = "ymd",
    missing: Sequence[str] = (),
    tolerance: float = 0.0,
    tolerances: Mapping[str, float] = MappingProxyType({}),
    names: tuple[str, str] = ("first entry", "second entry"),
) -> ComparisonReport:
    """Compare two independent entries of the same records, cell by cell.

    Parameters
    ----------
    first, second
        The two entries; any dtypes. None, NaN, NaT, ``pandas.NA`` and empty or blank text are missing.
    keys
        Columns that identify a record, in both entries. Compared as texts without outer space; days and
        times by what they are, unless the key is among ``text_items``.
    items
        Columns to compare; None: every column that both entries have, keys excepted.
    text
        Two texts that differ only in case or outer space: ``exact`` a discrepancy of kind ``text_only``,
        ``casefold`` none, ``ignore`` leaves out the items whose values are mostly text.
    text_items
        Items and keys a dictionary declares as text: they are never read as numbers or dates.
    decimal_comma
        True, or the items for which it is: ``70,5`` is read as a number too.
    date_order
        ``dmy`` or ``mdy`` reads ``2/1/2025`` as a date too, of all columns or, as column -> order, of those
        named; dates with the year first are always read.
    missing
        Codes that mean "missing" (``-99``, ``NA``): a cell that holds one, however a number is spelt, is
        blank.
    tolerance
        Two numbers that differ by no more agree.
    tolerances
        The same for single items, where it is more.
    names
        What to call the entries in an error.

    Returns
    -------
    ComparisonReport
        Each discrepancy is ``value``, ``missing_in_first``, ``missing_in_second``, ``text_only`` or
        ``type`` (one side reads as a number or date, the other does not). ``records_compared`` counts
        the keys found exactly once in both; ``fields_compared`` is that times the number of items;
        ``fields_compared_nonblank`` leaves out the fields that are blank in both.

    Raises
    ------
    ComparisonError
        A key or item that is missing or stands twice, no item in common, an unknown ``text``, a column named
        in an option that neither entry has.

    Degenerate cases
    ----------------
    No record in common: the rate and its interval are NaN. A duplicated key is counted and never paired.

    Equivalent in R/SAS
    -------------------
    SAS: ``proc compare base=first compare=second; id keys;`` with character and numeric items unified.

    References
    ----------
    Clopper CJ, Pearson ES. Biometrika 1934;26:404-413.
    """
    rule = _text_rule(text)
    check_entries(first, second, names)
    key_names = check_keys([keys] if isinstance(keys, str) else list(keys), first, second, names)
    check_named(_named(text_items, decimal_comma, date_order, tolerances), first, second, names)
    item_names, left_out = choose_items(items, key_names, first, second, names)
    if rule is TextRule.IGNORE:
        ignored = {i for i in item_names if i in text_items or _mostly_text(first[i], second[i])}
        left_out |= {item: "text item, ignored as asked" for item in item_names if item in ignored}
        item_names = [item for item in item_names if item not in ignored]
    if not item_names:
        raise ComparisonError(
            expected="at least one item to compare beside the keys",
            found=said(
                "none left: {left_out}",
                left_out="; ".join(f"{item} ({why})" for item, why in left_out.items()),
            )
            if left_out
            else "no other column",
            where=" and ".join(names),
            next_step="Check that both entries come from the same form.",
        )
    _check_options(date_order, tolerance)

    def spelled(column: str) -> Spelling:
        return spelling_of(column, decimal_comma, date_order)

    as_typed = {key: None if key in text_items else spelled(key) for key in key_names}
    pairing = pair_records(first, second, key_names, as_typed)
    columns = []
    for item in item_names:
        near = max(tolerance, tolerances.get(item, 0.0))
        how = _HowToCompare(rule, item in text_items, spelled(item), frozenset(missing), near)
        columns.append(_ColumnComparison.of(first[item], second[item], pairing, how))
    discrepancies = _list_discrepancies(first, second, key_names, item_names, pairing, columns)
    return ComparisonReport(
        discrepancies=discrepancies,
        summary=MappingProxyType(_summarize(pairing, columns)),
        unpaired=pairing.unpaired,
        keys=tuple(key_names),
        items=tuple(item_names),
        items_left_out=MappingProxyType(left_out),
        text=rule,
        rows=_discordant_rows(pairing, columns),
    )


@dataclass(frozen=True, slots=True)
class _HowToCompare:
    rule: TextRule
    declared_text: bool
    spelling: Spelling
    missing: frozenset[str]
    tolerance: float


def _named(
    text_items: Sequence[str],
    decimal_comma: bool | Sequence[str],
    date_order: str | Mapping[str, str],
    tolerances: Mapping[str, float],
) -> dict[str, Sequence[str]]:
    """Columns that options name, by what they say of them."""
    return {
        "text": text_items,
        "decimal comma": () if isinstance(decimal_comma, bool) else decimal_comma,
        "date": () if isinstance(date_order, str) else list(date_order),
        "tolerance": list(tolerances),
    }


def _check_options(date_order: str | Mapping[str, str], tolerance: float) -> None:
    for order in [date_order] if isinstance(date_order, str) else date_order.values():
        if order not in ("ymd", "dmy", "mdy"):
            raise ComparisonError(expected="a date order of ymd, dmy or mdy", found=repr(order))
    if not 0 <= tolerance < float("inf"):
        raise ComparisonError(expected="a tolerance of 0 or more", found=repr(tolerance))


def _without(texts: NDArray[np.object_], missing: frozenset[str]) -> NDArray[np.object_]:
    """Texts with None for the codes that mean "missing"."""
    if not missing:
        return texts
    codes = {_as_code(code) for code in missing}
    kept = texts.copy()
    kept[[text is not None and _as_code(text) in codes for text in texts]] = None
    return kept


def _as_code(text: str) -> tuple[Reading, str]:
    """What a code is: ``-99`` and ``-99.0`` are one number, ``NA`` and ``na`` two texts."""
    read = read_value(as_one_writes(text))
    return read.reading, read.canonical.strip()


@dataclass(frozen=True)
class _ColumnComparison:
    """One item over all paired records: places (in the pairing) and kinds of its discrepancies."""

    places: NDArray[np.int64]
    kinds: NDArray[np.object_]
    nonblank: int

    @classmethod
    def of(
        cls,
        first: pd.Series[Any],
        second: pd.Series[Any],
        pairing: Pairing,
        how: _HowToCompare,
    ) -> _ColumnComparison:
        """Identical cells are settled by their numbers; only distinct pairs of texts are put to the rule."""
        one, two, texts = joint_codes(
            _without(typed_texts(first)[pairing.rows_first], how.missing),
            _without(typed_texts(second)[pairing.rows_second], how.missing),
        )
        places = np.flatnonzero(one != two)
        pairs, which = np.unique((one[places] + 1) * (len(texts) + 1) + two[places] + 1, return_inverse=True)
        left, right = np.divmod(pairs, len(texts) + 1)
        typed = [None, *texts]
        read = {int(code): read_value(typed[code], how.spelling) for code in np.union1d(left, right)}
        kinds = np.empty(len(pairs), dtype=object)
        for index, (code_one, code_two) in enumerate(zip(left.tolist(), right.tolist(), strict=True)):
            kind = compare_readings(
                read[code_one],
                read[code_two],
                text=how.rule,
                declared_text=how.declared_text,
                tolerance=how.tolerance,
            )
            kinds[index] = None if kind is None else kind.value
        found = kinds[which]
        differs = pd.notna(found)
        nonblank = int(((one >= 0) | (two >= 0)).sum())
        return cls(places[differs], found[differs], nonblank)


def _discordant_rows(pairing: Pairing, columns: list[_ColumnComparison]) -> tuple[tuple[int, int], ...]:
    places = np.unique(np.concatenate([column.places for column in columns]))
    pairs = zip(pairing.rows_first[places], pairing.rows_second[places], strict=True)
    return tuple((int(one), int(two)) for one, two in pairs)


def _list_discrepancies(
    first: pd.DataFrame,
    second: pd.DataFrame,
    keys: list[str],
    items: list[str],
    pairing: Pairing,
    columns: list[_ColumnComparison],
) -> pd.DataFrame:
    places = np.concatenate([column.places for column in columns])
    item_numbers = np.repeat(np.arange(len(items)), [len(column.places) for column in columns])
    order = np.lexsort((item_numbers, places))
    rows_first = pairing.rows_first[places][order]
    table: pd.DataFrame = first.loc[:, keys].iloc[rows_first].reset_index(drop=True)
    table["item"] = np.array(items, dtype=object)[item_numbers[order]]
    for side, entry, rows in (
        ("first_value", first, pairing.rows_first),
        ("second_value", second, pairing.rows_second),
    ):
        typed = [
            entry[item].iloc[rows[column.places]].astype(object).to_numpy()
            for item, column in zip(items, columns, strict=True)
        ]
        table[side] = np.concatenate(typed)[order]
    table["kind"] = np.concatenate([column.kinds for column in columns])[order]
    return table


def _summarize(pairing: Pairing, columns: list[_ColumnComparison]) -> dict[str, int | float]:
    compared = pairing.counts["records_compared"] * len(columns)
    discordant = sum(len(column.places) for column in columns)
    records = len(np.unique(np.concatenate([column.places for column in columns])))
    lower, upper = clopper_pearson(discordant, compared, _CONFIDENCE_LEVEL)
    return {
        **pairing.counts,
        "fields_compared": compared,
        "fields_discordant": discordant,
        "records_discordant": records,
        "fields_compared_nonblank": sum(column.nonblank for column in columns),
        "errors_per_10000": discordant / compared * 10_000 if compared else float("nan"),
        "ci_lower": lower * 10_000,
        "ci_upper": upper * 10_000,
    }


def _mostly_text(first: pd.Series[Any], second: pd.Series[Any]) -> bool:
    """An item is text where more of its values read as text than as numbers or dates, both entries together.

    A single letter O typed for a zero must not turn a column of weights into a text item and hide itself.
    """
    one, two, texts = joint_codes(typed_texts(first), typed_texts(second))
    codes = np.concatenate([one, two])
    times = np.bincount(codes[codes >= 0], minlength=len(texts))
    is_text = np.array([read_value(text).reading is Reading.TEXT for text in texts], dtype=bool)
    return bool(times[is_text].sum() * 2 > times.sum())


def _text_rule(text: str) -> TextRule:
    try:
        return TextRule(text)
    except ValueError:
        raise ComparisonError(
            expected="text to be exact, casefold or ignore",
            found=repr(text),
            next_step="Choose one of the three.",
        ) from None
