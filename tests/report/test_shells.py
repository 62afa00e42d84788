"""The plan for readers: every entry has its shells, and no number stands in one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path

import pytest

from trialkit import resources
from trialkit.analysis import load_plan
from trialkit.documents.page import Entry, Page, Section
from trialkit.documents.table import Table
from trialkit.plan import Plan
from trialkit.plan.intercurrent import source_of
from trialkit.report.outputs.recruitment import ANCHOR
from trialkit.report.shells import in_order, plan_page
from trialkit.study import load_study


@pytest.fixture(scope="module")
def plan() -> Plan:
    return load_plan(resources.folder("sap") / "study_a.toml")


@pytest.fixture(scope="module")
def page(plan: Plan) -> Page:
    return plan_page(plan, load_study(resources.folder("sample_data")))


def of_the_plan(section: Section) -> list[Entry]:
    """Without recruitment, which no entry asks for, and without listings of entries that print tables too."""
    return [one for one in section.entries if one.anchor != ANCHOR and not one.anchor.endswith("-listing")]


def test_every_entry_of_the_plan_has_a_shell(plan: Plan, page: Page):
    (section,) = [section for section in page.sections if section.anchor == "entries"]
    assert [entry.title for entry in of_the_plan(section)] == [entry.title for entry in in_order(plan)]
    assert {entry.title for entry in of_the_plan(section)} == {entry.title for entry in plan.analyses}
    assert all(len(entry.blocks) >= 2 for entry in of_the_plan(section))


def test_all_listings_stand_last_and_in_the_order_of_their_numbers(page: Page):
    (section,) = [section for section in page.sections if section.anchor == "entries"]
    numbers = [
        next((one.number for one in entry.blocks if isinstance(one, Table) and one.kind == "Listing"), "")
        for entry in section.entries
    ]
    listings = [one for one in numbers if one]
    assert "16.2.3.1" in listings
    assert numbers[-len(listings) :] == sorted(listings)  # each part below ten


def test_no_number_of_a_result_stands_in_a_shell(page: Page):
    (section,) = [section for section in page.sections if section.anchor == "entries"]
    for entry in section.entries:
        for block in entry.blocks:
            if isinstance(block, Table):
                for row in block.rows:
                    for cell in row.cells:
                        assert not re.search(r"\d", cell.text.replace("95", "")), (entry.title, cell.text)


def test_every_estimand_shows_its_five_attributes_with_strategy_and_source(plan: Plan, page: Page):
    (section,) = [section for section in page.sections if section.anchor == "estimands"]
    assert len(section.entries) == len(plan.estimands)
    for entry, estimand in zip(section.entries, plan.estimands.values(), strict=True):
        (table,) = entry.blocks
        assert isinstance(table, Table)
        rows = {row.label: [cell.text for cell in row.cells] for row in table.rows}
        assert "_" not in rows["Variable"][0]  # labels, no names
        forms = {form.name: form.label for form in load_study(resources.folder("sample_data")).forms}
        for event in estimand.intercurrent:
            source = source_of(event)
            strategy, told = rows[event.event]
            assert (strategy, told.partition(",")[0]) == (event.strategy.value, forms[source.form])
            assert source.date in told
            assert source.rule in told


def test_whoever_signs_reads_every_endpoint_set_and_record_as_it_is_defined(page: Page):
    text = str(page)
    for words in (
        "an episode of low-back pain of at least 24 hours", "rec_lbp_hours >= 24", "chg <= -0.3 * base",
        "compliance >= 75", "deviations flagged important", "ae_serious = 1",
        "Change in ODI from baseline at",
    ):  # fmt: skip
        assert words in text, words


def test_no_value_of_an_entry_is_printed_as_python_writes_it(page: Page):
    text = " ".join(
        block.text
        for section in page.sections
        for entry in section.entries
        for block in entry.blocks
        if getattr(block, "title", "") == "As planned."
    )
    assert "Days on the NSAID: " in text
    for mark in ("{'", "('", "True", "MultipleImputation", "75.0"):
        assert mark not in text, mark


def test_what_check_would_refuse_stands_in_the_plan_that_is_rendered(plan: Plan):
    wrong = replace(plan, protocol="9.9")
    page = plan_page(wrong, load_study(resources.folder("sample_data")))
    assert any(section.anchor == "misfits" for section in page.sections)


def _misspelt(value: object) -> Iterator[object]:
    """The value with a word of it wrong: of several words the last."""
    if isinstance(value, str) and value:
        yield f"{value}x"
    elif isinstance(value, tuple) and value:
        yield from ((*value[:-1], wrong) for wrong in _misspelt(value[-1]))


def test_no_misspelt_word_of_an_entry_costs_the_page(plan: Plan):
    study = load_study(resources.folder("sample_data"))
    edited = [
        [
            replace(entry, keys={**entry.keys, key: wrong})
            for key, value in entry.keys.items()
            for wrong in _misspelt(value)
        ]
        for entry in plan.analyses
    ]
    assert sum(map(len, edited)) > 150
    for together in zip_longest(*edited):  # a page takes a misspelling of each entry that has one left
        entries = tuple(entry for entry in together if entry is not None)
        page = plan_page(replace(plan, analyses=entries), study)
        (section,) = [section for section in page.sections if section.anchor == "entries"]
        assert sorted(one.title for one in of_the_plan(section)) == sorted(entry.title for entry in entries)


def test_the_plan_is_the_same_page_wherever_its_file_lies(tmp_path: Path):
    """Findings name their line; the folder they were read from is nobody's business and no part of a hash."""
    from trialkit.documents.html import render_html

    study = load_study(resources.folder("sample_data"))
    text = (resources.folder("sap") / "study_a.toml").read_text(encoding="utf-8")
    wrong = text.replace('protocol = "', 'protocol = "9', 1).replace('of = "P1"', 'of = "P0"', 1)
    pages = []
    for folder in ("one", "a folder with blanks/and more"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "study_a.toml").write_text(wrong, encoding="utf-8")
        pages.append(render_html(plan_page(load_plan(tmp_path / folder / "study_a.toml"), study)))
    assert str(tmp_path) not in pages[0]
    assert pages[0] == pages[1]
    assert "study_a.toml:" in pages[0]
