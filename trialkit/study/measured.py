"""Items that give one number a form: an analysis may take them as they are, like a score."""

from __future__ import annotations

import math

from trialkit.study.model import Form, Item, Study
from trialkit.vocabulary import ItemType

_NUMERIC = frozenset({ItemType.INTEGER, ItemType.NUMBER, ItemType.DERIVED})


def measured_items(study: Study) -> dict[str, tuple[Form, Item]]:
    """Numeric items, and choices whose codes are numbers, of forms that do not repeat, by name."""
    return {
        item.name: (form, item)
        for form in study.forms
        if not form.repeating
        for item in form.items
        if _gives_a_number(item)
    }


def _gives_a_number(item: Item) -> bool:
    if item.type is ItemType.CODED:
        return all(_is_number(choice.code) for choice in item.choices)
    return item.type in _NUMERIC


def _is_number(code: str) -> bool:
    try:
        return math.isfinite(float(code))
    except ValueError:
        return False
