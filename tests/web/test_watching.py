"""What is told of requests: by template, without subject, login, secret or arm; and too many of them."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
from browsing import PASSWORD, Browser

from trialkit.web import Web, watching
from trialkit.web.sessions import cookie_name
from trialkit.web.watching import JsonLines, Rate, Watched


def test_a_log_line_names_the_route_and_no_more(web: Web, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="trialkit.web.requests")
    with Browser(web) as browser:
        browser.sign_in("coordinator_a")
        browser.get("/subjects/A-001?number=secret")
        browser.get("/nothing/here/secret")
        browser.client.request("BREW", "/")
        browser.client.get("/api/v1/subjects", headers={"Authorization": "Bearer secret"})
        browser.get("/health/ready")
        browser.get("/static/app.css")
    lines = [JsonLines().format(record) for record in caplog.records]
    assert all(json.loads(line)["event"] for line in lines)
    told = "\n".join(lines)
    assert '"route": "/subjects/{subject_id}"' in told and '"route": "(none)"' in told
    assert '"route": "/health/ready"' in told and '"route": "/static"' in told
    for secret in ("A-001", "secret", PASSWORD, "coordinator_a", "BREW"):
        assert secret not in told
    for arm in web.trial.study.arms:
        assert arm.name not in told


def test_an_exception_is_told_by_its_kind_alone() -> None:
    try:
        raise KeyError("exercise")
    except KeyError:
        import sys

        record = logging.LogRecord("uvicorn.error", logging.ERROR, "", 0, "Exception", None, sys.exc_info())
    told = JsonLines().format(record)
    assert "KeyError" in told and "exercise" not in told and "\n" not in told


def test_a_rate_permits_a_burst_and_then_its_pace_for_each_address() -> None:
    rate = Rate(a_second=2, at_once=3)
    assert [rate.permits("one", 0.0) for _ in range(4)] == [True, True, True, False]
    assert rate.permits("other", 0.0)
    assert rate.permits("one", 0.5) and not rate.permits("one", 0.6)
    assert [rate.permits("one", 100.0) for _ in range(4)] == [True, True, True, False]


def test_a_body_in_chunks_is_not_read_whatever_length_it_states(web: Web) -> None:
    def chunks() -> Iterator[bytes]:
        yield from (b"a=" + b"b" * 100_000 + b"&" for _ in range(20))

    lied = {"content-length": "4", "content-type": "application/x-www-form-urlencoded"}
    with Browser(web) as browser:
        for headers in (lied, {"content-type": lied["content-type"]}):
            sent = headers | {"transfer-encoding": "chunked"}
            answer = browser.client.post("/sign-in", content=chunks(), headers=sent)
            assert answer.status_code == 413


def _used_up(browser: Browser, *rates: str) -> None:
    """The rates of the address are used up, by somebody else behind it."""
    watched = browser.client.app
    assert isinstance(watched, Watched)
    for name in rates:
        rate: Rate = getattr(watched, name)
        rate.a_second = 1e-9
        while rate.permits("testclient", 0.0):
            pass


def test_passwords_cannot_be_tried_without_end(web: Web) -> None:
    with Browser(web) as browser:
        _used_up(browser, "_sign_ins")
        answer = browser.sign_in("coordinator_a")
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "5")
        for path in ("/first-password", "/first-factor"):
            assert browser.post(path, {"login": "coordinator_a"}).status_code == 429
        elsewhere = browser.post("/sign-in", {"login": "x"}, sec_fetch_site="cross-site")
        assert elsewhere.status_code == 403, "refused, and not counted"
        assert browser.get("/sign-in").status_code == 200


def test_whoever_has_a_network_of_addresses_counts_as_one() -> None:
    one = watching._place("2001:db8:1:2::1")
    assert one == watching._place("2001:db8:1:2:ffff:ffff:ffff:ffff") != watching._place("2001:db8:1:3::1")
    assert watching._place("192.0.2.1") == watching._place("::ffff:192.0.2.1") != watching._place("192.0.2.2")
    assert watching._place("::ffff:192.0.2.1") != watching._place("::ffff:192.0.2.2")
    assert len({watching._place(host) for host in ("", "testclient", "fe80::1%eth0", "::1")}) == 4


def _known(browser: Browser) -> tuple[str, str]:
    """The name and the token by which a browser is known after a sign-in."""
    assert browser.sign_in("coordinator_a").status_code == 303
    name = cookie_name(browser.web, "http", "device")
    return name, browser.client.cookies[name]


def test_nobody_behind_an_address_keeps_a_known_browser_out(web: Web) -> None:
    with Browser(web) as browser:
        name, token = _known(browser)
        _used_up(browser, "_requests", "_sign_ins")
        assert browser.sign_in("coordinator_a").status_code == 303
        assert browser.get("/subjects").status_code == 200
        for forged in ("", "x", token[:-1] + "!", token.swapcase(), "browser " + token):
            browser.client.cookies.clear()
            browser.client.cookies.set(name, forged)
            assert browser.get("/sign-in").status_code == 429, forged
            assert browser.sign_in("coordinator_a").status_code == 429, forged
        browser.client.cookies.clear()
        browser.client.cookies.set(name, token)
        assert browser.sign_in("coordinator_a").status_code == 303


def test_a_known_browser_has_a_rate_of_its_own_and_uses_up_none_of_anothers(web: Web) -> None:
    with Browser(web) as browser:
        name, mine = _known(browser)
        browser.client.cookies.clear()
        _, theirs = _known(browser)
        assert mine != theirs
        _used_up(browser, "_sign_ins")
        answers = [browser.post("/first-password", {"password": "x"}).status_code for _ in range(121)]
        assert answers[:120] == [409] * 120 and answers[120] == 429, "as many as an address, and no more"
        browser.client.cookies.clear()
        browser.client.cookies.set(name, mine)
        assert browser.sign_in("coordinator_a").status_code == 303


def test_a_token_of_a_browser_that_was_not_issued_is_not_taken_over(web: Web) -> None:
    """Whoever put it there would know it, and be slowed no more than its person."""
    with Browser(web) as browser:
        name = cookie_name(web, "http", "device")
        browser.client.cookies.set(name, "planted")
        browser.sign_in("coordinator_a")
        assert web.desk.device("planted", "coordinator_a") == ""


def test_whoever_waits_is_told_so_on_a_page_in_the_language_of_the_browser(web: Web) -> None:
    with Browser(web) as browser:
        _used_up(browser, "_requests")
        browser.client.headers["accept"] = "text/html,*/*;q=0.8"
        for language, words in (("en", "Wait five seconds"), ("zh-CN", "请等待五秒")):
            browser.client.headers["accept-language"] = language
            answer = browser.get("/sign-in")
            assert (answer.status_code, answer.headers["retry-after"]) == (429, "5")
            assert words in answer.text and 'href="/sign-in"' not in answer.text
        browser.client.headers["accept"] = "application/json"
        assert browser.get("/api/v1/subjects").text == "too many requests\n"
