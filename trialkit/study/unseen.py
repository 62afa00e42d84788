"""The study as whoever is blinded has it: what tells an arm is not there."""

from __future__ import annotations

from dataclasses import replace

from trialkit.study.model import Form, Study
from trialkit.study.narrowed import named_by, narrowed


def tells_arm(form: Form) -> bool:
    """Whether the mere existence of this form at a subject tells the arm."""
    return form.reveals_allocation or bool(form.for_arms)


def items_that_tell(study: Study) -> frozenset[str]:
    """Names of the items and scores that tell an arm.

    Those marked so, those of a form that does, and whatever is calculated from one or asked for because of
    one: its value, or its being asked for at all, is the other's answer.
    """
    marked = {
        item.name for form in study.forms for item in form.items if tells_arm(form) or item.reveals_allocation
    }
    needs = {item.name: named_by(item) for form in study.forms for item in form.items}
    needs |= {score.name: frozenset(score.items) for score in study.scores}
    while True:
        further = {name for name, others in needs.items() if name not in marked and others & marked}
        if not further:
            return frozenset(marked)
        marked |= further


def without_what_tells(study: Study) -> Study:
    """The same study without the forms, items and scores that tell an arm, and the checks that read one.

    What a check says of a visible item that it holds against a hidden one would tell of that. A form of which
    an item is hidden loses its author's question numbers: see :func:`_without_own_numbers`.
    """
    telling = items_that_tell(study)
    forms = (form for form in study.forms if not tells_arm(form))
    shown = tuple(form if _is_whole(form, telling) else _without_own_numbers(form) for form in forms)
    return narrowed(study, shown, telling)


def _is_whole(form: Form, telling: frozenset[str]) -> bool:
    return telling.isdisjoint(item.name for item in form.items)


def _without_own_numbers(form: Form) -> Form:
    """A form of which an item is hidden, without its author's question numbers.

    7 and 9 beside each other would say that something is asked between them that these eyes are not shown,
    and where. To count anew would set another number beside a question than stands beside it on paper.
    Numbers that this program counts have no gap (:func:`trialkit.study.paper_numbers.numbered`) and stay.
    """
    if not any(item.question_number for item in form.items):
        return form
    return replace(form, items=tuple(replace(item, question_number="", line="") for item in form.items))
