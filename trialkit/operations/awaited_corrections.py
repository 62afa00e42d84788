"""Corrections that wait for their site, as what stands against closing the forms that they are on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterator

from trialkit.entry import Obstacle, ObstacleKind
from trialkit.operations.endorsing import is_awaited, is_shown
from trialkit.operations.gate import Gate
from trialkit.store.reading.corrections import corrections


def awaited_corrections(gate: Gate, people: Container[str]) -> Iterator[Obstacle]:
    """A form a line: once it is closed its site can neither endorse nor object."""
    waiting = Counter(
        "/".join((one.subject_id, one.visit, one.form))
        for one in corrections(gate.reader)
        if is_awaited(one) and is_shown(gate, one, people)
    )
    for where, count in waiting.items():
        yield Obstacle(ObstacleKind.CORRECTION_NOT_ENDORSED, where, count, detail=str(count))
