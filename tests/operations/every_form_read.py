"""What is to do, worked out from every form and every mark: what the quick reading is held to."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import select

from trialkit.access.acts.closing import FREEZE, SIGN_FORM, VERIFY_SOURCE
from trialkit.entry import FormStatus, live_passes, lock_obstacles
from trialkit.entry.form_content import form_content_sha256
from trialkit.entry.work import WorkKind
from trialkit.operations import Task, TaskKind
from trialkit.operations.against_a_lock import people_and_visits
from trialkit.operations.entry_desk import wants_a_pass_of
from trialkit.operations.form_marks import SIGNED, VERIFIED
from trialkit.operations.gate import Gate
from trialkit.operations.import_claims import import_obstacles
from trialkit.operations.sight import sight
from trialkit.operations.standing import FormNow, forms_of
from trialkit.operations.work_state import WorkState, load_work
from trialkit.store import models as m
from trialkit.store.reading.finals import final_values
from trialkit.store.reading.review import MarkState, marks
from trialkit.vocabulary import Role

ENTRY = {Role.COORDINATOR, Role.INVESTIGATOR, Role.FIRST_ENTRY, Role.SECOND_ENTRY, Role.OUTCOME_ASSESSOR}
READ_AGAIN = frozenset(
    {
        TaskKind.RECORD_VISIT,
        TaskKind.ENTER_FORM,
        TaskKind.ADJUDICATE,
        TaskKind.VERIFY_AGAIN,
        TaskKind.SIGN,
        TaskKind.SIGN_AGAIN,
        TaskKind.CLEAR_FOR_LOCK,
    }
)


def counts(gate: Gate) -> Counter[tuple[str, str, FormStatus]]:
    people = gate.subjects()
    return Counter((people[now.subject_id].site, now.form, now.status) for now in forms_of(gate))


def verified(gate: Gate) -> set[tuple[str, str, str]]:
    """Complete forms with a verification that stands and that this reader may be told of."""
    complete = {key_of(now) for now in forms_of(gate) if now.status is FormStatus.COMPLETE}
    return {key for key in complete if any(_stands(gate, key, VERIFIED, telling=False))}


def key_of(now: FormNow) -> tuple[str, str, str]:
    return now.subject_id, now.visit, now.form


def _stands(gate: Gate, key: tuple[str, str, str], kind: str, *, telling: bool) -> Iterator[bool]:
    """Of each mark of a form, from all that it says; one that tells of what is hidden counts as told."""
    state = gate.forms([key[0]])[key]
    hidden = any(not gate.sight.of_item(key[2], item.name) for item in gate.trial.rules.forms[key[2]].items)
    for mark in marks(gate.reader, [state.id]).get(state.id, ()):
        if mark.kind != kind:
            continue
        if not telling and gate.sight.blinded and not mark.blinded and hidden:
            continue
        eyes = sight(gate.trial, blinded=mark.blinded)
        finals = (one for one in final_values(gate.reader, [key[0]]) if (one.visit, one.form) == key[1:])
        content = form_content_sha256(
            (one.row, one.item, one.value) for one in finals if eyes.of_item(one.form, one.item)
        )
        holds = content == mark.content_sha256 and not _written_since(gate, state.id, key[2], mark)
        yield (telling and gate.sight.blinded and not mark.blinded) or holds


def _written_since(gate: Gate, instance: int, form: str, mark: MarkState) -> bool:
    """Whether any value that the mark's maker saw was written after the mark."""
    query = (
        select(m.FinalValue.item)
        .join(m.FinalRow, m.FinalRow.id == m.FinalValue.final_row)
        .where(m.FinalRow.form_instance == instance, m.FinalValue.audit_number > mark.audit_number)
    )
    eyes = sight(gate.trial, blinded=mark.blinded)
    return any(eyes.of_item(form, item) for item in gate.reader.scalars(query))


def signed(gate: Gate, key: tuple[str, str, str]) -> bool:
    state = gate.forms([key[0]]).get(key)
    return state is not None and any(
        holds
        for mark, holds in zip(
            [one for one in marks(gate.reader, [state.id]).get(state.id, ()) if one.kind == SIGNED],
            _stands_whoever(gate, key),
            strict=True,
        )
    )


def _stands_whoever(gate: Gate, key: tuple[str, str, str]) -> Iterator[bool]:
    state = gate.forms([key[0]])[key]
    for mark in marks(gate.reader, [state.id]).get(state.id, ()):
        if mark.kind == SIGNED:
            eyes = sight(gate.trial, blinded=mark.blinded)
            finals = (one for one in final_values(gate.reader, [key[0]]) if (one.visit, one.form) == key[1:])
            seen = ((one.row, one.item, one.value) for one in finals if eyes.of_item(one.form, one.item))
            written = _written_since(gate, state.id, key[2], mark)
            yield form_content_sha256(seen) == mark.content_sha256 and not written


