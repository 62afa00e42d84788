"""What one account may still type: forms that want a pass of it, and nothing of anybody else's."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

from trialkit.access import Actor
from trialkit.access.acts.capture import ENTER_PASSES
from trialkit.access.acts.reading import LIST_FORMS
from trialkit.entry import FormStatus, live_passes
from trialkit.entry.errors import EntryError
from trialkit.entry.rules import StudyRules
from trialkit.operations.binding import asked_of, asked_of_all
from trialkit.operations.closed_places import (
    closed_keys,
    require_forms_unlocked,
    require_not_frozen,
    require_unlocked,
)
from trialkit.operations.gate import Gate, reading
from trialkit.operations.standing import FormNow, forms_of
from trialkit.operations.trial import Trial
from trialkit.store.reading.forms import BegunForm, FormKey, FormState
from trialkit.store.reading.study import lock_stands
from trialkit.store.reading.subjects import sites_of
from trialkit.study.model import Form
from trialkit.vocabulary import EntryMode

_WANTING = frozenset({FormStatus.EXPECTED, FormStatus.IN_ENTRY, FormStatus.AWAITING_SECOND_ENTRY})


@dataclass(frozen=True, slots=True)
class WantedForm:
    """A form that wants a pass of the account that asked; which of the two it would be is not said."""

    subject_id: str
    visit: str
    form: str


def wanted_forms(
    trial: Trial, actor: Actor, *, subject_ids: Collection[str] | None = None
) -> list[WantedForm]:
    """Forms that this account could enter now, by subject, visit and form as the study has them.

    Raises
    ------
    AccessError
        A role that enters no forms.
    """
    with reading(trial, actor, ENTER_PASSES) as gate:
        touched = gate.forms(subject_ids)
        return [
            WantedForm(now.subject_id, now.visit, now.form)
            for now in forms_of(gate, subject_ids)
            if wants_a_pass_of(actor.account, now, touched.get((now.subject_id, now.visit, now.form)))
        ]


def wants_a_pass_of(account: str, now: FormNow, touched: FormState | None) -> bool:
    """Whether this account could still type the form: it waits for a pass, and has none by these hands."""
    passes = live_passes(touched.passes).values() if touched else ()
    return now.status in _WANTING and not any(account in entry.hands for entry in passes)


class DeskStanding(Enum):
    """Whether this account could still type a form, expected or not: an adverse event is never expected.

    ``COMPLETED`` where no further pass of it is wanted, ``CLOSED`` where a lock or a freeze holds it.
    """

    OPEN = auto()
    COMPLETED = auto()
    CLOSED = auto()


@dataclass(frozen=True, slots=True)
class FormAtDesk:
    """A form of a subject as its page needs it.

    ``form`` is as this actor has it, by the version that binds it; ``site`` the subject's; ``study_locked``
    as everybody is told.
    """

    form: Form
    site: str
    standing: DeskStanding
    study_locked: bool
    rules: StudyRules = field(repr=False)

    @property
    def is_open(self) -> bool:
        return self.standing is DeskStanding.OPEN

    def not_asked(self, rows: Sequence[Mapping[str, str]], visit: str) -> set[str]:
        """Items that branching does not ask for in what was typed, as ``line.item`` with lines from 0."""
        return {
            f"{number}.{item}"
            for number, row in enumerate(rows)
            for item in self.rules.not_asked(self.form.name, row, visit)
        }


def form_at_desk(trial: Trial, actor: Actor, *, subject_id: str, visit: str, form: str) -> FormAtDesk:
    """The form, to be rendered for entry.

    Raises
    ------
    AccessError
        A role that enters no forms.
    EntryError
        No such subject, visit or form to these eyes: in the same words for all of them.
    """
    place = (subject_id, visit, form)
    with reading(trial, actor, ENTER_PASSES) as gate:
        rules = asked_of(gate, place)
        known = rules.forms.get(form)
        site = sites_of(gate.reader, [subject_id]).get(subject_id)
        unknown_here = gate.sites is not None and site not in gate.sites
        if known is None or visit not in known.visits or site is None or unknown_here:
            raise EntryError(
                expected="a form of a subject of this study",
                found="another place",
                next_step="Start from the subject's page.",
            )
        standing = _standings(gate, {place: known})[place]
        return FormAtDesk(known, site, standing, lock_stands(gate.reader), rules)


def places_at_desk(trial: Trial, actor: Actor, places: Sequence[FormKey]) -> dict[FormKey, DeskStanding]:
    """The places at which :func:`form_at_desk` finds a form, in the same order, and how it stands.

    What an account began in another role, or at another site, may be none of this one's.

    Raises
    ------
    AccessError
        A role that enters no forms.
    """
    with reading(trial, actor, ENTER_PASSES) as gate:
        reached = gate.subjects({subject_id for subject_id, _, _ in places})
        here = [place for place in places if place[0] in reached]
        asked = asked_of_all(gate, here)
        known = {
            place: form
            for place in here
            if (form := asked[place].forms.get(place[2])) is not None and place[1] in form.visits
        }
        return _standings(gate, known)


def require_form_open(trial: Trial, actor: Actor, place: FormKey) -> None:
    """Refuse where a lock or a freeze holds a form, before anything else is said of what was typed.

    Raises
    ------
    AccessError, EntryError, OperationError, StoreError
        A role that enters no forms; no such subject; the study is locked, or the place locked or frozen.
    """
    with reading(trial, actor, ENTER_PASSES) as gate:
        gate.require_not_closed()
        site = gate.subject(place[0]).site
        require_unlocked(gate.locked, [site], [place[0]])
        require_forms_unlocked(gate.locked, [place])
        require_not_frozen(gate.reader, [place])


def _standings(gate: Gate, forms: Mapping[FormKey, Form]) -> dict[FormKey, DeskStanding]:
    begun, closed = gate.begun_forms(forms), closed_keys(gate.reader, gate.locked, forms)
    return {
        place: DeskStanding.COMPLETED
        if not _is_open(gate.actor.account, form, begun.get(place))
        else DeskStanding.CLOSED
        if place in closed
        else DeskStanding.OPEN
        for place, form in forms.items()
    }


def _is_open(account: str, form: Form, state: BegunForm | None) -> bool:
    if state is None:
        return True
    if state.not_done_reason is not None:
        return False
    live = live_passes(state.passes)
    wanted = 2 if form.entry is EntryMode.DOUBLE else 1
    return len(live) < wanted and not any(account in entry.hands for entry in live.values())


def forms_of_a_visit(trial: Trial, actor: Actor) -> list[Form]:
    """The forms that some visit expects, as this actor has them: those that may be stated not done.

    Raises
    ------
    AccessError
        A role that is shown no forms.
    """
    with reading(trial, actor, LIST_FORMS) as gate:
        return [form for form in gate.rules.study.forms if not form.optional and not form.retired]


def occasional_forms(trial: Trial, actor: Actor, *, subject_id: str) -> list[tuple[Form, tuple[str, ...]]]:
    """Forms filled in only when something happened, each with the visits at which this account could type it.

    Raises
    ------
    AccessError, EntryError
        A role that enters no forms; no such subject.
    """
    with reading(trial, actor, ENTER_PASSES) as gate:
        gate.subject(subject_id)
        places = [
            (subject_id, visit, form.name)
            for form in gate.rules.study.forms
            if form.optional and not form.retired
            for visit in form.visits
            if visit not in form.retired_visits
        ]
        asked = asked_of_all(gate, places)
        forms = {place: form for place in places if (form := asked[place].forms.get(place[2])) is not None}
        found: dict[str, tuple[Form, tuple[str, ...]]] = {}
        for place, standing in _standings(gate, forms).items():
            if standing is DeskStanding.OPEN:
                form = forms[place]
                _, visits = found.get(form.name, (form, ()))
                found[form.name] = (form, (*visits, place[1]))
        return list(found.values())
