"""The list of queries, as a workbook and as a page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from trialkit.report.list_files import Cell, ListTable, write_list_html, write_list_xlsx

HEADS = ("No.", "Site", "Subject", "Visit", "Form", "Line", "Item", "Status", "With", "Age (days)", "Thread")


class Listed(Protocol):
    """What a list of queries shows of one."""

    @property
    def number(self) -> int: ...
    @property
    def site(self) -> str: ...
    @property
    def subject_id(self) -> str: ...
    @property
    def visit(self) -> str: ...
    @property
    def form(self) -> str: ...
    @property
    def row(self) -> str: ...
    @property
    def item(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def owner(self) -> str: ...
    @property
    def age_days(self) -> int: ...
    @property
    def thread(self) -> tuple[str, ...]: ...


def _cells(query: Listed) -> list[str]:
    place = [query.site, query.subject_id, query.visit, query.form, query.row, query.item]
    return [*place, str(query.status), query.owner]


def write_query_xlsx(found: Sequence[Listed], path: Path) -> None:
    """One row a query; the thread in one cell, a line a step. Ages are numbers, texts never formulas."""
    write_list_xlsx([_table(found)], path)


def write_query_html(found: Sequence[Listed], study_id: str, path: Path) -> None:
    """A page that prints: one row a query, its thread below each other."""
    write_list_html([_table(found)], f"Queries of study {study_id}", path)


def _table(found: Sequence[Listed]) -> ListTable:
    rows: list[list[Cell]] = [
        [query.number, *_cells(query), query.age_days, "\n".join(query.thread)] for query in found
    ]
    return ListTable("Queries", HEADS, rows)
