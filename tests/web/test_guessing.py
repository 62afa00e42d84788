"""Guessing at a signature, in an emergency, at a code: it gains nothing, and keeps nobody else out."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Event, Semaphore
from types import SimpleNamespace

import argon2
import pytest
from browsing import PASSWORD, Browser, fields_in
from chain import with_study
from pyotp import TOTP

from trialkit import operations as op
from trialkit.access import Actor
from trialkit.operations.second_factor import new_factor_secret, set_second_factor
from trialkit.store.reading.audit import audit_head
from trialkit.store.reading.subjects import subjects
from trialkit.study.sign_in import SignIn
from trialkit.vocabulary import Role
from trialkit.web import Web

OWN = "a phrase of my own"
ADMIN = Actor("administrator_a", Role.ADMINISTRATOR)


def _records(web: Web) -> int:
    with web.trial.store.reading() as reader:
        return audit_head(reader)[0]


def _subjects(web: Web) -> list[str]:
    with web.trial.store.reading() as reader:
        return [number for number, state in subjects(reader).items() if state.allocated]


def _token(browser: Browser, password: str) -> int:
    form = browser.form_at("/me") | {"label": "nightly", "days": "30", "scope.list_forms": "yes"}
    return browser.post("/me/tokens", form | {"password": password}).status_code


def _signature(browser: Browser, password: str) -> int:
    """Sign the next form that this account has not signed."""
    for number in _subjects(browser.web):
        path = f"/subjects/{number}/visits/baseline/forms/demographics"
        _, asked, form = browser.get(path).text.partition(f'action="{path}/signature"')
        if asked:
            sent = fields_in(f"<main{form.partition('</form>')[0]}")
            meaning = {"meaning": "reviewed and approved", "password": password}
            return browser.post(f"{path}/signature", browser.form_at(path) | sent | meaning).status_code
    raise AssertionError("every form is signed")


def _emergency(browser: Browser, password: str) -> int:
    """Both steps, the second by a password; no refusal names an arm."""
    number = _subjects(browser.web)[0]
    path = f"/subjects/{number}/emergency-unblinding"
    first = browser.form_at(path) | {"reason": "severe bleeding before surgery", "number": number}
    answer = browser.post(path, fields_in(browser.post(path, first).text) | {"password": password})
    named = [arm.label for arm in browser.web.trial.study.arms if arm.label in answer.text]
    assert len(named) == (answer.status_code == 200)
    return answer.status_code


@pytest.mark.parametrize(
    ("sign", "login", "colleague"),
    [
        (_token, "coordinator_a", "coordinator_b"),
        (_signature, "investigator_a", ""),
        (_emergency, "investigator_a", "unblinded_statistician_a"),
    ],
)
def test_nothing_is_signed_by_guessing_and_nobody_else_waits(
    web: Web, sign: Callable[[Browser, str], int], login: str, colleague: str
) -> None:
    """In a session left open: after five wrong ones the right one waits too, in that browser alone."""
    with Browser(web) as guesser, Browser(web) as mine, Browser(web) as theirs:
        others = [(mine, login)] + [(theirs, colleague)] * bool(colleague)
        for browser, who in [(guesser, login), *others]:
            assert browser.sign_in(who).status_code == 303
        before = _records(web)
        for number in range(9):
            assert sign(guesser, f"a wrong guess {number}") == 409
        assert sign(guesser, PASSWORD) == 409, "the right one too"
        assert _records(web) == before, "nothing was signed"
        assert guesser.sign_in(login).status_code == 401, "nor does that browser sign in"
        for browser, _ in others:
            assert sign(browser, PASSWORD) < 400, "nobody else waits"
        assert _records(web) == before + len(others)
        web.trial.clock.advance(timedelta(minutes=1))
        assert sign(guesser, PASSWORD) < 400


@pytest.fixture
def earnest(web: Web) -> Web:
    """The same study as one that is no demonstration, and asks for a second factor."""
    study = replace(
        web.trial.study, demonstration=False, sign_in=SignIn(password_days=90, second_factor=True)
    )
    return replace(web, trial=with_study(web.trial, study))


def _with_a_factor(web: Web, login: str = "monitor_a") -> Callable[[], str]:
    """An account with a password of its own and a second factor; tells the code of the moment."""
    actor = Actor(login, Role.MONITOR)
    op.change_own_password(web.trial, actor, present=PASSWORD, password=OWN)
    secret = new_factor_secret()
    totp = TOTP(secret)
    set_second_factor(web.trial, web.desk, actor, secret=secret, code=totp.at(web.now()))
    web.trial.clock.advance(timedelta(seconds=30))  # that code is used up
    return lambda: totp.at(web.now())


def test_one_code_is_enough_to_change_a_password_that_is_too_old(earnest: Web) -> None:
    code = _with_a_factor(earnest)
    earnest.trial.clock.advance(timedelta(days=91))
    entry = {"login": "monitor_a", "password": OWN}
    new = {"login": "monitor_a", "present": OWN, "password": "another long phrase", "expired": "yes"}
    with Browser(earnest) as browser:
        assert browser.post("/sign-in", entry | {"code": "000000"}).status_code == 401
        told = browser.post("/sign-in", entry | {"code": code()})
        assert told.status_code == 200 and 'action="/first-password"' in told.text
        assert browser.get("/").status_code == 303, "no session so far"
        sent = new | {"again": new["password"]}
        assert browser.post("/first-password", sent | {"code": "000000"}).status_code == 409
        assert (
            browser.post("/first-password", sent | {"password": "short", "again": "short"}).status_code == 409
        )
        done = browser.post("/first-password", sent | {"code": code()})
        assert done.status_code == 200 and "The password is changed" in done.text
        entry["password"] = new["password"]
        assert browser.post("/sign-in", entry | {"code": code()}).status_code == 401, "used once"
        earnest.trial.clock.advance(timedelta(seconds=60))
        assert browser.post("/sign-in", entry | {"code": code()}).headers["location"] == "/"


def test_a_code_that_was_used_asks_for_no_new_password_either(earnest: Web) -> None:
    code = _with_a_factor(earnest)
    entry = {"login": "monitor_a", "password": OWN}
    with Browser(earnest) as browser:
        assert browser.post("/sign-in", entry | {"code": code()}).status_code == 303
        study = replace(earnest.trial.study, sign_in=SignIn(password_days=1, second_factor=True))
        aged = replace(earnest, trial=with_study(earnest.trial, study))
        aged.desk.use_step("monitor_a", int((aged.now() + timedelta(days=2)).timestamp()) // 30 + 1)
    aged.trial.clock.advance(timedelta(days=2))
    with Browser(aged) as browser:
        assert browser.post("/sign-in", entry | {"code": code()}).status_code == 401


def test_a_wait_uses_up_no_code(earnest: Web) -> None:
    code = _with_a_factor(earnest)
    entry = {"login": "monitor_a", "password": OWN}
    with Browser(earnest) as browser:
        for _ in range(5):
            browser.post("/sign-in", entry | {"password": "a wrong guess"})
        assert browser.post("/sign-in", entry | {"code": code()}).status_code == 401
        earnest.trial.clock.advance(timedelta(seconds=3))
        assert browser.post("/sign-in", entry | {"code": code()}).status_code == 303


def test_setting_a_factor_tells_nobody_which_accounts_have_one(earnest: Web) -> None:
    """With one and without, closed, and nobody: one answer to whoever does not know the password."""
    _with_a_factor(earnest)
    op.close_account(earnest.trial, ADMIN, login="statistician_a", reason="left")
    told = set()
    with Browser(earnest) as browser:
        for login in (
            "monitor_a",
            "data_manager_a",
            "statistician_a",
            "nobody",
            "monitor_a with its password",
        ):
            password = OWN if " " in login else "a wrong guess"
            login = login.partition(" ")[0]
            earnest.trial.clock.advance(timedelta(hours=2))  # no wait stands
            form = {"login": login, "secret": new_factor_secret(), "code": "000000"}
            new = {"password": "another long phrase", "again": "another long phrase"}
            for path, sent in {
                "/sign-in": {"password": password},
                "/first-password": new | {"present": password},
                "/first-factor": {"password": password},
            }.items():
                answer = browser.post(path, form | sent)
                shown = re.sub(r"data:[^\"]+|[A-Z2-7]{32}", "", answer.text.replace(login, "LOGIN"))
                told.add((path, answer.status_code, shown, tuple(sorted(answer.headers))))
    assert len(told) == 3


def test_a_flood_of_passwords_leaves_the_pages_and_those_who_are_known(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From however many addresses: strangers wait for each other, and hold no thread and no last place."""
    looked, ended, real = Semaphore(0), Event(), argon2.PasswordHasher

    def verify(hashed: str, password: str) -> bool:
        if password == "of the flood":
            looked.release()
            ended.wait(60)
        return real().verify(hashed, password)

    hasher = SimpleNamespace(verify=verify, hash=real().hash)
    monkeypatch.setattr(argon2, "PasswordHasher", lambda: hasher)
    with Browser(web) as browser, ThreadPoolExecutor(60) as threads:
        browser.sign_in("coordinator_a")
        known = {"Cookie": "; ".join(f"{name}={text}" for name, text in browser.client.cookies.items())}
        browser.client.cookies.clear()
        flood = [threads.submit(browser.sign_in, "coordinator_a", "of the flood") for _ in range(50)]
        assert all(looked.acquire(timeout=20) for _ in range(3))
        try:
            page = threads.submit(browser.client.get, "/subjects", headers=known)
            assert page.result(20).status_code == 200
            entry = {"login": "coordinator_a", "password": PASSWORD}
            signed_in = threads.submit(browser.client.post, "/sign-in", data=entry, headers=known)
            assert signed_in.result(20).status_code == 303
            assert not any(one.done() for one in flood) and not looked.acquire(blocking=False)
        finally:
            ended.set()
        assert {one.result(60).status_code for one in flood} == {401}
