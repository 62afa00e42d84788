"""Worklists: each visit and form that is expected, and where it stands; and what is missing, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from trialkit.access import Actor
from trialkit.access.acts.reading import LIST_WORK
from trialkit.entry import live_passes
from trialkit.entry.work import WorkKind
from trialkit.operations.gate import reading
from trialkit.operations.standing import FormNow
from trialkit.operations.trial import Trial
from trialkit.operations.work_state import VisitNow, WorkState, load_work
from trialkit.wording import said

_TYPED_OR_STATED = (WorkKind.COMPLETE, WorkKind.NOT_DONE, WorkKind.IN_CONFLICT, WorkKind.ENTERED_ONCE)


@dataclass(frozen=True, slots=True)
class WorkLine:
    """A visit (no form) or a form, and where it stands today.

    ``due_on`` is the last day on which it is in time: of the visit's window, or of the days for typing;
    None where the protocol gives no days, and of what is done. ``days_late`` counts from there.
    ``entered_by`` are the accounts whose passes are there. ``note`` says why something was not done, or the
    day of a visit out of its window.
    """

    kind: WorkKind
    site: str
    subject_id: str
    visit: str
    form: str = ""
    due_on: date | None = None
    days_late: int = 0
    entered_by: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class MissingForms:
    """Of one form at one visit and site: how many are expected by now, and what became of them.

    ``expected`` is the sum of the others. ``missing`` are forms that nobody typed although their visit took
    place or should have; ``late`` is how many of those are overdue.
    """

    site: str
    visit: str
    form: str
    expected: int
    complete: int
    not_done: int
    in_conflict: int
    entered_once: int
    missing: int
    late: int


def list_work(
    trial: Trial,
    actor: Actor,
    *,
    kinds: tuple[WorkKind, ...] = (),
    site: str | None = None,
    subject_id: str | None = None,
    form: str | None = None,
) -> list[WorkLine]:
    """Visits and forms by subject, as the study has them.

    Parameters
    ----------
    kinds
        Only these; none given: all that is not complete.
    site, subject_id, form
        Only of these, among what the actor is shown.

    Returns
    -------
    list of WorkLine
        A visit before its forms. Nothing of what a withdrawal or a death has closed.

    Raises
    ------
    AccessError
        A role that is shown no worklists: whoever types sees ``todo``.
    """
    wanted = kinds or tuple(set(WorkKind) - {WorkKind.COMPLETE})
    with reading(trial, actor, LIST_WORK) as gate:
        return [
            line
            for line in work_lines(load_work(gate))
            if line.kind in wanted
            and site in (None, line.site)
            and subject_id in (None, line.subject_id)
            and form in (None, line.form)
        ]


def missing_forms(trial: Trial, actor: Actor) -> list[MissingForms]:
    """The missing-form report: a row a site, visit and form of which anything is expected by now.

    Raises
    ------
    AccessError
        As :func:`list_work`.
    """
    with reading(trial, actor, LIST_WORK) as gate:
        state = load_work(gate)
    counts: dict[tuple[str, str, str], Counter[WorkKind]] = {}
    for form in state.forms:
        place = (state.site_of(form.subject_id), form.visit, form.form)
        counts.setdefault(place, Counter())[state.kind_of(form)] += 1
    visits = [visit.name for visit in state.study.visits]
    forms = [form.name for form in state.study.forms]
    ordered = sorted(counts, key=lambda place: (place[0], visits.index(place[1]), forms.index(place[2])))
    found = [_missing(place, counts[place]) for place in ordered]
    return [row for row in found if row.expected]


def _missing(place: tuple[str, str, str], kinds: Counter[WorkKind]) -> MissingForms:
    site, visit, form = place
    missing = kinds[WorkKind.DUE] + kinds[WorkKind.OVERDUE]
    return MissingForms(
        site,
        visit,
        form,
        expected=missing + sum(kinds[kind] for kind in _TYPED_OR_STATED),
        complete=kinds[WorkKind.COMPLETE],
        not_done=kinds[WorkKind.NOT_DONE],
        in_conflict=kinds[WorkKind.IN_CONFLICT],
        entered_once=kinds[WorkKind.ENTERED_ONCE],
        missing=missing,
        late=kinds[WorkKind.OVERDUE],
    )


def work_lines(state: WorkState) -> Iterator[WorkLine]:
    """Every visit and form, complete ones too, by subject and visit."""
    forms: dict[tuple[str, str], list[FormNow]] = {}
    for form in state.forms:
        forms.setdefault((form.subject_id, form.visit), []).append(form)
    order = {visit.name: place for place, visit in enumerate(state.study.visits)}
    for place in sorted({*state.visits, *forms}, key=lambda place: (place[0], order[place[1]])):
        if place in state.visits:
            yield _visit_line(state, state.visits[place])
        yield from (_form_line(state, form) for form in forms.get(place, ()))


def _visit_line(state: WorkState, visit: VisitNow) -> WorkLine:
    closed = visit.kind in (WorkKind.COMPLETE, WorkKind.NOT_DONE, WorkKind.OUT_OF_WINDOW)
    note = visit.reason
    if visit.kind is WorkKind.OUT_OF_WINDOW:
        note = f"{visit.done_on}, permitted {visit.dates.first} to {visit.dates.last}"
    due_on = None if closed else visit.dates.last
    return WorkLine(
        visit.kind,
        state.site_of(visit.subject_id),
        visit.subject_id,
        visit.visit,
        due_on=due_on,
        days_late=_late(due_on, state.today_of(visit.subject_id)),
        note=note,
    )


def _form_line(state: WorkState, form: FormNow) -> WorkLine:
    kind = state.kind_of(form)
    due_on = None if kind in (WorkKind.COMPLETE, WorkKind.NOT_DONE) else state.form_due_on(form)
    touched = state.touched.get((form.subject_id, form.visit, form.form))
    passes = live_passes(touched.passes).values() if touched else ()
    return WorkLine(
        kind,
        state.site_of(form.subject_id),
        form.subject_id,
        form.visit,
        form.form,
        due_on,
        _late(due_on, state.today_of(form.subject_id)),
        tuple(str(entry.entered_by) for entry in passes),
        form.reason or _missing_pass([entry.number for entry in passes], kind),
    )


def _missing_pass(there: Sequence[int], kind: WorkKind) -> str:
    """Which entry a form waits for; the first one again where it was voided."""
    if kind is not WorkKind.ENTERED_ONCE or len(there) != 1:
        return ""
    return said("second entry missing") if there[0] == 1 else said("first entry missing")


def _late(due_on: date | None, today: date) -> int:
    return max((today - due_on).days, 0) if due_on is not None else 0
