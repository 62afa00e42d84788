"""What happens to a subject, typed on the pages: visits, leaving, serious events, marks, locks."""

from __future__ import annotations

import re
from html import unescape

import pytest
from browsing import PASSWORD, Browser
from screening import CONFIRMED, CONSENT, enrolled, entry_path, screened, typed
from sqlalchemy.exc import OperationalError

from trialkit.store.reading.review import locked_places
from trialkit.store.refusals import in_our_words
from trialkit.web import Web


def _send(browser: Browser, number: str, step: str, **fields: str) -> int:
    path = f"/subjects/{number}/events"
    form = browser.form_at(path) | {"step": step} | fields
    form["request_key"] = f"{step}-{sorted(fields.items())}"
    return browser.post(path, form).status_code


def test_a_visit_is_recorded_where_the_home_page_leads(coordinator: Browser, web: Web) -> None:
    number = enrolled(coordinator)
    assert _send(coordinator, number, "visit", visit="baseline", day="2027-05-31") == 303
    assert "2027-05-31" in coordinator.get(f"/subjects/{number}").text
    assert _send(coordinator, number, "visit", visit="baseline", day="yesterday") == 409
    assert _send(coordinator, number, "visit", visit="none", day="2027-05-31") == 404
    assert _send(coordinator, number, "visit", visit="month_12", day="2027-05-31") == 409  # not randomized
    due = re.findall(r'href="(/subjects/[^"]+/events[^"]*)"', coordinator.get("/").text)
    assert due
    visit = re.search(r"visit=(\w+)", due[0])
    page = coordinator.get(unescape(due[0])).text
    assert visit and f'<option value="{visit[1]}" selected>' in page and "<details open>" in page


@pytest.mark.parametrize("day", ["2027年5月31日", "2027/5/31", "20270531", "２０２７．５．３１"])
def test_a_day_is_read_on_every_page_as_on_a_form(coordinator: Browser, day: str) -> None:
    form = coordinator.form_at("/subjects/new") | {"consent_date": day}
    number = coordinator.post("/subjects/new", form).headers["location"]
    number = re.findall(r"[A-Z]-\d{3}", coordinator.get(number).text)[0]
    assert _send(coordinator, number, "visit", visit="baseline", day=day) == 303
    assert coordinator.get(f"/subjects/{number}").text.count("2027-05-31") >= 2
    typed = CONSENT | {"consent_date": day}
    path = entry_path(number, "consent")
    sent = coordinator.form_at(path) | {f"r0.{item}": text for item, text in typed.items()} | CONFIRMED
    assert coordinator.post(path, sent).status_code == 303, "a page without scripts too"


def test_a_day_that_is_none_is_refused_with_the_ways_to_write_one(coordinator: Browser) -> None:
    form = coordinator.form_at("/subjects/new") | {"consent_date": "2027年5月32日"}
    told = coordinator.post("/subjects/new", form)
    assert told.status_code == 409 and "2024年9月5日" in told.text and "paper" not in told.text
    long = coordinator.post("/subjects/new", form | {"consent_date": "9" * 5000}).text
    assert "found &#39;9999" in long and "9" * 100 not in long.partition("Not done.")[2].partition("</p>")[0]


def test_who_fails_screening_or_leaves_does_so_on_the_page(coordinator: Browser) -> None:
    first, second = enrolled(coordinator), enrolled(coordinator)
    assert _send(coordinator, first, "screen_fail", day="2027-06-01", reason="too young") == 303
    assert _send(coordinator, second, "withdraw", day="2027-06-01", reason="moved away") == 303
    assert _send(coordinator, second, "withdraw", day="2027-06-01", reason="again") == 409
    assert "screen failed" in coordinator.get(f"/subjects/{first}").text
    assert "withdrawn" in coordinator.get(f"/subjects/{second}").text


def test_a_serious_event_is_noted_and_its_clock_runs(coordinator: Browser) -> None:
    number = enrolled(coordinator)
    path = f"/subjects/{number}/events"
    form = coordinator.form_at(path) | {
        "step": "serious_event",
        "term": "fall",
        "aware_at": "2027-06-01 07:00",
    }
    answer = coordinator.post(path, form)
    assert answer.status_code == 303
    assert (
        "its report is due by 2027-06-02 07:00:00+08:00" in coordinator.get(answer.headers["location"]).text
    )
    assert number in coordinator.get("/").text


def test_forms_for_what_happens_are_reached_from_the_subject(coordinator: Browser, web: Web) -> None:
    number = screened(coordinator)
    links = re.findall(rf'href="(/subjects/{number}/visits/[^"]+/forms/adverse_events/entry)"',
                       coordinator.get(f"/subjects/{number}").text)  # fmt: skip
    assert links and coordinator.get(links[0]).status_code == 200
    with Browser(web) as blinded:
        blinded.sign_in("outcome_assessor_a")
        page = blinded.get(f"/subjects/{number}").text
    hidden = [form for form in web.trial.study.forms if form.optional and form.reveals_allocation]
    assert all(f"/forms/{form.name}/" not in page for form in hidden)


def test_nothing_of_it_is_there_for_who_may_not(web: Web) -> None:
    for login in ("statistician_a", "adjudicator_a", "dsmb_a"):
        with Browser(web) as browser:
            browser.sign_in(login)
            assert browser.get("/subjects/0001/events").status_code == 404
            assert browser.get("/subjects/0001/marks").status_code == 404


