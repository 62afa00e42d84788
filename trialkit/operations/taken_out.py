"""Which acts took a text out of the records that somebody reads, as far as what it stood in is shown."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from trialkit.operations.own_trail import is_shown
from trialkit.store.reading.redactions import redactions, row_key
from trialkit.store.reading.row_places import place_of_row
from trialkit.store.redactable import VALUES
from trialkit.store.redacted_records import Cell, holds_a_text, is_marked

if TYPE_CHECKING:
    from trialkit.operations.gate import Gate
    from trialkit.operations.trail import TrailLine


def acts_that_took_out(
    gate: Gate, lines: Mapping[int, TrailLine], own: Mapping[int, int], wanted: Mapping[str, str | None]
) -> dict[int, tuple[int, ...]]:
    """Record -> the acts, by the numbers that the reader has of them.

    Parameters
    ----------
    lines
        What is shown, by the stored number of its record; nothing is said of one whose reason is not told.
    own
        Stored number -> the reader's, of the records that they are shown.
    wanted
        The subject, form and item that were asked about; None: all.
    """
    item = wanted["item"]
    asked = {**wanted, "form": wanted["form"] if item is None else gate.rules.items[item].form}
    found: dict[int, tuple[int, ...]] = {}
    for record, places in redactions(gate.reader).items():
        line = lines.get(record)
        if line is None or line.reason is None:
            continue
        acts = {
            own[one.by]
            for one in places
            if one.by in own and holds_a_text(one.place) and _is_told(gate, line, one.place, asked)
        }
        found[record] = tuple(sorted(acts))
    return found


def _is_told(gate: Gate, line: TrailLine, place: str, asked: Mapping[str, str | None]) -> bool:
    if place == "reason":
        return True
    cell = Cell.at(place)
    if cell is None:
        return line.facts is not None or is_marked(json.dumps(line.changes))
    if gate.sight.hides and cell.table not in VALUES:  # a check that tells an arm may have asked it
        return any(is_marked(write.text) for write in line.written)
    of_row = place_of_row(gate.reader, cell.table, row_key(cell))
    subject, form, item = (of_row.get(name, "") for name in ("subject_id", "form", "item"))
    return (
        is_shown(gate.sight, form, item)
        and asked["subject_id"] in (None, subject)
        and asked["form"] in (None, form)
        and (asked["item"] is None or item in ("", asked["item"]))
        and (gate.sites is None or not subject or subject in gate.subjects())
    )
