"""Acts that happen once however often their form is sent: a double click, a reload, a lost reply.

Each rendered form carries a random key. The first request with a key does the act; every other one gets the
answer of the first. If the server dies between the act and its answer, the key stays claimed: the act is
never done twice, and the page says that it is not known whether it was done, and where to look.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Self

from starlette.responses import Response

from trialkit.errors import TrialkitError
from trialkit.web.asking import Asked, NotHereError
from trialkit.wording import packed, unpacked

_PATIENCE = 5.0  # seconds that a second click waits for the first one's answer
_LOOK_AGAIN = 0.05
_OF_THE_MOMENT = frozenset({"csrf", "draft_version", "not_asked"})


@dataclass(frozen=True, slots=True)
class Done:
    """What an act left to say: a heading, lines to look at, and where to go on. Never an arm."""

    heading: str
    lines: tuple[str, ...] = ()
    next_path: str = "/"
    next_label: str = "Home"
    show: str = ""  # go straight to this page instead

    def packed(self) -> str:
        """As kept until the page asks: its words are said in the language of whoever reads them."""
        plain = {part.name: getattr(self, part.name) for part in fields(self)}
        lines = [packed(line) for line in self.lines]
        return json.dumps({name: packed(value) for name, value in plain.items()} | {"lines": lines})

    @classmethod
    def unpacked(cls, kept: str) -> Self:
        parts = json.loads(kept)
        lines = tuple(str(unpacked(line)) for line in parts.pop("lines"))
        return cls(**{name: str(unpacked(part)) for name, part in parts.items()}, lines=lines)


def once(asked: Asked, act: Callable[[], Done]) -> Response:
    """Do an act once for the key its form carries.

    Raises
    ------
    TrialkitError
        As the act; nothing was written, and the form may be sent again.
    NotHereError
        No key, or somebody else's.
    """
    key, desk = asked.form.get("request_key", ""), asked.web.desk
    earlier = _answer_of_the_first(asked, key, _body(asked))
    if earlier is not None:
        return earlier
    try:
        done = act()
    except (TrialkitError, NotHereError):
        desk.release_request(key)
        raise
    desk.answer_request(key, done.packed())
    return _settled(asked, key)


def told_once(asked: Asked, act: Callable[[], Response], later: Done) -> Response:
    """Do an act whose answer is a secret, and tell it in this reply alone: it is kept nowhere.

    Parameters
    ----------
    act
        Does it, and makes the page that tells the secret.
    later
        What is said to whoever sends the form again: without the secret.

    Raises
    ------
    TrialkitError, NotHereError
        As :func:`once`.
    """
    key, desk = asked.form.get("request_key", ""), asked.web.desk
    earlier = _answer_of_the_first(asked, key, "")
    if earlier is not None:
        return earlier
    try:
        response = act()
    except (TrialkitError, NotHereError):
        desk.release_request(key)
        raise
    desk.answer_request(key, later.packed())
    return response


def done_page(asked: Asked) -> Response:
    """The answer to a request sent before; a reload shows it again and does nothing."""
    return _settled(asked, asked.at("key"), on_page=True)


def _answer_of_the_first(asked: Asked, key: str, body: str) -> Response | None:
    """None to the first request with a key, which does the act; to every other one the answer of the first.

    Where the first was refused while another waited, that one is the first now, and is told why itself.
    """
    if not key:
        raise NotHereError
    desk = asked.web.desk
    while not desk.claim_request(key, asked.login, body, asked.web.now().isoformat()):
        kept = desk.request(key)
        if kept is not None and kept.login == asked.login and not desk.says(kept, body):
            raise TrialkitError(
                expected="the same form as was sent before",
                found="another one with its key",
                next_step="Open the form anew from the subject's page.",
            )
        answer = _waited_for(asked, key)
        if answer is not None:
            return answer
    return None


def _settled(asked: Asked, key: str, *, on_page: bool = False) -> Response:
    answer = _waited_for(asked, key, on_page=on_page)
    if answer is None:
        raise NotHereError
    return answer


def _waited_for(asked: Asked, key: str, *, on_page: bool = False) -> Response | None:
    """The answer that is kept for a key, None where the key is not taken; a page does not wait for it."""
    deadline = time.monotonic() + (0 if on_page else _PATIENCE)
    while True:
        kept = asked.web.desk.request(key)
        if kept is None:
            return None
        if kept.login != asked.login:
            raise NotHereError
        if kept.answer is not None:
            done = Done.unpacked(kept.answer)
            if done.show or not on_page:
                return asked.redirect(done.show or f"/done/{key}")
            return asked.page("done.html", done=done)
        if time.monotonic() >= deadline:
            return asked.page("not_known.html", key=key, status=202)
        time.sleep(_LOOK_AGAIN)


def _body(asked: Asked) -> str:
    """What was sent, but for what belongs to a session or to the keeping of its draft."""
    said = sorted((name, text) for name, text in asked.form.items() if name not in _OF_THE_MOMENT)
    return json.dumps([asked.request.url.path, said])
