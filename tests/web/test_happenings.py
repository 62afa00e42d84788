"""What was recorded wrongly of a subject is put right on the pages; a serious event is reported there."""

from __future__ import annotations

import re

from browsing import Browser
from screening import enrolled

from trialkit.operations import list_serious_events
from trialkit.operations.web_desk import act_in_session
from trialkit.store.reading.audit import audit_head
from trialkit.store.reading.subjects import subjects
from trialkit.vocabulary import Role
from trialkit.web import Web


def _randomized(web: Web, site: str = "A") -> str:
    with web.trial.store.reading() as reader:
        return next(n for n, state in subjects(reader).items() if state.site == site and state.allocated)


def _send(browser: Browser, path: str, **fields: str) -> str:
    """From the page's own form to the page that says what was recorded."""
    answer = browser.post(path, browser.form_at(path) | fields)
    assert answer.status_code == 303, re.sub(r"<[^>]+>|\s+", " ", answer.text)[-1500:]
    return browser.get(answer.headers["location"]).text


def _event(browser: Browser, number: str, step: str, **fields: str) -> str:
    path = f"/subjects/{number}/events"
    form = browser.form_at(path) | {"step": step, "request_key": f"{number}{step}"} | fields
    return browser.get(browser.post(path, form).headers["location"]).text


def _lines(page: str) -> set[str]:
    return set(re.findall(r'href="([^"]+)"', page.partition("<main")[2]))


def test_a_departure_recorded_wrongly_is_put_right(coordinator: Browser) -> None:
    number = enrolled(coordinator)
    path = f"/subjects/{number}/departure"
    assert path not in _lines(coordinator.get(f"/subjects/{number}").text)
    _event(coordinator, number, "screen_fail", day="2027-06-01", reason="changed her mind")
    assert path in _lines(coordinator.get(f"/subjects/{number}").text)
    assert "did not leave" in _send(coordinator, path, never_left="yes", reason="another person")
    assert "in screening" in coordinator.get(f"/subjects/{number}").text


def test_a_mistake_is_kept_and_a_duplicate_names_the_first_number(coordinator: Browser, web: Web) -> None:
    number = _randomized(web)
    path = f"/subjects/{number}/mistakes"
    assert path in _lines(coordinator.get(f"/subjects/{number}").text)
    assert "wrong stratum" in _send(coordinator, path, kind="wrong_stratum", reason="read off another chart")
    form = coordinator.form_at(path) | {"kind": "duplicate", "reason": "came twice"}
    refused = coordinator.post(path, form)
    assert refused.status_code == 409 and "came twice" in refused.text


def test_one_click_more_records_nothing_more(coordinator: Browser, web: Web) -> None:
    path = f"/subjects/{_randomized(web)}/mistakes"
    form = coordinator.form_at(path) | {"kind": "ineligible", "reason": "age"}
    first = coordinator.post(path, form)
    with web.trial.store.reading() as reader:
        before = audit_head(reader)[0]
    assert coordinator.post(path, form).headers["location"] == first.headers["location"]
    with web.trial.store.reading() as reader:
        assert audit_head(reader)[0] == before


def test_whoever_is_blinded_is_not_asked_which_treatment_was_given(web: Web) -> None:
    path = f"/subjects/{_randomized(web)}/mistakes"
    blinded = web.trial.study.blinding.blinded_roles
    for login, role in (("coordinator_a", Role.COORDINATOR), ("data_manager_a", Role.DATA_MANAGER)):
        with Browser(web) as browser:
            browser.sign_in(login)
            assert ('name="received_arm"' in browser.get(path).text) == (role not in blinded)


def test_a_serious_event_is_reported_and_followed_up_where_home_leads(coordinator: Browser, web: Web) -> None:
    number = _randomized(web)
    _event(coordinator, number, "serious_event", term="Hip fracture", aware_at="2027-05-30 08:30")
    event = next(line for line in _lines(coordinator.get("/").text) if line.startswith("/serious-events/"))
    report = {"criterion.hospital_stay": "yes", "severity": "severe", "related": "not_related"}
    report |= {"expected": "unexpected", "outcome": "recovering", "started": "2027-05", "narrative": "Fell."}
    assert "the initial report is filed" in _send(coordinator, event, **report)
    again = coordinator.get(event).text
    assert 'value="2027-05"' in again and "Fell." in again
    assert ">A Person (coordinator_a) ·" in again
    assert event in _lines(coordinator.get("/reports/safety").text)
    assert "follow-up report 1 is filed" in _send(coordinator, event, **report | {"outcome": "recovered"})
    [listed] = list_serious_events(web.trial, act_in_session("coordinator_a", Role.COORDINATOR, "A", ""))
    assert [one.outcome for one in listed.reports] == ["recovering", "recovered"]
    assert event not in _lines(coordinator.get("/").text)


def test_a_report_without_its_judgements_comes_back_as_typed(coordinator: Browser, web: Web) -> None:
    _event(coordinator, _randomized(web), "serious_event", term="Fall", aware_at="2027-05-30 08:30")
    form = coordinator.form_at("/serious-events/1") | {"started": "2027-05-29", "severity": "mild"}
    refused = coordinator.post("/serious-events/1", form)
    assert refused.status_code == 409 and 'value="2027-05-29"' in refused.text


def test_another_sites_event_is_unknown(coordinator: Browser, web: Web) -> None:
    _event(coordinator, _randomized(web), "serious_event", term="Fall", aware_at="2027-05-30 08:30")
    with Browser(web) as other:
        other.sign_in("coordinator_b")
        found, never = (other.get(f"/serious-events/{number}") for number in (1, 99))
        assert (found.status_code, found.text) == (404, never.text)
