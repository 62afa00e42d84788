"""The adjudicator's worklist: what two passes disagree about, as far as whoever asks may see it."""

from __future__ import annotations

from trialkit.access import AccessError, Actor
from trialkit.operations.acting import unknown_subject
from trialkit.operations.adjudication import shown
from trialkit.operations.sight import sight_of
from trialkit.operations.trial import Trial
from trialkit.store.reading.discrepancies import discrepancies, unmatched_rows
from trialkit.store.reading.subjects import subjects
from trialkit.vocabulary import Role
from trialkit.wording import said

# Typists are not among them: whoever saw the other pass could no longer type an independent one.
READERS = frozenset({Role.ADJUDICATOR, Role.DATA_MANAGER, Role.MONITOR})
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
    if actor.role not in READERS:
        raise AccessError(
            expected=said("one of the roles {readers}", readers=", ".join(sorted(READERS))),
            found=str(actor.role),
            next_step="Let somebody with that role look.",
        )
    wanted = None if subject_id is None else [subject_id]
    with trial.store.reading() as reader:
        people = subjects(reader, wanted)
        values = discrepancies(reader, wanted, only_open=only_open)
        lines = unmatched_rows(reader, wanted, only_open=only_open)
        sight = sight_of(trial, reader, actor)
    if subject_id is not None and not people:
        raise unknown_subject(subject_id)
    rows = [
        _row(
            (d.subject_id, d.visit, d.form, d.row, d.item),
            str(d.kind),
            shown(d.first) or "",
            shown(d.second) or "",
            d.choice or "open",
        )
        for d in values
        if sight.of_item(d.form, d.item)
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
        if sight.of_form(u.form)
    ]
    return [row for row in rows if actor.site in (None, people[row["subject_id"]].site)]


def _row(place: tuple[str, ...], kind: str, first: str, second: str, state: str) -> dict[str, str]:
    return dict(zip(COLUMNS, (*place, kind, first, second, state), strict=True))
