"""The page of a report in a real browser as wide as a laptop: wide tables fit, long listings unfold."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from trialkit.documents import Cell, Column, Entry, Page, Row, Section, Table, write_html

SUMMARY = ("158", "52.2 (20.4)", "53.0 (41.0\N{EN DASH}65.8)", "149", "\N{MINUS SIGN}19.1 (18.0)")
HEADS = ("n", "Mean (SD)", "Median (Q1\N{EN DASH}Q3)", "n of change", "Change, mean (SD)")
CUT_OFF = """() => {
  const seen = document.querySelector('#table-14-2-1 .scroll');
  return seen.scrollWidth - seen.clientWidth }"""
SEEN = """(words) => {
  const box = document.querySelector('details.folded .scroll').getBoundingClientRect();
  const head = document.querySelector('details.folded thead').getBoundingClientRect();
  const rows = [...document.querySelectorAll('details.folded tbody tr')];
  const row = rows.find((one) => one.textContent.includes(words));
  const at = row.getBoundingClientRect();
  return at.top >= head.bottom - 3 && at.bottom <= box.bottom + 1 }"""
ON_SCREEN = """() => {
  const now = document.querySelectorAll('.now');
  const at = now[0].getBoundingClientRect();
  return now.length === 1 && at.top >= 0 && at.bottom <= innerHeight ? now[0].textContent : "" }"""
OPEN = "() => document.querySelector('details.folded').open"


def _of_two_arms() -> Table:
    """What the plan prints of a measure by visit: five columns an arm."""
    columns = [Column(head, group=arm) for arm in ("Exercise + NSAID", "NSAID alone") for head in HEADS]
    visits = ("Baseline", "End of intervention (week 6)", "12 months after randomization")
    rows = tuple(Row(visit, tuple(map(Cell, SUMMARY * 2)), indent=1) for visit in visits)
    return Table("14.2.1", "Endurance", (Column("Visit"), *columns), rows)


def _listing() -> Table:
    columns = (Column("Subject"), Column("Event", align="left"))
    rows = tuple(Row(f"{number:04d}", (Cell(f"event of {number:04d}"),)) for number in range(200))
    return Table("16.2.7.1", "Adverse events", columns, rows, kind="Listing")


@pytest.fixture
def shown(chromium: Any, tmp_path: Path) -> Iterator[Any]:
    entries = tuple(Entry(f"e{i}", t.title, (t,)) for i, t in enumerate((_of_two_arms(), _listing())))
    page = Page(
        title="A trial",
        kicker="Statistical report",
        state="Draft",
        state_tone="draft",
        facts=(),
        sections=(Section("all", "Outputs", entries),),
    )
    write_html(page, tmp_path / "index.html")
    shown = chromium.new_page(viewport={"width": 1366, "height": 768})
    shown.goto((tmp_path / "index.html").as_uri())
    yield shown
    shown.close()


@pytest.mark.parametrize("width", [1280, 1366])
def test_a_table_of_eleven_columns_fits_its_column(shown: Any, width: int) -> None:
    shown.set_viewport_size({"width": width, "height": 768})
    assert shown.evaluate(CUT_OFF) <= 1


def test_a_listing_unfolds_where_the_search_finds_something_in_it(shown: Any) -> None:
    assert not shown.evaluate(OPEN)
    assert not shown.locator("text=event of 0150").is_visible()
    shown.fill(".find input", "of 0150")
    assert shown.evaluate(OPEN)
    assert shown.locator("tr.hit").count() >= 1
    shown.fill(".find input", "")
    assert not shown.evaluate(OPEN), "what the search opened it closes"


def test_the_first_line_found_stands_in_view_below_the_heads_of_its_listing(shown: Any) -> None:
    shown.fill(".find input", "of 0150")
    shown.fill(".find input", "0150")
    assert shown.evaluate(SEEN, "event of 0150")


def test_a_listing_folds_again_when_the_next_word_is_not_in_it(shown: Any) -> None:
    shown.fill(".find input", "0150")
    assert shown.evaluate(OPEN)
    shown.fill(".find input", "baseline")
    assert not shown.evaluate(OPEN)


def test_enter_goes_from_hit_to_hit_over_the_whole_page(shown: Any) -> None:
    shown.fill(".find input", "e")
    for key, words in [
        ("Enter", "Baseline"),
        ("Enter", "End of intervention"),
        ("Enter", "12 months"),
        ("Enter", "event of 0000"),
        ("Enter", "event of 0001"),
        ("Shift+Enter", "event of 0000"),
        ("Shift+Enter", "12 months"),
    ]:
        shown.press(".find input", key)
        assert words in shown.evaluate(ON_SCREEN), (key, words)
    shown.fill(".find input", "event")
    shown.press(".find input", "Shift+Enter")
    assert "event of 0199" in shown.evaluate(ON_SCREEN)
    assert shown.inner_text(".find output") == "200 of 200 in 1 output"
    shown.press(".find input", "Enter")
    assert "event of 0000" in shown.evaluate(ON_SCREEN)


def test_what_the_reader_opened_the_search_leaves_open(shown: Any) -> None:
    shown.click("details.folded summary")
    shown.fill(".find input", "0150")
    shown.fill(".find input", "")
    assert shown.evaluate(OPEN)
    assert shown.locator("text=event of 0150").is_visible()


def test_a_listing_is_printed_whole(shown: Any) -> None:
    shown.evaluate("() => window.dispatchEvent(new Event('beforeprint'))")
    assert shown.evaluate(OPEN)
