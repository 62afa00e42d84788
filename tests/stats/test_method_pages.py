"""The examples of the method pages run as they are printed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PAGES = Path(__file__).resolve().parents[2] / "docs" / "methods"

pytestmark = pytest.mark.regression_only


@pytest.mark.parametrize("method", ["ancova", "gee", "logistic", "ordinal", "parametric_survival", "poisson"])
def test_the_example_of_a_method_page_runs(method):
    page = (PAGES / f"{method}.md").read_text(encoding="utf-8")
    examples = re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL)
    assert examples
    for example in examples:
        names: dict = {}
        exec(compile(example, f"{method}.md", "exec"), names)
        assert "rows read" in repr(names["fit"])


@pytest.mark.parametrize(
    "method", ["blinding_index", "cochran_mantel_haenszel", "complier_effect", "correlations"]
)
def test_the_example_of_a_page_of_tables_runs(method):
    page = (PAGES / f"{method}.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL)
    names: dict = {}
    exec(compile(example, f"{method}.md", "exec"), names)
    assert "rows read" in repr(names["res"])
