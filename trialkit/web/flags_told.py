"""What to look at in what was taken, as lines of a page: where in labels, and what is odd there."""

from __future__ import annotations

from collections.abc import Iterable

from trialkit.entry.checking import Flag
from trialkit.study.model import Study
from trialkit.web.obstacles import in_labels
from trialkit.wording import said

_SUBJECT_VISIT_FORM = 3  # parts of a place; line and item of a flag stand beside it


def flags_told(study: Study, flags: Iterable[Flag]) -> tuple[str, ...]:
    """Each with its subject, visit and form."""
    return tuple(_at(in_labels(study, _form_of(flag)), _in_form(study, flag)) for flag in flags)


def flags_in_form(study: Study, flags: Iterable[Flag]) -> tuple[str, ...]:
    """As under the heading of their form, each with its line and item alone."""
    return tuple(_in_form(study, flag) for flag in flags)


def _in_form(study: Study, flag: Flag) -> str:
    place = said("line {n}", n=flag.row) if flag.row else ""
    item = _label(study, flag.item)
    if place and item:
        return said("{place}, {item}: {told}", place=place, item=item, told=flag.text)
    return _at(place or item, flag.text)


def _at(place: str, text: str) -> str:
    return said("{place}: {told}", place=place, told=text) if place else text


def _form_of(flag: Flag) -> str:
    return "/".join(flag.where.split("/")[:_SUBJECT_VISIT_FORM])


def _label(study: Study, name: str) -> str:
    """Of an item; one that the study has no more is named as it was."""
    labels = (item.label for form in study.forms for item in form.items if item.name == name)
    return next(labels, name)
