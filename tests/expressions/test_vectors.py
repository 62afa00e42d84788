"""One list of expressions with the answers they must have, worked out by hand; the page is held to it too.

``!`` stands for an item that is known not to be asked.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from trialkit.expressions import NOT_ASKED, evaluate, parse
from trialkit.expressions.text_functions import as_text

VECTORS = json.loads((Path(__file__).parent / "vectors.json").read_text(encoding="utf-8"))


@pytest.mark.analytic
@pytest.mark.parametrize(("text", "values", "expected"), VECTORS)
def test_an_expression_has_the_answer_of_the_list(text: str, values: dict[str, str], expected: Any) -> None:
    known = {name: NOT_ASKED if value == "!" else value for name, value in values.items()}
    found = evaluate(parse(text), lambda name: known.get(name.item), unreadable_is_missing=True)
    assert (found if found is None or isinstance(found, bool) else as_text(found)) == expected
