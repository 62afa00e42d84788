"""What was sent when its session had ended: nothing is done with it, and it waits for its person to look at.

The sign-in page says what was not done and carries what was typed, passwords left out. After signing in the
page that it came from is opened and filled in; the act itself is done by pressing its button again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.requests import Request

from trialkit.web.sessions import Session
from trialkit.web.setting import Web

ACCOUNT = "of_account"
"""The field in which every form of a session says whose it is."""
_SECRET = frozenset({"password", "second_password", "present", "again", "code", "secret", "csrf"})
_LARGEST = 64 * 1024  # characters


@dataclass(frozen=True, slots=True)
class Unsent:
    """``page`` is where the form stood, ``path`` where it was sent; ``fields`` what was typed."""

    page: str
    path: str
    fields: Mapping[str, str]

    @property
    def login(self) -> str:
        return self.fields.get(ACCOUNT, "")

    def packed(self) -> str:
        return json.dumps({"page": self.page, "path": self.path, "fields": dict(self.fields)})


def carried(web: Web, request: Request, form: Mapping[str, str], *, readable: bool) -> Unsent | None:
    """A form of a page of this application, as it was sent; None where it is no such form.

    Parameters
    ----------
    readable
        Whether its address is a page too: where to return when the browser does not say where it came from.
    """
    if ACCOUNT not in form:
        return None
    path = request.url.path.removeprefix(web.path_prefix)
    came_from = urlsplit(request.headers.get("referer", ""))
    page = path if readable else "/"
    if came_from.netloc == request.headers.get("host") and came_from.path.startswith(web.path_prefix + "/"):
        query = f"?{came_from.query}" if came_from.query else ""
        page = came_from.path.removeprefix(web.path_prefix) + query
    unsent = Unsent(page, path, {name: text for name, text in form.items() if name not in _SECRET})
    return unsent if len(unsent.packed()) <= _LARGEST else Unsent(page, path, {ACCOUNT: form[ACCOUNT]})


def unpacked(text: str) -> Unsent | None:
    """As the sign-in page brings it back; None for anything else."""
    try:
        read = json.loads(text[: 2 * _LARGEST])
        fields = {str(name): str(value) for name, value in read["fields"].items() if name not in _SECRET}
        return Unsent(str(read["page"]), str(read["path"]), fields)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def keep(web: Web, login: str, unsent: Unsent) -> str:
    """Keep it for its person, and where to go: to the answer, where the same form had been sent before.

    Nobody else is shown what was typed: two entries of one form know nothing of each other.
    """
    if unsent.login != login:
        return ""
    key = unsent.fields.get("request_key", "")
    sent = web.desk.request(key) if key else None
    if sent is not None and sent.login == login:
        return f"/done/{key}"
    web.desk.keep_unsent(login, unsent.path, unsent.packed(), web.now().isoformat())
    return unsent.page


def waiting(web: Web, session: Session | None, address: str) -> Unsent | None:
    """What waits to be looked at on the page of an address."""
    if session is None or session.role is None:
        return None
    kept = web.desk.unsent(session.state.login)
    unsent = unpacked(kept) if kept else None
    return unsent if unsent is not None and unsent.page == address else None


def forget(web: Web, request: Request, login: str) -> None:
    """A form was sent to its address: what waited there is looked at."""
    web.desk.drop_unsent(login, request.url.path.removeprefix(web.path_prefix))
