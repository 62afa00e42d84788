"""Which keys ``study.toml`` must have, and all that are absent at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from trialkit.study.errors import StudyError
from trialkit.wording import said

ONE, EACH = "one", "each"
_SEVERAL = 2
REQUIRED: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "study": (ONE, ("id", "title", "version")),
    "arms": (EACH, ("label", "role", "ratio")),
    "sites": (EACH, ("name",)),
    "visits": (EACH, ("label",)),
    "forms": (EACH, ("label", "entry", "visits")),
    "randomization": (ONE, ("method", "concealment")),
    "blinding": (ONE, ("stated",)),
}
"""Tables that every definition has: one of the name, or one or more under it; and the keys of each."""

WHERE_THERE: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "components": (EACH, ("label",)),
    "anchors": (EACH, ("label", "after", "days")),
    "scores": (EACH, ("label", "instrument", "form", "unit")),
    "criteria": (EACH, ("kind", "label", "rule")),
    "thresholds": (EACH, ("item", "value", "unit")),
    "reference_ranges": (EACH, ("item", "unit")),
    "endpoints": (EACH, ("label", "role")),
    "checks": (EACH, ("rule", "message")),
    "sample_size": (ONE, ("total", "per_arm", "difference", "sd", "power", "alpha", "sides", "attrition")),
    "analysis": (ONE, ("principle",)),
    "import": (ONE, ("file", "source", "subject_column")),
}
"""Tables that a definition may have, and the keys they then need."""


Path = tuple[str, ...]


def absent_keys(data: Mapping[str, Any], file: str) -> tuple[StudyError | None, frozenset[Path]]:
    """An error that names every required key that is absent, and their paths.

    No error, and no path, where one or none is absent: its reader names it.
    """
    absent = [*_absent(data, REQUIRED, always=True), *_absent(data, WHERE_THERE, always=False)]
    if len(absent) < _SEVERAL:
        return None, frozenset()
    error = StudyError(
        expected=said("the required keys {keys}", keys=", ".join(words for words, _ in absent)),
        found="none of them",
        where=file,
        next_step="Add them; docs/study-definition.md lists what each table needs.",
    )
    return error, frozenset(
        path[:n] for _, path in absent for n in (1, len(path)) if path[0] not in data or n > 1
    )


def _absent(
    data: Mapping[str, Any], tables: Mapping[str, tuple[str, tuple[str, ...]]], *, always: bool
) -> Iterator[tuple[str, Path]]:
    for table, (times, keys) in tables.items():
        there = data.get(table)
        if not isinstance(there, dict):
            if always and there is None:
                yield from (
                    (f"[{table}{'.NAME' if times == EACH else ''}] {key}", (table, key)) for key in keys
                )
            continue
        parts = dict(there) if times == EACH else {"": there}
        for name, part in parts.items():
            path = (table, name) if times == EACH else (table,)
            if isinstance(part, dict):
                yield from ((f"[{'.'.join(path)}] {key}", (*path, key)) for key in keys if key not in part)
