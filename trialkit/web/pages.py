"""The templates, and what all of them are given."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

from trialkit.access import AccessError, Act, may
from trialkit.access.acts import ACTS
from trialkit.access.acts.subjects import ENROL
from trialkit.entry import FormStatus
from trialkit.errors import TrialkitError
from trialkit.numbers import plain
from trialkit.operations.closing_state import study_locked
from trialkit.operations.errors import LockRefusedError
from trialkit.operations.people import names_of_people
from trialkit.operations.recruitment import Shut, recruitment_shut
from trialkit.operations.supply import strata_of
from trialkit.operations.web_desk import act_in_session
from trialkit.web.obstacles import ObstacleShown, in_labels, obstacle_shown, places_in_labels
from trialkit.web.own_fields import in_fields
from trialkit.web.sessions import Session
from trialkit.web.setting import IDLE_LIMIT, WARNED_BEFORE, Web
from trialkit.web.value_shown import label, labelled, shown, unit, written
from trialkit.wording import Said, Translate, said, said_count, translated
from trialkit.wording.catalogues import LANGUAGES, translator

_HERE = Path(__file__).parent
STATIC = _HERE / "static"

# A state is a shape and a word, never a colour alone.
SHAPES = {
    FormStatus.EXPECTED: ("○", said("expected")),
    FormStatus.IN_ENTRY: ("◔", said("in entry")),
    FormStatus.AWAITING_SECOND_ENTRY: ("◑", said("second entry awaited")),
    FormStatus.IN_ADJUDICATION: ("◆", said("to adjudicate")),
    FormStatus.COMPLETE: ("●", said("complete")),
    FormStatus.NOT_DONE: ("⊘", said("not done")),
}


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_in_the_pages_language,
    )
    environment.filters["decimals"] = plain
    environment.filters["words"] = _words
    environment.filters["label"] = label
    environment.filters["shown"] = shown
    environment.filters["unit"] = unit
    environment.filters["written"] = written
    environment.filters["in_fields"] = _in_fields
    environment.filters["told"] = _told
    environment.filters["against"] = _against
    environment.filters["place"] = _place
    environment.filters["time"] = datetime.fromisoformat
    environment.filters["person"] = _person
    environment.filters["day"] = _day
    environment.globals["shapes"] = SHAPES
    environment.globals["static"] = static_path
    environment.globals["languages"] = LANGUAGES
    return environment


def rendered(
    web: Web,
    session: Session | None,
    language: str,
    template: str,
    content: Mapping[str, object],
    *,
    browser_zone: str = "",
    unsent_here: object = None,
) -> str:
    """A page of the application as HTML, in one of the languages that there are catalogues for.

    Whether the study is locked is read for it, unless ``content`` says ``study_locked``.
    """
    from trialkit.web.views.routes import MENU  # the views stand on this module

    translate = translator(language)
    known = content.get("study_locked")
    locked = cache(lambda: _locked(web, session) if known is None else bool(known))
    return (
        _environment()
        .get_template(template)
        .render(
            study=web.trial.study,
            session=session,
            url=web.url,
            allowed=lambda name: allowed(web, session, ACTS[name]) and not (is_closed(name) and locked()),
            person=_People(web, session),
            shut=lambda: _shut(web, session),
            locked=locked,
            moment=lambda at, site: moment_at(at, zone(web, site, browser_zone)),
            language=language,
            strata=lambda: strata_of(web.trial.study),
            menu=MENU,
            unsent_here=unsent_here,
            idle=(int((IDLE_LIMIT - WARNED_BEFORE).total_seconds()), int(IDLE_LIMIT.total_seconds())),
            **content,
            translate=translate,
            labels=web.labels.get(language, {}),
            _=lambda template, **parameters: translated(said(template, **parameters), translate),
            _n=lambda one, many, n, **parameters: translated(
                said_count(one, many, n, **parameters), translate
            ),
        )
    )


def _locked(web: Web, session: Session | None) -> bool:
    """Said to whoever acts in a role; that one was taken away meanwhile is told elsewhere."""
    if session is None or session.role is None:
        return False
    actor = act_in_session(session.state.login, session.role, session.state.site, "")
    try:
        return study_locked(web.trial, actor)
    except AccessError:
        return False


def is_closed(act: str) -> bool:
    """Whether an act is none of a locked study."""
    return ACTS[act].closed_by_lock


def _shut(web: Web, session: Session | None) -> list[Shut]:
    """What is shut at the sites of whoever enrols there; to others nothing."""
    if session is None or session.role not in ENROL.allowed_roles:
        return []
    actor = act_in_session(session.state.login, session.role, session.state.site, "")
    return recruitment_shut(web.trial, actor)


class _People:
    """A login as the name of its person; read once a page, and only where one is asked for."""

    def __init__(self, web: Web, session: Session | None) -> None:
        self._web, self._session = web, session
        self._names: Mapping[str, str] | None = None

    def __call__(self, login: str) -> str:
        if self._names is None:
            session = self._session
            if session is None or session.role is None:
                return login
            actor = act_in_session(session.state.login, session.role, session.state.site, "")
            self._names = names_of_people(self._web.trial, actor)
        return self._names.get(login, login)


@pass_context
def _in_the_pages_language(context: Context, value: object) -> object:
    """Whatever is printed: a text that was said is said in the language of the page."""
    if not isinstance(value, Said):
        return value
    return translated(_labelled(value, context["labels"], context["translate"]), context["translate"])


def in_language(text: str, labels: Mapping[str, str], translate: Translate) -> str:
    """A text, and the labels of the dictionary in it, in the language of a page."""
    return translated(_labelled(text, labels, translate) if isinstance(text, Said) else text, translate)


def _labelled(text: Said, labels: Mapping[str, str], translate: Translate) -> Said:
    """A text whose parameters may be labels of the dictionary, or words of the vocabulary."""
    parts = {
        name: _labelled(part, labels, translate)
        if isinstance(part, Said)
        else _worded(labelled(part, labels, translate), translate)
        if isinstance(part, str)
        else part
        for name, part in text.parameters.items()
    }
    return Said(text.template, parts)


_OBSTACLE = re.compile(r"(\S+): ([a-z ]+?)(?: \(([^)]*)\))?")


def _worded(text: str, translate: Translate) -> str:
    """Words of the vocabulary, with commas between, and obstacles; any other text as it stands."""
    if "; " in text or _OBSTACLE.fullmatch(text):
        return "; ".join(_obstacle(part, translate) for part in text.split("; "))
    words = [part.replace("_", " ") for part in text.split(", ")]
    found = [translate(part) for part in words]
    known = all(one != word for one, word in zip(found, words, strict=True))
    return ", ".join(found) if known else text


def _obstacle(text: str, translate: Translate) -> str:
    found = _OBSTACLE.fullmatch(text)
    if found is None:
        return text
    detail = f" ({_worded(found[3], translate)})" if found[3] else ""
    return f"{found[1]}: {_worded(found[2], translate)}{detail}"


@pass_context
def _told(context: Context, text: str) -> str:
    """Words of an error: said, or a literal that is its own message id, or a word of the vocabulary."""
    translate = context["translate"]
    if isinstance(text, Said):
        text = places_in_labels(context["study"], text)
        return translated(_labelled(text, context["labels"], translate), translate)
    found = translated(text, translate)
    return found if found != text else _worded(text, translate)


@pass_context
def _place(context: Context, place: str) -> str:
    """A subject, visit, form and item as people name them; anything else as it was said."""
    return str(_in_the_pages_language(context, in_labels(context["study"], place)))


@pass_context
def _against(context: Context, error: TrialkitError) -> list[ObstacleShown]:
    """What stands against an act, where its refusal lists that."""
    lines = error.obstacles if isinstance(error, LockRefusedError) else ()
    return [obstacle_shown(context["study"], line) for line in lines]


def allowed(web: Web, session: Session | None, act: Act) -> bool:
    """For menus: what a role may not do is absent. The operation decides."""
    if session is None or session.role is None or (act.whole_study and session.state.site):
        return False
    return may(session.role, act, blinded_roles=web.trial.study.blinding.blinded_roles)


@pass_context
def _words(context: Context, name: object) -> str:
    """A word of the vocabulary as people write it."""
    return translated(str(name).replace("_", " "), context["translate"])


@pass_context
def _in_fields(context: Context, text: str, fields: Mapping[str, str]) -> str:
    """A told sentence with options of the command line named as fields of this page."""
    return in_fields(text, {name: translated(word, context["translate"]) for name, word in fields.items()})


@pass_context
def _person(context: Context, login: str) -> str:
    """As the global of that name, for a list of logins."""
    return str(context["person"](login))


def word(name: object) -> Said:
    """A word of the vocabulary inside of a sentence, to be said in the language of the page."""
    return Said(str(name).replace("_", " "), {})


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def moment_at(at: datetime | str, where: ZoneInfo) -> str:
    """A moment, or one as the trail writes it, as clocks show it there, with its offset."""
    at = datetime.fromisoformat(at) if isinstance(at, str) else at
    return at.astimezone(where).isoformat(" ", "seconds")


def zone(web: Web, site: str | None, browser_zone: str = "") -> ZoneInfo:
    """The time zone of a site; for somebody of all sites the one that all share.

    Where sites differ, or state none but UTC, that of the browser, if it says one.
    """
    study = web.trial.study
    zones = {study.site(site).time_zone} if site else {one.time_zone for one in study.sites}
    stated = zones.pop() if len(zones) == 1 else "UTC"
    return ZoneInfo(browser_zone if stated == "UTC" and browser_zone in _zones() else stated)


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


@cache
def static_path(name: str) -> str:
    """The address of an asset; it changes with its content, so that it may be kept for ever."""
    return f"/static/{name}?v={sha256((STATIC / name).read_bytes()).hexdigest()[:12]}"
