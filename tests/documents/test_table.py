from __future__ import annotations

from dataclasses import replace

import pytest

from trialkit.documents import Cell, Column, DocumentError, Entry, Figure, Notice, Page, Row, Section, Table
from trialkit.documents.declared.wording import lower_first
from trialkit.documents.tables_only import tables_only


def test_a_row_with_a_cell_too_few_is_refused_with_its_place() -> None:
    with pytest.raises(DocumentError) as caught:
        Table("14.1.1", "Ages", (Column(""), Column("A"), Column("B")), (Row("Age", (Cell("1"),)),))
    assert caught.value.where == "Table 14.1.1, row 1"
    assert "'Age'" in str(caught.value)


def test_each_reason_for_an_empty_cell_is_lettered_once_in_reading_order(table: Table) -> None:
    assert table.reasons == ("not reached", "not recorded")
    assert [table.footnote_mark(reason) for reason in table.reasons] == ["a", "b"]


def test_notices_that_follow_each_other_are_one_table_of_a_document_that_has_tables_alone(page: Page) -> None:
    (table, figure, notice) = page.sections[0].entries[0].blocks
    second = Notice("Nor this.", "no deaths", source="Plan A 1.0, entry P2.")
    third = Notice("Nor that.", "no visits", source="Plan A 1.0, entry P2.")
    entry = Entry("e", "Primary", (notice, second, table, third, figure))
    only = list(tables_only(replace(page, sections=(Section("s", "S", (entry,)),), highlight=None)))[1:]
    assert [type(output) for output in only] == [Table, Table, Table, Figure]
    both, _, alone, _ = only
    assert [(row.label, row.cells[0].text) for row in both.rows] == [
        ("Could not be estimated.", "no events"),
        ("Nor this.", "no deaths"),
    ]
    assert both.source == alone.source == "Plan A 1.0, entry P2."


def test_neighbouring_columns_of_one_arm_share_a_spanning_head() -> None:
    columns = (Column("Visit"), Column("n", group="A"), Column("Mean", group="A"), Column("n", group="B"))
    assert Table("1", "t", columns, ()).column_groups == (("", 1), ("A", 2), ("B", 1))
    assert Table("1", "t", columns[:1], ()).column_groups == ()


def test_a_reference_names_analysis_table_row_and_column(table: Table) -> None:
    assert str(table.rows[1].cells[0].references[0]) == "P1/contrasts/0/estimate"


def test_a_cell_for_all_columns_together_stands_alone_in_its_row() -> None:
    columns = (Column(""), Column("A"), Column("B"))
    Table("1", "t", columns, (Row("Log-rank test", (Cell("p = 0.02"),), spanning=True),))
    with pytest.raises(DocumentError, match="cells in the row: 1"):
        Table("1", "t", columns, (Row("Log-rank test", (Cell("1"), Cell("2")), spanning=True),))


def test_the_levels_of_a_category_stay_on_one_page_and_those_of_a_long_one_may_part() -> None:
    sex = (Row("Sex", section=True), Row("Female", (Cell("1"),), 1), Row("Male", (Cell("2"),), 1))
    sites = (Row("Site", section=True), *(Row(f"Site {n}", (Cell("1"),), 1) for n in range(7)))
    rows = (Row("Age", (Cell("70"),)), *sex, Row("Weight", (Cell("70"),)), *sites)
    kept = Table("1", "t", (Column(""), Column("A")), rows).kept
    assert kept == (False, True, True, False, False, True, *[False] * 7)


def test_a_word_with_a_capital_within_keeps_its_first() -> None:
    assert [lower_first(one) for one in ("InterMAT, Z", "ODI", "Change in ODI", "Age")] == [
        "InterMAT, Z",
        "ODI",
        "change in ODI",
        "age",
    ]
