"""What soft checks warned of when something was entered, decided or corrected: kept, and read by one act.

A flag was shown to whoever typed, and the value was taken all the same; a query asks about the final record.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from trialkit.access import Actor
from trialkit.access.acts.reading import LIST_FLAGS
from trialkit.entry import TypedValue
from trialkit.entry.checking import Flag
from trialkit.entry.meaning import AS_WRITTEN
from trialkit.operations.gate import Gate, OpenAct, reading
from trialkit.operations.trial import Trial
from trialkit.store import models as m
from trialkit.store.reading.discrepancies import DiscrepancyState
from trialkit.store.reading.flags import FlagState, flags
from trialkit.store.reading.forms import FormKey
from trialkit.vocabulary import MissingCode


class FlagStage(StrEnum):
    """At which act something was warned of."""

    ENTERED = "entered"
    ADJUDICATED = "adjudicated"
    CORRECTED = "corrected"


@dataclass(frozen=True, slots=True)
class FlagListed:
    """One warning: where, at which act, by whose hands, and what it said. ``check`` is the study's own."""

    site: str
    subject_id: str
    visit: str
    form: str
    row: str
    item: str
    stage: FlagStage
    check: str
    text: str
    account: str
    at: datetime


def list_flags(
    trial: Trial, actor: Actor, *, subject_id: str | None = None, form: str | None = None
) -> list[FlagListed]:
    """Every warning at the sites of the actor's right, in the order in which they were given.

    Parameters
    ----------
    subject_id, form
        Only of these.

    Raises
    ------
    AccessError
        No right: a typist who read them would know of the other pass.
    EntryError
        A number nobody has.
    """
    with reading(trial, actor, LIST_FLAGS) as gate:
        if subject_id is not None:
            gate.subject(subject_id)
        people = gate.subjects(None if subject_id is None else [subject_id])
        return [
            FlagListed(
                people[found.subject_id].site,
                found.subject_id,
                found.visit,
                found.form,
                found.row,
                found.item,
                FlagStage(found.stage),
                found.check,
                found.said,
                found.account,
                found.at,
            )
            for found in flags(gate.reader, None if subject_id is None else [subject_id])
            if found.subject_id in people and form in (None, found.form) and _is_shown(gate, found)
        ]


def keep_flags(progress: OpenAct, form: FormKey, stage: FlagStage, found: Sequence[Flag]) -> None:
    """Write warnings with the act that they were given at.

    Raises
    ------
    OperationError
        A text kept as written names an arm, in an item that blinded readers are shown.
    """
    subject_id, visit, name = form
    for flag in found:
        if flag.check == AS_WRITTEN and flag.item in progress.trial.rules_without_arms.items:
            progress.require_no_arm_named(str(flag.text), where=flag.where)
        progress.add(
            m.EntryFlag,
            id=next(progress.next_ids(m.EntryFlag)),
            subject_id=subject_id,
            visit=visit,
            form=name,
            row_key=flag.row,
            item=flag.item,
            stage=stage.value,
            check_name=flag.check,
            said=str(flag.text),
        )


def kept_as_written(gate: Gate, subject_ids: Sequence[str]) -> dict[tuple[str, str, str, str], str]:
    """(subject, visit, row, item) -> what stands on the form where no value could be made of it."""
    found: dict[tuple[str, str, str, str], list[str]] = defaultdict(list)
    for flag in flags(gate.reader, subject_ids):
        if flag.check == AS_WRITTEN and _is_shown(gate, flag):
            texts = found[flag.subject_id, flag.visit, flag.row, flag.item]
            if flag.said not in texts:
                texts.append(flag.said)
    return {place: "; ".join(texts) for place, texts in found.items()}


def sides_as_written(gate: Gate, found: Sequence[DiscrepancyState]) -> dict[int, tuple[str, str]]:
    """Discrepancy -> both values in one text each, with what stands on the form where a side could not be
    read: ``@unknown (as written: 4O)``. The typist's own words, where the act tells whose they were.
    """
    unread = {
        (one.subject_id, one.visit, one.row, one.item)
        for one in found
        if MissingCode.UNKNOWN in (one.first.missing_code, one.second.missing_code)
    }
    written: dict[tuple[str, ...], list[FlagState]] = defaultdict(list)
    for flag in flags(gate.reader, {place[0] for place in unread}) if unread else ():
        place = (flag.subject_id, flag.visit, flag.row, flag.item)
        at_entry = flag.check == AS_WRITTEN and flag.stage == FlagStage.ENTERED
        if place in unread and at_entry and _is_shown(gate, flag):
            written[place].append(flag)
    sides = {}
    for one in found:
        here = written[one.subject_id, one.visit, one.row, one.item]
        typists = {one.first_by, one.second_by}
        both = ((one.first, one.first_by), (one.second, one.second_by))
        first, second = (
            _side(value, [flag.said for flag in here if flag.account == by or flag.account not in typists])
            for value, by in both
        )
        sides[one.id] = (first, second)
    return sides


def _side(value: TypedValue, written: Sequence[str]) -> str:
    text = f"@{value.missing_code}" if value.missing_code is not None else value.text or ""
    if value.missing_code is not MissingCode.UNKNOWN or not written:
        return text
    return f"{text} ({'; '.join(dict.fromkeys(written))})"


def _is_shown(gate: Gate, found: FlagState) -> bool:
    """To the blinded, a check that reads what tells an arm is no part of the study."""
    known = {AS_WRITTEN}
    for version in gate.trial.definitions.versions:
        known |= {check.name for check in version.seen(blinded=gate.sight.blinded).study.checks}
    if found.check and found.check not in known:
        return False
    if found.item:
        return gate.sight.of_item(found.form, found.item)
    return gate.sight.of_form(found.form)
