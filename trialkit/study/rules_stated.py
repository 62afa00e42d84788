"""What a drafted definition still leaves to its authors: texts that stand as "to be stated"."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any

from trialkit.study.findings import Finding, Severity
from trialkit.study.model import Study
from trialkit.study.scaffold import TO_BE_STATED


def texts_to_be_stated(study: Study) -> Iterator[Finding]:
    """Keys of the definition whose text is the scaffold's own."""
    places = list(_places(tomllib.loads(study.definition_text), ""))
    if places:
        yield Finding(
            "to-be-stated",
            Severity.GAP,
            "The draft is not filled in",
            f'"{TO_BE_STATED}" stands at {", ".join(places)}.',
            tuple(dict.fromkeys(place.rpartition(".")[0] for place in places)),
            "Write what the protocol says in each place.",
        )


def _places(part: Any, path: str) -> Iterator[str]:
    if isinstance(part, dict):
        for name, inner in part.items():
            yield from _places(inner, f"{path}.{name}" if path else name)
    elif isinstance(part, list):
        for inner in part:
            yield from _places(inner, path)
    elif isinstance(part, str) and part.strip().casefold() == TO_BE_STATED:
        yield path
