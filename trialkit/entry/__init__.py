"""Rules of data capture, pure: how a typed text is read, whether two entries agree, the life of a form.

Names are handed out when asked for, so that a rule on two values does not cost the import of pandas.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trialkit.entry.agreement import TextRule, TypedValue, compare_texts, compare_values
    from trialkit.entry.comparison import ComparisonReport, compare
    from trialkit.entry.errors import ComparisonError
    from trialkit.entry.rates import clopper_pearson
    from trialkit.entry.values import Reading, ReadValue, read_value, text_of

__all__ = [
    "ComparisonError",
    "ComparisonReport",
    "ReadValue",
    "Reading",
    "TextRule",
    "TypedValue",
    "clopper_pearson",
    "compare",
    "compare_texts",
    "compare_values",
    "read_value",
    "text_of",
]

_MODULE_OF = {
    "ComparisonError": "errors",
    "ComparisonReport": "comparison",
    "ReadValue": "values",
    "Reading": "values",
    "TextRule": "agreement",
    "TypedValue": "agreement",
    "clopper_pearson": "rates",
    "compare": "comparison",
    "compare_texts": "agreement",
    "compare_values": "agreement",
    "read_value": "values",
    "text_of": "values",
}


def __getattr__(name: str) -> Any:
    module = _MODULE_OF.get(name)
    if module is None:
        raise AttributeError(f"trialkit.entry has no {name!r}")
    return getattr(importlib.import_module(f"trialkit.entry.{module}"), name)
