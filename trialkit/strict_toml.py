"""TOML definitions, read strictly: every key is known, every type right, every error names its line and key.

A definition with a typo must not run with a default in the typo's place, so a section keeps count of the
keys that were asked for and ``done`` refuses the rest.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Any, NoReturn, Self, TypeVar

from trialkit.errors import TrialkitError
from trialkit.limits import LARGEST_DEFINITION_BYTES
from trialkit.nearest import advice, listed
from trialkit.permitted import ANY, Within
from trialkit.toml_faults import Faults
from trialkit.toml_places import places_of
from trialkit.wording import said

E = TypeVar("E", bound=StrEnum)
T = TypeVar("T")

_NO_DEFAULT: Any = object()
_LARGEST_INTEGER = 2**63 - 1


class DefinitionError(TrialkitError):
    """A definition file with an unknown key, a wrong type or a missing value."""


@dataclass(frozen=True)
class _Source:
    """Whose lines the errors name, and as what they are raised."""

    error: type[TrialkitError]
    collects: bool
    faults: Faults


def read_toml(path: Path, *, collects: bool = False) -> Section:
    """The whole file as a section; ``collects`` as in :func:`parse_toml`.

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
            found=said("byte 0x{object:02x}", object=error.object[error.start]),
            where=f"{path}:{line}",
            next_step="Save the file as UTF-8.",
        ) from None
    return parse_toml(text, str(path), collects=collects)


