"""Everything that is wrong with one definition, kept while the reading goes on."""

from __future__ import annotations

from dataclasses import dataclass, field

from trialkit.errors import TrialkitError
from trialkit.toml_places import Path, Places


@dataclass(frozen=True)
class Faults:
    """What was found wrong, each fault at its path, and what only follows from one left out.

    Parameters
    ----------
    places
        Of the file, whose order is the order of the faults.
    stood_in
        Where a value could not be read and another stands in for it, so that the reading goes on.
    refused
        The errors that were raised as well: whoever catches one knows it is kept.
    """

    places: Places
    stood_in: set[Path] = field(default_factory=set)
    refused: list[TrialkitError] = field(default_factory=list)
    _found: list[tuple[Path, TrialkitError]] = field(default_factory=list)

    def keep(self, path: Path, error: TrialkitError) -> None:
        """A fault, unless the value is a stand-in or something below it is known to be wrong."""
        if path not in self.stood_in and not self.below(path):
            self._found.append((path, error))

    def keep_absent(self, table: Path, key: str, error: TrialkitError) -> None:
        """A key that is not there, whatever else is wrong in its table; unless the table itself is not."""
        if table not in self.stood_in:
            self._found.append(((*table, key), error))

    def keep_raised(self, path: Path, error: TrialkitError) -> None:
        """An error that ended the reading of the table at the path."""
        if not any(error is one for one in self.refused):
            self._found.append((path, error))

    def below(self, path: Path) -> bool:
        """Whether something below the path is known to be wrong."""
        return any(len(known) > len(path) and known[: len(path)] == path for known, _ in self._found)

    def at(self, path: Path = ()) -> tuple[TrialkitError, ...]:
        """What is wrong at the path or below, in the order of the file, each once."""
        found = [one for one in self._found if one[0][: len(path)] == path]
        found.sort(key=lambda fault: self.places.line(fault[0]))
        return tuple({str(error): error for _, error in found}.values())

    def unread(self, path: Path = ()) -> tuple[Path, ...]:
        """The paths, at this one or below, of what could not be read."""
        known = {*self.stood_in, *(found for found, _ in self._found)}
        return tuple(sorted((one for one in known if one[: len(path)] == path), key=str))
