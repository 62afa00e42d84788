"""A published table in a file, as it is printed: TOML or CSV to rows that can be checked.

Numbers stay texts: "8.50" is not "8.5". The format is told in docs/how-to/check-a-published-table.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from trialkit import permitted
from trialkit.interchange.reading import ONE_PART, read_table
from trialkit.nearest import advice, listed
from trialkit.strict_toml import Section, read_toml
from trialkit.table_files.errors import FileFormatError
from trialkit.wording import said

if TYPE_CHECKING:
    from trialkit.stats.tables.summary_rows import SummaryRow

_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)"
_MEAN = re.compile(rf"({_NUMBER})\s*(?:±|\+-|\+/-|\()\s*(\d+\.?\d*|\.\d+)\s*\)?")
_SHARE = re.compile(r"(\d+)\s*\(\s*(\d+\.?\d*)\s*%?\s*\)")
_RATIO = re.compile(rf"({_NUMBER})\s*[(\[]\s*({_NUMBER})\s*(?:-|–|—|to|,|;)\s*({_NUMBER})\s*[)\]]")
_GROUP_HEAD = re.compile(r"(.*?)\s*[(,]?\s*[nN]\s*=\s*(\d+)\s*\)?")
_FIXED = ("variable", "kind", "statistic", "p")


@dataclass(frozen=True)
class PublishedTable:
    """What a paper prints: a title, groups with their sizes, and rows that can be checked."""

    title: str
    groups: Mapping[str, int]
    rows: tuple[SummaryRow, ...]


@dataclass(frozen=True)
class _Line:
    """One printed row, whichever file it stands in; ``texts`` holds one text a group."""

    variable: str
    texts: tuple[str, ...]
    statistic: str | None
    p: str | None
    groups: Mapping[str, int]
    refuse: Callable[[str, str], NoReturn]


def read_published_table(path: Path) -> PublishedTable:
    """Read a published table from a ``.toml``, ``.csv`` or ``.xlsx`` file.

    Raises
    ------
    DefinitionError, FileFormatError, DataError
        Not such a file; a kind of row that is not known; a text that does not read as that kind. The error
        names file and line.
    """
    if path.suffix.casefold() == ".toml":
        return _from_toml(path)
    return _from_cells(path)


def _from_toml(path: Path) -> PublishedTable:
    top = read_toml(path)
    title = top.text("title", path.stem)
    groups = _groups(top)
    rows: list[SummaryRow] = []
    for section in top.listed_sections("row"):
        rows += _toml_row(section, groups)
        section.done()
    top.done()
    if not rows:
        top.refuse(None, "at least one [[row]]", "none", "Write a [[row]] for every printed row.")
    return PublishedTable(title, groups, tuple(rows))


def _groups(top: Section) -> dict[str, int]:
    groups = {name: int(size) for name, size in top.mapping("groups", int, "a whole number").items()}
    if len(groups) < 2 or min(groups.values(), default=0) < 1:
        top.refuse("groups", "two groups or more with their sizes", str(len(groups)), 'Write: "group" = 184')
    return groups


def _toml_row(section: Section, groups: Mapping[str, int]) -> list[SummaryRow]:
    variable = section.text("variable")
    kind = next((name for name in _KINDS if name in section), None)
    if kind is None:
        section.refuse(
            None,
            said("one of the keys {kinds}", kinds=listed(_KINDS, 9)),
            "none of them",
            "Say what is printed.",
        )
    statistic = next((section.text(key) for key in ("t", "chi_square") if key in section), None)
    p = section.text("p") if "p" in section else None
    sizes = section.integers("n", tuple(groups.values()), within=permitted.SUBJECTS)
    if len(sizes) != len(groups):
        section.refuse("n", said("one size a group ({count})", count=len(groups)), str(len(sizes)))

    def refuse(expected: str, found: str) -> NoReturn:
        section.refuse(kind, expected, found, "Write it as it is printed, in quotes.")

    texts = section.texts(kind) if kind in ("means", "counts") else (section.text(kind),)
    named = dict(zip(groups, sizes, strict=True))
    if kind == "percent":
        return [_share_of(section, variable, texts[0], named)]
    return _KINDS[kind](_Line(variable, texts, statistic, p, named, refuse))


def _share_of(section: Section, variable: str, percent: str, groups: Mapping[str, int]) -> SummaryRow:
    from trialkit.stats.tables.summary_rows import PercentRow

    of = (
        section.integer("of_n", within=permitted.SUBJECTS)
        if "of_n" in section
        else groups[section.one_of("of", groups)]
    )
    return PercentRow(variable, percent.strip(" %"), of=of)


def _from_cells(path: Path) -> PublishedTable:
    """``variable, kind, one column a group headed "name (n = 184)", statistic, p``."""
    table = read_table(path, many_parts=ONE_PART)
    heads = [name for name in table.columns if name not in _FIXED]
    groups = dict(_group_of(head, path) for head in heads)
    absent = [name for name in _FIXED[:2] if name not in table.columns]
    if absent or len(groups) < 2:
        raise FileFormatError(
            expected="columns variable, kind, statistic, p and one a group, headed like: women (n = 184)",
            found=", ".join(table.columns),
            where=str(path),
            next_step="Head the columns so.",
        )
    rows: list[SummaryRow] = []
    for cells, number in zip(table.rows, table.line_numbers, strict=True):
        given = dict(zip(table.columns, (cell.strip() for cell in cells), strict=True))
        rows += _cell_row(given, heads, groups, f"{path}:{number}")
    return PublishedTable(path.stem, groups, tuple(rows))


def _group_of(head: str, path: Path) -> tuple[str, int]:
    match = _GROUP_HEAD.fullmatch(head)
    if match is None:
        raise FileFormatError(
            expected="a column of a group with its size, such as: women (n = 184)",
            found=repr(head),
            where=f"{path}:1",
            next_step=advice(head, _FIXED, otherwise="Add its size."),
        )
    return match[1].strip(), int(match[2])


def _cell_row(
    given: Mapping[str, str], heads: Sequence[str], groups: Mapping[str, int], where: str
) -> list[SummaryRow]:
    kind = given["kind"]

    def refuse(expected: str, found: str) -> NoReturn:
        raise FileFormatError(
            expected=expected, found=found, where=where, next_step="Write it as it is printed."
        )

    if kind not in _KINDS:
        refuse(said("a kind of row: {kinds}", kinds=listed(_KINDS, 9)), repr(kind))
    statistic, p = given.get("statistic") or None, given.get("p") or None
    texts = tuple(given[head] for head in heads)
    if kind == "ratio":
        texts = (statistic or "",)
    return _KINDS[kind](_Line(given["variable"], texts, statistic, p, groups, refuse))


def _means(line: _Line) -> list[SummaryRow]:
    from trialkit.stats.tables.summary_rows import MeansRow

    if len(line.texts) != 2:
        line.refuse("means of two groups", said("{count} texts", count=len(line.texts)))
    read = [_MEAN.fullmatch(_plain(text)) for text in line.texts]
    for text, match in zip(line.texts, read, strict=True):
        if match is None:
            line.refuse("mean ± SD, such as 70.56 ± 8.42", repr(text))
    (m1, s1), (m2, s2) = (match.groups() for match in read if match)
    n1, n2 = line.groups.values()
    return [MeansRow(line.variable, (n1, n2), (m1, m2), (s1, s2), t=line.statistic, p=line.p)]


def _counts(line: _Line) -> list[SummaryRow]:
    """``32/152``, one number a level; or ``33 (17.9)`` of the group, whose percentage is checked too."""
    from trialkit.stats.tables.summary_rows import CountsRow, PercentRow

    if len(line.texts) != len(line.groups):
        line.refuse(said("one text a group ({count})", count=len(line.groups)), str(len(line.texts)))
    counts: list[tuple[int, ...]] = []
    shares: list[SummaryRow] = []
    for text, (group, n) in zip(line.texts, line.groups.items(), strict=True):
        plain = _plain(text)
        share = _SHARE.fullmatch(plain)
        if share:
            counts.append((int(share[1]), n - int(share[1])))
            shares.append(PercentRow(f"{line.variable}, {group}", share[2], of=n))
        elif re.fullmatch(r"\d+(\s*/\s*\d+)+", plain):
            counts.append(tuple(int(part) for part in plain.split("/")))
        else:
            line.refuse("counts, such as 32/152 or 33 (17.9)", repr(text))
    return [CountsRow(line.variable, tuple(counts), chi_square=line.statistic, p=line.p), *shares]


def _percents(line: _Line) -> list[SummaryRow]:
    from trialkit.stats.tables.summary_rows import PercentRow

    printed = [(text, n) for text, n in zip(line.texts, line.groups.values(), strict=True) if text]
    if not printed:
        line.refuse("a percentage in the column of the group it is of", "none")
    return [PercentRow(line.variable, _plain(text).strip(" %"), of=n) for text, n in printed]


def _ratio(line: _Line) -> list[SummaryRow]:
    from trialkit.stats.tables.summary_rows import RatioRow

    match = _RATIO.fullmatch(_plain(line.texts[0]))
    if match is None:
        line.refuse("a ratio with its interval, such as 1.139 (1.017 to 1.276)", repr(line.texts[0]))
    return [RatioRow(line.variable, match[1], match[2], match[3], p=line.p)]


def _plain(text: str) -> str:
    return text.strip().replace("\N{MINUS SIGN}", "-").replace("\u00a0", " ")


_KINDS: dict[str, Callable[[_Line], list[SummaryRow]]] = {
    "means": _means,
    "counts": _counts,
    "percent": _percents,
    "ratio": _ratio,
}
