"""The examples of the mixed models' pages run as they are printed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PAGES = Path(__file__).resolve().parents[3] / "docs" / "methods"

pytestmark = pytest.mark.regression_only


@pytest.mark.parametrize("method", ["mmrm", "lmm", "mixed_logistic"])
def test_the_example_of_a_method_page_runs(method):
    page = (PAGES / f"{method}.md").read_text(encoding="utf-8")
    examples = re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL)
    assert examples
    for example in examples:
        names: dict = {}
        exec(compile(example, f"{method}.md", "exec"), names)
        assert "rows read" in repr(names["fit"])
        assert names["fit"].convergence.gradient_norm < 1e-8
