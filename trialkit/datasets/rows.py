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
    for key, row in here.groupby(["subject_id", "visit", "row"], sort=True):
        subject_id, visit, number = (str(part) for part in key)
        texts = zip(row["item"], row["value"], strict=True)
        yield (subject_id, visit, number), {name: _value(items[name], text) for name, text in texts}


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
