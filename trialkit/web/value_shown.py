"""How values and labels of the dictionary stand on a page; pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from typing import Protocol

from jinja2 import pass_context
from jinja2.runtime import Context

from trialkit.entry.adjudication import AdjudicationChoice
from trialkit.entry.meaning import value_of
from trialkit.study.model import Item
from trialkit.wording import Translate, said, translated

# REDCap's own words of a field that lists no choices: the catalogue knows them where a study does not.
_OWN_WORDS = frozenset({said("Yes"), said("No"), said("True"), said("False")})

_NAMES_PEOPLE = frozenset({"pass", "tick"})
_OF_VALUES = frozenset({"pass_1", "pass_2", "entered", "agreed", "adjudicated", "corrected", "told_differs"})
_IN_WORDS = frozenset({*AdjudicationChoice, "line", "mark"})
"""What a record wrote of a field, by what its text is: people, values, words of the vocabulary."""


class Written(Protocol):
    """A field's line of the trail: what was written in one word, and what it said."""

    @property
    def what(self) -> str: ...

    @property
    def text(self) -> str: ...


def labelled(text: str, labels: Mapping[str, str], translate: Translate) -> str:
    """A label of the dictionary in a language that the study has it in; REDCap's own in every one."""
    return labels.get(text) or (translated(text, translate) if text in _OWN_WORDS else text)


@pass_context
def label(context: Context, text: str) -> str:
    return labelled(str(text), context["labels"], context["translate"])


@pass_context
def unit(context: Context, text: str | None) -> str:
    """A unit as the study's labels have it, or as the language does: ``years``; those of the SI stay."""
    return context["labels"].get(text) or translated(text, context["translate"]) if text else ""


@pass_context
def shown(context: Context, text: str, item: Item) -> str:
    """A text of the record as a value of its item: ``2 (moderate)``, ``06:30``, ``not done``."""
    translate = context["translate"]
    if text[:1] == "@":
        return translated(text[1:].replace("_", " "), translate)
    value = value_of(item, text)
    if isinstance(value, time):
        return value.isoformat("seconds" if value.second else "minutes")
    word = item.label_of(text)
    if word.casefold() == text.casefold():
        return labelled(word, context["labels"], translate) if item.choices else text
    return f"{text} ({labelled(word, context['labels'], translate)})"


@pass_context
def written(context: Context, write: Written, item: Item | None = None) -> str:
    """What a record wrote to a field, as people read it; free text stays as it was said."""
    if write.what in _NAMES_PEOPLE:
        return str(context["person"](write.text))
    if write.what in _IN_WORDS or write.text[:1] == "@":
        return translated(write.text.removeprefix("@").replace("_", " "), context["translate"])
    return str(shown(context, write.text, item)) if item and write.what in _OF_VALUES else write.text
