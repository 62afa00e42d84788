"""A table of variables described by group, with the test of each: groups are values of a column, not arms."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from trialkit import numbers
from trialkit.documents.declared.cells import spread_decimals
from trialkit.documents.declared.output import Chapter
from trialkit.documents.declared.rows import ResultRow, absent, distinct, mean_sd_cell, p_cell, percent_cell
from trialkit.documents.declared.shown import Shown
from trialkit.documents.page import Block
from trialkit.documents.table import Cell, Column, Row, Table

NOBODY = "no observations"
RANKS = ("mann-whitney", "kruskal-wallis")


@dataclass(frozen=True)
class Grouped:
    """Rows of ``summaries`` (``variable label unit level group n missing mean sd median q1 q3 count
    percent``) a line each, groups side by side; beside them what ``tests`` says of the variable (``test
    statistic p_value standardized_difference``). Medians stand where a test of ranks
    was chosen, means elsewhere.
    """

    summaries: str = "summaries"
    tests: str = "tests"
    title: str = "{title}"
    chapter: Chapter = Chapter.SUBJECTS
    reveals_arm: bool = False

    @property
    def name(self) -> str:
        return self.summaries

    def printed(self, shown: Shown) -> list[Block]:
        rows = shown.rows(self.summaries)
        if not rows and not shown.is_shell:
            return []
        tests = {str(row["variable"]): row for row in shown.rows(self.tests)}
        tested = any(row.has("p_value") for row in tests.values())
        groups = distinct(rows, "group") if rows else ["Group 1", "Group 2"]
        heads = [Column(str(g), "N = xx" if shown.is_shell else _size(rows, g)) for g in groups]
        more = [Column("Test"), Column("p")] if tested else [Column("Std. difference")]
        of_shell = _shell_lines(shown, rows, len(groups), tested=tested)
        lines = list(of_shell if shown.is_shell else _lines(shown, rows, tests, groups, tested=tested))
        return [
            Table(
                number=shown.number("table", self.chapter),
                title=self.title.format(title=shown.title),
                columns=(Column("Characteristic"), *heads, *more),
                rows=tuple(lines) or (Row("…", tuple(Cell("xx.x (xx.x)") for _ in (*heads, *more))),),
                population=shown.population,
                method=shown.method,
                source=shown.source,
            )
        ]


def _size(rows: Sequence[ResultRow], group: object) -> str:
    sizes = [row["n"] + row["missing"] for row in rows if row["group"] == group]
    return f"N = {numbers.integer(max(sizes))}" if sizes else "N = xx"


def _shell_lines(shown: Shown, rows: Sequence[ResultRow], groups: int, *, tested: bool) -> Iterator[Row]:
    """Every variable that the plan names, and the levels that its item has."""
    test = (Cell("…"), Cell("x.xxx")) if tested else (Cell("x.xx"),)
    blank = (Cell(""),) * len(test)
    for variable in distinct(list(rows), "variable"):
        here = [row for row in rows if row["variable"] == variable]
        label = shown.words("with_unit", (here[0]["label"], here[0]["unit"]))
        if here[0]["level"] == "":
            cells = [Cell("xx.x (xx.x)")] * groups
            yield Row(f"{label}, mean (SD) or median (Q1–Q3)", (*cells, *test))
            continue
        yield Row(f"{label}, n (%)", (*(Cell("") for _ in range(groups)), *test), section=True)
        for level in distinct(here, "level"):
            yield Row(str(level), (*([Cell("xx (xx.x)")] * groups), *blank), indent=1)


def _lines(
    shown: Shown,
    rows: Sequence[ResultRow],
    tests: dict[str, ResultRow],
    groups: Sequence[object],
    *,
    tested: bool,
) -> Iterator[Row]:
    for variable in distinct(list(rows), "variable"):
        here = [row for row in rows if row["variable"] == variable]
        test, first = tests[str(variable)], here[0]
        label = shown.words("with_unit", (first["label"], first["unit"]))
        beside = _test_cells(test, tested=tested)
        if first["level"] == "":
            yield _numeric(here, label, test, groups, beside)
            continue
        yield Row(f"{label}, n (%)", (*(Cell("") for _ in groups), *beside), section=True)
        for level in distinct(here, "level"):
            by_group = {row["group"]: row for row in here if row["level"] == level}
            cells = [percent_cell(by_group.get(g), "count", "percent", reason=NOBODY) for g in groups]
            yield Row(str(level), (*cells, *(Cell("") for _ in beside)), indent=1)


def _numeric(
    here: Sequence[ResultRow], label: str, test: ResultRow, groups: Sequence[object], beside: list[Cell]
) -> Row:
    by_group = {row["group"]: row for row in here}
    decimals = spread_decimals(here, "sd")
    if str(test["test"]) in RANKS:
        cells = [_median(by_group.get(group), decimals) for group in groups]
        return Row(f"{label}, median (Q1–Q3)", (*cells, *beside))
    cells = [mean_sd_cell(by_group.get(group), "mean", "sd", decimals) for group in groups]
    return Row(f"{label}, mean (SD)", (*cells, *beside))


def _median(row: ResultRow | None, decimals: int) -> Cell:
    if row is None or not row.has("median"):
        return absent(NOBODY)
    quartiles = numbers.span(row["q1"], row["q3"], decimals, joint="–")
    text = f"{numbers.fixed(row['median'], decimals)} ({quartiles})"
    return Cell(text, tuple(row.reference(column) for column in ("median", "q1", "q3")))


def _test_cells(test: ResultRow, *, tested: bool) -> list[Cell]:
    if not tested:
        column = "standardized_difference"
        if not test.has(column):
            return [absent("not defined")]
        return [Cell(numbers.fixed(test[column], 2), (test.reference(column),))]
    words = {"mann-whitney": "Mann-Whitney U", "fisher": "Fisher's exact", "t": "t", "welch": "Welch's t"}
    name = words.get(str(test["test"]), str(test["test"]).capitalize())
    return [Cell(name, (test.reference("test"),)), _p_of_pooled(test, name)]


def _p_of_pooled(test: ResultRow, name: str) -> Cell:
    """p, and below the table where the test takes for equal what differs widely."""
    cell = p_cell(test)
    if not test.has("sds") or not test["sds"]:
        return cell
    called = "analysis of variance" if name == "Anova" else "Student's t"
    reason = f"the SDs differ widely ({test['sds']}), and {called} takes them for equal"
    references = (*cell.references, test.reference("sds"))
    if test.has("welch_p_value"):
        reason += f"; by Welch's t, which does not, {numbers.p_statement(test['welch_p_value'])}"
        references = (*references, test.reference("welch_p_value"))
    return Cell(cell.text, references, reason=reason)