def parse_toml(
    text: str, name: str, error: type[TrialkitError] = DefinitionError, *, collects: bool = False
) -> Section:
    """The same for text already read; ``name`` and ``error`` are the file and class of its errors.

    ``collects``: what is wrong with a value is kept until :meth:`Section.raise_faults`, and something
    permitted stands in for it, so that a file is mended in one go. Nothing read that way may be used before.
    """
    if len(text) > LARGEST_DEFINITION_BYTES:
        raise error(
            expected=said("a definition of at most {most} MB", most=LARGEST_DEFINITION_BYTES // 1_000_000),
            found=said("{size} MB", size=len(text) // 1_000_000),
            where=name,
            next_step="Check that this is the file you meant.",
        )
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError) as failure:
        place = re.search(r"line (\d+), column (\d+)", str(failure))
        where = f"{name}:{place[1]}:{place[2]}" if place else name
        deep = isinstance(failure, RecursionError)
        raise error(
            expected="TOML",
            found="brackets nested too deep" if deep else str(failure).split(" (at ")[0].split(";")[0],
            where=where,
            next_step="Mend that line." if place else "Check the file.",
        ) from None
    return Section(data, (), _Source(error, collects, Faults(places_of(text, name))))


class Section:
    """One table of a definition. Ask for its keys by type; then call :meth:`done`."""

    def __init__(self, data: Mapping[str, Any], path: tuple[str | int, ...], source: _Source) -> None:
        self._data = data
        self._path = path
        self._source = source
        self._asked: set[str] = set()
        self._mistyped: set[str] = set()

    def __contains__(self, key: str) -> bool:
        """Whether the key is there; whoever looks has asked for it."""
        self._asked.add(key)
        return key in self._data

    def names(self) -> tuple[str, ...]:
        return tuple(self._data)

    def where(self, key: str | None = None) -> str:
        """``file:line:dotted.key``; the line of the nearest thing around it that has one."""
        return self._source.faults.places.of(self._path_of(key))

    def places(self) -> dict[str, str]:
        """``file:line`` of everything in the file that has a line, by its dotted path."""
        return self._source.faults.places.by_dotted_path()

    def text(self, key: str, default: str = _NO_DEFAULT) -> str:
        text: str = self._value(key, str, "a text in quotes", default)
        if default is _NO_DEFAULT and not text.strip():
            self.fault(key, "a text that says something", "an empty one")
            self._source.faults.stood_in.add((*self._path, key))
        return text

    def integer(self, key: str, default: int = _NO_DEFAULT, *, within: Within = ANY) -> int:
        number: int = self._value(key, int, "a whole number", default)
        return int(self._within(key, number, within))

    def number(self, key: str, default: float = _NO_DEFAULT, *, within: Within = ANY) -> float:
        return self._within(key, float(self._value(key, (int, float), "a number", default)), within)

    def boolean(self, key: str, default: bool = _NO_DEFAULT) -> bool:
        truth: bool = self._value(key, bool, "true or false", default)
        return truth

    def optional_text(self, key: str) -> str | None:
        return self.text(key) if key in self else None

    def optional_integer(self, key: str, *, within: Within = ANY) -> int | None:
        return self.integer(key, within=within) if key in self else None

    def optional_number(self, key: str, *, within: Within = ANY) -> float | None:
        return self.number(key, within=within) if key in self else None

    def choice(self, key: str, permitted: type[E], default: E = _NO_DEFAULT) -> E:
        if key not in self and default is not _NO_DEFAULT:
            return default
        return permitted(self.one_of(key, [option.value for option in permitted]))

    def choices(self, key: str, permitted: type[E]) -> tuple[E, ...]:
        names = [option.value for option in permitted]
        return tuple(permitted(self._among(key, value, names)) for value in self.texts(key, ()))

    def one_of(self, key: str, names: Iterable[str]) -> str:
        return self._among(key, self.text(key), tuple(names))

    def texts(self, key: str, default: tuple[str, ...] = _NO_DEFAULT) -> tuple[str, ...]:
        return self._list(key, str, "a list of texts", default)

    def integers(
        self, key: str, default: tuple[int, ...] = _NO_DEFAULT, *, within: Within = ANY
    ) -> tuple[int, ...]:
        found = self._list(key, int, "a list of whole numbers", default)
        return tuple(int(self._within(key, number, within)) for number in found)

    def numbers(
        self, key: str, default: tuple[float, ...] = _NO_DEFAULT, *, within: Within = ANY
    ) -> tuple[float, ...]:
        found = self._list(key, (int, float), "a list of numbers", default)
        return tuple(self._within(key, float(number), within) for number in found)

    def labels_or_numbers(self, key: str) -> tuple[str, ...] | tuple[float, ...]:
        """A list of texts, or else of numbers."""
        value = self._value(key, list, "a list of texts or of numbers", _NO_DEFAULT)
        return self.texts(key) if value and isinstance(value[0], str) else self.numbers(key)

    def mapping(
        self, key: str, kinds: type | tuple[type, ...] = str, wanted: str = "a text"
    ) -> dict[str, Any]:
        """Names and what they stand for; empty where the key is absent."""
        values = self._value(key, dict, "a table", {})
        for name, value in values.items():
            if isinstance(value, bool) or not isinstance(value, kinds):
                self.fault(key, said("{wanted} for {name!r}", wanted=wanted, name=name), _described(value))
            elif not self._is_unbounded(key, value):
                continue
            self._source.faults.stood_in.add((*self._path, key))
            return {}
        return dict(values)

    def section(self, key: str) -> Self:
        """The table under ``key``, which must be there."""
        return self._below(self._value(key, dict, "a table", _NO_DEFAULT), key)

    def is_table(self, key: str) -> bool:
        """Whether a table stands under the key, rather than a plain value."""
        return isinstance(self._data.get(key), dict)

    def is_text(self, key: str) -> bool:
        """Whether a text stands under the key."""
        return isinstance(self._data.get(key), str)

    def optional_section(self, key: str) -> Self | None:
        return self.section(key) if key in self else None

    def named_sections(self, key: str) -> Iterator[tuple[str, Self]]:
        """Tables under ``key`` by name, in the order of the file: ``[visits.month_12]``."""
        table = self.optional_section(key)
        if table is not None:
            for name in table.names():
                yield name, table.section(name)

    def listed_sections(self, key: str) -> Iterator[Self]:
        """Tables in a list: ``[[analysis]]``."""
        for index, entry in enumerate(self._list(key, dict, "a list of tables", ())):
            yield self._below(entry, key, index)

    def _below(self, data: Mapping[str, Any], *steps: str | int) -> Self:
        return type(self)(data, (*self._path, *steps), self._source)

    def done(self) -> None:
        """Refuse the keys that nobody asked for, and say the known key nearest to each."""
        known = sorted(self._asked)
        for key in self._data:
            if key not in self._asked | self._mistyped:
                self.fault(
                    key,
                    said("one of the keys {known}", known=listed(known, 20)),
                    said("the unknown key {key!r}", key=key),
                    advice(key, known, otherwise="Remove it."),
                )

    def refuse(self, key: str | None, expected: str, found: object, next_step: str = "") -> NoReturn:
        """Raise with the place of ``key``, or of the section; of a reader that collects a fault as well."""
        error = self._error(key, expected, found, next_step)
        self._source.faults.keep(self._path_of(key), error)
        self._source.faults.refused.append(error)
        raise error

    def _error(self, key: str | None, expected: str, found: object, next_step: str) -> TrialkitError:
        return self._source.error(
            expected=expected, found=str(found), where=self.where(key), next_step=next_step
        )

    def fault(self, key: str | None, expected: str, found: object, next_step: str = "") -> None:
        """The same where the reading can go on: kept for :meth:`raise_faults` by a reader that collects.

        What only follows from a fault that is known (the key has a stand-in, or something below is wrong) is
        no fault of its own.
        """
        error = self._error(key, expected, found, next_step)
        if not self._source.collects:
            raise error
        self._source.faults.keep(self._path_of(key), error)

    def _path_of(self, key: str | None) -> tuple[str | int, ...]:
        return self._path if key is None else (*self._path, key)

    def tried(self, read: Callable[[], T]) -> T | None:
        """What the section is read as; of a reader that collects None where that was refused."""
        try:
            return read()
        except TrialkitError as error:
            if not self._source.collects:
                raise
            self._source.faults.keep_raised(self._path, error)
            return None

    def faults(self) -> tuple[TrialkitError, ...]:
        """What a reader that collects found wrong in the section so far, in the order of the file."""
        return self._source.faults.at(self._path)

    def is_unread(self, key: str) -> bool:
        """Whether something stands in for the value of a key, or in it something is wrong."""
        return bool(self._source.faults.unread((*self._path, key)))

    def unread(self) -> tuple[str, ...]:
        """The dotted paths of everything in the section that could not be read."""
        return tuple(".".join(map(str, path)) for path in self._source.faults.unread(self._path))

    def told_already(self, paths: Iterable[tuple[str | int, ...]]) -> None:
        """What is wrong at these paths is said elsewhere; stand-ins are taken."""
        self._source.faults.stood_in.update(paths)

    def is_faulty(self, key: str | None = None) -> bool:
        """Whether something below the key, or the section, is known to be wrong."""
        return self._source.faults.below(self._path_of(key))

    def raise_faults(
        self, others: Iterable[TrialkitError] = (), *, first: Iterable[TrialkitError] = ()
    ) -> None:
        """Raise what was collected, in the order of the file, and what else is known, where there is any."""
        in_order = (*first, *self._source.faults.at(), *others)
        told = list({str(one): one for one in in_order}.values())
        if told:
            raise type(told[0]).all_of(told)

    def _among(self, key: str, value: str, names: Iterable[str]) -> str:
        names = tuple(names)
        if value not in names:
            step = advice(value, names, otherwise="Use one of these.")
            self.fault(key, said("one of {names}", names=listed(names, 12)), repr(value), step)
            self._source.faults.stood_in.add((*self._path, key))
            return names[0]
        return value

    def _value(self, key: str, kind: Any, wanted: str, default: Any) -> Any:
        if key not in self:
            if default is not _NO_DEFAULT:
                return default
            self._refuse_absent(key, wanted)
            return self._stand_in(key, kind)
        value = self._data[key]
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            self.fault(key, wanted, _described(value))
            return self._stand_in(key, kind)
        if self._is_unbounded(key, value):
            return self._stand_in(key, kind)
        return value

    def _within(self, key: str, number: float, within: Within) -> float:
        """The number; where it lies outside, a fault, and one that is permitted in its place."""
        if number in within or (*self._path, key) in self._source.faults.stood_in:
            return number
        self.fault(key, within.words, said("{value:g}", value=number))
        self._source.faults.stood_in.add((*self._path, key))
        return within.inside

    def _stand_in(self, key: str, kind: Any) -> Any:
        self._source.faults.stood_in.add((*self._path, key))
        first: type = kind[-1] if isinstance(kind, tuple) else kind
        return 1 if first in (int, float) else first()

    def _is_unbounded(self, key: str, value: Any) -> bool:
        """A number no calendar and no trial has: it would overflow somewhere behind."""
        for part in value if isinstance(value, list) else (value,):
            if isinstance(part, int) and abs(part) > _LARGEST_INTEGER:
                self.fault(key, "a number below 2^63", "a larger one")
                return True
            if isinstance(part, float) and not math.isfinite(part):
                self.fault(key, "a finite number", str(part))
                return True
        return False

    def _refuse_absent(self, key: str, wanted: str) -> None:
        """A required key is absent: perhaps it is there, mistyped."""
        if (*self._path, key) in self._source.faults.stood_in:
            return
        for other in get_close_matches(key, set(self._data) - self._asked - self._mistyped, n=1):
            self._mistyped.add(other)
            self.fault(
                other,
                said("a key {key!r}", key=key),
                said("the unknown key {other!r}", other=other),
                said("Did you mean {key!r}?", key=key),
            )
            return
        error = self._error(
            None,
            said("a key {key!r} ({wanted})", key=key, wanted=wanted),
            "none",
            said("Add {key} = ... to this table.", key=key),
        )
        if not self._source.collects:
            raise error
        self._source.faults.keep_absent(self._path, key, error)

    def _list(self, key: str, kind: Any, wanted: str, default: Any) -> tuple[Any, ...]:
        value = self._value(key, (list, tuple), wanted, default)
        wrong = [v for v in value if not isinstance(v, kind) or isinstance(v, bool)]
        if wrong:
            self.fault(key, wanted, said("one with {described}", described=_described(wrong[0])))
            self._source.faults.stood_in.add((*self._path, key))
            return ()
        return tuple(value)


_KINDS: dict[type, str] = {
    str: said("text"),
    bool: said("true/false"),
    int: said("a whole number"),
    float: said("a number"),
    dict: said("a table"),
    list: said("a list"),
}


def _described(value: object) -> str:
    kind = _KINDS.get(type(value), type(value).__name__)
    return kind if isinstance(value, (dict, list)) else said("{kind} ({value!r})", kind=kind, value=value)
