"""Which record of the second entry belongs to which record of the first: by key, once in each, or not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from trialkit.entry.agreement import as_one_writes
from trialkit.entry.spelling import Spelling
from trialkit.entry.values import Reading, read_value, text_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Codes = NDArray[np.int64]
    Texts = NDArray[np.object_]


@dataclass(frozen=True)
class Pairing:
    """Row numbers of the records that stand together, and the keys that do not.

    ``unpaired`` has the key columns, ``reason`` (``only_in_first``, ``only_in_second``,
    ``duplicate_in_first``, ``duplicate_in_second``) and ``records``, how many rows carry the key.
    """

    rows_first: Codes
    rows_second: Codes
    unpaired: pd.DataFrame
    counts: dict[str, int]


def typed_texts(column: pd.Series[Any]) -> Texts:
    """The column as the texts that were typed, with None for missing, whatever its dtype."""
    if column.dtype == object:
        values = column.to_numpy()
        if pd.api.types.infer_dtype(values, skipna=True) in ("string", "empty"):
            texts = values.copy()
            texts[pd.isna(values)] = None
            return texts
        return _as_objects([text_of(value) for value in values])
    codes, distinct = pd.factorize(column, use_na_sentinel=True)
    texts = _as_objects([*(text_of(value) for value in distinct), None])
    return texts[codes]


def _as_objects(texts: list[str | None]) -> Texts:
    array = np.empty(len(texts), dtype=object)
    array[:] = texts
    return array


def joint_codes(
    first: Texts, second: Texts, folded: Callable[[str], str] | None = None
) -> tuple[Codes, Codes, list[str]]:
    """Number the distinct texts of both sides together, those that fold into one as one; blank is -1."""
    codes, distinct = pd.factorize(np.concatenate([first, second]), use_na_sentinel=True)
    texts = [str(text) for text in distinct]
    if folded is not None:
        renumber, stripped = pd.factorize(_as_objects([folded(text) for text in texts]))
        codes = np.append(renumber, -1)[codes]
        texts = [str(text) for text in stripped]
    kept = np.array(
        [index if text.strip() else -1 for index, text in enumerate(texts)] + [-1], dtype=np.int64
    )
    codes = kept[codes]
    return codes[: len(first)], codes[len(first) :], texts


def key_text(text: str, spelling: Spelling | None) -> str:
    """What a typed key is held to: the text without outer space, and a day or a time however it is spelled.

    A number is never folded, for 1.1 and 1.10 may be two things. ``spelling`` None: a text as declared.
    """
    plain = as_one_writes(text).strip()
    if spelling is None:
        return plain
    read = read_value(plain, spelling)
    if read.reading in (Reading.DATE, Reading.TIME):
        return read.canonical
    return spelling.plain(plain) if spelling.decimal_comma and read.reading is Reading.NUMBER else plain


def pair_records(
    first: pd.DataFrame,
    second: pd.DataFrame,
    keys: Sequence[str],
    spellings: Mapping[str, Spelling | None],
) -> Pairing:
    """Pair the records whose key is found exactly once in each entry.

    Parameters
    ----------
    first, second
        The two entries.
    keys
        Names of the key columns, present in both. Keys are compared as text without outer space;
        numbers by the text that a typist would have typed, days and times by what they are.
    spellings
        Key -> how days, times and numbers are spelled in it; None where it is declared as text.

    Degenerate cases
    ----------------
    A key found twice on a side is counted and never paired. One blank among several key columns is a
    key like any other; a record whose key is blank altogether identifies nothing and stays unpaired.
    """
    codes_first, codes_second = _key_codes(first, second, keys, spellings)
    size = int(max(codes_first.max(initial=-1), codes_second.max(initial=-1))) + 1
    count_first = np.bincount(codes_first[codes_first >= 0], minlength=size)
    count_second = np.bincount(codes_second[codes_second >= 0], minlength=size)
    once = np.append((count_first == 1) & (count_second == 1), False)
    rows_first = np.flatnonzero(once[codes_first])
    place_in_second = np.zeros(size, dtype=np.int64)
    known = codes_second >= 0
    place_in_second[codes_second[known]] = np.flatnonzero(known)
    rows_second = place_in_second[codes_first[rows_first]]
    groups = {
        "only_in_first": _Unpaired(first, codes_first, count_first, (count_first > 0) & (count_second == 0)),
        "only_in_second": _Unpaired(
            second, codes_second, count_second, (count_second > 0) & (count_first == 0)
        ),
        "duplicate_in_first": _Unpaired(first, codes_first, count_first, count_first > 1),
        "duplicate_in_second": _Unpaired(second, codes_second, count_second, count_second > 1),
    }
    frames = {reason: group.listing(keys, reason) for reason, group in groups.items()}
    counts = {
        "records_first": len(first),
        "records_second": len(second),
        "records_compared": len(rows_first),
        "only_in_first": len(frames["only_in_first"]),
        "only_in_second": len(frames["only_in_second"]),
        "duplicate_keys_first": len(frames["duplicate_in_first"]),
        "duplicate_keys_second": len(frames["duplicate_in_second"]),
    }
    filled = [frame for frame in frames.values() if len(frame)]
    unpaired = pd.concat(filled, ignore_index=True) if filled else frames["only_in_first"]
    return Pairing(rows_first, rows_second, unpaired, counts)


def _key_codes(
    first: pd.DataFrame,
    second: pd.DataFrame,
    keys: Sequence[str],
    spellings: Mapping[str, Spelling | None],
) -> tuple[Codes, Codes]:
    """One number for each distinct key over both sides; -1 where every key column is blank."""
    combined = np.zeros(len(first) + len(second), dtype=np.int64)
    blank = np.ones(len(combined), dtype=bool)
    for key in keys:
        folded = partial(key_text, spelling=spellings[key])
        one, two, texts = joint_codes(typed_texts(first[key]), typed_texts(second[key]), folded)
        codes = np.concatenate([one, two])
        blank &= codes < 0
        combined = pd.factorize(combined * (len(texts) + 1) + codes + 1)[0].astype(np.int64)
    combined[blank] = -1
    return combined[: len(first)], combined[len(first) :]


@dataclass(frozen=True)
class _Unpaired:
    entry: pd.DataFrame
    codes: Codes
    counts: NDArray[np.int64]
    chosen: NDArray[np.bool_]

    def listing(self, keys: Sequence[str], reason: str) -> pd.DataFrame:
        """One row a key, at the first record that carries it; a record without a key is a row of its own."""
        identified = np.append(self.chosen, False)[self.codes]
        rows = np.flatnonzero(identified)
        _, first_place = np.unique(self.codes[rows], return_index=True)
        rows = rows[first_place]
        if reason.startswith("only"):
            rows = np.concatenate([rows, np.flatnonzero(self.codes < 0)])
        rows = np.sort(rows)
        table = self.entry.loc[:, list(keys)].iloc[rows].astype(object).reset_index(drop=True)
        codes = self.codes[rows]
        table["reason"] = reason
        table["records"] = np.where(codes < 0, 1, np.append(self.counts, 1)[codes]).astype(np.int64)
        return table
