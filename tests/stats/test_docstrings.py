"""A docstring tells whoever comes from R or SAS what goes in, what comes out, and the same call there."""

from __future__ import annotations

import inspect
import re

import pytest

from trialkit import stats

pytestmark = pytest.mark.regression_only

FUNCTIONS = sorted(name for name in stats.HOME_OF_NAME if name.islower() and callable(getattr(stats, name)))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_docstring_names_every_argument_the_result_the_errors_and_the_same_in_r_or_sas(name: str) -> None:
    function = getattr(stats, name)
    said = inspect.getdoc(function) or ""
    sections = re.findall(r"^(\w+)\n-+$", said, flags=re.MULTILINE)
    assert {"Parameters", "Returns", "Raises"} <= set(sections)
    arguments = inspect.signature(function).parameters
    assert [argument for argument in arguments if not re.search(rf"\b{argument}\b", said)] == []
    assert re.search(r"\bR\b|\bSAS\b", said)
