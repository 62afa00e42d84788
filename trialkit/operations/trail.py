"""The audit trail, as far as the reader may know."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from trialkit.access import Actor
from trialkit.access.acts.reading import READ_TRAIL, READ_TRAIL_DETAILS
from trialkit.operations.gate import Gate, reading
from trialkit.operations.trial import Trial
from trialkit.store.reading.audit import AuditEntry, audit_entries, fields_written


@dataclass(frozen=True, slots=True)
class TrailLine:
    """One record; ``reason``, ``facts`` and ``hash`` are None for whoever may not read them."""

    number: int
    at: str
    account: str
    role: str
    site: str | None
    authentication: str
    operation: str
    reason: str | None = None
    facts: Mapping[str, Any] | None = None
    hash: str | None = None

    @property
    def detailed(self) -> bool:
        return self.hash is not None


def read_trail(
    trial: Trial, actor: Actor, *, first: int = 1, last: int | None = None, operation: str | None = None
) -> list[TrailLine]:
    """Who did what, and when.

    Parameters
    ----------
    first, last
        From this number on; only the last so many.
    operation
        Only records of this act.

    Returns
    -------
    list of TrailLine
        Reasons and facts for administrator, data manager and monitor; whoever acts at one site is shown the
        records of that site. To the blinded, acts on what they are not shown never took place: the lines
        left are numbered as if there were no others.

    Raises
    ------
    AccessError
        No right.
    """
    with reading(trial, actor, READ_TRAIL) as gate:
        detailed = gate.permits(READ_TRAIL_DETAILS)
        lines = [
            _line(number, entry, detailed=detailed)
            for number, entry in _numbered(gate)
            if number >= first
            and operation in (None, entry.operation)
            and (gate.sites is None or entry.site in gate.sites)
        ]
    return lines[-last:] if last else lines


def _numbered(gate: Gate) -> Iterator[tuple[int, AuditEntry]]:
    if not gate.sight.blinded:
        yield from ((entry.number, entry) for entry in audit_entries(gate.reader))
        return
    written = fields_written(gate.reader)
    seen = 0
    for entry in audit_entries(gate.reader):
        fields = written.get(entry.number)
        if fields is None or any(_is_shown(gate, *field) for field in fields):
            seen += 1
            yield seen, entry


def _is_shown(gate: Gate, form: str, item: str) -> bool:
    return gate.sight.of_item(form, item) if item else gate.sight.of_form(form)


def _line(number: int, entry: AuditEntry, *, detailed: bool) -> TrailLine:
    told: dict[str, Any] = {}
    if detailed:
        facts = json.loads(entry.payload_text)["facts"]
        told = {"reason": entry.reason, "facts": facts, "hash": entry.hash}
    return TrailLine(
        number=number,
        at=entry.at,
        account=entry.account,
        role=entry.role,
        site=entry.site,
        authentication=entry.authentication,
        operation=entry.operation,
        **told,
    )
