"""Two readers' tables of values, paired row by row; nothing is dropped without being counted."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from trialkit.imaging.errors import MeasurementError
from trialkit.limits import LARGEST_FILE_BYTES
from trialkit.strict_csv import without_excel_hint
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd

MEASURED = ("muscle", "level", "side", "metric", "method")
EXTRACTED = ("segment", "class", "tag", "aggregation")


@dataclass(frozen=True, eq=False)
class Pairs:
    """Values of two readers side by side.

    Attributes
    ----------
    table
        scan, the columns of ``what``, first_value, second_value; only rows that both have as numbers.
    what
        The columns that say what was measured: those of ``measure`` or of ``radiomics``.
    only_first, only_second
        Rows that one reader has and the other has not.
    without_number
        Rows that both have, of which at least one is no number.
    """

    table: pd.DataFrame
    what: tuple[str, ...]
    only_first: int
    only_second: int
    without_number: int


def read_values(path: Path) -> pd.DataFrame:
    """Read a table that ``imaging measure`` or ``imaging radiomics`` wrote (texts as texts, values as
    numbers).

    Raises
    ------
    MeasurementError
        No file, not CSV, larger than any trial's, or columns missing.
    """
    import pandas as pd

    try:
        if path.stat().st_size > LARGEST_FILE_BYTES:
            raise MeasurementError(
                expected=said("a file of at most {most} MB", most=LARGEST_FILE_BYTES // 1_000_000),
                found="a larger one",
                where=str(path),
                next_step="Give the tables of fewer scans.",
            )
        read = without_excel_hint(path.read_text(encoding="utf-8-sig"))
        table = pd.read_csv(io.StringIO(read.text), dtype=str, keep_default_na=False, sep=read.mark)
    except (OSError, ValueError) as error:
        raise MeasurementError(
            expected="a CSV table of values",
            found=said("one that does not read ({name})", name=type(error).__name__),
            where=str(path),
            next_step="Give a table that `trialkit imaging measure` wrote.",
        ) from None
    if "value" not in table or "scan" not in table:
        raise MeasurementError(
            expected="columns scan, segment ... value",
            found=", ".join(map(str, table.columns)) or "no columns",
            where=str(path),
            next_step="Give a table that `trialkit imaging measure` wrote.",
        )
    values = pd.to_numeric(table["value"], errors="coerce")
    odd = table.loc[values.isna() & ~table["value"].str.strip().str.casefold().isin(["", "nan"])]
    if len(odd):
        raise MeasurementError(
            expected="numbers in column value",
            found=repr(odd["value"].iloc[0]),
            where=f"{path}:{odd.index[0] + 2}",
        )
    return table.assign(value=values.astype(float))


def pair(first: pd.DataFrame, second: pd.DataFrame) -> Pairs:
    """Pair two tables by scan and by what was measured.

    Raises
    ------
    MeasurementError
        Columns missing, one value twice in a table, or nothing in common.
    """
    what = next((kind for kind in (MEASURED, EXTRACTED) if set(kind) <= set(first) & set(second)), None)
    if what is None:
        raise MeasurementError(
            expected=said(
                "columns scan, {measured}, value (or those of radiomics) in both tables",
                measured=", ".join(MEASURED),
            ),
            found=", ".join(sorted(map(str, set(first) & set(second)))),
            where="two readers",
        )
    keys = ["scan", *what]
    for name, table in (("first", first), ("second", second)):
        twice = table[table.duplicated(keys, keep=False)]
        if len(twice):
            shown = " ".join(str(twice.iloc[0][key]) for key in keys).split()
            raise MeasurementError(
                expected="each value once",
                found=said("{shown} more than once", shown=" ".join(shown)),
                where=said("{name} table", name=name),
                next_step="Keep one reading of a scan in each table.",
            )
    both = first[[*keys, "value"]].merge(second[[*keys, "value"]], on=keys, how="outer", indicator="in")
    joined = both[both["in"] == "both"].rename(columns={"value_x": "first_value", "value_y": "second_value"})
    finite = np.isfinite(joined["first_value"]) & np.isfinite(joined["second_value"])
    table = joined.loc[finite, [*keys, "first_value", "second_value"]].reset_index(drop=True)
    if not len(table):
        raise MeasurementError(
            expected="values that both readers have",
            found="none in common",
            where="two readers",
            next_step="Check that scans are called the same in both tables.",
        )
    return Pairs(
        table=table,
        what=what,
        only_first=int((both["in"] == "left_only").sum()),
        only_second=int((both["in"] == "right_only").sum()),
        without_number=int((~finite).sum()),
    )
