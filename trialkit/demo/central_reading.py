"""The scans are read: two passes by two readers, and a third reader for what lies too far apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from trialkit.access import Actor
from trialkit.demo.people import reader
from trialkit.demo.scans import FORM, ScansRead
from trialkit.entry import AdjudicationChoice, ReasonCode
from trialkit.operations import Trial, Verdict, adjudicate, import_readings
from trialkit.store.reading.discrepancies import DiscrepancyState, discrepancies


@dataclass(frozen=True)
class Read:
    """``values`` were read twice; of them ``apart`` went to the third reader."""

    scans: int
    values: int
    apart: int


def enter_readings(trial: Trial, read: ScansRead) -> Read:
    """Enter every reading as its reader's own pass; the second sees nothing of the first."""
    for number, scans in enumerate(read.readings.values(), start=1):
        import_readings(trial, reader(number), scans=scans)
    with trial.store.reading() as looking:
        found = [one for one in discrepancies(looking, only_open=True) if one.form == FORM]
    if found:
        apart: dict[str, list[str]] = defaultdict(list)
        for one in found:
            apart[one.subject_id].append(one.item)
        third = {subject_id: read.third(subject_id, items) for subject_id, items in apart.items()}
        verdicts = [_verdict(one, third[one.subject_id][one.item]) for one in found]
        adjudicate(trial, third_reader(), verdicts=verdicts)
    first = next(iter(read.readings.values()))
    measured = trial.rules.compared[FORM]
    return Read(len(first), len(first) * len(measured), len(found))


def third_reader() -> Actor:
    return reader(3)


def _verdict(found: DiscrepancyState, text: str) -> Verdict:
    """The third reading, where it is not one of the two."""
    alike: Mapping[str | None, AdjudicationChoice] = {
        found.second.text: AdjudicationChoice.SECOND,
        found.first.text: AdjudicationChoice.FIRST,
    }
    choice = alike.get(text, AdjudicationChoice.NEW_VALUE)
    return Verdict(
        subject_id=found.subject_id,
        visit=found.visit,
        form=found.form,
        row=found.row,
        item=found.item,
        choice=choice,
        reason=ReasonCode.MISREAD,
        new_value=text if choice is AdjudicationChoice.NEW_VALUE else None,
    )
