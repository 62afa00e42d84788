"""Imports that broke off: which there are, and giving up what is left of one."""

from __future__ import annotations

from dataclasses import dataclass

from trialkit.access import Actor
from trialkit.access.acts.capture import END_IMPORT
from trialkit.access.acts.reading import VIEW_TODO
from trialkit.operations.errors import OperationError
from trialkit.operations.gate import OpenAct, acting, reading
from trialkit.operations.import_claims import concerns, unfinished_imports
from trialkit.operations.trial import Trial
from trialkit.store import models as m
from trialkit.store.audit_chain import AuditStamp
from trialkit.store.reading.imports import OpenImport, forms_claimed, forms_written, open_imports
from trialkit.wording import said


@dataclass(frozen=True, slots=True)
class ImportEnded:
    """An import whose rest was given up: what of it stands, and what never came in, as far as it is shown."""

    number: int
    file_name: str
    forms_in: int
    forms_left: int
    stamp: AuditStamp


@dataclass(frozen=True, slots=True)
class ImportUnfinished:
    """An import that broke off or is under way: its forms that are in, and that wait, as far as shown."""

    number: int
    file_name: str
    begun_by: str
    forms_in: int
    forms_left: int


def end_import(trial: Trial, actor: Actor, *, number: int, reason: str) -> ImportEnded:
    """Give up the rest of an import that broke off: what of it is in stands, and its other forms are free.

    Parameters
    ----------
    number
        Of the import, as ``trialkit todo`` and the refusals say it.
    reason
        Why it is not run to its end.

    Raises
    ------
    AccessError, OperationError
        No right at the site of one of its forms, or no reason; no such import, or one that is at its end.
    """
    with acting(trial, actor, END_IMPORT, reason=reason) as progress:
        one = _still_open(progress, number)
        claimed, written = forms_claimed(progress.reader, number), forms_written(progress.reader, number)
        progress.known_sites({key[0] for key in claimed})
        progress.add(m.ImportEnd, import_batch=number, outcome="given_up", reason=progress.reason)
        progress.state(import_number=number, file=one.file_name)
        told = [key for key in claimed if progress.sight.of_form(key[2])]
        left = sum(key not in written for key in told)
    return ImportEnded(number, one.file_name, len(told) - left, left, progress.stamp)


def list_unfinished_imports(trial: Trial, actor: Actor) -> list[ImportUnfinished]:
    """Imports that stand half done: of the actor's own, and of everybody for who may give one up.

    Raises
    ------
    AccessError
        No right.
    """
    with reading(trial, actor, VIEW_TODO) as gate:
        return [
            ImportUnfinished(
                one.number,
                one.file_name,
                one.begun_by,
                sum(gate.sight.of_form(key[2]) for key in forms_written(gate.reader, one.number)),
                len(waiting),
            )
            for one, waiting in unfinished_imports(gate)
            if concerns(gate, one)
        ]


def _still_open(progress: OpenAct, number: int) -> OpenImport:
    known = {one.number: one for one in open_imports(progress.reader)}
    if number not in known:
        raise OperationError(
            expected=said(
                "the number of an import that stands half done: {numbers}",
                numbers=", ".join(str(one) for one in known) or said("there is none"),
            ),
            found=str(number),
        )
    return known[number]
