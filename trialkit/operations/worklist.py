"""The adjudicator's worklist: what two passes disagree about, as far as whoever asks may see it."""

from __future__ import annotations

from trialkit.access import Actor
from trialkit.access.acts.reading import LIST_DISCREPANCIES
from trialkit.operations.flags import sides_as_written
from trialkit.operations.gate import reading
from trialkit.operations.trial import Trial

COLUMNS = ("subject_id", "visit", "form", "row", "item", "kind", "first", "second", "state")


def discrepancy_worklist(
    trial: Trial, actor: Actor, *, subject_id: str | None = None, only_open: bool = True
) -> list[dict[str, str]]:
    """One row (of ``COLUMNS``) a value or line that the passes disagree about; lines have no item.

    Parameters
    ----------
    subject_id
        Only this subject's; None: everybody's, at the actor's site where it acts at one.
    only_open
        Leave out those decided.

    Raises
    ------
    AccessError
        The actor's role is no reader of discrepancies.
    EntryError
        A number nobody has.
    """
    wanted = None if subject_id is None else [subject_id]
    with reading(trial, actor, LIST_DISCREPANCIES) as gate:
        if subject_id is not None:
            gate.subject(subject_id)
        people = gate.subjects(wanted)
        values = gate.discrepancies(wanted, only_open=only_open)
        lines = gate.unmatched_rows(wanted, only_open=only_open)
        sides = sides_as_written(gate, values)
    rows = [
        _row(
            (d.subject_id, d.visit, d.form, d.row, d.item),
            str(d.kind),
            *sides[d.id],
            d.choice or "open",
        )
        for d in values
        if d.subject_id in people
    ]
    rows += [
        _row(
            (u.subject_id, u.visit, u.form, u.row, ""),
            u.reason,
            "this line" if u.pass_number == 1 else "",
            "this line" if u.pass_number == 2 else "",
            u.decision or "open",
        )
        for u in lines
        if u.subject_id in people
    ]
    return rows


def _row(place: tuple[str, ...], kind: str, first: str, second: str, state: str) -> dict[str, str]:
    return dict(zip(COLUMNS, (*place, kind, first, second, state), strict=True))
