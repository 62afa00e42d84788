"""Pages that show the demonstration's own rows and numbers, run as they are printed."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.mark.regression_only
@pytest.mark.parametrize("page", ["tour.md", "tutorial.md"])
def test_a_page_shows_what_the_demonstration_holds(page, demo):
    import pandas as pd

    text = (DOCS / page).read_text(encoding="utf-8")
    test = doctest.DocTestParser().get_doctest(text, {"folder": demo.folder}, page, page, 0)
    report: list[str] = []
    with pd.option_context("display.width", 80, "display.max_columns", 20):  # a page may set its own
        runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
        failures, attempts = runner.run(test, out=report.append)
    assert attempts > 20
    assert failures == 0, "".join(report)
