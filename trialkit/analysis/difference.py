"""Two ``results.csv`` compared number by number, as double programming asks."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from trialkit.analysis.errors import AnalysisError
from trialkit.analysis.results_csv import COLUMNS
from trialkit.strict_csv import without_excel_hint
from trialkit.wording import said

Key = tuple[str, ...]
ROW = 2  # its place in the key
NUMBER_OF_KEY = 6  # analysis, table, row, group, variable, statistic


@dataclass(frozen=True)
class Difference:
    """One number that differs; None where a file does not have it."""

    where: str
    first: str | None
    second: str | None

    @property
    def by(self) -> float | None:
        """By how much, where both are numbers."""
        first, second = _number(self.first), _number(self.second)
        return None if first is None or second is None else second - first

    def __str__(self) -> str:
        if self.first is None or self.second is None:
            place = "first" if self.first is None else "second"
            return f"{self.where}: only {self.first or self.second!r}; the {place} file has no such row"
        by = f" (by {self.by:.6g})" if self.by is not None else ""
        return f"{self.where}: {self.first} and {self.second}{by}"


def compare_results(
    first: Path | str, second: Path | str, tolerance: float = 0.0, *, subset: bool = False
) -> tuple[int, list[Difference]]:
    """Compare two result files.

    Parameters
    ----------
    tolerance
        Numbers agree whose difference is at most this, relative to the larger of 1 and their size. Texts and
        missing values must be the same.
    subset
        The second file holds only some of the results, as a second programmer's does: what it lacks is not
        compared, and where its ``row`` is empty the other columns say which result is meant.

    Returns
    -------
    rows compared, and what differs in the order of the first file, then what only the second has.

    Raises
    ------
    AnalysisError
        A file that is not there, or not a ``results.csv``; a result twice in a file, or one that may be
        several of the first.
    """
    second = Path(second)
    first = Path(first)
    ours, theirs = _read(first), _read(second)
    if subset:
        theirs = {_meant(key, ours, second): value for key, value in theirs.items()}
        ours = {key: value for key, value in ours.items() if key in theirs}
    found = []
    for key, value in ours.items():
        other = theirs.get(key)
        if other is None or not _agree(value, other, tolerance):
            found.append(Difference("/".join(key), value, other))
    found += [Difference("/".join(key), None, value) for key, value in theirs.items() if key not in ours]
    return len(ours.keys() | theirs.keys()), found


def _meant(key: Key, ours: dict[Key, str], path: Path) -> Key:
    """The key of the first file that a key without a row means; itself where it stands there or none fits."""
    if key[ROW] or key in ours:
        return key
    fits = [one for one in ours if one[:ROW] == key[:ROW] and one[ROW + 1 :] == key[ROW + 1 :]]
    if len(fits) > 1:
        rows = ", ".join(one[ROW] for one in fits)
        raise AnalysisError(
            expected=said("a row, as {rows}", rows=rows),
            found="none",
            where=f"{path}, {'/'.join(key)}",
            next_step="Write in the column row which of them is meant.",
        )
    return fits[0] if fits else key


def _agree(first: str, second: str, tolerance: float) -> bool:
    if first == second:
        return True
    one, two = _number(first), _number(second)
    if one is None or two is None or not (math.isfinite(one) and math.isfinite(two)):
        return False
    return abs(one - two) <= tolerance * max(1.0, abs(one), abs(two))


def _number(text: str | None) -> float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        return None


def _read(path: Path) -> dict[Key, str]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            table = without_excel_hint(file.read())
        rows = csv.reader(io.StringIO(table.text, newline=""), delimiter=table.mark, strict=True)
        return _each_once(path, _keyed(path, rows))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise AnalysisError(
            expected="a results.csv",
            found=getattr(error, "strerror", None) or "text that cannot be read",
            where=str(path),
            next_step="Name the results.csv of a run.",
        ) from None


def _each_once(path: Path, lines: Iterator[tuple[Key, str]]) -> dict[Key, str]:
    found: dict[Key, str] = {}
    for key, value in lines:
        if key in found:
            raise AnalysisError(
                expected="every result once",
                found=said("{first} and {second}", first=repr(found[key]), second=repr(value)),
                where=f"{path}, {'/'.join(key)}",
                next_step="Take one of the two lines out.",
            )
        found[key] = value
    return found


def _keyed(path: Path, lines: Iterator[list[str]]) -> Iterator[tuple[Key, str]]:
    if tuple(next(lines, [])) != COLUMNS:
        raise AnalysisError(
            expected=said("the columns {columns}", columns=", ".join(COLUMNS)),
            found="others",
            where=str(path),
            next_step="Name the results.csv of a run.",
        )
    for line in lines:
        if len(line) != len(COLUMNS):
            raise AnalysisError(
                expected=said("{n} values in a line", n=len(COLUMNS)),
                found=str(len(line)),
                where=str(path),
                next_step="Write the file anew.",
            )
        yield tuple(line[:NUMBER_OF_KEY]), line[6]
