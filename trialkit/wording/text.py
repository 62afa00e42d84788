"""A text that remembers how it was made: a ``str``, and to a translator a message id and parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Self

Translate = Callable[[str], str]
"""From a message id (the English template) to the template in another language: a catalogue's ``gettext``."""


def plain(template: str) -> str:
    """The translator into English: every template is its own translation."""
    return template


class Said(str):
    """A ``str`` made of a template and named parameters; make it with :func:`said`.

    Attributes
    ----------
    template
        The English text with its parameters in braces, as ``str.format`` takes them. It is the message id.
    parameters
        What stands in the braces. A parameter may be a :class:`Said` itself and is then translated too.
    """

    __slots__ = ("parameters", "template")

    template: str
    parameters: Mapping[str, object]

    def __new__(cls, template: str, parameters: Mapping[str, object]) -> Self:
        parameters = {name: own_value(value) for name, value in parameters.items()}
        text = super().__new__(cls, template.format(**parameters))
        text.template = template
        text.parameters = parameters
        return text

    def __str__(self) -> str:
        """Itself, so that ``str(error)`` of an error whose text was said can still be translated."""
        return self

    def __reduce__(self) -> tuple[object, ...]:
        return (type(self), (self.template, dict(self.parameters)))


def said(template: str, /, **parameters: object) -> Said:
    """A text for a person: ``said("a number from {low} to {high}", low=1, high=9)``.

    The template is a literal, so that a program that collects messages finds it; conversions and format
    specifications stand in it as in an f-string (``{name!r}``, ``{limit:g}``), expressions do not. A brace
    that is meant is written twice.
    """
    return Said(template, parameters)


def said_count(one: str, many: str, n: int, /, **parameters: object) -> Said:
    """A text with a count in it, ``{n}``: its first template for one, its second for any other number.

    ``said_count("{n} query", "{n} queries", 1)``. Both are message ids of their own; Chinese says both alike.
    A language with more plural forms than English would need ``msgstr[n]``, which the catalogues do not have.
    """
    return Said(one if n == 1 else many, {"n": n, **parameters})


def own_value(value: object) -> object:
    """A single value of numpy as Python's own, so that a person reads 0.0 and no class; others unchanged."""
    return value.item() if getattr(value, "ndim", None) == 0 and hasattr(value, "item") else value


def written(value: object) -> str:
    """A refused value as it would be typed: a number of numpy as the number, ``0.0`` and not its class, in a
    list too."""
    if isinstance(value, (list, tuple, set)) and type(value) in (list, tuple, set):
        return repr(type(value)(own_value(one) for one in value))
    if type(value) is dict:
        return repr({own_value(name): own_value(one) for name, one in value.items()})
    return repr(own_value(value))


def translated(text: str, translate: Translate) -> str:
    """The text in the translator's language, parameters that were said included.

    A plain ``str`` is its own message id: words are looked up, and data, which no catalogue knows, stay.
    """
    if not isinstance(text, Said):
        return translate(text) if text else text
    parameters = {
        name: translated(value, translate) if isinstance(value, Said) else value
        for name, value in text.parameters.items()
    }
    return translate(text.template).format(**parameters)


def packed(text: object) -> object:
    """A text, said or plain, as JSON can hold it; :func:`unpacked` gives it back, to be said anew."""
    if isinstance(text, Said):
        return {"said": text.template, "with": {name: packed(part) for name, part in text.parameters.items()}}
    return text if isinstance(text, (str, int, float, type(None))) else str(text)


def unpacked(kept: object) -> object:
    """What :func:`packed` was given."""
    if isinstance(kept, dict):
        return Said(kept["said"], {name: unpacked(part) for name, part in kept["with"].items()})
    return kept
