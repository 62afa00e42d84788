"""The locked study on the web: nothing about a subject is written any more, and why; everything is read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import PASSWORD, Browser, fields_in
from chain import MANAGER, ChainRun
from finished_trial import copied, finished
from test_rights import PAGES, _filled

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
        answer = browser.post(path, {"csrf": browser.token(), "request_key": "k", **shown, **typed})
        assert answer.status_code == 409
        assert "an unlocked study" in answer.text and "Unlock the study first" in answer.text
        assert _records(web) == before


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
