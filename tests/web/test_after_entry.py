"""After entry: reconciling, queries, verification, signature, freezing and lock, through the pages alone."""

from __future__ import annotations

import re
from html import unescape

import pytest
from browsing import PASSWORD, Browser
from entered_twice import entered_twice

from trialkit.operations.web_desk import act_in_session
from trialkit.store.reading.subjects import subjects
from trialkit.vocabulary import Role
from trialkit.web import Web


@pytest.fixture
def subject(web: Web) -> str:
    return entered_twice(web)


def _form(subject: str, form: str = "odi") -> str:
    return f"/subjects/{subject}/visits/baseline/forms/{form}"


def _decide(browser: Browser, path: str, **fields: str) -> str:
    sent = browser.form_at(path)
    wanted = {name: text for name, text in sent.items() if not name.endswith((".choice", ".new"))}
    key = browser.get(path).text.partition('name="request_key" value="')[2].partition('"')[0]
    answer = browser.post(
        path, wanted | {"request_key": key} | {k.replace("_", "."): v for k, v in fields.items()}
    )
    return browser.get(answer.headers["location"]).text if answer.status_code == 303 else answer.text


def test_differences_are_decided_together_and_not_before(anybody: Browser, web: Web, subject: str) -> None:
    anybody.sign_in("adjudicator_a")
    assert f'{_form(subject)}/discrepancies"' in anybody.get("/discrepancies").text
    page = anybody.get(f"{_form(subject)}/discrepancies").text
    assert "1. Pain intensity" in page and "1 (Statement 2)" in page and "2 (Statement 3)" in page
    assert page.count("<fieldset") == 2
    refused = _decide(anybody, f"{_form(subject)}/discrepancies", d0_choice="first")
    assert "Not done." in refused and "no reason" in refused
    assert re.search(r'd0\.choice" value="first" checked', refused)
    done = _decide(
        anybody,
        f"{_form(subject)}/discrepancies",
        d0_choice="first",
        d0_reason="misread",
        d1_choice="second",
        d1_reason="typing_error",
    )
    assert "2 decided" in done
    record = anybody.get(_form(subject)).text
    values = re.findall(r'id="item--odi_(\w+)".*?<b>(\d)', record, re.DOTALL)
    assert dict(values)["pain"] == "1" and dict(values)["travelling"] == "4"


def test_what_is_undecided_stands_in_the_record_without_a_value(
    anybody: Browser, web: Web, subject: str
) -> None:
    """So that a query about it leads to its place; the values of the two entries are not told here."""
    anybody.sign_in("data_manager_a")
    record = anybody.get(_form(subject)).text
    rows = dict(re.findall(r'<tr id="item--odi_(\w+)".*?<td>(.*?)</td>\s*<td>', record, re.DOTALL))
    assert {name for name, cell in rows.items() if "undecided" in cell} == {"pain", "travelling"}
    assert all("<b>" not in rows[name] for name in ("pain", "travelling"))
    with Browser(web) as clerk:
        clerk.sign_in("second_entry_a")
        assert clerk.get(_form(subject)).status_code == 404


def test_a_reader_of_discrepancies_decides_nothing(anybody: Browser, subject: str) -> None:
    anybody.sign_in("monitor_a")
    page = anybody.get(f"{_form(subject)}/discrepancies").text
    assert "2 (Statement 3)" in page and "Confirm" not in page and 'type="radio"' not in page


def test_a_query_goes_to_the_field_and_back(anybody: Browser, web: Web, subject: str) -> None:
    """Asked by the data manager, answered at the site, closed."""
    anybody.sign_in("data_manager_a")
    history = f"{_form(subject)}/items/odi_care"
    sent = anybody.form_at(history) | {"text": "Is this what the paper says?"}
    answer = anybody.post(f"{_form(subject)}/queries", sent)
    assert "Query 1 is asked" in anybody.get(answer.headers["location"]).text
    assert anybody.post(f"{_form(subject)}/queries", sent).headers["location"] == answer.headers["location"]
    assert anybody.get("/queries").text.count('href="/queries/1"') == 1
    with Browser(web) as site:
        site.sign_in("investigator_a")
        assert "/queries/1" in site.get("/").text
        thread = site.get("/queries/1").text
        assert f'{_form(subject)}#item--odi_care"' in thread and "Is this what the paper says?" in thread
        assert "Ask again" not in thread
        answered = site.post("/queries/1", site.form_at("/queries/1") | {"step": "answer", "text": "Yes"})
        assert answered.status_code == 303
        after = site.get("/queries/1").text
        assert 'name="step"' not in after
        token = {"csrf": _token(after), "request_key": "k"}
        assert site.post("/queries/1", token | {"step": "close"}).status_code == 409
    closed = anybody.post("/queries/1", anybody.form_at("/queries/1") | {"step": "close", "text": ""})
    assert closed.status_code == 303
    assert 'href="/queries/1"' not in anybody.get("/queries").text
    assert 'href="/queries/1"' in anybody.get("/queries?status=all").text


