"""The page of a report in a real browser, as narrow as a phone: nothing of the key result is cut off."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from trialkit.documents import Page, write_html
from trialkit.documents.page import Highlight
from trialkit.documents.table import Cell

CUT = """() => [...document.querySelectorAll('.highlight *')]
  .filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth)
  .map(e => e.className + ' ' + e.textContent)"""
STATEMENTS = (
    "\N{MINUS SIGN}17.09 mm (95%\u00a0CI\u00a0\N{MINUS SIGN}22.60\u00a0to\u00a0\N{MINUS SIGN}11.58)",
    "\N{MINUS SIGN}1,234.56 ml (99%\u00a0CI\u00a0\N{MINUS SIGN}2,345.6\u00a0to\u00a0\N{MINUS SIGN}1,123.45)",
    "Odds ratio 12.34 (97.5%\u00a0CI\u00a01.23\u00a0to\u00a0123.45)",
    "Not estimated: no events in either arm",
)


@pytest.mark.parametrize("width", [320, 390])
@pytest.mark.parametrize("statement", STATEMENTS)
def test_the_key_result_stays_on_the_screen(
    chromium: Any, tmp_path: Path, statement: str, width: int
) -> None:
    page = Page(
        title="A trial",
        kicker="Statistical report",
        state="Draft",
        state_tone="draft",
        facts=(("Study", "A 2.1"),),
        sections=(),
        highlight=Highlight("Does it help?", Cell(statement), "Difference.", (("p", Cell("<0.001")),), ()),
    )
    write_html(page, tmp_path / "index.html")
    shown = chromium.new_page(viewport={"width": width, "height": 800})
    shown.goto((tmp_path / "index.html").as_uri())
    assert shown.evaluate(CUT) == []
    assert shown.evaluate("() => document.documentElement.scrollWidth") == width
    said = shown.inner_text(".statement").replace("\n", " ").replace("\u00a0", " ")
    assert " ".join(said.split()) == statement.replace("\u00a0", " ")
    shown.close()
