"""A TOML table read key by key, so that a key nobody asked for is an error and names its line."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from difflib import get_close_matches
from enum import StrEnum
from typing import Any, NoReturn, TypeVar

from trialkit.study.errors import StudyError
from trialkit.study.nearest import advice, listed

_HEADER = re.compile(r"^\s*\[{1,2}\s*([^\]]+?)\s*\]{1,2}\s*(#.*)?$")
_KEY = re.compile(r"^\s*([A-Za-z0-9_\-\"'.]+)\s*=")
Option = TypeVar("Option", bound=StrEnum)


def line_of(text: str, path: tuple[str, ...], occurrence: int = 0) -> int | None:
    """The line a dotted key stands on: a header, or an assignment under one; None where it is not found.

    A table that has no header of its own stands where its first part does.
    """
    here: tuple[str, ...] = ()
    seen = 0
    first_part: int | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        header = _HEADER.match(line)
        key = None if header else _KEY.match(line)
        if header:
            here = tuple(part.strip().strip("\"'") for part in header.group(1).split("."))
            found = here
        elif key:
            found = here + tuple(part.strip("\"'") for part in key.group(1).split("."))
        else:
            continue
        if found == path:
            if seen == occurrence:
                return number
            seen += 1
        elif first_part is None and found[: len(path)] == path:
            first_part = number
    return first_part


class Table:
    """One table of the definition.

    Every reading method notes the key it was asked for; :meth:`done` refuses what was not asked for.
    """

    def __init__(self, data: dict[str, Any], path: tuple[str, ...], text: str, file: str) -> None:
        self._data = data
        self._path = path
        self._text = text
        self._file = file
        self._known: list[str] = []

    def where(self, key: str | None = None) -> str:
        """``file:line:dotted.key``; the nearest enclosing line where the key has none of its own."""
        path = self._path if key is None else (*self._path, key)
        line = None
        for length in range(len(path), 0, -1):
            line = line_of(self._text, path[:length])
            if line is not None:
                break
        place = f"{self._file}:{line}" if line else self._file
        return f"{place}:{'.'.join(path)}" if path else place

    def wrong(self, key: str | None, expected: str, found: object, next_step: str = "") -> NoReturn:
        raise StudyError(expected=expected, found=str(found), where=self.where(key), next_step=next_step)

    def has(self, key: str) -> bool:
        self._known.append(key)
        return key in self._data

    def keys(self) -> list[str]:
        return list(self._data)

    def _value(self, key: str, kind: type | tuple[type, ...], kind_name: str) -> Any:
        if not self.has(key):
            self._missing(key, kind_name)
        value = self._data[key]
        wrong_flag = isinstance(value, bool) and kind is not bool
        if wrong_flag or not isinstance(value, kind):
            self.wrong(key, kind_name, f"{value!r} ({type(value).__name__})")
        return value

    def _missing(self, key: str, kind_name: str) -> NoReturn:
        """A required key is absent: perhaps it is there, mistyped."""
        for other in get_close_matches(key, set(self._data) - set(self._known), n=1):
            self.wrong(other, f"a key {key!r}", f"the unknown key {other!r}", f"Did you mean {key!r}?")
        self.wrong(None, f"a key {key!r} ({kind_name})", "none", f"Add {key} = ... to this table.")

    def text(self, key: str, default: str | None = None) -> str:
        if default is not None and not self.has(key):
            return default
        value = str(self._value(key, str, "a text in quotes"))
        if default is None and not value.strip():
            self.wrong(key, "a text that says something", "an empty one")
        return value

    def optional_text(self, key: str) -> str | None:
        return self.text(key) if self.has(key) else None

    def integer(self, key: str) -> int:
        return int(self._value(key, int, "a whole number"))

    def optional_integer(self, key: str) -> int | None:
        return self.integer(key) if self.has(key) else None

    def number(self, key: str) -> float:
        value = float(self._value(key, (int, float), "a number"))
        if not math.isfinite(value):
            self.wrong(key, "a finite number", value)
        return value

    def optional_number(self, key: str) -> float | None:
        return self.number(key) if self.has(key) else None

    def flag(self, key: str, default: bool) -> bool:
        return bool(self._value(key, bool, "true or false")) if self.has(key) else default

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; empty where the key is absent."""
        if not self.has(key):
            return ()
        values = self._value(key, list, "a list of texts")
        for value in values:
            if not isinstance(value, str):
                self.wrong(key, "a list of texts", repr(value))
        return tuple(values)

    def window(self, key: str) -> tuple[int, int] | None:
        if not self.has(key):
            return None
        days = self._value(key, list, "a list of two whole numbers, first and last day")
        if len(days) != 2 or not all(type(day) is int for day in days) or days[0] > days[1]:
            self.wrong(key, "two whole numbers, the first not after the second", days)
        return (days[0], days[1])

    def choice(self, key: str, options: type[Option], default: Option | None = None) -> Option:
        if default is not None and not self.has(key):
            return default
        return options(self.one_of(key, tuple(option.value for option in options)))

    def choices(self, key: str, options: type[Option]) -> tuple[Option, ...]:
        names = tuple(option.value for option in options)
        return tuple(options(self._among(key, value, names)) for value in self.texts(key))

    def one_of(self, key: str, names: tuple[str, ...]) -> str:
        return self._among(key, self.text(key), names)

    def _among(self, key: str, value: str, names: tuple[str, ...]) -> str:
        if value not in names:
            step = advice(value, names, otherwise="Use one of these.")
            self.wrong(key, f"one of {listed(names, 12)}", repr(value), step)
        return value

    def text_mapping(self, key: str) -> dict[str, str]:
        if not self.has(key):
            return {}
        values = self._value(key, dict, "a table of texts")
        for name, value in values.items():
            if not isinstance(value, str):
                self.wrong(key, f"a text for {name!r}", repr(value))
        return dict(values)

    def setting_mapping(self, key: str) -> dict[str, float | int | str]:
        if not self.has(key):
            return {}
        values = self._value(key, dict, "a table of numbers and texts")
        for name, value in values.items():
            if isinstance(value, bool) or not isinstance(value, (int, float, str)):
                self.wrong(key, f"a number or text for {name!r}", repr(value))
        return dict(values)

    def table(self, key: str) -> Table:
        return Table(self._value(key, dict, "a table"), (*self._path, key), self._text, self._file)

    def optional_table(self, key: str) -> Table | None:
        return self.table(key) if self.has(key) else None

    def named_tables(self, key: str) -> Iterator[tuple[str, Table]]:
        """The tables ``[key.name]``, in the order of the file; none where the key is absent."""
        if not self.has(key):
            return
        group = self.table(key)
        for name in group.keys():  # noqa: SIM118
            yield name, group.table(name)

    def done(self) -> None:
        """Refuse every key that no reading method asked for."""
        for key in self._data:
            if key not in self._known:
                known = sorted(set(self._known))
                self.wrong(
                    key,
                    f"one of the keys {listed(known, 20)}",
                    f"the unknown key {key!r}",
                    advice(key, known, otherwise="Remove it."),
                )