def test_a_history_says_what_both_entries_held_to_whoever_may_read_it(
    anybody: Browser, web: Web, subject: str
) -> None:
    anybody.sign_in("data_manager_a")
    page = anybody.get(f"{_form(subject)}/items/odi_pain").text
    told = re.findall(
        r"<b>(pass [12])</b>: (\d)[^<]*<br>(?:<b>agreed</b>[^<]*<br>)?<span[^>]*>([^·]*) ·", page
    )
    assert page.count("record ") == page.count("<li><b>"), "what one record wrote is told once"
    assert "<b>pass</b>" not in page and "<b>entered</b>" not in page
    # everybody in these tests has one name: the login stands beside it, and nowhere without it
    first, second = ("A Person (first_entry_a), first entry", "A Person (second_entry_a), second entry")
    assert told == [("pass 1", "1", first), ("pass 2", "2", second)]
    bare = re.sub(r"A Person \(\w+\)", "", page)
    assert "first_entry_a" not in bare and "second_entry_a" not in bare
    for login in ("first_entry_a", "second_entry_a", "outcome_assessor_a"):
        anybody.sign_in(login)
        assert anybody.get(f"{_form(subject)}/items/odi_pain").status_code == 404


def test_the_site_reads_the_history_of_its_own_data_and_nobody_is_offered_an_empty_one(
    anybody: Browser, web: Web, subject: str
) -> None:
    with web.trial.store.reading() as reader:
        number = next(n for n, state in subjects(reader).items() if state.site == "A")
    once = f"/subjects/{number}/visits/baseline/forms/eligibility"
    for login, forms in (("coordinator_a", [once]), ("investigator_a", [once, _form(subject)])):
        anybody.sign_in(login)
        for form in forms:
            links = re.findall(r'href="(/[^"]+)" data-drawer', anybody.get(form).text)
            assert links
            for link in links:
                drawer = anybody.get(unescape(link)).text
                assert "Nothing that you are shown" not in drawer and "record " in drawer, link
    anybody.sign_in("outcome_assessor_a")
    assert "data-drawer" not in anybody.get(once).text


def _token(page: str) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found
    return found[1]


def _signed(browser: Browser, path: str, password: str, meaning: str = "reviewed and approved") -> str:
    page = browser.get(path).text
    form = page.partition(f'action="{path}/signature"')[2].partition("</form>")[0]
    sent = dict(re.findall(r'name="(csrf|request_key|seen)" value="([^"]*)"', form))
    answer = browser.post(f"{path}/signature", sent | {"meaning": meaning, "password": password})
    return browser.get(answer.headers["location"]).text if answer.status_code == 303 else answer.text


def test_a_signature_is_of_what_is_shown_and_needs_the_password(
    anybody: Browser, web: Web, subject: str
) -> None:
    from trialkit import operations as op

    path = _form(subject, "demographics")
    anybody.sign_in("investigator_a")
    meant = "I take responsibility for them"
    refused = _signed(anybody, path, "another password", meant)
    assert "Not done." in refused and f'value="{meant}" selected' in refused
    page = anybody.get(path).text
    assert "Bound to the content" in _signed(anybody, path, PASSWORD)
    shown = anybody.get(path).text
    assert "Signed by A Person (investigator_a): reviewed and approved" in shown and "void:" not in shown
    assert f'action="{path}/signature"' not in shown, "who signed it is not asked to sign it again"
    investigator = act_in_session("investigator_a", Role.INVESTIGATOR, None, "")
    op.correct(
        web.trial,
        investigator,
        subject_id=subject,
        visit="baseline",
        form="demographics",
        item="height_cm",
        value="150.5",
        reason="misread",
    )
    assert "void: the form was changed or voided since" in anybody.get(path).text
    anybody.post("/language", {"language": "zh", "csrf": anybody.token()})
    in_chinese = anybody.get(path).text.partition("mark-line void")[2].partition("</p>")[0]
    assert "已审阅并批准" in in_chinese and "reviewed" not in in_chinese
    anybody.post("/language", {"language": "en", "csrf": anybody.token()})
    form = page.partition(f'action="{path}/signature"')[2].partition("</form>")[0]
    stale = dict(re.findall(r'name="(csrf|request_key|seen)" value="([^"]*)"', form))
    refused = anybody.post(f"{path}/signature", stale | {"meaning": "x", "password": PASSWORD})
    assert refused.status_code == 409 and "the values that you were shown" in refused.text


