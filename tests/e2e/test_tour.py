from __future__ import annotations

import doctest
from pathlib import Path

import pytest

TOUR = Path(__file__).resolve().parents[2] / "docs" / "tour.md"


@pytest.mark.regression_only
def test_the_tour_shows_what_the_demonstration_holds(demo):
    text = TOUR.read_text(encoding="utf-8")
    test = doctest.DocTestParser().get_doctest(text, {"folder": demo.folder}, "tour", str(TOUR), 0)
    report: list[str] = []
    failures, attempts = doctest.DocTestRunner().run(test, out=report.append)
    assert attempts > 20
    assert failures == 0, "".join(report)
