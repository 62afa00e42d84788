"""Which keys ``study.toml`` must have, and all that are absent at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from trialkit.study.errors import StudyError
from trialkit.wording import said

ONE, EACH = "one", "each"
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


def require_all_keys(data: Mapping[str, Any], file: str) -> None:
    """Name every required key that is absent, where there are several; one alone is named by its reader.

    Raises
    ------
    StudyError
        Two or more are absent: all are listed.
    """
    absent = [*_absent(data, REQUIRED, always=True), *_absent(data, WHERE_THERE, always=False)]
    if len(absent) > 1:
        raise StudyError(
            expected=said("the required keys {keys}", keys=", ".join(absent)),
            found="none of them",
            where=file,
            next_step="Add them; docs/study-definition.md lists what each table needs.",
        )


def _absent(
    data: Mapping[str, Any], tables: Mapping[str, tuple[str, tuple[str, ...]]], *, always: bool
) -> Iterator[str]:
    for table, (times, keys) in tables.items():
        there = data.get(table)
        if not isinstance(there, dict):
            if always and there is None:
                yield from (f"[{table}{'.NAME' if times == EACH else ''}] {key}" for key in keys)
            continue
        parts = {f"{table}.{name}": part for name, part in there.items()} if times == EACH else {table: there}
        for place, part in parts.items():
            if isinstance(part, dict):
                yield from (f"[{place}] {key}" for key in keys if key not in part)
