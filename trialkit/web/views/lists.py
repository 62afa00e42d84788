"""Long lists, a page at a time, each line a link: forms by where they stand, work by its kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.responses import Response

from trialkit.access.acts.reading import LIST_FORMS
from trialkit.entry import FormStatus
from trialkit.errors import TrialkitError
from trialkit.operations import todo
from trialkit.operations.entry_desk import wanted_forms
from trialkit.operations.form_list import FormListed, forms_that_stand
from trialkit.operations.tasks import TaskKind
from trialkit.web.asking import Asked, NotHereError
from trialkit.web.pages import SHAPES
from trialkit.web.views.task_lines import TITLES, Line, form_line, form_path, task_line
from trialkit.wording import said

_LINES = 50


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a page is asked for, as sent."""

    kind: str
    site: str
    subject: str
    start: int

    @classmethod
    def of(cls, asked: Asked, kinds: Sequence[str]) -> _Wanted:
        sent = asked.request.query_params
        kind, start = sent.get("kind", kinds[0] if kinds else ""), sent.get("from", "0")
        if kinds and kind not in kinds:
            raise NotHereError
        whole = start.isascii() and start.isdecimal() and len(start) < 9
        return cls(kind, sent.get("site", ""), sent.get("subject", "").strip(), int(start) if whole else 0)

    def takes(self, subject_id: str, site: str) -> bool:
        return self.site in ("", site) and subject_id.casefold().startswith(self.subject.casefold())


def forms(asked: Asked) -> Response:
    """Forms of one state, to whoever is told how many there are."""
    if asked.actor.types_blindly or not asked.allowed(LIST_FORMS.name):
        raise NotHereError
    wanted = _Wanted.of(asked, list(SHAPES))
    every = forms_that_stand(asked.trial, asked.actor, FormStatus(wanted.kind))
    found = [one for one in every if wanted.takes(one.subject_id, one.site)]
    here = found[wanted.start : wanted.start + _LINES]
    lines = _as_lines(asked, here)
    kinds = {str(state): word for state, (_, word) in SHAPES.items()}
    sites = sorted({one.site for one in every})
    return _page(asked, wanted, said("Forms by state"), "/forms", kinds, sites, lines, len(found))


def _as_lines(asked: Asked, here: Sequence[FormListed]) -> list[Line]:
    """To the form, or to its entry where this account may type it."""
    try:
        subjects = sorted({one.subject_id for one in here})
        open_ = wanted_forms(asked.trial, asked.actor, subject_ids=subjects)
    except TrialkitError:  # a role that enters nothing
        open_ = []
    typed = {(one.subject_id, one.visit, one.form) for one in open_}
    lines = []
    for one in here:
        place = (one.subject_id, one.visit, one.form)
        path = f"{form_path(*place)}/entry" if place in typed else form_path(*place)
        lines.append(Line(form_line(asked, *place), path))
    return lines


def tasks(asked: Asked) -> Response:
    """What is to do of one kind, as home counts it."""
    every = todo(asked.trial, asked.actor)
    kinds = {str(kind): TITLES[kind] for kind in TaskKind if any(one.kind is kind for one in every)}
    wanted = _Wanted.of(asked, list(kinds))
    of_kind = [one for one in every if one.kind == wanted.kind]
    found = [one for one in of_kind if wanted.takes(one.subject_id, one.site)]
    lines = [task_line(asked, one) for one in found[wanted.start : wanted.start + _LINES]]
    sites = sorted({one.site for one in of_kind})
    return _page(asked, wanted, said("To do now"), "/tasks", kinds, sites, lines, len(found))


def _page(
    asked: Asked,
    wanted: _Wanted,
    title: str,
    path: str,
    kinds: Mapping[str, str],
    sites: list[str],
    lines: list[Line],
    found: int,
) -> Response:
    return asked.page(
        "listed.html",
        title=title,
        path=path,
        kinds=kinds,
        sites=sites,
        wanted=wanted,
        query={"kind": wanted.kind, "site": wanted.site, "subject": wanted.subject},
        lines=lines,
        found=found,
        at_once=_LINES,
    )
