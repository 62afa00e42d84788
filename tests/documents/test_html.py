"""The written page, parsed back."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import lxml.html
import pytest

import trialkit
from trialkit.documents import Page, render_html, write_html


def text_of(element: lxml.html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


@pytest.fixture
def tree(page: Page) -> lxml.html.HtmlElement:
    return lxml.html.fromstring(render_html(page))


def test_a_table_reads_back_cell_by_cell(tree: lxml.html.HtmlElement) -> None:
    (table,) = tree.xpath("//*[@id='table-14-2-1']//table")
    rows = [[text_of(cell) for cell in row.xpath("./th|./td")] for row in table.xpath(".//tbody/tr")]
    assert rows == [
        ["Observed"],
        ["Mean (SD)", "27.1 (11.2)", "32.4 (11.2)"],
        ["Median time", "–a", "–a"],
        ["Maximum", "–b", "9"],
    ]
    heads = [text_of(cell) for cell in table.xpath(".//thead//th")]
    assert heads == ["", "ExerciseN = 157", "ControlN = 157"]


def test_why_a_cell_is_empty_stands_below_the_table(tree: lxml.html.HtmlElement) -> None:
    foot = [text_of(p) for p in tree.xpath("//*[@id='table-14-2-1']//div[@class='foot']/p")]
    assert foot[:2] == ["a not reached", "b not recorded"]
    assert "Method ANCOVA" in foot
    assert "Source Plan A 1.0, entry P1." in foot


def test_a_number_says_where_in_the_results_it_comes_from(tree: lxml.html.HtmlElement) -> None:
    (cell,) = tree.xpath("//td[@data-result='P1/contrasts/0/estimate']")
    assert text_of(cell) == "27.1 (11.2)"


def test_the_page_asks_nothing_of_any_other_place(page: Page) -> None:
    html = render_html(page)
    wanted = re.findall(r'(?:src|href)="([^"#][^"]*)"|url\(([^)#][^)]*)\)|@import', html)
    assert wanted == []
    outside = set(re.findall(r"https?://[^\s\"'<>]+", html))
    assert outside <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}


def test_every_entry_of_the_contents_leads_somewhere(tree: lxml.html.HtmlElement) -> None:
    targets = [link.get("href")[1:] for link in tree.xpath("//nav//a")]
    assert targets == ["key-result", "primary", "entry-p1", "gaps"]
    for target in targets:
        assert len(tree.xpath(f"//*[@id='{target}']")) == 1


def test_ids_are_unique_on_the_page(tree: lxml.html.HtmlElement) -> None:
    ids = tree.xpath("//@id")
    assert len(ids) == len(set(ids))


def test_a_draft_is_marked_over_every_page_and_in_its_title(page: Page) -> None:
    draft = lxml.html.fromstring(render_html(page))
    assert draft.xpath("//div[@class='watermark']/span/text()") == ["DRAFT"] * 3
    assert "DRAFT" in draft.xpath("//title/text()")[0]
    final = lxml.html.fromstring(render_html(replace(page, watermark="")))
    assert not final.xpath("//div[@class='watermark']")


def test_text_that_looks_like_markup_stays_text(tree: lxml.html.HtmlElement) -> None:
    assert "ODI <at> 12 months" in text_of(tree.xpath("//*[@id='table-14-2-1']//figcaption")[0])


def test_what_failed_stands_in_its_place(tree: lxml.html.HtmlElement) -> None:
    (notice,) = tree.xpath("//article[@id='entry-p1']//aside[@class='notice failure']")
    assert text_of(notice) == "Could not be estimated. no events"


def test_the_same_page_gives_the_same_bytes(page: Page, tmp_path: Path) -> None:
    first = write_html(page, tmp_path / "a" / "index.html").read_bytes()
    assert first == write_html(page, tmp_path / "b" / "index.html").read_bytes()
    assert b"\r" not in first


def test_templates_travel_with_the_package() -> None:
    from trialkit.documents import html

    names = {path.name for path in (Path(html.__file__).parent / "templates").iterdir()}
    assert {"page.html.j2", "blocks.html.j2", "page.css", "page.js"} <= names


def test_what_scrolls_sideways_shows_that_more_stands_behind_its_edge() -> None:
    """On a phone a table that is cut off looks whole: a shadow stays where it goes on."""
    here = Path(trialkit.__file__).parent
    styled = [*here.rglob("*.css"), here / "report" / "list_files.py"]
    scrolling = {path.name: path.read_text(encoding="utf-8") for path in styled}
    scrolling = {name: text for name, text in scrolling.items() if re.search(r"overflow-x: ?auto", text)}
    assert {"page.css", "app.css", "calculator.css", "list_files.py"} == set(scrolling)
    assert all(len(re.findall(r"no-repeat local", text)) == 2 for text in scrolling.values())
