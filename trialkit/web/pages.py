"""The templates, and what all of them are given."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from trialkit.access import Act, may
from trialkit.access.acts import ACTS
from trialkit.entry import FormStatus
from trialkit.web.sessions import Session
from trialkit.web.setting import Web
from trialkit.wording import plain, said, translated

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
    )
    environment.filters["words"] = _words
    environment.filters["day"] = _day
    environment.globals["shapes"] = SHAPES
    environment.globals["static"] = _static
    return environment


def rendered(web: Web, session: Session | None, template: str, content: Mapping[str, object]) -> str:
    """A page of the application as HTML."""
    return (
        _environment()
        .get_template(template)
        .render(
            study=web.trial.study,
            session=session,
            url=web.url,
            allowed=lambda name: _allowed(web, session, ACTS[name]),
            moment=lambda at, site: _moment(web, at, site),
            **content,
            _=lambda template, **parameters: translated(said(template, **parameters), plain),
        )
    )


def _allowed(web: Web, session: Session | None, act: Act) -> bool:
    """For menus: what a role may not do is absent. The operation decides."""
    blinded = web.trial.study.blinding.blinded_roles
    return session is not None and session.role is not None and may(session.role, act, blinded_roles=blinded)


def _words(name: object) -> str:
    """A word of the vocabulary as people write it."""
    return str(name).replace("_", " ")


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _moment(web: Web, at: datetime, site: str) -> str:
    """A moment in the site's own time, with its offset."""
    return at.astimezone(ZoneInfo(web.trial.study.site(site).time_zone)).isoformat(" ", "seconds")


@cache
def _static(name: str) -> str:
    """The address of an asset; it changes with its content, so that it may be kept for ever."""
    return f"/static/{name}?v={sha256((STATIC / name).read_bytes()).hexdigest()[:12]}"