def tasks(gate: Gate) -> list[Task]:
    """The tasks of ``READ_AGAIN`` for whoever the gate is opened by."""
    state, role = load_work(gate), gate.actor.role
    found: list[Task] = []
    if role in (Role.COORDINATOR, Role.INVESTIGATOR):
        found += _to_record(state)
    if role in ENTRY:
        found += _to_enter(gate, state)
    if role is Role.ADJUDICATOR:
        found += _to_decide(gate, state)
    for act, kind, mark in (
        (VERIFY_SOURCE, TaskKind.VERIFY_AGAIN, VERIFIED),
        (SIGN_FORM, TaskKind.SIGN_AGAIN, SIGNED),
    ):
        if gate.permits(act):
            found += _again(gate, state, kind, mark)
    if gate.permits(SIGN_FORM):
        found += _first(gate, state)
    if gate.permits(FREEZE):
        found += _against(gate, state)
    return [task for task in found if gate.sites is None or task.site in gate.sites]


def _to_record(state: WorkState) -> Iterator[Task]:
    for visit in state.visits.values():
        if visit.kind in (WorkKind.DUE, WorkKind.OVERDUE):
            yield Task(
                TaskKind.RECORD_VISIT,
                state.site_of(visit.subject_id),
                visit.subject_id,
                visit.visit,
                due_on=visit.dates.last,
                overdue=visit.kind is WorkKind.OVERDUE,
            )


def _to_enter(gate: Gate, state: WorkState) -> Iterator[Task]:
    for form in state.forms:
        if not wants_a_pass_of(gate.actor.account, form, state.touched.get(key_of(form))):
            continue
        visit = state.visits.get((form.subject_id, form.visit))
        if visit is not None and visit.kind is WorkKind.EXPECTED and visit.dates.first is not None:
            continue
        due = visit.dates.last if visit else None
        if visit and visit.done_on:
            due = visit.done_on + timedelta(days=state.study.capture.days_to_enter)
        yield Task(
            TaskKind.ENTER_FORM,
            state.site_of(form.subject_id),
            *key_of(form),
            due_on=due,
            overdue=due is not None and state.today_of(form.subject_id) > due,
        )


def _to_decide(gate: Gate, state: WorkState) -> Iterator[Task]:
    for form in state.forms:
        if form.status is FormStatus.IN_ADJUDICATION and form.undecided:
            made = live_passes(state.touched[key_of(form)].passes).values()
            if not any(gate.actor.account in entry.hands for entry in made):
                site = state.site_of(form.subject_id)
                yield Task(TaskKind.ADJUDICATE, site, *key_of(form), count=form.undecided)


def _again(gate: Gate, state: WorkState, kind: TaskKind, mark: str) -> Iterator[Task]:
    for form in state.forms:
        if form.status is FormStatus.COMPLETE and not form.open_queries:
            holds = list(_stands(gate, key_of(form), mark, telling=True))
            if holds and not any(holds):
                yield Task(kind, state.site_of(form.subject_id), *key_of(form))


def _first(gate: Gate, state: WorkState) -> Iterator[Task]:
    required = {form.name for form in gate.rules.study.forms if form.signature_required}
    made = marks(gate.reader)
    for form in state.forms:
        if form.form in required and form.status is FormStatus.COMPLETE and not form.open_queries:
            touched = state.touched[key_of(form)]
            if all(mark.kind != SIGNED for mark in made.get(touched.id, ())):
                yield Task(TaskKind.SIGN, state.site_of(form.subject_id), *key_of(form))


def _against(gate: Gate, state: WorkState) -> Iterator[Task]:
    shown = [form for form in state.forms if form.form in gate.trial.rules_without_arms.forms]
    places = dict.fromkeys((form.subject_id, form.visit) for form in shown)
    found = [
        *people_and_visits(gate.subjects(), gate.visits(), gate.queries(), places),
        *import_obstacles(gate, state.people.keys()),
        *lock_obstacles(form.standing for form in shown),
    ]
    by_site: dict[str, Counter[str]] = defaultdict(Counter)
    for one in found:
        by_site[state.site_of(one.where.split("/")[0])][one.kind.replace("_", " ")] += one.count
    required = [form.name for form in gate.rules.study.forms if form.signature_required]
    for form in shown:
        if (
            form.form in required
            and form.status is not FormStatus.NOT_DONE
            and not signed(gate, key_of(form))
        ):
            by_site[state.site_of(form.subject_id)]["signature missing"] += 1
    for site, kinds in sorted(by_site.items()):
        listed = ", ".join(f"{n} {kind}" for kind, n in sorted(kinds.items()))
        yield Task(TaskKind.CLEAR_FOR_LOCK, site, "", count=sum(kinds.values()), text=listed)