def test_a_monitor_ticks_single_values(coordinator: Browser, web: Web) -> None:
    number = enrolled(coordinator)
    path = entry_path(number, "consent")
    sent = coordinator.form_at(path) | typed(CONSENT) | CONFIRMED
    assert coordinator.post(path, sent).status_code == 303
    record = path.removesuffix("/entry")
    with Browser(web) as monitor:
        monitor.sign_in("monitor_a")
        form = monitor.form_at(record) | {"tick.consent_date": "yes", "row": ""}
        assert monitor.post(f"{record}/ticks", form).status_code == 303
        page = monitor.get(record).text
        assert page.count("held by A Person ") == 1 and 'name="tick.consent_date"' not in page
        refused = monitor.post(f"{record}/ticks", form | {"request_key": "another"})
        assert refused.status_code == 409


@pytest.mark.parametrize("login", ["data_manager_a"])
def test_a_place_is_locked_by_password_and_opened_again(coordinator: Browser, web: Web, login: str) -> None:
    number = enrolled(coordinator)
    path = entry_path(number, "consent")
    sent = coordinator.form_at(path) | typed(CONSENT) | CONFIRMED
    coordinator.post(path, sent)
    with Browser(web) as manager:
        manager.sign_in(login)
        place = {
            "scope": "form",
            "place": f"{number}/baseline/consent",
            "reason": "checked",
            "password": PASSWORD,
        }
        record = f"/subjects/{number}/visits/baseline/forms/consent"
        for step, locked in (("lock", True), ("unlock", False)):
            form = manager.form_at("/closing") | place | {"step": step, "request_key": step}
            answer = manager.post("/closing/place-lock", form)
            assert answer.status_code == 303, answer.text
            with web.trial.store.reading() as reader:
                assert bool(locked_places(reader)) is locked
            assert f"ocked: {number}, Baseline: " in manager.get(answer.headers["location"]).text
            shown = manager.get(record).text
            for offered in ("Ask the site about this form", "Freeze this form"):
                assert (offered in shown) is not locked
        wrong = manager.form_at("/closing") | place | {"step": "lock", "password": "no", "request_key": "w"}
        assert manager.post("/closing/place-lock", wrong).status_code == 409


def test_what_stands_against_a_lock_is_grouped_and_small(web: Web) -> None:
    with Browser(web) as manager:
        manager.sign_in("data_manager_a")
        whole = manager.get("/closing").text
        assert len(whole.encode()) < 40_000 and "and " in whole and " more" in whole
        kind = re.search(r'<a href="(/closing\?kind=[^"]+)">and (\d+) more', whole)
        assert kind, "what is left out is reached"
        path, listed = unescape(kind[1]), ""
        while path:
            page = manager.get(path).text
            assert len(page.encode()) < 40_000
            listed += page.partition('<ul class="obstacles">')[2].partition("</ul>")[0]
            following = re.search(r'<a href="([^"]+)">The next ones</a>', page)
            path = unescape(following[1]) if following else ""
        assert listed.count("<li>") == int(kind[2]) + 25 and " more" not in listed
        one = manager.get("/closing?within=0001").text
        assert "0001" in one and "0002" not in one


def test_the_confirmation_names_the_trial_and_the_record_of_the_randomization(coordinator: Browser) -> None:
    number = screened(coordinator)
    path = f"/subjects/{number}/randomization"
    sent = coordinator.form_at(path) | {"factor.site": "A", "factor.sex": "female"}
    assert coordinator.post(path, sent).status_code == 303
    pages = [coordinator.get(f"/subjects/{number}/allocation").text for _ in range(2)]
    records = {re.search(r"Randomizing record</dt><dd>(\d+)", page)[1] for page in pages}  # type: ignore[index]
    assert len(records) == 1
    for words in (
        "Multidimensional exercise",
        "2.1",
        "Tertiary hospital 1",
        "Sex: Female",
        "away from whoever",
    ):
        assert words in pages[0]


def test_the_entry_desk_goes_from_a_number_to_the_next_form(web: Web) -> None:
    with Browser(web) as clerk:
        clerk.sign_in("first_entry_a")
        known = re.search(r"/subjects/([^/]+)/visits/", clerk.get("/").text)
        assert known
        assert clerk.get("/entry").status_code == 200
        following = clerk.get(f"/entry?number={known[1]}").headers["location"]
        assert clerk.get(following).headers["location"].endswith("/entry")
        assert clerk.get("/entry?number=none").status_code == 404


def test_subjects_are_found_by_site_and_standing(coordinator: Browser) -> None:
    number = enrolled(coordinator)
    assert number in coordinator.get("/subjects?standing=in_screening").text
    assert number not in coordinator.get("/subjects?standing=withdrawn").text


def test_a_database_that_is_down_is_told_without_its_address(
    anybody: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    down = OperationalError("", {}, Exception('connection to server at "10.0.0.7", port 5911 failed'))

    def refuse(*_about: object, **_more: object) -> None:
        raise in_our_words(down)

    monkeypatch.setattr("trialkit.web.views.sign_in.let_in", refuse)
    answer = anybody.sign_in("coordinator_a")
    assert answer.status_code == 503
    assert "10.0.0.7" not in answer.text and "5911" not in answer.text and "trialkit.toml" not in answer.text
