"""The locked study on the web: nothing about a subject is written any more, and why; everything is read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browsing import PASSWORD, Browser, fields_in, pressed_again
from chain import MANAGER, ChainRun
from chromium import sign_in
from finished_trial import copied, finished
from test_rights import PAGES, _filled
from test_walk import KNOWN, _filled as _at

from trialkit import operations as op
from trialkit.store.reading.subjects import subjects
from trialkit.vocabulary import Role
from trialkit.web import Web


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> ChainRun:
    return finished(tmp_path_factory.mktemp("finished"))


@pytest.fixture
def web(run: ChainRun, tmp_path: Path) -> Iterator[Web]:
    with copied(run, tmp_path) as web:
        yield web


def _records(web: Web) -> int:
    """Of acts; that somebody looked at what stands against a lock is a record too."""
    lines = op.read_trail(web.trial, MANAGER)
    return sum(line.operation != "view_obstacles" for line in lines)


def _lock(web: Web) -> None:
    with Browser(web) as manager:
        manager.sign_in("data_manager_a")
        sent = {"csrf": manager.token(), "request_key": "lock", "step": "lock", "password": PASSWORD}
        done = manager.post("/closing/lock", sent | {"reason": "All data are in and clean"})
        assert "The study is locked" in manager.get(done.headers["location"]).text


def _someone(web: Web) -> str:
    with web.trial.store.reading() as reader:
        return next(n for n, state in subjects(reader).items() if state.site == "A" and state.allocated)


_FORM = "/subjects/{s}/visits/baseline/forms"
_PLACE_OF_FORM = "/subjects/{subject_id}/visits/{visit}/forms/{form}"
EVERYTHING = {
    "reason": "x",
    "text": "x",
    "date": "2025-06-01",
    "day": "2025-06-01",
    "consent_date": "2024-01-02",
    "password": PASSWORD,
    "meaning": "x",
    "confirmed": "yes",
    "item": "odi_pain",
    "value": "1",
    "step": "close",
    "kind": "ineligible",
    "d0.choice": "first",
    "d0.reason": "misread",
    "d0.item": "odi_pain",
    "d0.row": "",
    "l0.fate": "keep",
    "l0.place": "1:1",
    "tick.odi_pain": "yes",
    "factor.site": "A",
    "factor.sex": "f",
    "scope": "subject",
    "r0.odi_pain": "1",
    "visit": "month_12",
}
_DAY = {"day": "2025-06-01", "reason": "Misread"}
_SIGNED = {"password": PASSWORD, "meaning": "Seen and right"}
_PLACE = {"scope": "subject", "place": "{s}", "reason": "Cleaned"}
# what -> role, page, what is typed there: each would be taken in a study that is not locked
WRITES: dict[str, tuple[str, str, dict[str, str]]] = {
    "enrol": ("coordinator", "/subjects/new", {"consent_date": "2024-01-02"}),
    "visit": ("coordinator", "/subjects/{s}/events", {"step": "visit", "visit": "month_12", **_DAY}),
    "not done": (
        "data_manager",
        "/subjects/{s}/events",
        {"step": "not_done", "visit": "week_6", "form": "death", "reason": "alive"},
    ),
    "withdraw": ("investigator", "/subjects/{s}/events", {"step": "withdraw", **_DAY}),
    "mistake": ("data_manager", "/subjects/{s}/mistakes", {"kind": "ineligible", "reason": "Too young"}),
    "correction": (
        "investigator",
        f"{_FORM}/history/items/hist_lbp_years/correction",
        {"value": "33.3", "reason": "Misread"},
    ),
    "query": ("data_manager", f"{_FORM}/vas/queries", {"item": "vas_mm", "text": "Is it so?"}),
    "raised queries": ("data_manager", "/queries/raised", {}),
    "ticks": ("monitor", f"{_FORM}/vas/ticks", {"tick.vas_mm": "yes"}),
    "entry": (
        "coordinator",
        "/subjects/{s}/visits/month_12/forms/adverse_events/entry",
        {"r0.ae_term": "Fall"},
    ),
    "verification": ("monitor", f"{_FORM}/vas/verification", {}),
    "signature": ("investigator", f"{_FORM}/vas/signature", _SIGNED),
    "signature of all": ("investigator", "/subjects/{s}/marks", {"step": "sign", **_SIGNED}),
    "freeze": ("data_manager", "/closing", {"step": "freeze", **_PLACE}),
    "lifted freeze": ("data_manager", "/closing", {"step": "lift", **_PLACE}),
    "locked place": ("data_manager", "/closing/place-lock", {"step": "lock", "password": PASSWORD, **_PLACE}),
    "lifted lock of a place": (
        "data_manager",
        "/closing/place-lock",
        {"step": "unlock", "password": PASSWORD, **_PLACE},
    ),
}


# Of what is open no lock is set, so that nothing of it is there to be written in a locked study.
OPEN = {
    "/corrections/{number}",
    "/imports/unfinished/{number}",
    "/discrepancies/workbook",
    f"{_PLACE_OF_FORM}/discrepancies",
    f"{_PLACE_OF_FORM}/discrepancies/lines",
}
# Of persons, sessions, drafts, emergencies, the lock itself; a file that is looked at has a test of its own.
STAYS = {
    "/sign-in",
    "/sign-out",
    "/language",
    "/acting-as",
    "/first-password",
    "/first-factor",
    "/me",
    "/me/tokens",
    "/accounts",
    "/accounts/{login}",
    "/accounts/{login}/password",
    "/state",
    "/closing/lock",
    "/imports",
    "/imports/{number}",
    "/subjects/{subject_id}/emergency-unblinding",
    f"{_PLACE_OF_FORM}/entry/draft",
    f"{_PLACE_OF_FORM}/entry/comparison",
}
# Written where somebody left, has a serious event, a query or no treatment yet: walked with what there is.
WALKED = {
    "/subjects/{subject_id}/departure",
    "/serious-events/{number}",
    "/queries/{number}",
    "/subjects/{subject_id}/randomization",
}


def test_every_page_that_writes_about_a_subject_is_tried_in_a_locked_study() -> None:
    tried = {_route(path) for _, path, _ in WRITES.values()}
    assert tried | OPEN | STAYS | WALKED == KNOWN
    assert not tried & (OPEN | STAYS | WALKED)


def _route(path: str) -> str:
    found = [known for known in KNOWN if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", known), path)]
    return min(found, key=lambda known: known.count("{"))


def test_whatever_is_sent_writes_nothing_into_a_locked_study(web: Web) -> None:
    """Every address by every role, with a form that holds a little of everything."""
    someone = _someone(web)
    _lock(web)
    for role in Role:
        with Browser(web) as browser:
            browser.sign_in(f"{role}_a")
            sent = EVERYTHING | {"csrf": browser.token(), "place": someone}
            before = _records(web)
            for path in sorted(KNOWN - STAYS):
                answer = browser.post(_at(path, someone), sent | {"request_key": f"{role}{path}"})
                assert answer.status_code in (200, 303, 403, 404, 409), (role, path, answer.status_code)
                assert _records(web) == before, (role, path)


@pytest.mark.parametrize("what", WRITES)
def test_nothing_about_a_subject_is_written_and_the_refusal_says_why(web: Web, what: str) -> None:
    role, path, typed = WRITES[what]
    path = path.format(s=_someone(web))
    _lock(web)
    with Browser(web) as browser:
        browser.sign_in(f"{role}_a")
        before = _records(web)
        page = browser.get(path)
        typed = {name: text.format(s=_someone(web)) for name, text in typed.items()}
        shown = fields_in(page.text) if page.status_code == 200 else {}
        sent = {"csrf": browser.token(), "request_key": "k", **shown, **typed}
        answer = browser.post(path, sent)
        if answer.status_code == 200:  # what is blank, to be looked at
            answer = browser.post(path, sent | pressed_again(answer.text))
        assert answer.status_code == 409
        assert "an unlocked study" in answer.text and "Unlock the study first" in answer.text
        assert _records(web) == before


OFFERS = {  # in a study that is not locked: role -> page -> what stands on it
    "coordinator": {
        "/subjects": "Enrol",
        "/subjects/{s}": "Visits, what was not done, leaving",
        "/subjects/{s}/events": "A visit took place",
    },
    "investigator": {f"{_FORM}/vas": "Sign what stands above", "/subjects/{s}": "Sign all complete forms"},
    "data_manager": {
        f"{_FORM}/vas": "Ask the site about this form",
        "/subjects/{s}": "Mistake at the random",
    },
    "monitor": {f"{_FORM}/vas": "Held against its source</button>"},
}


@pytest.mark.parametrize("role", OFFERS)
def test_what_the_lock_refuses_is_not_offered(web: Web, role: str) -> None:
    someone = _someone(web)
    with Browser(web) as browser:
        browser.sign_in(f"{role}_a")
        for locked in (False, True):
            if locked:
                _lock(web)
            for path, words in OFFERS[role].items():
                page = browser.get(path.format(s=someone)).text
                assert (words in page) is not locked, (path, words)
                assert "Freeze this form" not in page or not locked
        assert "any more but serious events" in page
        if role == "coordinator":
            assert "A serious adverse event became known" in browser.get(f"/subjects/{someone}/events").text


def test_the_lock_is_the_first_reason(web: Web) -> None:
    someone = _someone(web)
    form = f"/subjects/{someone}/visits/month_12/forms/adverse_events/entry"
    _lock(web)
    with Browser(web) as browser:
        browser.sign_in("coordinator_a")
        sent = {"csrf": browser.token(), "r0.ae_term": "Fall", "request_key": "k", "site": "A"}
        assert "an unlocked study" in browser.post(form, sent | {"add_line": "yes"}).text
        refused = browser.post("/subjects/new", sent | {"consent_date": "1999-01-01", "subject_id": someone})
        assert "an unlocked study" in refused.text


def test_what_was_begun_before_the_lock_is_read_or_thrown_away_and_goes_on_after_it(web: Web) -> None:
    at = f"/subjects/{_someone(web)}/visits"
    begun, other = (f"{at}/{visit}/forms/adverse_events/entry" for visit in ("month_12", "month_6"))
    with Browser(web) as browser:
        browser.sign_in("coordinator_a")
        sent = {"csrf": browser.token(), "r0.ae_term": "Fall on ice", "request_key": "k"}
        assert browser.post(f"{begun}/draft", sent).json()["closed"] is False
        assert "locked or frozen meanwhile" not in browser.get("/").text
        _lock(web)
        during = browser.post(f"{other}/draft", sent).json()  # while the page stood open
        assert during["closed"] is True and during["kept"]
        assert browser.get("/").text.count("locked or frozen meanwhile: read what you typed") == 2
        page = browser.get(begun).text
        assert "Fall on ice" in page and "This form is locked or frozen" in page and "data-logic" not in page
        away = fields_in(browser.get(other).text)
        assert browser.post(f"{other}/draft", away).status_code == 303
        assert browser.get("/").text.count("locked or frozen meanwhile") == 1
        op.unlock(web.trial, MANAGER, reason="A form was found")
        page = browser.get(begun).text
        assert "Fall on ice" in page and "data-logic" in page and "locked" not in browser.get("/").text


def test_a_form_whose_place_is_frozen_is_no_more_to_be_completed(web: Web) -> None:
    subject = _someone(web)
    begun = f"/subjects/{subject}/visits/month_12/forms/adverse_events/entry"
    with Browser(web) as browser:
        browser.sign_in("coordinator_a")
        sent = {"csrf": browser.token(), "r0.ae_term": "Fall on ice", "request_key": "k"}
        browser.post(f"{begun}/draft", sent)
        assert begun in browser.get(f"/subjects/{subject}").text
        op.freeze(web.trial, MANAGER, scope=op.FreezeScope.SUBJECT, place=subject, reason="Cleaned")
        assert "locked or frozen meanwhile" in browser.get("/").text
        assert begun not in browser.get(f"/subjects/{subject}").text
        refused = browser.post(begun, sent | {"r0.ae_start": "no day"})
        assert refused.status_code == 409 and refused.text.count("data that are not frozen") == 1
        assert "Fall on ice" in refused.text


def test_who_types_while_the_form_is_frozen_is_told_at_once_and_loses_nothing(
    page: Any, address: str, web: Web
) -> None:
    subject = _someone(web)
    sign_in(page, address, "coordinator_a")
    page.goto(f"{address}/subjects/{subject}/visits/month_12/forms/adverse_events/entry")
    op.freeze(web.trial, MANAGER, scope=op.FreezeScope.SUBJECT, place=subject, reason="Cleaned")
    page.fill("[name='r0.ae_term']", "Fall on ice")
    page.keyboard.press("Control+s")
    page.wait_for_selector("[data-closed]:not([hidden])")
    assert page.inner_text("[data-closed]").startswith("This form has been locked or frozen meanwhile")
    assert page.locator("[name='r0.ae_term']").get_attribute("readonly") is not None
    assert page.locator("[data-taken]").is_hidden() and page.get_by_text("Complete", exact=True).is_hidden()
    page.click("[data-closed] a")
    assert "Fall on ice" in page.inner_text("main")
    assert page.get_by_text("Throw away what I typed").is_visible()


def test_a_file_of_typed_forms_is_told_of_the_lock_when_it_is_looked_at(web: Web) -> None:
    someone = _someone(web)
    _lock(web)
    with Browser(web) as browser:
        browser.sign_in("coordinator_a")
        rows = f"subject_id,age_years\n{someone},61\n".encode()
        sent = {"csrf": browser.token(), "form": "demographics", "visit": "baseline"}
        path = browser.client.post("/imports", data=sent, files={"file": ("pass.csv", rows)}).headers[
            "location"
        ]
        page = browser.get(path).text
        assert "This file cannot go in" in page and "Import these forms" not in page


@pytest.mark.parametrize("role", list(Role))
def test_every_page_is_read_as_before_and_says_that_the_study_is_locked(web: Web, role: Role) -> None:
    someone = _someone(web)
    seen = []
    for locked in (False, True):
        if locked:
            _lock(web)
        with Browser(web) as browser:
            browser.sign_in(f"{role}_a")
            answers = {path: browser.get(_filled(path, someone)) for path in PAGES if "/sign-in" not in path}
        seen.append({path: answer.status_code for path, answer in answers.items()})
        told = [path for path, answer in answers.items() if "The study is locked: nothing" in answer.text]
        assert bool(told) is locked
    assert seen[0] == seen[1]


def test_the_lock_is_lifted_where_it_was_set_and_what_was_refused_is_taken(web: Web) -> None:
    role, path, typed = WRITES["correction"]
    path = path.format(s=_someone(web))
    _lock(web)
    with Browser(web) as manager:
        manager.sign_in("data_manager_a")
        sent = {"csrf": manager.token(), "request_key": "u", "step": "unlock", "password": PASSWORD}
        refused = manager.post("/closing/lock", sent | {"reason": "A value was wrong", "password": "no"})
        assert refused.status_code == 409
        done = manager.post("/closing/lock", sent | {"reason": "A value was wrong", "request_key": "v"})
        assert "The lock is lifted" in manager.get(done.headers["location"]).text
    with Browser(web) as browser:
        browser.sign_in(f"{role}_a")
        done = browser.post(path, browser.form_at(path) | typed)
        assert done.status_code == 303, done.text
