"""What stands against a lock, from what is open alone; and what of people and visits does."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from trialkit.entry import Obstacle, ObstacleKind, lock_obstacles
from trialkit.operations.awaited_corrections import awaited_corrections
from trialkit.operations.gate import Gate
from trialkit.operations.import_claims import import_obstacles
from trialkit.operations.lockable import lockable
from trialkit.operations.open_work import OpenWork
from trialkit.operations.reported_deaths import deaths_not_recorded
from trialkit.store.reading.review import QueryState
from trialkit.store.reading.subjects import SubjectState


def against_a_lock(gate: Gate, work: OpenWork, forms: Collection[str]) -> list[Obstacle]:
    """Everything that stands against locking these forms of everybody the actor is shown."""
    seen = frozenset(forms)
    visits = {visit.name: place for place, visit in enumerate(gate.trial.study.visits)}
    order = {form.name: place for place, form in enumerate(gate.trial.study.forms)}
    signed = {form.name for form in gate.rules.study.forms if form.signature_required} & seen
    now = [form for form in work.forms.forms if form.form in seen]
    now += work.forms.settled_ones(signed)
    now.sort(key=lambda form: (form.subject_id, visits[form.visit], order[form.form]))
    places = [place for place, there in work.forms.places.items() if not seen.isdisjoint(there)]
    places.sort(key=lambda place: (place[0], visits[place[1]]))
    return [
        *people_and_visits(work.people, work.recorded, work.queries, places),
        *deaths_not_recorded(gate, work.people.keys()),
        *import_obstacles(gate, work.people.keys()),
        *awaited_corrections(gate, work.people),
        *lock_obstacles(lockable(gate, now)),
    ]


def people_and_visits(
    people: Mapping[str, SubjectState],
    recorded: Collection[tuple[str, str]],
    queries: Iterable[QueryState],
    places: Iterable[tuple[str, str]],
) -> Iterator[Obstacle]:
    """Subjects of whom nobody said whether they are in, and visits of which nobody said when they were.

    Not asked for: visits of a screening failure, and where allocation is made elsewhere, as the visits are.
    """
    for subject_id, subject in people.items():
        if not (subject.allocated or subject.screen_failed or subject.withdrawn):
            yield Obstacle(
                ObstacleKind.STILL_SCREENED, subject_id, detail="randomize, or record a screening failure"
            )
    for query in queries:
        if not query.form and not query.closed and query.subject_id in people:
            yield Obstacle(ObstacleKind.OPEN_QUERY, query.where, detail=f"query {query.id}")
    for subject_id, visit in places:
        subject = people[subject_id]
        asked = not (subject.allocated_outside or subject.screen_failed)
        if asked and (subject_id, visit) not in recorded:
            yield Obstacle(ObstacleKind.VISIT_NOT_RECORDED, f"{subject_id}/{visit}")
