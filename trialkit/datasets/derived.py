"""Derived items: never typed, always calculated from what was, by the dictionary's own formula."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialkit.expressions import Lookup, Name, Value, evaluate, parse
from trialkit.study.model import Item, Study
from trialkit.vocabulary import ItemType

if TYPE_CHECKING:
    import pandas as pd


def derived_items(study: Study) -> tuple[Item, ...]:
    """The calculated items of forms that do not repeat."""
    forms = (form for form in study.forms if not form.repeating)
    return tuple(item for form in forms for item in form.items if item.type is ItemType.DERIVED)


def derived_columns(wide: pd.DataFrame, study: Study) -> dict[str, pd.Series]:
    """Each derived item as a column of numbers; NaN where what it is made of is missing.

    Parameters
    ----------
    wide
        One row a subject, one column an item, stored text: the items of one visit. A formula that looks at
        another visit finds nothing here and is missing.
    """
    import pandas as pd

    rows = [_look_up(dict(zip(wide.columns, row, strict=True))) for row in wide.itertuples(index=False)]
    columns = {}
    for item in derived_items(study):
        formula = parse(item.calculation)
        columns[item.name] = pd.Series(
            [evaluate(formula, row) for row in rows], index=wide.index, dtype=float
        )
    return columns


def _look_up(row: dict[str, object]) -> Lookup:
    def value(name: Name) -> Value | None:
        text = row.get(name.item)
        return text if isinstance(text, str) and name.visit is None else None

    return value
