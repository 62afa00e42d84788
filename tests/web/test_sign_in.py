"""Sessions: who gets in, for how long, and what stands around every answer."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from browsing import PASSWORD, Browser, fields_in

from trialkit.operations.web_desk import DeskFile
from trialkit.web import Web
from trialkit.web.sessions import cookie_name


def test_health(anybody: Browser) -> None:
    assert anybody.get("/health/live").status_code == 200
    assert anybody.get("/health/ready").status_code == 200


def test_a_page_needs_a_session(anybody: Browser) -> None:
    answer = anybody.get("/subjects")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=%2Fsubjects")


def test_a_password_opens_a_session_and_a_wrong_one_does_not(anybody: Browser) -> None:
    assert anybody.sign_in("coordinator_a", "another password").status_code == 401
    assert anybody.get("/").status_code == 303
    answer = anybody.sign_in("coordinator_a")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=lax" in cookie and "secure" not in cookie
    page = anybody.get("/")
    assert page.status_code == 200 and "To do now" in page.text


def test_a_nobody_and_a_wrong_password_look_alike(anybody: Browser) -> None:
    wrong = anybody.sign_in("coordinator_a", "another password")
    nobody = anybody.sign_in("nobody_at_all", "another password")
    # The page gives back the name that was typed, and nothing else may differ.
    as_typed = nobody.text.replace("nobody_at_all", "coordinator_a")
    assert (wrong.status_code, wrong.text) == (nobody.status_code, as_typed)


def test_idleness_ends_a_session(coordinator: Browser, web: Web) -> None:
    web.trial.clock.advance(timedelta(minutes=29))
    assert coordinator.get("/").status_code == 200
    web.trial.clock.advance(timedelta(minutes=31))
    assert coordinator.get("/").status_code == 303


def test_age_ends_a_session_however_busy(coordinator: Browser, web: Web) -> None:
    for _ in range(25):
        web.trial.clock.advance(timedelta(minutes=29))
        answer = coordinator.get("/recruitment")
    assert answer.status_code == 303


def test_a_new_token_at_sign_in_and_none_after_sign_out(coordinator: Browser) -> None:
    name = cookie_name(coordinator.web, "http")
    before = coordinator.client.cookies[name]
    coordinator.sign_in("coordinator_a")
    after = coordinator.client.cookies[name]
    assert before != after
    token = coordinator.form_at("/subjects/new")["csrf"]
    gone = coordinator.post("/sign-out", {"csrf": token})
    assert gone.headers["clear-site-data"]
    coordinator.client.cookies.set(name, after)
    assert coordinator.get("/").status_code == 303


def test_every_answer_carries_its_headers(coordinator: Browser) -> None:
    for path in ("/", "/sign-in", "/subjects", "/no-such-page", "/health/live"):
        headers = coordinator.get(path).headers
        assert "script-src 'self'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
        assert "etag" not in headers


def test_forms_from_elsewhere_are_refused(coordinator: Browser) -> None:
    form = coordinator.form_at("/subjects/new") | {"consent_date": "2027-05-01"}
    count = len(coordinator.get("/subjects").text)
    assert coordinator.post("/subjects/new", form | {"csrf": "x"}).status_code == 403
    without = {name: value for name, value in form.items() if name != "csrf"}
    assert coordinator.post("/subjects/new", without).status_code == 403
    assert coordinator.post("/subjects/new", form, Sec_Fetch_Site="cross-site").status_code == 403
    assert coordinator.post("/subjects/new", form, Origin="https://elsewhere.example").status_code == 403
    assert len(coordinator.get("/subjects").text) == count
    assert coordinator.post("/subjects/new", form, Sec_Fetch_Site="same-origin").status_code == 303


def test_behind_tls_the_cookie_is_bound_to_the_host(web: Web) -> None:
    with Browser(web, "https://testserver") as browser:
        cookie = browser.sign_in("coordinator_a").headers["set-cookie"].lower()
        assert cookie.startswith("__host-trialkit-session-") and "secure" in cookie and "path=/" in cookie
        assert browser.get("/").headers["strict-transport-security"]


def test_sessions_of_two_studies_of_one_host_live_side_by_side(web: Web) -> None:
    prefixes = ("/one", "/two")
    with Browser(replace(web, path_prefix="/one")) as one, Browser(replace(web, path_prefix="/two")) as two:
        for browser, prefix in zip((one, two), prefixes, strict=True):
            browser.post(f"{prefix}/sign-in", {"login": "coordinator_a", "password": PASSWORD})
        for browser, other in ((one, two), (two, one)):  # a browser keeps one value a name
            for name, text in dict(other.client.cookies).items():
                browser.client.cookies.set(name, text)
        for browser, prefix in zip((one, two), prefixes, strict=True):
            assert browser.get(f"{prefix}/subjects").status_code == 200
        fields = fields_in(one.get("/one/subjects/new").text)
        assert one.post("/one/sign-out", {"csrf": fields["csrf"]}).status_code == 303
        assert one.get("/one/subjects").status_code == 303
        assert two.get("/two/subjects").status_code == 200


def test_a_prefix_stands_before_every_address(web: Web) -> None:
    with Browser(replace(web, path_prefix="/trial")) as browser:
        answer = browser.post("/trial/sign-in", {"login": "coordinator_a", "password": "a password of tests"})
        assert answer.headers["location"] == "/trial/"
        page = browser.get("/trial/").text
        assert 'href="/trial/subjects"' in page and 'href="/subjects"' not in page
        assert browser.get("/health/ready").status_code == 200


def test_a_body_too_large_is_refused(coordinator: Browser) -> None:
    assert coordinator.post("/subjects/new", {"site": "A" * 300_000}).status_code == 413


def test_answers_of_forms_are_forgotten_after_a_month_and_no_sooner(anybody: Browser) -> None:
    desk, now = anybody.web.desk, anybody.web.now()
    for days in (1, 29, 31):
        desk.claim_request(f"key {days}", "x", "", (now - timedelta(days=days)).isoformat())
    anybody.sign_in("coordinator_a")
    kept = [days for days in (1, 29, 31) if desk.request(f"key {days}") is not None]
    assert kept == [1, 29]


def test_a_desk_of_before_is_opened_and_its_answers_are_kept(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "desk") as old:
        old.execute("CREATE TABLE request (request_key TEXT PRIMARY KEY, login TEXT, body TEXT, answer TEXT)")
        old.execute("INSERT INTO request VALUES ('key', 'x', '', 'answer')")
    desk = DeskFile(tmp_path / "desk")
    desk.forget_requests_sent_before("2027-05-02T00:00:00+00:00")
    assert desk.request("key") is not None
    desk.forget_requests_sent_before("2027-05-03T00:00:00+00:00")
    assert desk.request("key") is None


def test_my_account_marks_the_session_that_it_is_shown_in(web: Web) -> None:
    with Browser(web) as here, Browser(web) as there:
        for browser in (there, here):
            browser.sign_in("coordinator_a")
        for browser in (there, here):
            page = browser.get("/me").text
            assert page.count("<li>testclient, last used") == 2 and page.count("<b>this session</b>") == 1
