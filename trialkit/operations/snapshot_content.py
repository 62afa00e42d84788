"""What crosses the wall: the tables of a snapshot, from the database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from trialkit.entry.lookup import Texts, derive, lookup_in, texts_of
from trialkit.entry.rules import StudyRules
from trialkit.expressions import Name
from trialkit.expressions.text_functions import as_text
from trialkit.operations.binding import today_at
from trialkit.operations.custody import open_arm, open_arms
from trialkit.operations.gate import Gate
from trialkit.operations.own_trail import own_number
from trialkit.operations.quality import quality_counts
from trialkit.operations.snapshot_versions import (
    earlier_definitions,
    say_version_of_rows,
    version_tables,
)
from trialkit.operations.standing import FormNow, forms_of
from trialkit.operations.trial import Trial
from trialkit.operations.visits_expected import day_of_randomization
from trialkit.randomization.canonical import stratum_label
from trialkit.snapshot import SnapshotContent
from trialkit.snapshot.content import content_sha256
from trialkit.store.engine import Reader
from trialkit.store.reading.allocations import MistakeState
from trialkit.store.reading.audit import audit_head
from trialkit.store.reading.finals import FinalState
from trialkit.store.reading.review import set_decisions
from trialkit.store.reading.study import analysis_unblinding, study_standing
from trialkit.store.reading.subjects import SubjectState, VisitState
from trialkit.study.model import Item, Visit
from trialkit.vocabulary import ItemType, MissingCode, ValueState

Table = list[dict[str, str]]


def snapshot_content(
    gate: Gate,
    *,
    taken_at: datetime,
    identifiers: Collection[str] = (),
    forms: Sequence[FormNow] | None = None,
) -> SnapshotContent:
    """Everything a snapshot holds; to blinded eyes without allocations and whatever tells an arm.

    Of items marked as identifiers it holds those in ``identifiers`` alone. ``forms``: as ``forms_of`` tells
    them to these eyes, where the act has asked already.
    """
    trial, reader, blinded = gate.trial, gate.reader, gate.sight.blinded
    people = gate.subjects()
    recorded = gate.visits()
    kept_back = {name for name, item in gate.rules.items.items() if item.identifier} - {*identifiers}
    finals = gate.final_values()
    standing = study_standing(reader)
    number, link = audit_head(reader)
    number = own_number(reader, gate.sight, number)
    now = forms_of(gate) if forms is None else forms
    by_subject: dict[str, list[FinalState]] = defaultdict(list)
    for final in finals:
        by_subject[final.subject_id].append(final)
    texts = {number: texts_of(gate.rules, by_subject[number]) for number in {*people, *by_subject}}
    seen_mistakes = gate.mistakes()
    tables = {
        "subjects": _subject_rows(gate, people, recorded, texts),
        "visits": _visit_rows(recorded),
        "forms": _form_rows(now),
        "values": [
            row
            for row in (*_value_rows(finals), *_derived_rows(gate.rules, by_subject, texts))
            if row["item"] not in kept_back
        ],
        "mistakes": [_mistake_row(entry) for entry in seen_mistakes],
        "quality": quality_counts(gate),
    }
    decided = _review_rows(reader)
    if decided:  # a trial without a review has the content, and the hash, it always had
        tables["review"] = decided
    amended = trial.definitions.amended
    if amended:
        tables |= version_tables(gate)
        say_version_of_rows(gate, (tables["forms"], tables["values"]))
    if not blinded:
        tables |= _arm_tables(gate, seen_mistakes)
    return SnapshotContent(
        study_id=trial.study.id,
        study_version=trial.study.version,
        study_sha256=trial.study.sha256,
        definition_text=trial.study.definition_text,
        dictionary_text=trial.study.dictionary_text,
        factors=tuple(factor.name for factor in trial.study.factors),
        tables=tables,
        state="locked" if standing.locked else "draft",
        taken_at=taken_at,
        audit_number=number,
        audit_hash=link,
        earlier=earlier_definitions(gate) if amended else {},
    )


def _mistake_row(entry: MistakeState) -> dict[str, str]:
    return {
        "subject_id": entry.subject_id,
        "kind": entry.kind,
        "detail": entry.detail,
        "duplicate_of": entry.duplicate_of or "",
    }


def _arm_tables(gate: Gate, mistakes: Sequence[MistakeState]) -> dict[str, Table]:
    """What only unblinded eyes have: the allocations, and the signature that opened them for the analysis."""
    trial, reader = gate.trial, gate.reader
    received = {entry.subject_id: open_arm(trial, entry.received) for entry in mistakes if entry.received}
    allocations = [
        {"subject_id": subject_id, "planned_arm": arm, "actual_arm": received.get(subject_id, arm)}
        for subject_id, arm in open_arms(trial, reader).items()
    ]
    signed = analysis_unblinding(reader)
    if signed is None or not study_standing(reader).unblinded:
        return {"allocations": allocations}
    return {"unblinding": [signed], "allocations": allocations}


def _review_rows(reader: Reader) -> list[dict[str, str]]:
    return [
        {
            "subject_id": one.subject_id,
            "analysis_set": one.analysis_set,
            "decision": one.decision,
            "reason": one.reason,
            "decided_by": one.account,
            "decided_at": one.at,
        }
        for one in set_decisions(reader).values()
    ]


def content_hash(gate: Gate, forms: Sequence[FormNow]) -> str:
    """The hash of the clinical content without arms: what a lock is bound to. ``forms``: all of this gate."""
    seen = forms if gate.sight.blinded else None
    content = snapshot_content(gate.with_blinded_eyes(), taken_at=datetime.min, forms=seen)
    return content_sha256(content.study_sha256, content.sorted_tables())


def _subject_rows(
    gate: Gate,
    people: dict[str, SubjectState],
    recorded: dict[tuple[str, str], VisitState],
    texts: Mapping[str, Texts],
) -> Table:
    rows = []
    trial = gate.trial
    last = {site: _last_visit(gate, site) for site in {one.site for one in people.values()}}
    for subject_id, subject in people.items():
        done = recorded.get((subject_id, last[subject.site]))
        status, reason = _status(subject, finished=done is not None and done.status == "done")
        randomized_on = day_of_randomization(trial, subject)
        true = _true_levels(gate, subject, texts[subject_id])
        used = dict(subject.factor_values) if subject.allocated_at else {}
        row = {
            "subject_id": subject_id,
            "site": subject.site,
            "status": status,
            "status_reason": reason,
            "consent_date": subject.consent_date.isoformat() if subject.consent_date else "",
            "randomization_date": randomized_on.isoformat() if randomized_on else "",
            "stratum_randomized": subject.stratum_label,
            "stratum_true": _label(trial, true) if subject.allocated else "",
        }
        for factor in trial.study.factors:
            row[f"{factor.name}_randomized"] = used.get(factor.name, "")
            row[f"{factor.name}_true"] = true.get(factor.name, "")
        rows.append(row)
    return rows


def _last_visit(gate: Gate, site: str) -> str:
    """The last visit of the version by which a site works today."""
    version = gate.trial.definitions.in_force(site, today_at(gate, site))
    study = version.asked(blinded=False).study

    def day(visit: Visit) -> int:
        return (study.days_after_randomization(visit.anchor) or 0) + (visit.target_days or 0)

    return max(study.visits, key=day).name


def _status(subject: SubjectState, *, finished: bool) -> tuple[str, str]:
    if subject.withdrawn is not None:
        return "withdrawn", subject.withdrawn.reason
    if subject.screen_failed is not None:
        return "screen_failed", subject.screen_failed.reason
    if not subject.allocated:
        return "screened", ""
    return ("completed" if finished else "randomized"), ""


def _true_levels(gate: Gate, subject: SubjectState, texts: Texts) -> dict[str, str]:
    """Stratification values by the final record as it is now, corrections included."""
    look_up = lookup_in(gate.rules, texts)
    levels = {}
    for factor in gate.trial.study.factors:
        value = subject.site if factor.item is None else look_up(Name(factor.item))
        level = None if value is None else factor.level_of(str(value))
        if level is not None:
            levels[factor.name] = level
    return levels


def _label(trial: Trial, levels: dict[str, str]) -> str:
    complete = trial.study.factors and len(levels) == len(trial.study.factors)
    return stratum_label(levels) if complete else ""


def _visit_rows(recorded: dict[tuple[str, str], VisitState]) -> Table:
    return [
        {
            "subject_id": entry.subject_id,
            "visit": entry.visit,
            "date": entry.date.isoformat() if entry.date else "",
            "status": entry.status,
            "reason": entry.reason,
        }
        for entry in recorded.values()
    ]


def _form_rows(now: Sequence[FormNow]) -> Table:
    return [
        {
            "subject_id": form.subject_id,
            "visit": form.visit,
            "form": form.form,
            "status": form.status.value,
            "reason": form.reason,
        }
        for form in now
    ]


def _value_rows(finals: Sequence[FinalState]) -> Table:
    return [
        {
            "subject_id": final.subject_id,
            "visit": final.visit,
            "form": final.form,
            "row": final.row,
            "item": final.item,
            "value": final.value.text or "",
            "state": final.value.state._value_,
            "missing_code": final.value.missing_code.value if final.value.missing_code else "",
        }
        for final in finals
    ]


def _derived_rows(
    rules: StudyRules, finals: Mapping[str, Sequence[FinalState]], texts: Mapping[str, Texts]
) -> Table:
    """Derived items, one a line where a form repeats, computed from the final record; they are never stored.

    One that cannot be computed, since what it needs is missing, is missing too: unknown, never blank.
    """
    derived: dict[str, list[Item]] = {
        form.name: items
        for form in rules.study.forms
        if (items := [item for item in form.items if item.type is ItemType.DERIVED])
    }
    rows = []
    for subject_id, values in finals.items():
        lines: dict[tuple[str, str, str], dict[tuple[str, str], str]] = {}
        for final in values:
            if final.form not in derived:
                continue
            line = lines.setdefault((final.form, final.visit, final.row), {})
            if final.value.state is ValueState.VALUE and final.value.text is not None:
                line[final.item, final.visit] = final.value.text
        for (form, visit, row), own in lines.items():
            for item in derived[form]:
                value = derive(rules, item, {**texts[subject_id], **own}, visit)
                rows.append(
                    {
                        "subject_id": subject_id,
                        "visit": visit,
                        "form": form,
                        "row": row,
                        "item": item.name,
                        "value": "" if value is None else as_text(value),
                        "state": (ValueState.MISSING if value is None else ValueState.VALUE).value,
                        "missing_code": "" if value is not None else MissingCode.UNKNOWN.value,
                    }
                )
    return rows
