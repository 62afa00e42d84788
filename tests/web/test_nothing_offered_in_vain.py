"""Every link and every form of every page that a role comes to: none leads where the role is refused."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from urllib.parse import parse_qs, urldefrag, urlsplit

import pytest
from browsing import Browser
from entered_twice import entered_twice
from small_trial import found
from test_walk import POSTS

from trialkit import operations as op
from trialkit.clock import SimulatedClock
from trialkit.operations.web_desk import open_web_desk
from trialkit.vocabulary import Role
from trialkit.web import Web
from trialkit.web.views import documents
from trialkit.web.views.routes import ROUTES
from trialkit.web.watching import Rate

_LINK = re.compile(r'<(?:a|form|img)\b[^>]*?\b(?:href|action|src)="([^"]*)"[^>]*>')
_OF_A_KIND = 2  # links followed from one kind of page to another
_ROUTES = [(known.path, re.compile(re.sub(r"\{\w+\}", "[^/]+", known.path))) for known in ROUTES]


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    folder = tmp_path_factory.mktemp("offered")
    found(folder).close()
    with op.open_trial(folder / "study", clock=SimulatedClock(datetime(2027, 6, 1, tzinfo=UTC))) as trial:
        web = Web(trial, open_web_desk(trial))
        number = entered_twice(web)
        _ask_about(web, number)
        yield web


def _ask_about(web: Web, number: str) -> None:
    """A query about the form that was typed twice."""
    path = f"/subjects/{number}/visits/baseline/forms/odi"
    with Browser(web) as browser:
        browser.sign_in("data_manager_a")
        form = browser.form_at(f"{path}/items/odi_care") | {"text": "Is this what the paper says?"}
        assert browser.post(f"{path}/queries", form).status_code == 303


def _route(address: str) -> str:
    path = urlsplit(address).path
    return next((route for route, pattern in _ROUTES if pattern.fullmatch(path)), path)


def _kind(address: str) -> tuple[str, ...]:
    """What two links have in common that lead to pages of one kind: route, form, and what is asked for."""
    form = re.search(r"/forms/([^/]+)", address)
    asked = parse_qs(urlsplit(address).query)
    return (_route(address), form[1] if form else "", *sorted(asked), *asked.get("view", ()))


def _offered(page: str) -> Iterator[tuple[bool, str]]:
    """Every address of this application on a page, and whether something is sent to it."""
    for tag in _LINK.finditer(page):
        target = urldefrag(unescape(tag[1]))[0]
        if target.startswith("/"):
            yield 'method="post"' in tag[0], target


def _refused(browser: Browser, role: Role) -> list[tuple[str, str, str]]:
    """(page, what it offers, how that is refused), of every page that can be come to from the first."""
    refused, waiting, asked = [], deque([("", "/")]), {"/"}
    followed = Counter[tuple[str, ...]]()
    while waiting:
        origin, address = waiting.popleft()
        answer = browser.get(address)
        if answer.status_code >= 400:
            refused.append((origin, address, str(answer.status_code)))
        if not answer.headers.get("content-type", "").startswith("text/html"):
            continue
        for sends, target in _offered(answer.text):
            kind = (*_kind(address), *_kind(target))
            if sends and role not in POSTS.get(_route(target), "").split():
                refused.append((address, target, "to be sent"))
            elif not sends and target not in asked and followed[kind] < _OF_A_KIND:
                followed[kind] += 1
                asked.add(target)
                waiting.append((address, target))
    assert len(asked) > 10
    return refused


@pytest.mark.parametrize("role", list(Role))
def test_a_role_is_offered_nothing_that_it_is_refused(
    web: Web, role: Role, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "crf_pdf", lambda *_, **__: b"%PDF")  # it takes seconds
    monkeypatch.setattr(documents, "_printed", {})
    with Browser(web) as browser:
        browser.client.app._requests = Rate(1_000_000, 1_000_000)  # type: ignore[attr-defined]
        browser.sign_in(f"{role}_a")
        assert not _refused(browser, role)
