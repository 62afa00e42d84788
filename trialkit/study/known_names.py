"""Names of the definition that must be known, refused with the nearest one."""

from __future__ import annotations

from trialkit.nearest import advice, listed
from trialkit.strict_toml import Section
from trialkit.study.model import Item
from trialkit.wording import said


def require_known(table: Section, key: str, name: str, known: list[str], expected: str) -> bool:
    """Whether the name is known; a fault of the table where it is not."""
    if name not in known:
        table.fault(
            key,
            said("{expected} ({known})", expected=expected, known=listed(known, 20)),
            repr(name),
            advice(name, known, otherwise="Declare it, or use one of these."),
        )
    return name in known


def require_item(table: Section, key: str, name: str, items: dict[str, Item]) -> Item | None:
    """The item; None, and a fault of the table, where there is none."""
    if name not in items:
        table.fault(
            key,
            "an item of the dictionary",
            repr(name),
            advice(name, items, otherwise="Add it to the dictionary, or use an item that is there."),
        )
    return items.get(name)
