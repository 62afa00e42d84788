"""Stored text to typed columns: numbers, dates and labelled factors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialkit.datasets.errors import DatasetError
from trialkit.entry.meaning import value_of
from trialkit.study.model import Item
from trialkit.vocabulary import ItemType, ValueState
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd

NUMERIC = frozenset({ItemType.INTEGER, ItemType.NUMBER, ItemType.DERIVED})


def typed_column(item: Item, text: pd.Series) -> pd.Series:
    """A column of stored text as what the dictionary says it is.

    Parameters
    ----------
    item
        The item; its type decides: numbers to float, dates to datetime, coded items to labelled categoricals
        in dictionary order, the rest to text.
    text
        Stored text; NA where there is no value (missing code, blank, not applicable, never seen).

    Raises
    ------
    DatasetError
        A text that is not of the item's type: the snapshot was not made by trialkit, or by hand.
    """
    import pandas as pd

    if item.type is ItemType.DERIVED and (text.notna() & _meant(item, text).isna()).any():
        return text  # a derived text, such as @CALCTEXT gives
    if item.type in NUMERIC:
        return _checked(item, text, _meant(item, text).astype(float))
    if item.type is ItemType.DATE and not item.partial_date:
        return _checked(item, text, pd.to_datetime(_meant(item, text), errors="coerce"))
    if item.choices:
        labels = {choice.code: choice.label for choice in item.choices}
        column = pd.Series(
            pd.Categorical(text.map(labels), categories=list(labels.values())), index=text.index
        )
        return _checked(item, text, column)
    return text


def numeric_column(item: Item, text: pd.Series) -> pd.Series:
    """A column of stored text as numbers; a choice as its code.

    Raises
    ------
    DatasetError
        A text that is no number.
    """
    import pandas as pd

    meant = text if item.choices else _meant(item, text)
    return _checked(item, text, pd.to_numeric(meant, errors="coerce").astype(float))


def values_only(values: pd.DataFrame) -> pd.DataFrame:
    """The rows that hold a value; the other states say why there is none."""
    return values[values["state"] == ValueState.VALUE]


def _meant(item: Item, text: pd.Series) -> pd.Series:
    """What each text means, as it did when it was entered; few different ones are ever there."""
    means = {stored: value_of(item, stored) for stored in text.dropna().unique()}
    return text.map(means)


def _checked(item: Item, text: pd.Series, typed: pd.Series) -> pd.Series:
    wrong = text.notna() & typed.isna()
    if wrong.any():
        raise DatasetError(
            expected=said("{type} values", type=item.type.value),
            found=repr(text[wrong].iloc[0]),
            where=said("values.csv: {form}/{name}", form=item.form, name=item.name),
            next_step="Take the snapshot again from the database.",
        )
    return typed
