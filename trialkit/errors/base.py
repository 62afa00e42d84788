"""The base error: what was expected, what was found, where, and what to do next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Self

from trialkit.wording import Said, Translate, plain, said, translated

FIELDS = ("expected", "found", "where", "next_step")


class TrialkitError(Exception):
    """An error a user can act on.

    Parameters
    ----------
    expected
        What trialkit needed, as a phrase: ``"an ODI between 20 and 60 %"``.
    found
        What was there instead. Never an arm, never a person's name.
    where
        ``file:row:column`` or ``subject/visit/form/item``; empty where there is no place.
    next_step
        What the reader should do, as an imperative sentence; empty only where nothing can be done.

    Words with something in them are made by :func:`trialkit.wording.said`, never as an f-string, so that
    a page can say them in another language; words alone are a literal, and data a plain ``str``.
    Its text is one line, so that a command can print it as it is. ``also`` holds what else is wrong with the
    same input, so that a file is mended in one go.
    """

    also: tuple[TrialkitError, ...] = ()

    def __init__(self, *, expected: str, found: str, where: str = "", next_step: str = "") -> None:
        self.expected = expected
        self.found = found
        self.where = where
        self.next_step = next_step
        super().__init__(str(self))

    def __str__(self) -> str:
        return self.in_language(plain)

    @classmethod
    def all_of(cls, problems: Sequence[Self]) -> Self:
        """One error to raise for several: the first, with the others in ``also``; at least one."""
        first, rest = problems[0], list[TrialkitError]()
        for error in problems:
            rest += [error, *error.also]
        first.also = tuple(rest[1:])
        return first

    @property
    def message_id(self) -> str:
        """What names this kind of refusal, whatever its parameters: its class and what was expected."""
        return f"{type(self).__name__}: {_template(self.expected)}"

    @property
    def parameters(self) -> dict[str, Mapping[str, object]]:
        """The parameters of each field's template; empty for words alone and for data."""
        texts = {field: getattr(self, field) for field in FIELDS}
        return {field: text.parameters if isinstance(text, Said) else {} for field, text in texts.items()}

    @property
    def whole(self) -> Said:
        """The error as one text, its fields as parameters: what a warning quotes of it can be said anew."""
        return said(
            "{place}expected {expected}; found {found}. {next_step}",
            place=said("{where}: ", where=self.where) if self.where else "",
            expected=self.expected,
            found=self.found,
            next_step=self.next_step,
        )

    def in_language(self, translate: Translate) -> str:
        """The whole error on one line; each field, and each text within one, goes through ``translate``."""
        fields = {field: translated(getattr(self, field), translate) for field in FIELDS}
        sentence = said("expected {expected}; found {found}.", **fields)
        text = f"{translated(sentence, translate)} {fields['next_step']}"
        place = f"{fields['where']}: " if fields["where"] else ""
        return " ".join(f"{place}{text}".split())

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.__dict__.copy()))


def _template(text: str) -> str:
    return text.template if isinstance(text, Said) else text


def _rebuild(kind: type[TrialkitError], state: dict[str, object]) -> TrialkitError:
    """Errors cross process boundaries; keyword-only arguments do not pickle by themselves."""
    error = kind.__new__(kind)
    error.__dict__.update(state)
    Exception.__init__(error, str(error))
    return error
