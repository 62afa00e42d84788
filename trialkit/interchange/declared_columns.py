"""What a data dictionary says of the columns of two files that are compared."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class DeclaredColumns:
    """Texts and codes, decimal commas, tolerances, and the order in which days are typed, by column."""

    texts: tuple[str, ...] = ()
    commas: tuple[str, ...] = ()
    tolerances: Mapping[str, float] = field(default_factory=dict)
    date_orders: Mapping[str, str] = field(default_factory=dict)

    def among(self, columns: Collection[str]) -> DeclaredColumns:
        """The same of the columns that are there: a dictionary is of the whole study, a file of one form."""
        return DeclaredColumns(
            tuple(name for name in self.texts if name in columns),
            tuple(name for name in self.commas if name in columns),
            {name: near for name, near in self.tolerances.items() if name in columns},
            {name: order for name, order in self.date_orders.items() if name in columns},
        )


NOTHING_DECLARED = DeclaredColumns()


def declared_by(dictionary: Path | None) -> DeclaredColumns:
    """Read a dictionary, as REDCap exports it; None: nothing is declared.

    Raises
    ------
    StudyError
        It cannot be read.
    """
    if dictionary is None:
        return NOTHING_DECLARED
    from trialkit.study.dictionary import date_orders, read_dictionary
    from trialkit.study.dictionary_file import dictionary_text
    from trialkit.vocabulary import ItemType

    text = dictionary_text(dictionary)
    items = read_dictionary(text, dictionary.name).items
    texts = (ItemType.TEXT, ItemType.CODED, ItemType.YES_NO)
    return DeclaredColumns(
        tuple(item.name for item in items if item.type in texts),
        tuple(item.name for item in items if item.decimal_comma),
        {item.name: item.agree_within for item in items if item.agree_within},
        date_orders(text, dictionary.name),
    )