def test_a_wrong_password_for_all_forms_is_told_on_the_page_that_asked(
    anybody: Browser, subject: str
) -> None:
    anybody.sign_in("investigator_a")
    path = f"/subjects/{subject}/marks"
    meant = "I take responsibility for them"
    sent = anybody.form_at(path) | {"step": "sign", "meaning": meant, "password": "another password"}
    refused = anybody.post(path, sent)
    assert refused.status_code == 409 and "Not done." in refused.text
    assert f'value="{meant}" selected' in refused.text and "Sign all of them" in refused.text


def test_a_monitor_ticks_what_was_held_against_its_source(anybody: Browser, subject: str) -> None:
    path = _form(subject, "eligibility")
    anybody.sign_in("monitor_a")
    sent = anybody.form_at(path)
    assert anybody.post(f"{path}/verification", sent).status_code == 303
    page = anybody.get(path).text
    assert "Held against its source by A Person (monitor_a)," in page and "by monitor_a" not in page


def test_closing_says_what_stands_against_it(anybody: Browser, subject: str) -> None:
    anybody.sign_in("data_manager_a")
    page = anybody.get("/closing").text
    link = f'<a href="{_form(subject)}">{subject}, Baseline: Oswestry Disability Index</a>'
    assert f'<li>{link} <span class="quiet">in adjudication</span></li>' in page
    sent = anybody.form_at("/closing") | {"step": "freeze", "scope": "form", "reason": "cleaned"}
    refused = anybody.post("/closing", sent | {"place": f"{subject}/baseline/odi"})
    assert refused.status_code == 409 and "open discrepancy" in refused.text
    place = f"{subject}/baseline/eligibility"
    frozen = anybody.post("/closing", sent | {"place": place})
    assert frozen.status_code == 303, frozen.text
    assert f"<code>{place}</code>" in anybody.get("/closing").text
    assert "frozen (form)" in anybody.get(_form(subject, "eligibility")).text
    key = anybody.get("/closing").text.rpartition('name="request_key" value="')[2].partition('"')[0]
    lock = {"csrf": sent["csrf"], "request_key": key, "step": "lock", "reason": "final"}
    here = {"scope": "form", "place": place, "password": PASSWORD, "request_key": "a key of the place"}
    assert anybody.post("/closing/place-lock", lock | here).status_code == 303
    closing = " ".join(re.sub(r"<[^>]*>", "", anybody.get("/closing").text).split())
    assert f"■ form {subject}, Baseline: Eligibility {place}" in closing
    assert "locked (form)" in anybody.get(_form(subject, "eligibility")).text
    assert "Not done." in anybody.post("/closing/lock", lock | {"password": PASSWORD}).text


def test_a_correction_stands_on_what_was_seen_and_a_critical_one_on_a_second_person(
    anybody: Browser, subject: str
) -> None:
    anybody.sign_in("investigator_a")
    path = f"{_form(subject, 'demographics')}/items/age_years/correction"
    seen = anybody.form_at(path)
    wanted = seen | {"value": "71", "reason": "misread"}
    alone = anybody.post(path, wanted)
    assert alone.status_code == 409 and "a second person" in alone.text
    confirmed = {"second_login": "data_manager_a", "second_password": PASSWORD}
    assert anybody.post(path, wanted | confirmed).status_code == 303
    assert 'value="71"' in anybody.get(path).text
    late = anybody.post(
        path, anybody.form_at(path) | {"seen": seen["seen"], "value": "72", "reason": "x"} | confirmed
    )
    assert late.status_code == 409 and "Somebody else was quicker" in late.text
