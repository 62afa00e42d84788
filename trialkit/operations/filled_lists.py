"""Lists that went out to be filled in, and come back: discrepancies, leftover lines, candidates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass

from trialkit.entry.errors import EntryError
from trialkit.errors import TrialkitError
from trialkit.interchange import TableFile
from trialkit.nearest import advice
from trialkit.wording import said


@dataclass(frozen=True, slots=True)
class Named:
    """A cell that names what its row decides; ``by``: the same for two rows that say one decision."""

    what: Hashable
    row: int
    column: str
    by: int


def named_by_several(
    file: TableFile, cells: Iterable[Named], expected: str
) -> Iterator[tuple[int, EntryError]]:
    """Row and refusal of every cell that names what other decisions of the file name too."""
    together: dict[Hashable, list[Named]] = defaultdict(list)
    for cell in cells:
        together[cell.what].append(cell)
    for named in together.values():
        if len({cell.by for cell in named}) == 1:
            continue
        rows = f"{file.line_word} {', '.join(str(cell.row) for cell in named)}"
        for cell in named:
            yield (
                cell.row,
                EntryError(
                    expected=expected,
                    found=said("several decisions, in {rows}", rows=rows),
                    where=f"{file.path}:{file.line_word} {cell.row}:{cell.column}",
                    next_step="Keep one of them, and clear the others.",
                ),
            )


def in_order(problems: Iterable[tuple[int, TrialkitError]]) -> TrialkitError:
    """One error of all of them, by row of the file; at least one."""
    return TrialkitError.all_of([error for _, error in sorted(problems, key=lambda one: one[0])])


def require_columns(file: TableFile, names: Iterable[str]) -> None:
    """Refuse a file that lacks columns of the list.

    Raises
    ------
    EntryError
        Naming every column that is not there.
    """
    problems = [
        EntryError(
            expected=said("a column {name!r}", name=name),
            found="none",
            where=f"{file.path}:1",
            next_step=advice(name, list(file.columns), otherwise="Write the list again and fill that in."),
        )
        for name in names
        if name not in file.columns
    ]
    if problems:
        raise EntryError.all_of(problems)
