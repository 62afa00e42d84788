"""What arrives twice is done once, and the second sender is told what the first one was."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from browsing import Browser
from screening import CONFIRMED, CONSENT, enrolled, entry_path, screened, typed

from trialkit.web import Web


def _complete_consent(browser: Browser) -> tuple[str, dict[str, str]]:
    path = entry_path(enrolled(browser), "consent")
    return path, browser.form_at(path) | typed(CONSENT) | CONFIRMED


def test_complete_sent_many_times_at_once_is_one_entry_with_one_answer(coordinator: Browser) -> None:
    path, form = _complete_consent(coordinator)
    with ThreadPoolExecutor(8) as desks:
        answers = list(desks.map(lambda _: coordinator.post(path, form), range(8)))
    assert {(a.status_code, a.headers.get("location")) for a in answers} == {
        (303, answers[0].headers["location"])
    }
    later = coordinator.post(path, form)
    assert (later.status_code, later.headers["location"]) == (303, answers[0].headers["location"])


def test_complete_on_top_of_a_draft_is_answered_alike_when_its_answer_was_lost(coordinator: Browser) -> None:
    path, form = _complete_consent(coordinator)
    kept = coordinator.post(f"{path}/draft", form).json()
    form |= {"draft_version": kept["version"]}
    first, again = (coordinator.post(path, form) for _ in range(2))
    assert first.status_code == again.status_code == 303
    assert first.headers["location"] == again.headers["location"]
    assert "is complete" in coordinator.get(again.headers["location"]).text


def test_a_window_left_open_on_a_completed_form_is_told_that_it_is_complete(coordinator: Browser) -> None:
    path, form = _complete_consent(coordinator)
    stale = form | {"draft_version": coordinator.post(f"{path}/draft", form).json()["version"]}
    assert coordinator.post(path, stale).status_code == 303
    told = coordinator.post(f"{path}/draft", stale | {"r0.consent_version": "3"})
    assert (told.status_code, told.json()) == (409, {"newer": "", "taken": True, "closed": False})
    other = coordinator.form_at("/subjects/new")["request_key"]
    refused = coordinator.post(path, stale | {"request_key": other})
    assert refused.status_code == 409 and "waits for no entry of yours" in refused.text
    assert path not in coordinator.get("/").text


def test_a_second_desk_is_told_that_nothing_new_was_drawn(coordinator: Browser, web: Web) -> None:
    number = screened(coordinator)
    path = f"/subjects/{number}/randomization"
    level = {"factor.site": "A", "factor.sex": "f"}
    desks = [coordinator.form_at(path) | level for _ in range(2)]
    first, second = (coordinator.get(coordinator.post(path, form).headers["location"]).text for form in desks)
    assert "nothing new was drawn." not in first
    assert "by A Person (coordinator_a); nothing new was drawn." in second
