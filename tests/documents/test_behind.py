"""From a printed number to its row, its model and its entry of the plan; and finding words on the page."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import lxml.html
import pytest

from trialkit.documents import Cell, Evidence, Page, ResultReference, render_html

ROW = {"contrast": "a - b </script>", "estimate": -6.559412345678901, "df": None}


@pytest.fixture
def with_evidence(page: Page) -> Page:
    rows = {("contrasts", 0): ROW, ("contrasts", 1): {"estimate": 1.0}, ("other", 0): {"secret": 1}}
    return replace(page, evidence=(Evidence("P1", "Primary", "ANCOVA", 'id = "P1"\nset = "full"', rows),))


def test_the_page_carries_the_rows_it_prints_from_and_no_other(with_evidence: Page) -> None:
    (store,) = lxml.html.fromstring(render_html(with_evidence)).xpath("//script[@id='behind']")
    found = json.loads(store.text)
    assert found == {
        "P1": {
            "title": "Primary",
            "model": "ANCOVA",
            "plan": 'id = "P1"\nset = "full"',
            "rows": {"contrasts/0": ROW},
        }
    }


def in_browser(html: str, script: str, folder: Path) -> lxml.html.HtmlElement:
    """The page after a script has run in it."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("no Chromium on this machine")
    page = folder / "page.html"
    page.write_text(html.replace("</body>", f"<script>{script}</script></body>"), encoding="utf-8")
    quiet = (
        "--disable-gpu --disable-quic --no-first-run --disable-background-networking "
        "--disable-component-update --disable-sync"
    )
    options = ["--headless", "--no-sandbox", "--virtual-time-budget=2000", *quiet.split()]
    command = [browser, *options, f"--user-data-dir={folder / 'profile'}", "--dump-dom", page.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    return lxml.html.fromstring(done.stdout)


def test_a_click_on_a_number_shows_row_model_and_plan_entry(with_evidence: Page, tmp_path: Path) -> None:
    html = render_html(with_evidence)
    tree = in_browser(html, "document.querySelector('td[data-result]').click()", tmp_path)
    (panel,) = tree.xpath("//dialog[@open]")
    said = " ".join(panel.text_content().split())
    assert "27.1 (11.2) · Primary" in said
    (asked,) = panel.xpath(".//tr[@class='asked']")
    assert asked.text_content() == "estimate-6.559412345678901"
    assert "ANCOVA" in said
    assert 'set = "full"' in said


def test_the_panel_names_a_number_without_the_letter_of_its_footnote(
    with_evidence: Page, tmp_path: Path
) -> None:
    script = (
        "var cell = document.querySelector('td[data-result]');"
        "cell.insertAdjacentHTML('beforeend', '<sup>a</sup>'); cell.click()"
    )
    (panel,) = in_browser(render_html(with_evidence), script, tmp_path).xpath("//dialog[@open]")
    said = " ".join(panel.text_content().split())
    assert "27.1 (11.2) · Primary" in said and "27.1 (11.2)a" not in said


def test_a_click_on_a_sentence_of_the_key_result_shows_every_row_it_is_said_of(
    with_evidence: Page, tmp_path: Path
) -> None:
    known = Evidence("_truth", "Known", "simulated", "", {("effects", 0): {"value": -5.7205}})
    rows = (
        ResultReference("P1", "contrasts", 0, "estimate"),
        ResultReference("P1", "contrasts", 1, "estimate"),
        ResultReference("_truth", "effects", 0, "value"),
    )
    remarks = (("Against the truth.", Cell("It covers it.", rows)), ("Draft.", Cell("Not locked.")))
    assert with_evidence.highlight is not None
    page = replace(
        with_evidence,
        highlight=replace(with_evidence.highlight, remarks=remarks),
        evidence=(*with_evidence.evidence, known),
    )
    tree = in_browser(render_html(page), "document.querySelector('.remark [data-result]').click()", tmp_path)
    assert len(tree.xpath("//p[@class='remark']//*[@data-result]")) == 1
    (panel,) = tree.xpath("//dialog[@open]")
    assert "Against the truth · Primary" in " ".join(panel.text_content().split())
    asked = [line.text_content() for line in panel.xpath(".//tr[@class='asked']")]
    assert asked == ["estimate-6.559412345678901", "estimate1", "value-5.7205"]
    heads = [one.text for one in panel.xpath(".//div[@class='values']/p")]
    assert heads == [
        "Table contrasts, row 0",
        "Table contrasts, row 1",
        "Analysis _truth, table effects, row 0",
    ]


def test_finding_leaves_only_the_outputs_that_hold_every_word(with_evidence: Page, tmp_path: Path) -> None:
    script = (
        "var i = document.querySelector('.find input'); i.value = 'maximum recorded';"
        "i.dispatchEvent(new Event('input'))"
    )
    tree = in_browser(render_html(with_evidence), script, tmp_path)
    shown = [
        one.get("id")
        for one in tree.xpath("//figure[contains(@class,'output')]")
        if "unfound" not in one.get("class")
    ]
    assert shown == ["table-14-2-1"]
    assert tree.xpath("string(//p[@class='find']/output)") == "1 output"
    assert "unfound" in tree.xpath("//article[@id='gaps']/@class")[0]
