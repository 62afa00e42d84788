"""The rows of one form as mappings of typed values, for rules that look at a row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from trialkit.expressions import Expression, Name, evaluate
from trialkit.study.model import Item, Study
from trialkit.vocabulary import ItemType

if TYPE_CHECKING:
    import pandas as pd

Value = float | str
RowKey = tuple[str, str, str]  # subject_id, visit, row


def form_rows(values: pd.DataFrame, study: Study, form: str) -> Iterator[tuple[RowKey, dict[str, Value]]]:
    """Every row of a form: its key and the items that hold a value, numbers as numbers."""
    items = {item.name: item for item in study.form(form).items}
    here = values[values["form"] == form]
    rows: dict[RowKey, dict[str, Value]] = {}
    columns = (here[name] for name in ("subject_id", "visit", "row", "item", "value"))
    for subject_id, visit, number, item, text in zip(*columns, strict=True):
        rows.setdefault((str(subject_id), str(visit), str(number)), {})[item] = _value(items[item], text)
    yield from sorted(rows.items())


def holds(rule: Expression, row: Mapping[str, Value]) -> bool:
    """Whether a rule is true of a row; a rule that cannot be decided is not."""

    def look_up(name: Name) -> Value | None:
        return row.get(name.item)

    return evaluate(rule, look_up) is True


def _value(item: Item, text: str) -> Value:
    if item.type in (ItemType.INTEGER, ItemType.NUMBER, ItemType.DERIVED):
        try:
            return float(text)
        except ValueError:  # a derived text
            return text
    return text
