"""One form of the final record as these eyes have it: to be read, held against its source, and signed."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Container, Mapping
from dataclasses import dataclass, replace

from trialkit.access import Actor
from trialkit.access.acts.reading import LIST_FORMS, READ_TRAIL_OF
from trialkit.entry import FormStatus
from trialkit.entry.errors import EntryError
from trialkit.entry.form_content import form_content_sha256
from trialkit.operations.adjudication import shown
from trialkit.operations.asked_now import record_now
from trialkit.operations.binding import bound_versions
from trialkit.operations.gate import Gate, reading
from trialkit.operations.standing import forms_of
from trialkit.operations.trial import Trial
from trialkit.store.reading.audit import audit_entry
from trialkit.store.reading.field_writes import writes_about
from trialkit.store.reading.finals import FinalState
from trialkit.store.reading.forms import FormKey
from trialkit.store.reading.review import frozen_places
from trialkit.study.model import Form
from trialkit.vocabulary import EntryMode, ValueState


@dataclass(frozen=True, slots=True)
class RecordLine:
    """One line of a form; ``values`` is item -> the text, ``@unknown``, or None for a blank."""

    row: str
    values: Mapping[str, str | None]
    not_asked: frozenset[str]


@dataclass(frozen=True, slots=True)
class FormRecord:
    """``content_sha256`` is what a signature is bound to; ``frozen_by`` and ``locked_by`` the scope of a
    freeze and of a lock below the study, or empty.

    ``asked`` are the items that the form asks by ``study_version``, which binds it, as far as they are shown.
    ``confirmed_by`` is the investigator who confirmed what was typed of a form entered once, to whoever may
    read its trail; empty where none did.
    ``waiting`` names what two entries disagree about and nobody has decided, as (row, item): it has no value
    yet.
    """

    subject_id: str
    site: str
    visit: str
    form: str
    status: FormStatus
    reason: str
    undecided: int
    open_queries: int
    frozen_by: str
    locked_by: str
    lines: tuple[RecordLine, ...]
    content_sha256: str
    study_version: str
    asked: tuple[str, ...]
    waiting: tuple[tuple[str, str], ...] = ()
    confirmed_by: str = ""


def form_record(trial: Trial, actor: Actor, *, subject_id: str, visit: str, form: str) -> FormRecord:
    """The final record of one form.

    Raises
    ------
    AccessError
        A role that is shown no forms.
    EntryError
        No such subject, visit or form to these eyes, or one that is not expected and nobody touched: in the
        same words for all of them.
    """
    with reading(trial, actor, LIST_FORMS) as gate:
        people = gate.subjects([subject_id])
        known = gate.rules.forms.get(form)
        if known is None or visit not in known.visits or subject_id not in people:
            raise _nothing_there()
        now = next(
            (one for one in forms_of(gate, [subject_id]) if (one.visit, one.form) == (visit, form)), None
        )
        if now is None:
            raise _nothing_there()
        written = gate.written_values([subject_id])
        stored = [final for final in written if (final.visit, final.form) == (visit, form)]
        finals = [final for final in record_now(gate, written) if (final.visit, final.form) == (visit, form)]
        waiting = tuple(
            (open_.row, open_.item)
            for open_ in gate.discrepancies([subject_id], only_open=True)
            if (open_.visit, open_.form) == (visit, form)
        )
        here = (subject_id, people[subject_id].site, f"{subject_id}/{visit}/{form}")
        return FormRecord(
            subject_id,
            people[subject_id].site,
            visit,
            form,
            now.status,
            now.reason,
            now.undecided,
            now.open_queries,
            _held_by(frozen_places(gate.reader), *here),
            _held_by(gate.locked, *here),
            _lines(finals, [row for row, _ in waiting]),
            form_content_sha256((final.row, final.item, final.value) for final in stored),
            *_asked(gate, (subject_id, visit, form)),
            waiting,
            _confirmed_by(gate, known, (subject_id, visit, form)),
        )


def _confirmed_by(gate: Gate, form: Form, place: FormKey) -> str:
    if form.entry is not EntryMode.SINGLE or not gate.permits(READ_TRAIL_OF):
        return ""
    writes = writes_about(gate.reader, subject_id=place[0], form=form.name)
    typed = [write.number for write in writes if (write.what, write.visit) == ("pass", place[1])]
    entry = audit_entry(gate.reader, max(typed)) if typed else None
    return str(json.loads(entry.payload_text)["facts"].get("confirmed_by", "")) if entry else ""


def _asked(gate: Gate, place: FormKey) -> tuple[str, tuple[str, ...]]:
    number = bound_versions(gate, [place])[place]
    version = gate.trial.definitions.version(number)
    return version.study.version, tuple(gate.asked_by(number).form_items.get(place[2], ()))


def form_as_entered(trial: Trial, record: FormRecord) -> Form:
    """The form in the words of the version that binds it, with the items that the reader is shown.

    Whoever is not shown all of what tells an arm has the numbers of the lines as the blinded have them.
    """
    named = {one.study.version: one for one in trial.definitions.versions}
    version = named[record.study_version]
    form = version.rules.forms[record.form]
    part = version.rules_without_arms.forms.get(record.form)
    if part is not None and {item.name for item in form.items} - {item.name for item in part.items} - {
        *record.asked
    }:
        form = part
    return replace(form, items=tuple(item for item in form.items if item.name in record.asked))


def _lines(finals: list[FinalState], more: list[str]) -> tuple[RecordLine, ...]:
    values: dict[str, dict[str, str | None]] = defaultdict(dict, {row: {} for row in more})
    unasked: dict[str, set[str]] = defaultdict(set)
    for final in finals:
        values[final.row][final.item] = shown(final.value)
        if final.value.state is ValueState.NOT_APPLICABLE:
            unasked[final.row].add(final.item)
    order = sorted(values, key=lambda row: (not row.isdecimal(), int(row) if row.isdecimal() else 0, row))
    return tuple(RecordLine(row, values[row], frozenset(unasked[row])) for row in order)


def _held_by(held: Container[tuple[str, str]], subject_id: str, site: str, where: str) -> str:
    """The widest scope of a freeze, or of a lock, that holds a form; empty where none does."""
    above = (("study", ""), ("site", site), ("subject", subject_id), ("form", where))
    return next((scope for scope, place in above if (scope, place) in held), "")


def _nothing_there() -> EntryError:
    return EntryError(
        expected="a form of a subject of this study",
        found="another place",
        next_step="Start from the subject's page.",
    )
