"""TOML definitions, read strictly: every key is known, every type right, every error names its line.

A definition with a typo must not run with a default in the typo's place, so a section keeps count of the
keys that were asked for and ``done`` refuses the rest.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from trialkit.errors import TrialkitError

E = TypeVar("E", bound=StrEnum)

_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\]]+?)\s*\]\]?")
_KEY = re.compile(r"^\s*([\w.\"'-]+)\s*=")
_NO_DEFAULT: Any = object()


class DefinitionError(TrialkitError):
    """A definition file with an unknown key, a wrong type or a missing value."""


def read_toml(path: Path) -> Section:
    """The whole file as a section.

    Raises
    ------
    DefinitionError
        No such file, not UTF-8, or not TOML; with file, line and column where there are any.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise DefinitionError(
            expected="a definition file", found="none", where=str(path), next_step="Check the folder's name."
        ) from None
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise DefinitionError(
            expected="UTF-8 text",
            found=f"byte 0x{error.object[error.start]:02x}",
            where=f"{path}:{line}",
            next_step="Save the file as UTF-8.",
        ) from None
    return parse_toml(text, str(path))


def parse_toml(text: str, name: str) -> Section:
    """The same for text already read; ``name`` stands in the errors for the file."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"line (\d+), column (\d+)", str(error))
        where = f"{name}:{place[1]}:{place[2]}" if place else name
        raise DefinitionError(
            expected="TOML", found=str(error).split(" (at ")[0], where=where, next_step="Mend that line."
        ) from None
    return Section(data, name, (), _key_lines(text))


def _key_lines(text: str) -> dict[tuple[str | int, ...], int]:
    """Line of every header and key, by path; good for finding the place, not for parsing."""
    lines: dict[tuple[str | int, ...], int] = {}
    counts: dict[tuple[str | int, ...], int] = {}
    prefix: tuple[str | int, ...] = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            names = tuple(part.strip().strip("\"'") for part in header[2].split("."))
            prefix = ()
            for name in names:
                prefix = (*prefix, name)
                if prefix in counts and prefix != names:
                    prefix = (*prefix, counts[prefix] - 1)
            if header[1] == "[[":
                counts[prefix] = counts.get(prefix, 0) + 1
                prefix = (*prefix, counts[prefix] - 1)
            lines.setdefault(prefix, number)
        elif key := _KEY.match(line):
            lines.setdefault((*prefix, key[1].strip("\"'")), number)
    return lines


class Section:
    """One table of a definition. Ask for its keys by type; then call :meth:`done`."""

    def __init__(
        self,
        data: Mapping[str, Any],
        name: str,
        path: tuple[str | int, ...],
        lines: Mapping[tuple[str | int, ...], int],
    ) -> None:
        self._data = data
        self._name = name
        self._path = path
        self._lines = lines
        self._asked: set[str] = set()

    def __contains__(self, key: str) -> bool:
        return key in self._data

    def names(self) -> tuple[str, ...]:
        return tuple(self._data)

    def where(self, key: str | None = None) -> str:
        """``file:line`` of a key, or of the section, or of the nearest thing around it that has a line."""
        path = self._path if key is None else (*self._path, key)
        while path and path not in self._lines:
            path = path[:-1]
        return f"{self._name}:{self._lines[path]}" if path else self._name

    def text(self, key: str, default: str = _NO_DEFAULT) -> str:
        text: str = self._value(key, str, "text in quotes", default)
        return text

    def integer(self, key: str, default: int = _NO_DEFAULT) -> int:
        number: int = self._value(key, int, "a whole number", default)
        return number

    def number(self, key: str, default: float = _NO_DEFAULT) -> float:
        return float(self._value(key, (int, float), "a number", default))

    def boolean(self, key: str, default: bool = _NO_DEFAULT) -> bool:
        truth: bool = self._value(key, bool, "true or false", default)
        return truth

    def optional_text(self, key: str) -> str | None:
        self._asked.add(key)
        return self.text(key) if key in self else None

    def optional_integer(self, key: str) -> int | None:
        self._asked.add(key)
        return self.integer(key) if key in self else None

    def optional_number(self, key: str) -> float | None:
        self._asked.add(key)
        return self.number(key) if key in self else None

    def choice(self, key: str, permitted: type[E], default: E = _NO_DEFAULT) -> E:
        if key not in self and default is not _NO_DEFAULT:
            self._asked.add(key)
            return default
        text = self.text(key)
        try:
            return permitted(text)
        except ValueError:
            self.refuse(key, f"one of {', '.join(permitted)}", repr(text))

    def texts(self, key: str, default: tuple[str, ...] = _NO_DEFAULT) -> tuple[str, ...]:
        return self._list(key, str, "a list of texts", default)

    def integers(self, key: str, default: tuple[int, ...] = _NO_DEFAULT) -> tuple[int, ...]:
        return self._list(key, int, "a list of whole numbers", default)

    def numbers(self, key: str, default: tuple[float, ...] = _NO_DEFAULT) -> tuple[float, ...]:
        return tuple(float(n) for n in self._list(key, (int, float), "a list of numbers", default))

    def section(self, key: str) -> Section:
        """The table under ``key``; an empty one where it is absent, whose required keys then complain."""
        self._asked.add(key)
        value = self._data.get(key, {})
        if not isinstance(value, dict):
            self.refuse(key, "a table", _described(value))
        return Section(value, self._name, (*self._path, key), self._lines)

    def named_sections(self, key: str) -> Iterator[tuple[str, Section]]:
        """Tables under ``key`` by name: ``[visits.month_12]``."""
        table = self.section(key)
        for name in table.names():
            yield name, table.section(name)

    def listed_sections(self, key: str) -> Iterator[Section]:
        """Tables in a list: ``[[analysis]]``."""
        self._asked.add(key)
        value = self._data.get(key, [])
        if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
            self.refuse(key, "a list of tables", _described(value))
        for index, entry in enumerate(value):
            yield Section(entry, self._name, (*self._path, key, index), self._lines)

    def done(self) -> None:
        """Refuse keys nobody asked for.

        Raises
        ------
        DefinitionError
            With the line of the first unknown key and the known key nearest to it.
        """
        for key in self._data:
            if key not in self._asked:
                near = difflib.get_close_matches(key, sorted(self._asked), n=1)
                advice = f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(sorted(self._asked))}."
                raise DefinitionError(
                    expected="a known key", found=repr(key), where=self.where(key), next_step=advice
                )

    def refuse(self, key: str | None, expected: str, found: str, next_step: str = "") -> NoReturn:
        """Raise with the place of ``key``."""
        name = f"{key} to be " if key else ""
        raise DefinitionError(
            expected=f"{name}{expected}", found=found, where=self.where(key), next_step=next_step
        )

    def _value(self, key: str, kind: Any, wanted: str, default: Any) -> Any:
        self._asked.add(key)
        if key not in self._data:
            if default is _NO_DEFAULT:
                self.refuse(None, f"the key {key!r} ({wanted})", "none")
            return default
        value = self._data[key]
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            self.refuse(key, wanted, _described(value))
        return value

    def _list(self, key: str, kind: Any, wanted: str, default: Any) -> tuple[Any, ...]:
        value = self._value(key, (list, tuple), wanted, default)
        if not all(isinstance(v, kind) and not isinstance(v, bool) for v in value):
            self.refuse(key, wanted, _described(value))
        return tuple(value)


def _described(value: object) -> str:
    names = {str: "text", bool: "true/false", int: "a whole number", float: "a number", dict: "a table"}
    kind = names.get(type(value), "a list" if isinstance(value, list) else type(value).__name__)
    return kind if isinstance(value, (dict, list)) else f"{kind} ({value!r})"
