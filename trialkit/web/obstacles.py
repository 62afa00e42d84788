"""What stands against a freeze, a lock or a mark, as lines of a page: labels, and where each is mended."""

from __future__ import annotations

import re
from dataclasses import dataclass

from trialkit.study.model import Study
from trialkit.web.entry_fields import LINE_AND_ITEM
from trialkit.wording import Said, said


@dataclass(frozen=True, slots=True)
class ObstacleShown:
    """``place`` is that of the line as it was told, empty where it names none; ``path`` its page, or empty;
    ``where`` says the place in labels, ``kind`` and ``detail`` what stands there.
    """

    place: str
    path: str
    where: str
    kind: str
    detail: str

    @property
    def count(self) -> int:
        """How many stand at the place: its detail, where that is a number."""
        return int(self.detail) if self.detail.isdigit() else 1


def obstacle_shown(study: Study, line: str) -> ObstacleShown:
    """One line of ``obstacles``, such as ``0010/week_6/odi: form not complete (expected)``."""
    place, _, what = line.partition(": ")
    if " " in place or not what:
        return ObstacleShown("", "", "", line, "")
    kind, _, detail = what.partition(" (")
    return ObstacleShown(
        place, _path(place), in_labels(study, place), kind, _detail(detail.removesuffix(")"))
    )


def _path(place: str) -> str:
    parts = place.split("/")
    if len(parts) == 3:
        return "/subjects/{}/visits/{}/forms/{}".format(*parts)
    return f"/subjects/{parts[0]}"


def in_labels(study: Study, place: str) -> str:
    """A subject, its visit, its form, its line and item; what the study does not know stays as named."""
    subject, *parts = place.split("/")
    visits = {visit.name: visit.label for visit in study.visits}
    forms = {form.name: form for form in study.forms}
    if not parts or parts[0] not in visits or (len(parts) > 1 and parts[1] not in forms):
        return _line_in_labels(study, place)
    visit = visits[parts[0]]
    if len(parts) == 1:
        return said("{subject}, {visit}", subject=subject, visit=visit)
    form = forms[parts[1]]
    at = said("{subject}, {visit}: {form}", subject=subject, visit=visit, form=form.label)
    items = {item.name: item.label for item in form.items}
    match parts[2:]:
        case []:
            return at
        case [item] if item in items:
            return said("{place}, {item}", place=at, item=items[item])
        case [row]:
            return said("{place}, line {n}", place=at, n=row)
        case [row, item] if item in items:
            line = said("{place}, line {n}", place=at, n=row)
            return said("{place}, {item}", place=line, item=items[item])
    return place


def _line_in_labels(study: Study, place: str) -> str:
    """Of a page with several lines: ``line 2:ae_term``."""
    found = LINE_AND_ITEM.fullmatch(place)
    labels = (item.label for form in study.forms for item in form.items if found and item.name == found[2])
    label = next(labels, None)
    if found is None or label is None:
        return place
    return said("{place}, {item}", place=said("line {n}", n=found[1]), item=label)


def places_in_labels(study: Study, text: Said) -> Said:
    """The same for the places that words of an error name."""
    parts = {
        name: in_labels(study, part) if isinstance(part, str) and not isinstance(part, Said) else part
        for name, part in text.parameters.items()
    }
    return Said(text.template, parts)


def _detail(text: str) -> str:
    """In words that have a translation, whatever number stands in them."""
    found = re.fullmatch(r"(query|import|serious event) (\d+)", text)
    if found is None:
        return Said(text.replace("_", " "), {})
    if found[1] == "query":
        return said("Query {number}", number=found[2])
    if found[1] == "import":
        return said("import {n}", n=found[2])
    return said("serious event {number}", number=found[2])
