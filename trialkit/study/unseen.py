"""The study as whoever is blinded has it: what tells an arm is not there."""

from __future__ import annotations

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

    What a check says of a visible item that it holds against a hidden one would tell of that.
    """
    forms = tuple(form for form in study.forms if not tells_arm(form))
    return narrowed(study, forms, items_that_tell(study))
