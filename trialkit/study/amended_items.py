"""One item of two versions: its label, range and rules may change; its type, unit and codes mean the same."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from trialkit.study.amended_parts import (
    Change,
    ChangeKind,
    Finding,
    kept,
    refused,
    retirement,
    shown,
    told,
)
from trialkit.study.model import Item
from trialkit.wording import said

_TOLD = dict.fromkeys(
    (
        "decimals",
        "required",
        "partial_date",
        "branching",
        "calculation",
        "section",
        "question_number",
        "identifier",
        "critical",
        "missing_codes",
        "agree_within",
    ),
    ChangeKind.CHANGED,
)
_BOX = "___"  # between a checkbox field and the code of one of its boxes


def item_changes(was: Item, now: Item, same_meaning: Collection[str]) -> Iterator[Finding]:
    """What the new version says otherwise of one item; ``same_meaning`` holds ``item=code`` as stated."""
    what = said("item {name}", name=was.name)
    another = "Retire it (@RETIRED), and give the new one another name."
    yield from kept(what, "form", was.form, now.form, "data stand under it there", another)
    yield from kept(what, "type", was.type, now.type, "one column of data has one type", another)
    yield from kept(what, "unit", was.unit, now.unit, "numbers of both units would stand mixed", another)
    yield from kept(
        what,
        "blinding (@REVEALS-ALLOCATION)",
        was.reveals_allocation,
        now.reveals_allocation,
        "what was shown cannot be hidden, nor the reverse",
        another,
    )
    yield from retirement(what, was.retired, now.retired)
    if was.label != now.label and not _is_box_of_new_meaning(was, now):
        yield Change(ChangeKind.RELABELLED, what, was.label, now.label)
    if (was.minimum, was.maximum) != (now.minimum, now.maximum):
        yield Change(ChangeKind.RANGE, what, _range(was), _range(now))
    yield from told(what, was, now, _TOLD)
    yield from _codes(was, now, same_meaning)


def _range(item: Item) -> str:
    if item.minimum is None and item.maximum is None:
        return ""
    return f"{shown(item.minimum) or '...'} to {shown(item.maximum) or '...'}"


def _codes(was: Item, now: Item, same_meaning: Collection[str]) -> Iterator[Finding]:
    if _is_box_of_new_meaning(was, now):
        field, _, code = was.name.partition(_BOX)
        yield from _meaning(f"{field}={code}", was.name, _box_label(was), _box_label(now), same_meaning)
    labels = {choice.code: choice.label for choice in now.choices}
    known = {choice.code for choice in was.choices}
    for choice in was.choices:
        if choice.code not in labels:
            yield refused(
                said("code {code} ({label}) as before", code=choice.code, label=choice.label),
                "a list of choices without it: data that hold it would mean nothing",
                said("item {name}", name=was.name),
                "Leave it in the list; say in its label that it is chosen no more, with --same-meaning.",
            )
        elif _plain(labels[choice.code]) != _plain(choice.label):
            told_as = f"{was.name}={choice.code}"
            yield from _meaning(told_as, was.name, choice.label, labels[choice.code], same_meaning)
    for choice in now.choices:
        if choice.code not in known:
            yield Change(ChangeKind.CODE_ADDED, f"item {was.name}", "", f"{choice.code}, {choice.label}")


def _meaning(told_as: str, item: str, was: str, now: str, same_meaning: Collection[str]) -> Iterator[Finding]:
    """Two labels of one code: the same meaning in other words only where somebody says so."""
    code = told_as.partition("=")[2]
    if told_as in same_meaning:
        yield Change(ChangeKind.RELABELLED, f"item {item}, code {code}", was, now)
        return
    yield refused(
        said("code {code} to mean {label!r} as before", code=code, label=was),
        said("{label!r}: the data entered so far would change their meaning", label=now),
        said("item {name}", name=item),
        said(
            "Give the new meaning a code of its own; if it is the same one reworded: --same-meaning {told}.",
            told=told_as,
        ),
    )


def _is_box_of_new_meaning(was: Item, now: Item) -> bool:
    return _BOX in was.name and _plain(_box_label(was)) != _plain(_box_label(now))


def _box_label(item: Item) -> str:
    return item.label.rpartition(" - ")[2]


def _plain(label: str) -> str:
    """A label without what cannot change its meaning: case, spaces, a full stop."""
    return re.sub(r"\s+", " ", label).strip(" .").casefold()
