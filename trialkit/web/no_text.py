"""What no database keeps as text: PostgreSQL refuses it, and its refusal would tell a stranger of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

_NUL = "\0"


def holds_no_text(value: Any) -> bool:
    """Whether a text, or one in what holds texts, has the character U+0000 or half of a surrogate pair."""
    if isinstance(value, str):
        return _NUL in value or any("\ud800" <= letter <= "\udfff" for letter in value)
    if isinstance(value, BaseModel):
        return holds_no_text(dict(value))
    if isinstance(value, Mapping):
        return any(holds_no_text(part) for pair in value.items() for part in pair)
    if isinstance(value, (list, tuple, set, frozenset)):
        return any(map(holds_no_text, value))
    fields = getattr(value, "__dataclass_fields__", None)
    return fields is not None and any(holds_no_text(getattr(value, name)) for name in fields)
