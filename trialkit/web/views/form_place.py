"""The form of an address, and who is at it."""

from __future__ import annotations

from trialkit.entry.errors import EntryError
from trialkit.operations.entry_desk import FormAtDesk, form_at_desk
from trialkit.operations.people import names_of_people
from trialkit.study.model import Form
from trialkit.vocabulary import EntryMode
from trialkit.web.asking import Asked, NotHereError
from trialkit.web.drafts import place_of


def form_asked(asked: Asked) -> FormAtDesk:
    """The form as these eyes have it; unknown and not shown are one and the same."""
    subject_id, visit, form = form_key(asked)
    try:
        return form_at_desk(asked.trial, asked.actor, subject_id=subject_id, visit=visit, form=form)
    except EntryError:
        raise NotHereError from None


def form_key(asked: Asked) -> tuple[str, str, str]:
    return asked.at("subject_id"), asked.at("visit"), asked.at("form")


def others_at(asked: Asked, form: Form) -> list[str]:
    """Who else has begun a form that one person enters; of two passes neither knows of the other."""
    if form.entry is not EntryMode.SINGLE:
        return []
    others = asked.web.desk.others_at(asked.login, place_of(asked))
    names = names_of_people(asked.trial, asked.actor) if others else {}
    return [names.get(login, login) for login in others]
