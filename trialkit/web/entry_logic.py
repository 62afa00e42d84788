"""What the page must know of a form to branch, compute and check while it is typed; pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache

from trialkit.entry.meaning import wanted
from trialkit.entry.values import text_of
from trialkit.expressions import Expression, Name, as_json, parse
from trialkit.expressions.as_json import Json
from trialkit.expressions.lexer import EVENT_NAME
from trialkit.study.lines_and_visits import decided_elsewhere
from trialkit.study.model import Form, Item
from trialkit.vocabulary import ItemType


def logic_of(form: Form, visit: str, say: Callable[[str], str]) -> str:
    """A form's items for ``static/entry.js``, as JSON; ``say`` says a text in the language of the page.

    A calculation that looks at other forms or visits is left to the server: from this page alone its answer
    would be another one. So is branching that does: the item is asked of all here, and while that is open its
    blank is not odd ("elsewhere").
    """
    items = {item.name: item for item in form.items}
    branching = {name: _parsed(item.branching) for name, item in items.items() if item.branching}
    here = {
        name: {
            "type": str(item.type),
            "codes": [choice.code for choice in item.choices],
            "missing": [str(code) for code in item.missing_codes],
            "low": text_of(item.minimum),
            "high": text_of(item.maximum),
            "decimals": item.decimals,
            "comma": item.decimal_comma,
            "partial": item.partial_date,
            "required": item.required,
            "wanted": say(wanted(item)) if item.type is not ItemType.DERIVED else "",
            "asked": as_json(branching[name]) if name in branching else None,
            "elsewhere": decided_elsewhere(items, branching, item.name, visit),
            "computed": _calculation(item, items, visit),
        }
        for name, item in items.items()
    }
    return json.dumps({"visit": visit, "items": here}, ensure_ascii=False, separators=(",", ":"))


@cache
def _parsed(text: str) -> Expression:
    return parse(text)


def _calculation(item: Item, items: Mapping[str, Item], visit: str) -> Json:
    if item.type is not ItemType.DERIVED or not _stays_here(item, items, visit, frozenset()):
        return None
    return _here(as_json(_parsed(item.calculation)))


def _stays_here(item: Item, items: Mapping[str, Item], visit: str, above: frozenset[str]) -> bool:
    return item.name not in above and all(
        _is_here(name, items, visit, above | {item.name}) for name in _parsed(item.calculation).names
    )


def _is_here(name: Name, items: Mapping[str, Item], visit: str, above: frozenset[str]) -> bool:
    if name.item == EVENT_NAME:
        return True
    known = items.get(name.item)
    if known is None or name.visit not in (None, visit):
        return False
    return known.type is not ItemType.DERIVED or _stays_here(known, items, visit, above)


def _here(tree: Json) -> Json:
    """The tree with its visits left out: all of them are this one."""
    if not isinstance(tree, list):
        return tree
    if tree and tree[0] == "item":
        return ["item", tree[1], None]
    return [_here(part) for part in tree]
