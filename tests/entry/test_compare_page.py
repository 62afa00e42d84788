"""The example on the page of the comparison runs as printed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "methods" / "compare.md"


@pytest.mark.regression_only
def test_the_example_on_the_page_of_the_comparison_finds_what_the_page_says():
    (example,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    names: dict = {}
    exec(compile(example, PAGE.name, "exec"), names)
    report = names["report"]
    assert report.discrepancies["kind"].tolist() == ["text_only", "value", "missing_in_first"]
    assert report.discrepancies["item"].tolist() == ["note", "vas", "vas"]
    assert report.unpaired.empty
    assert report.summary["fields_discordant"] == 3
