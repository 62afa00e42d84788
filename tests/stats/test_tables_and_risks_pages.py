"""The examples on the pages of risks, curves, agreement, tables, multiplicity and power run as printed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.regression_only

PAGES = Path(__file__).resolve().parents[2] / "docs" / "methods"
CALL_OF_PAGE = {
    "two_proportions": "two_proportions(",
    "risk_difference": "risk_difference(",
    "mantel_haenszel": "mantel_haenszel(",
    "g_computation": "g_computation(",
    "exact_test": "exact_test(",
    "van_elteren": "van_elteren(",
    "roc": "roc(",
    "icc": "icc(",
    "bland_altman": "bland_altman(",
    "weighted_kappa": "weighted_kappa(",
    "compare_groups": "compare_groups(",
    "compare_summaries": "compare_summaries(",
    "adjust_p_values": "adjust_p_values(",
    "power": "t_test_sample_size(",
}
SECTIONS = ("Assumptions", "Degenerate cases", "The same elsewhere", "References")


@pytest.mark.parametrize("method", CALL_OF_PAGE)
def test_the_example_on_the_page_of_a_method_runs(method):
    page = (PAGES / f"{method}.md").read_text(encoding="utf-8")
    assert [section for section in SECTIONS if f"## {section}\n" not in page] == []
    (example,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    assert CALL_OF_PAGE[method] in example
    names: dict = {}
    exec(compile(example, f"{method}.md", "exec"), names)
    assert repr(names["res"])


@pytest.mark.parametrize("method", sorted(set(CALL_OF_PAGE) - {"two_proportions", "power"}))
def test_a_result_shows_itself_in_a_notebook(method):
    page = (PAGES / f"{method}.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    names: dict = {}
    exec(compile(example, f"{method}.md", "exec"), names)
    assert names["res"]._repr_html_().startswith("<p>")
