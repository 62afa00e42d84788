"""The examples of the method pages run as they are printed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PAGES = Path(__file__).resolve().parents[3] / "docs" / "methods"

pytestmark = pytest.mark.regression_only


@pytest.mark.parametrize(
    ("method", "name", "printed"),
    [
        ("pool", "pooled", "50 imputations pooled"),
        ("impute", "imputed", "200 imputations of 120 rows"),
        ("impute_reference_based", "imputed", "20 values missing after an event (j2r), 0 at random"),
    ],
)
def test_the_example_of_a_method_page_runs(method, name, printed):
    page = (PAGES / f"{method}.md").read_text(encoding="utf-8")
    examples = re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL)
    assert examples
    for example in examples:
        names: dict = {}
        exec(compile(example, f"{method}.md", "exec"), names)
        assert printed in repr(names[name])
