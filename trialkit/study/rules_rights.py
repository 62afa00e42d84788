"""Forms that the study hides from everybody who may do what they need."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from trialkit.access import ACTS, Act, Told
from trialkit.access.acts import capture, queries, reading
from trialkit.study.findings import Finding, Severity
from trialkit.study.model import Form, Study
from trialkit.study.unseen import items_that_tell, tells_arm
from trialkit.vocabulary import EntryMode, Role

_OF_A_FIELD = frozenset(
    {
        *(capture.ENTER_PASSES, capture.ADJUDICATE, capture.CORRECT),
        *(queries.OPEN_QUERY, queries.ANSWER_QUERY, queries.CLOSE_QUERY, queries.REOPEN_QUERY),
    }
)
_OF_A_FORM = frozenset(act for act in ACTS.values() if act.told_blinded is Told.BY_FORM)
_OF_TWO_PASSES = frozenset({capture.ADJUDICATE, capture.DECIDE_ROWS})


def hidden_forms_that_nobody_may_work_on(study: Study) -> Iterator[Finding]:
    """Each right at a hidden form or item whose roles are all blinded: what it allows is a dead end."""
    blinded = set(study.blinding.blinded_roles)
    telling = items_that_tell(study)
    nobody: dict[frozenset[Role], dict[tuple[str, ...], list[str]]] = defaultdict(lambda: defaultdict(list))
    for form in study.forms:
        lost: dict[frozenset[Role], list[str]] = defaultdict(list)
        for act in sorted(_acts_on(form, telling), key=lambda act: act.name):
            if act.allowed_roles <= blinded:
                lost[act.allowed_roles].append(act.name)
        for roles, acts in lost.items():
            nobody[roles][tuple(acts)].append(form.name)
    for roles in sorted(nobody, key=sorted):
        who = " and ".join(sorted(role.replace("_", " ") for role in roles))
        yield Finding(
            "nobody-sees-a-hidden-form",
            Severity.GAP,
            f"Forms are hidden from the {who}, who alone may do what they need",
            " ".join(
                f"At {', '.join(forms)} nobody can {_or(acts)}." for acts, forms in nobody[roles].items()
            ),
            ("blinding", *(f"forms.{name}" for forms in nobody[roles].values() for name in forms)),
            f"Leave one of these out of blinded_roles, and give that role to somebody who may see the arm: "
            f"{', '.join(sorted(roles))}.",
        )


def _or(acts: Sequence[str]) -> str:
    return " or ".join(filter(None, (", ".join(acts[:-1]), acts[-1])))


def _acts_on(form: Form, telling: frozenset[str]) -> frozenset[Act]:
    """What this form needs somebody for who is shown what the blinded are not."""
    if tells_arm(form):
        acts = _OF_A_FORM | {reading.EXPORT_PASSES}
    elif telling.isdisjoint(item.name for item in form.items):
        return frozenset()
    else:
        acts = _OF_A_FIELD
    return acts if form.entry is EntryMode.DOUBLE else acts - _OF_TWO_PASSES
