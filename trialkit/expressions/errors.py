"""What can be wrong with an expression."""

from __future__ import annotations

from trialkit.errors.base import TrialkitError
from trialkit.wording import said


class ExpressionError(TrialkitError):
    """An expression that cannot be parsed, or a value it cannot be applied to.

    ``column`` counts from 1 in the expression's text; the error marks the place with ``>>`` and ``<<``.
    """

    def __init__(
        self, *, text: str, start: int, end: int, expected: str, found: str, next_step: str = ""
    ) -> None:
        self.column = start + 1
        super().__init__(
            expected=expected,
            found=said("{found} in {mark}", found=found, mark=mark(text, start, end)),
            where=said("column {column}", column=self.column),
            next_step=next_step,
        )


def mark(text: str, start: int, end: int, context: int = 24) -> str:
    """The place in its surroundings, on one line: ``… [x] > >>)<< and …``."""
    before, after = text[max(0, start - context) : start], text[end : end + context]
    left = "… " if start > context else ""
    right = " …" if end + context < len(text) else ""
    return f"{left}{before}>>{text[start:end]}<<{after}{right}"
