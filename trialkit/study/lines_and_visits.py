"""Which one value a name of a branching rule means: of which visit, and of which line."""

from __future__ import annotations

from collections.abc import Mapping

from trialkit.expressions import Expression, Name
from trialkit.expressions.lexer import EVENT_NAME
from trialkit.study.model import Form, Item, Study
from trialkit.vocabulary import ItemType


def visit_meant(study: Study, name: Name, form: str, visit: str) -> str | None:
    """The visit at which a name of the branching of an item of ``form`` at ``visit`` is looked at.

    The visit named; else the same visit, where the name is asked at it; else the one visit at which it is.

    Returns
    -------
    str or None
        None where nobody can tell which value is meant: the name is asked at several other visits, or has
        several lines of another form, or of its own at another visit.
    """
    if name.item == EVENT_NAME:
        return visit
    holder = form_of(study, name.item)
    if holder is None:
        return None
    if name.visit is not None:
        at = name.visit
    elif visit in holder.visits:
        at = visit
    elif len(holder.visits) == 1:
        at = holder.visits[0]
    else:
        return None
    return None if holder.repeating and (holder.name, at) != (form, visit) else at


def typed_with(items: Mapping[str, Item], name: Name, visit: str | None) -> bool:
    """Whether a name of branching is typed in the same row of the form with these items, at this visit."""
    if name.item == EVENT_NAME:
        return True
    known = items.get(name.item)
    return known is not None and known.type is not ItemType.DERIVED and name.visit in (None, visit)


def decided_elsewhere(
    items: Mapping[str, Item], branching: Mapping[str, Expression], item: str, visit: str | None
) -> bool:
    """Whether an item's branching, or that of what it hangs on, names what is not typed in the same row."""
    seen, waiting = {item}, [item]
    while waiting:
        expression = branching.get(waiting.pop())
        for name in expression.names if expression else ():
            if not typed_with(items, name, visit):
                return True
            if name.item not in seen:
                seen.add(name.item)
                waiting.append(name.item)
    return False


def form_of(study: Study, name: str) -> Form | None:
    """The form that asks an item, or a score's items."""
    asked_on = {score.name: score.form for score in study.scores}
    for form in study.forms:
        if form.name == asked_on.get(name) or any(item.name == name for item in form.items):
            return form
    return None
