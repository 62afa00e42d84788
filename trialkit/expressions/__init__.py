"""One typed tree and evaluator for branching, calculations, criteria and the plan's rules."""

from __future__ import annotations

from trialkit.expressions.as_json import as_json
from trialkit.expressions.comparison import NOT_ASKED, Compared
from trialkit.expressions.errors import ExpressionError
from trialkit.expressions.evaluation import Lookup, NotKnownYet, evaluate
from trialkit.expressions.parser import parse
from trialkit.expressions.tree import Expression, Kind, Name, Value

__all__ = [
    "NOT_ASKED",
    "Compared",
    "Expression",
    "ExpressionError",
    "Kind",
    "Lookup",
    "Name",
    "NotKnownYet",
    "Value",
    "as_json",
    "evaluate",
    "parse",
]
