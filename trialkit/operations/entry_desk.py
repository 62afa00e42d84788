"""What one account may still type: forms that want a pass of it, and nothing of anybody else's."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from trialkit.access import Actor
from trialkit.access.acts.capture import ENTER_PASSES
from trialkit.entry import FormStatus, live_passes
from trialkit.entry.errors import EntryError
from trialkit.operations.binding import asked_of
from trialkit.operations.gate import reading
from trialkit.operations.standing import FormNow, forms_of
from trialkit.operations.trial import Trial
from trialkit.store.reading.forms import BegunForm, FormState
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


@dataclass(frozen=True, slots=True)
class FormAtDesk:
    """A form of a subject as its page needs it.

    ``form`` is as this actor has it, by the version that binds it; ``site`` the subject's; ``is_open``
    whether this account could still type it, expected or not: an adverse event is never expected.
    """

    form: Form
    site: str
    is_open: bool


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
        known = asked_of(gate, place).forms.get(form)
        site = sites_of(gate.reader, [subject_id]).get(subject_id)
        unknown_here = gate.sites is not None and site not in gate.sites
        if known is None or visit not in known.visits or site is None or unknown_here:
            raise EntryError(
                expected="a form of a subject of this study",
                found="another place",
                next_step="Start from the subject's page.",
            )
        return FormAtDesk(known, site, _is_open(actor.account, known, gate.begun_forms([place]).get(place)))


def _is_open(account: str, form: Form, state: BegunForm | None) -> bool:
    if state is None:
        return True
    if state.not_done_reason is not None:
        return False
    live = live_passes(state.passes)
    wanted = 2 if form.entry is EntryMode.DOUBLE else 1
    return len(live) < wanted and not any(account in entry.hands for entry in live.values())


def not_asked(
    trial: Trial, actor: Actor, *, subject_id: str, visit: str, form: str, rows: Sequence[Mapping[str, str]]
) -> set[str]:
    """Items that branching does not ask for in what was typed, as ``line.item`` with lines from 0.

    Raises
    ------
    AccessError
        A role that enters no forms.
    """
    with reading(trial, actor, ENTER_PASSES) as gate:
        rules = asked_of(gate, (subject_id, visit, form))
        return {
            f"{number}.{item}"
            for number, row in enumerate(rows)
            for item in rules.not_asked(form, row, visit)
        }
