"""Where each table and key of a TOML text stands, for errors that name it: for places, not for parsing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

Path = tuple[str | int, ...]
"""Of a table or key: names, and numbers of tables in a list."""

_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\]]+?)\s*\]\]?")
_KEY = re.compile(r"^\s*([\w.\"'-]+)\s*=")


@dataclass(frozen=True, slots=True)
class Places:
    """The lines of one file.

    Parameters
    ----------
    name
        Of the file.
    lines
        Of every header and key, by path, counted from 1.
    """

    name: str
    lines: Mapping[Path, int]

    def line(self, path: Path) -> int:
        """Of the nearest thing around a path that has one; 0 where nothing has."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines[path] if path else 0

    def of(self, path: Path) -> str:
        """``file:line:dotted.key``."""
        dotted = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")
        line = self.line(path)
        place = f"{self.name}:{line}" if line else self.name
        return f"{place}:{dotted}" if dotted else place

    def by_dotted_path(self) -> dict[str, str]:
        """``file:line`` of everything that has a line."""
        return {".".join(map(str, path)): f"{self.name}:{line}" for path, line in self.lines.items()}


def places_of(text: str, name: str) -> Places:
    """The places of a TOML text in a file of that name."""
    lines: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    prefix: Path = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            names: Path = tuple(word.strip().strip("\"'") for word in header[2].split("."))
            prefix = ()
            for part in names:
                prefix = (*prefix, part)
                if prefix in counts and prefix != names:
                    prefix = (*prefix, counts[prefix] - 1)
            if header[1] == "[[":
                counts[prefix] = counts.get(prefix, 0) + 1
                prefix = (*prefix, counts[prefix] - 1)
            for length in range(1, len(prefix) + 1):
                lines.setdefault(prefix[:length], number)  # of what has no header of its own, where it begins
        elif key := _KEY.match(line):
            lines.setdefault((*prefix, key[1].strip("\"'")), number)
    return Places(name, lines)
