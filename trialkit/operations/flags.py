"""What soft checks warned of when something was entered, decided or corrected: kept, and read by one act.

A flag was shown to whoever typed, and the value was taken all the same; a query asks about the final record.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from trialkit.access import Actor
from trialkit.access.acts.reading import LIST_FLAGS
from trialkit.entry import AdjudicationChoice, TypedValue
from trialkit.entry.checking import Flag
from trialkit.entry.meaning import AS_WRITTEN
from trialkit.operations.gate import Gate, OpenAct, reading
from trialkit.operations.trial import Trial
from trialkit.store import models as m
from trialkit.store.engine import Reader
from trialkit.store.reading.discrepancies import DiscrepancyState
from trialkit.store.reading.flags import FlagState, flags, texts_as_written
from trialkit.store.reading.forms import FormKey, StoredRow
from trialkit.vocabulary import MissingCode

_NOTHING: Mapping[tuple[int, str], str] = MappingProxyType({})


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
    """(subject, visit, row, item) -> what stands on the form where no value could be made of it.

    What was said last at a decision or a correction, else of both passes; of two that an adjudicator chose
    between, what was chosen. What is void counts for nothing.
    """
    found: dict[tuple[str, str, str, str], list[str]] = defaultdict(list)
    for flag in flags(gate.reader, subject_ids):
        if flag.check == AS_WRITTEN and not flag.void and _is_shown(gate, flag):
            texts = found[flag.subject_id, flag.visit, flag.row, flag.item]
            if flag.stage != FlagStage.ENTERED:
                texts.clear()
            if flag.said not in texts:
                texts.append(flag.said)
    if found:
        _leave_what_was_chosen(gate, found, subject_ids)
    return {place: "; ".join(texts) for place, texts in found.items() if texts}


def _leave_what_was_chosen(
    gate: Gate, found: dict[tuple[str, str, str, str], list[str]], subject_ids: Sequence[str]
) -> None:
    chosen = {
        one: one.first_row if one.choice == AdjudicationChoice.FIRST else one.second_row
        for one in gate.discrepancies(subject_ids)
        if one.choice in (AdjudicationChoice.FIRST, AdjudicationChoice.SECOND)
    }
    written = texts_as_written(gate.reader, chosen.values(), AS_WRITTEN)
    for one, line in chosen.items():
        place = (one.subject_id, one.visit, one.row, one.item)
        if place in found:
            found[place] = [written[line, one.item]] if (line, one.item) in written else []


def both_as_written(
    reader: Reader, first: StoredRow, second: StoredRow, typed: Mapping[tuple[int, str], str] = _NOTHING
) -> dict[str, tuple[str, str]]:
    """Item -> what both lines say stands on the form, where neither could make a value of it.

    ``typed``: the same of a line that is not in the database yet.
    """
    items = [
        item
        for item, value in first.row.values.items()
        if value.missing_code is MissingCode.UNKNOWN
        and item in second.row.values
        and second.row.values[item].missing_code is MissingCode.UNKNOWN
    ]
    if not items:
        return {}
    there = {**texts_as_written(reader, [first.id, second.id], AS_WRITTEN), **typed}
    return {item: (there.get((first.id, item), ""), there.get((second.id, item), "")) for item in items}


def sides_as_written(gate: Gate, found: Sequence[DiscrepancyState]) -> dict[int, tuple[str, str]]:
    """Discrepancy -> both values in one text each, with what stands on the form where a side could not be
    read: ``@unknown (as written: 4O)``.
    """
    lines = {
        line
        for one in found
        if MissingCode.UNKNOWN in (one.first.missing_code, one.second.missing_code)
        for line in (one.first_row, one.second_row)
    }
    written = texts_as_written(gate.reader, lines, AS_WRITTEN) if lines else {}
    return {
        one.id: (
            _side(one.first, written.get((one.first_row, one.item))),
            _side(one.second, written.get((one.second_row, one.item))),
        )
        for one in found
    }


def _side(value: TypedValue, written: str | None) -> str:
    text = f"@{value.missing_code}" if value.missing_code is not None else value.text or ""
    return text if written is None else f"{text} ({written})"


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
