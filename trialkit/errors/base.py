"""The base error: what was expected, what was found, where, and what to do next."""

from __future__ import annotations


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

    Its text is one line, so that a command can print it as it is.
    """

    def __init__(self, *, expected: str, found: str, where: str = "", next_step: str = "") -> None:
        self.expected = expected
        self.found = found
        self.where = where
        self.next_step = next_step
        super().__init__(str(self))

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        advice = f" {self.next_step}" if self.next_step else ""
        text = f"{place}expected {self.expected}; found {self.found}.{advice}"
        return " ".join(text.split())

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.__dict__.copy()))


def _rebuild(kind: type[TrialkitError], state: dict[str, object]) -> TrialkitError:
    """Errors cross process boundaries; keyword-only arguments do not pickle by themselves."""
    error = kind.__new__(kind)
    error.__dict__.update(state)
    Exception.__init__(error, str(error))
    return error
