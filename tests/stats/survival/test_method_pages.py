"""The examples on the pages of the survival methods."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.regression_only

PAGES = Path(__file__).resolve().parents[3] / "docs" / "methods"
METHODS = (
    "kaplan_meier",
    "log_rank",
    "restricted_mean",
    "cox",
    "cumulative_incidence",
    "mean_cumulative_count",
    "interval_cloglog",
)


@pytest.mark.parametrize("method", METHODS)
def test_the_example_on_the_page_of_a_method_runs(method):
    page = (PAGES / f"{method}.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    assert f"{method}(" in example
    names: dict[str, object] = {}
    exec(compile(example, f"{method}.md", "exec"), names)
    result = names.get("res", names.get("fit"))
    assert repr(result)
    assert result._repr_html_().startswith("<p>")
