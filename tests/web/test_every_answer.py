"""Whatever is asked, and however it ends: the answer carries the headers that guard a browser."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from browsing import Browser

from trialkit.web import Web, application
from trialkit.web.asking import Asked
from trialkit.web.pages import static_path
from trialkit.web.watching import Rate

GUARDS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "strict-transport-security": "max-age=31536000",
}
FORM = {"content-type": "application/x-www-form-urlencoded"}
TORN = {"content-type": "multipart/form-data; boundary=x"}

# method, address, what is sent, status
KINDS: list[tuple[str, str, dict[str, Any], int]] = [
    ("GET", "/sign-in", {}, 200),
    ("HEAD", "/sign-in", {}, 200),
    ("GET", "/", {}, 303),
    ("GET", "/subjects/", {}, 307),
    ("GET", "/static", {}, 307),
    ("GET", "/static/", {}, 404),
    ("GET", "/static/none.css", {}, 404),
    ("GET", "/static/../application.py", {}, 404),
    ("POST", "/static/app.css", {}, 405),
    ("GET", "/favicon.ico", {}, 308),
    ("GET", "/no-such-page", {}, 404),
    ("GET", "/subjects/%00", {}, 404),
    ("PUT", "/subjects", {}, 405),
    ("BREW", "/", {}, 405),
    ("POST", "/sign-in", {"content": b"x" * 300_000, "headers": FORM}, 413),
    ("POST", "/sign-in", {"content": b"a torn body", "headers": TORN}, 400),
    ("POST", "/sign-in", {"content": b"login=%00", "headers": FORM}, 400),
    ("POST", "/sign-in", {"content": b"login=x", "headers": FORM}, 401),
    ("POST", "/sign-in", {"content": b"", "headers": FORM | {"sec-fetch-site": "cross-site"}}, 403),
    ("POST", "/subjects/new", {"content": b"csrf=x", "headers": FORM}, 303),
    ("GET", "/health/live", {}, 200),
    ("GET", "/api/v1/openapi.json", {}, 200),
    ("GET", "/api/v1/subjects", {}, 401),
    ("GET", "/api/v1/nothing", {}, 404),
    ("DELETE", "/api/v1/subjects", {}, 405),
]


def _guarded(answer: Any) -> None:
    headers = answer.headers
    assert {name: headers.get(name) for name in GUARDS} == GUARDS
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
    assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize(("method", "path", "sent", "status"), KINDS)
def test_an_answer_is_guarded(web: Web, method: str, path: str, sent: dict[str, Any], status: int) -> None:
    with Browser(web, "https://testserver") as browser:
        answer = browser.client.request(method, path, **sent)
        assert answer.status_code == status
        _guarded(answer)


def test_an_answer_below_a_prefix_is_guarded(web: Web) -> None:
    with Browser(replace(web, path_prefix="/trial"), "https://testserver") as browser:
        for path, status in {"/": 404, "/trial": 307, "/trial/": 303, "/trial/static": 307}.items():
            answer = browser.get(path)
            assert answer.status_code == status, path
            _guarded(answer)


def test_an_asset_is_guarded_and_kept(web: Web) -> None:
    with Browser(web) as browser:
        answer = browser.get(static_path("app.css"))
        again = browser.client.get(static_path("app.css"), headers={"If-None-Match": answer.headers["etag"]})
        assert (answer.status_code, again.status_code) == (200, 304)
        for one in (answer, again):
            assert one.headers["x-content-type-options"] == "nosniff"
            assert one.headers["cache-control"] == "public, max-age=31536000, immutable"


def test_a_refusal_for_too_many_is_guarded(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Rate, "permits", lambda self, asker, now: False)
    with Browser(web, "https://testserver") as browser:
        answer = browser.get("/sign-in")
        assert answer.status_code == 429
        _guarded(answer)


@pytest.mark.parametrize("whole", [True, False], ids=["a page for it", "not even the page for it"])
def test_a_defect_is_guarded_and_tells_nothing(
    web: Web, monkeypatch: pytest.MonkeyPatch, *, whole: bool
) -> None:
    def breaks(*_: object, **__: object) -> None:
        raise KeyError("a word of its own")

    monkeypatch.setattr(application, "_taken", breaks)
    if not whole:
        monkeypatch.setattr(Asked, "page", breaks)
    with Browser(web, "https://testserver") as browser:
        answer = browser.get("/sign-in")
        assert answer.status_code == 500 and "a word of its own" not in answer.text
        assert ("<main" in answer.text) is whole
        _guarded(answer)
