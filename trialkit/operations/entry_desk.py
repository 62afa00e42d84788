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
from trialkit.store.reading.forms import FormState
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


def is_open_to(trial: Trial, actor: Actor, *, subject_id: str, visit: str, form: str) -> bool:
    """Whether this account could still type the form, expected or not: an adverse event is never expected.

    Raises
    ------
    AccessError
        A role that enters no forms.
    """
    with reading(trial, actor, ENTER_PASSES) as gate:
        state = gate.forms([subject_id]).get((subject_id, visit, form))
        if state is None:
            return True
        if state.not_done_reason is not None:
            return False
        live = live_passes(state.passes)
        wanted = 2 if gate.rules.forms[form].entry is EntryMode.DOUBLE else 1
        return len(live) < wanted and not any(actor.account in entry.hands for entry in live.values())


def form_to_enter(trial: Trial, actor: Actor, *, subject_id: str, visit: str, form: str) -> Form:
    """The form as this actor has it, to be rendered for entry: by the version that binds it.

    Raises
    ------
    AccessError
        A role that enters no forms.
    EntryError
        No such subject, visit or form to these eyes: in the same words for all of them.
    """
    with reading(trial, actor, ENTER_PASSES) as gate:
        known = asked_of(gate, (subject_id, visit, form)).forms.get(form)
        if known is None or visit not in known.visits or not gate.subjects([subject_id]):
            raise EntryError(
                expected="a form of a subject of this study",
                found="another place",
                next_step="Start from the subject's page.",
            )
        return known


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
