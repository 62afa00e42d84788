"""What an import that stands half done keeps from others: freezing, locking or not doing its forms."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from trialkit.access.acts.capture import END_IMPORT
from trialkit.entry import Obstacle, ObstacleKind
from trialkit.operations.errors import OperationError
from trialkit.operations.gate import Gate
from trialkit.store.reading.forms import FormKey
from trialkit.store.reading.imports import OpenImport, forms_claimed, forms_written, open_imports
from trialkit.wording import said


def unfinished_imports(gate: Gate) -> Iterator[tuple[OpenImport, list[FormKey]]]:
    """Imports that broke off or are under way, with the forms that wait, as far as they are shown."""
    for one in open_imports(gate.reader):
        waiting = forms_claimed(gate.reader, one.number) - forms_written(gate.reader, one.number)
        shown = sorted(key for key in waiting if gate.sight.of_form(key[2]))
        if shown:
            yield one, shown


def concerns(gate: Gate, one: OpenImport) -> bool:
    """Whether an unfinished import is this actor's to go on with, or to give up."""
    return gate.actor.account in (one.begun_by, one.typist) or gate.permits(END_IMPORT)


def import_obstacles(gate: Gate, subjects: Collection[str]) -> Iterator[Obstacle]:
    """What of these subjects is still to come in."""
    for one, waiting in unfinished_imports(gate):
        for key in waiting:
            if key[0] in subjects:
                yield Obstacle(
                    ObstacleKind.IMPORT_UNFINISHED, "/".join(key), detail=said("import {n}", n=one.number)
                )


def require_no_import_of(gate: Gate, places: Collection[tuple[str, str, str | None]]) -> None:
    """Refuse to say that a form or visit was not done while a file is bringing it in.

    Parameters
    ----------
    places
        Subject, visit, and a form or None for every form of the visit.

    Raises
    ------
    OperationError
        One is claimed.
    """
    for one in open_imports(gate.reader):
        for subject_id, visit, form in sorted(forms_claimed(gate.reader, one.number)):
            if not gate.sight.of_form(form):
                continue
            if (subject_id, visit, form) in places or (subject_id, visit, None) in places:
                raise OperationError(
                    expected="a form that no import is bringing in",
                    found=said("one of import {number}, which is not at its end", number=one.number),
                    where="/".join((subject_id, visit, form)),
                    next_step="Run that import to its end; or the data manager gives up its rest.",
                )


def require_no_import(gate: Gate) -> None:
    """Refuse to change by which version forms are read while a file is coming in.

    Raises
    ------
    OperationError
        One is.
    """
    for one in open_imports(gate.reader):
        raise OperationError(
            expected="no import that stands half done",
            found=said("import {number}", number=one.number),
            next_step="Run it to its end; or the data manager gives up its rest.",
        )
