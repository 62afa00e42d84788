"""Enrolling, typing the screening forms, randomizing: once, however often it is asked for."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

from browsing import Browser
from screening import ELIGIBLE, enrolled, screened

from trialkit.store.reading.allocations import allocations
from trialkit.store.reading.audit import audit_head
from trialkit.web import Web


def _arm(web: Web, subject_id: str) -> str:
    """The arm as the list says, opened beside the application."""
    from trialkit.operations.custody import open_arm

    with web.trial.store.reading() as reader:
        return open_arm(web.trial, allocations(reader, web.trial.study.id, [subject_id])[subject_id])


def _allocated(web: Web) -> int:
    with web.trial.store.reading() as reader:
        return len(allocations(reader, web.trial.study.id))


def test_two_clicks_enrol_one_person(coordinator: Browser) -> None:
    before = coordinator.get("/subjects").text.count("<tr>")
    form = coordinator.form_at("/subjects/new") | {"consent_date": "2027-05-31"}
    with ThreadPoolExecutor(4) as desks:
        answers = list(desks.map(lambda _: coordinator.post("/subjects/new", form), range(4)))
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert coordinator.get("/subjects").text.count("<tr>") == before + 1


def test_one_key_with_another_form_is_refused(coordinator: Browser) -> None:
    form = coordinator.form_at("/subjects/new") | {"consent_date": "2027-05-31"}
    assert coordinator.post("/subjects/new", form).status_code == 303
    answer = coordinator.post("/subjects/new", form | {"consent_date": "2027-05-30"})
    assert answer.status_code == 409 and "another one with its key" in answer.text


def test_a_refused_form_comes_back_as_typed_and_can_be_sent_again(coordinator: Browser) -> None:
    form = coordinator.form_at("/subjects/new") | {"consent_date": "2027-13-31", "consent_version": "2.1"}
    refused = coordinator.post("/subjects/new", form)
    assert refused.status_code == 409
    assert 'value="2027-13-31"' in refused.text and 'value="2.1"' in refused.text
    assert coordinator.post("/subjects/new", form | {"consent_date": "2027-05-31"}).status_code == 303


def test_the_checklist_shows_what_is_missing(coordinator: Browser) -> None:
    number = enrolled(coordinator)
    page = coordinator.get(f"/subjects/{number}/randomization").text
    assert "not known" in page and 'name="request_key"' not in page


def test_a_subject_is_randomized_once(coordinator: Browser, web: Web) -> None:
    number = screened(coordinator)
    assert f"/subjects/{number}/randomization" in coordinator.get("/").text
    path, before = f"/subjects/{number}/randomization", _allocated(web)
    form = coordinator.form_at(path) | {"factor.site": "A", "factor.sex": "f"}
    with ThreadPoolExecutor(4) as desks:
        answers = list(desks.map(lambda _: coordinator.post(path, form), range(4)))
    assert {(a.status_code, a.headers["location"]) for a in answers} == {
        (303, f"/subjects/{number}/allocation")
    }
    assert _allocated(web) == before + 1
    label = web.trial.study.arm(_arm(web, number)).label
    first, second = (coordinator.get(f"/subjects/{number}/allocation").text for _ in range(2))
    assert label in first and label in second
    assert coordinator.get(path).headers["location"] == f"/subjects/{number}/allocation"
    assert _allocated(web) == before + 1


def test_a_stratum_is_read_and_typed_in_the_language_of_the_page(coordinator: Browser, web: Web) -> None:
    number = screened(coordinator)
    coordinator.post("/language", {"language": "zh", "csrf": coordinator.token()})
    path = f"/subjects/{number}/randomization"
    page = coordinator.get(path).text
    stratum = page.partition('<dl class="facts large">')[2].partition("</dl>")[0]
    assert re.findall(r"<d[td]>([^<]*)</d[td]>", stratum) == ["中心", "A (三级医院 1)", "性别", "女"]
    assert "67 年" in page
    sent = coordinator.form_at(path) | {"factor.site": "三级医院 1"}
    told = coordinator.post(path, sent | {"factor.sex": "x"}).text
    assert "女, 男" in told and "性别" in told and "female" not in told
    assert coordinator.post(path, sent | {"factor.sex": "男"}).status_code == 409
    done = coordinator.post(path, sent | {"factor.sex": "女"})
    assert done.status_code == 303
    assert "性别: 女" in coordinator.get(done.headers["location"]).text


def test_a_stratum_is_told_before_the_act_as_after_it(coordinator: Browser) -> None:
    page = coordinator.get(f"/subjects/{screened(coordinator)}/randomization").text
    stratum = page.partition('<dl class="facts large">')[2].partition("</dl>")[0]
    assert re.findall(r"<dd>([^<]*)</dd>", stratum) == ["A (Tertiary hospital 1)", "Female"]


def test_another_stratum_than_on_the_form_takes_no_slot(coordinator: Browser, web: Web) -> None:
    number = screened(coordinator)
    path, before = f"/subjects/{number}/randomization", _allocated(web)
    form = coordinator.form_at(path)
    for typed in ("male", "x", ""):
        answer = coordinator.post(path, form | {"factor.site": "A", "factor.sex": typed})
        assert answer.status_code == 409, typed
    assert _allocated(web) == before


def test_a_subject_that_fails_a_criterion_has_no_button(coordinator: Browser) -> None:
    number = screened(coordinator, {**ELIGIBLE, "elig_able_to_exercise": "0"})
    page = coordinator.get(f"/subjects/{number}/randomization").text
    assert "does not hold" in page and 'name="request_key"' not in page


def test_an_exclusion_is_said_to_be_present_or_not(coordinator: Browser) -> None:
    number = screened(coordinator, {**ELIGIBLE, "excl_lumbar_surgery": "1"})
    page = " ".join(coordinator.get(f"/subjects/{number}/randomization").text.split())
    after = page.partition("Previous lumbar surgery")[2]
    assert "present: excluded" in after.partition("</li>")[0]
    assert "not present" in page.partition("Cognitive impairment")[2].partition("</li>")[0]


def test_looking_changes_nothing_but_showing_an_arm_is_recorded(coordinator: Browser, web: Web) -> None:
    def head() -> int:
        with web.trial.store.reading() as reader:
            return audit_head(reader)[0]

    before = head()
    for path in ("/", "/subjects", "/subjects/new", "/recruitment"):
        assert coordinator.get(path).status_code == 200
    assert head() == before
