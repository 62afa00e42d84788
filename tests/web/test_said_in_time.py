"""What a page says before it is too late: a pause, a freeze, blanks; and who did something, by name."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from browsing import Browser, fields_in
from chromium import sign_in
from screening import CONFIRMED, entry_path

from trialkit import operations as op
from trialkit.operations.recruitment import RecruitmentScope, RecruitmentState
from trialkit.operations.web_desk import act_in_session
from trialkit.store.reading.subjects import subjects
from trialkit.vocabulary import Role
from trialkit.web import Web
from trialkit.web.factor_picture import picture_of_factor

MANAGER = act_in_session("data_manager_a", Role.DATA_MANAGER, None, "")
COORDINATOR = act_in_session("coordinator_a", Role.COORDINATOR, "A", "")


@pytest.fixture
def subject_id(web: Web) -> str:
    with web.trial.store.reading() as reader:
        return next(n for n, state in subjects(reader).items() if state.site == "A" and state.allocated)


@pytest.mark.parametrize(
    ("scope", "name", "told"),
    [
        (RecruitmentScope.STUDY, "", "Recruitment of the study is paused"),
        (RecruitmentScope.SITE, "A", "Recruitment at site A is paused"),
        (
            RecruitmentScope.STRATUM,
            "sex=female;site=A",
            "Recruitment of the stratum Site: A (Tertiary hospital 1); Sex: Female is paused",
        ),
        (RecruitmentScope.SITE, "B", ""),
        (RecruitmentScope.STRATUM, "sex=female;site=B", ""),
    ],
)
def test_a_pause_stands_on_every_page_of_who_enrols_there(
    anybody: Browser, web: Web, scope: RecruitmentScope, name: str, told: str
) -> None:
    op.set_recruitment(
        web.trial, MANAGER, scope=scope, state=RecruitmentState.PAUSED, reason="supply", name=name
    )
    anybody.sign_in("coordinator_a")
    for path in ("/", "/subjects", "/subjects/new"):
        page = anybody.get(path).text
        assert (told in page) if told else ("is paused" not in page), path
    assert ("cannot be randomized before" in anybody.get("/subjects/new").text) == bool(told)
    with Browser(web) as other:
        other.sign_in("monitor_a")
        assert "is paused" not in other.get("/").text


def test_a_frozen_form_offers_no_correction(anybody: Browser, web: Web, subject_id: str) -> None:
    anybody.sign_in("coordinator_a")
    path = f"/subjects/{subject_id}/visits/baseline/forms/demographics/items/height_cm"
    assert "Correct this value" in anybody.get(path).text
    op.freeze(
        web.trial, MANAGER, scope=op.FreezeScope.FORM, place=f"{subject_id}/baseline/demographics", reason="x"
    )
    assert "Correct this value" not in anybody.get(path).text
    page = anybody.get(f"{path}/correction").text
    assert 'name="value"' not in page and "frozen by" in page


def test_without_scripts_blanks_are_told_before_the_form_is_complete(anybody: Browser, web: Web) -> None:
    number = op.enrol(web.trial, COORDINATOR, site="A", consent_date=date(2027, 5, 31)).subject_id
    anybody.sign_in("coordinator_a")
    path = entry_path(number, "demographics")
    sent = anybody.form_at(path) | {"r0.sex": "female", "r0.height_cm": "300"} | CONFIRMED
    told = anybody.post(path, sent)
    assert told.status_code == 200 and "Look at these before the form is complete" in told.text
    listed = re.findall(r"<li>(.*?)</li>", told.text[told.text.index("data-look role") :])
    assert "Height: above 210" in listed and "Weight: required, and blank" in listed, listed
    kept = ("looked", "request_key", "draft_version")
    again = sent | {name: text for name, text in fields_in(told.text).items() if name in kept}
    blanker = {name: text for name, text in again.items() if name != "r0.sex"}
    assert "Look at these" in anybody.post(path, blanker).text, "another blank is told anew"
    assert anybody.post(path, again | {"draft_version": "any"}).status_code == 303


def test_what_a_form_was_accepted_with_is_told_in_the_words_of_the_page(anybody: Browser, web: Web) -> None:
    number = op.enrol(web.trial, COORDINATOR, site="A", consent_date=date(2027, 5, 31)).subject_id
    anybody.sign_in("coordinator_a")
    anybody.post("/language", {"language": "zh", "csrf": anybody.token()})
    path = entry_path(number, "demographics")
    sent = anybody.form_at(path) | {"r0.sex": "@as_written:7", "r0.height_cm": "300"} | CONFIRMED
    done = anybody.get(anybody.post(path, sent | {"not_asked": ""}).headers["location"]).text
    assert "性别：原文：7" in done and "身高：高于 210" in done, done
    assert "height_cm" not in done and "required" not in done


@pytest.mark.parametrize("press", [{}, {"add_line": "yes"}])
def test_without_scripts_the_newer_copy_of_another_window_is_told(
    anybody: Browser, web: Web, press: dict[str, str]
) -> None:
    """The page shown anew would replace it at the next press."""
    number = op.enrol(web.trial, COORDINATOR, site="A", consent_date=date(2027, 5, 31)).subject_id
    anybody.sign_in("coordinator_a")
    path = entry_path(number, "demographics")
    sent = anybody.form_at(path) | {"r0.height_cm": "150"} | CONFIRMED
    assert anybody.post(path, sent | press).status_code == 200
    other = anybody.form_at(path) | {"r0.height_cm": "160"}
    kept = anybody.post(f"{path}/draft", other, X_Requested_With="trialkit")
    assert kept.status_code == 200
    older = anybody.post(path, sent | press)
    assert older.status_code == 409 and "another window kept a newer copy" in older.text
    assert anybody.form_at(path)["r0.height_cm"] == "160"


def test_whoever_may_type_is_told_what_was_typed_once_both_entries_are_in(
    anybody: Browser, web: Web, subject_id: str
) -> None:
    path = f"/subjects/{subject_id}/visits/baseline/forms/vas/items/vas_mm"
    typed = {}
    with Browser(web) as site:
        site.sign_in("coordinator_a")
        for login, role, value in (
            ("first_entry_a", Role.FIRST_ENTRY, "55"),
            ("second_entry_a", Role.SECOND_ENTRY, "65"),
        ):
            row = op.EnteredRow({"vas_mm": value})
            entry = op.FormEntry(subject_id, "baseline", "vas", (row,))
            op.enter_pass(web.trial, act_in_session(login, role, None, ""), entry=entry)
            typed[value] = site.get(path).text
    assert ": 55" not in typed["55"], "the second entry is still to be typed, by whoever is at the site"
    assert "pass 1</b>: 55" in typed["65"] and "pass 2</b>: 65" in typed["65"]
    anybody.sign_in("adjudicator_a")
    page = anybody.get(path).text
    assert "pass 1</b>: 55" in page and "pass 2</b>: 65" in page
    assert "A Person (first_entry_a), first entry" in page  # of namesakes the login too


def test_the_picture_of_a_second_factor_is_of_its_own_secret() -> None:
    one, other = (picture_of_factor(secret * 4, "cara", "LBP") for secret in ("JBSWY3DP", "KBSWY3DP"))
    assert one != other and one == picture_of_factor("JBSWY3DP" * 4, "cara", "LBP")


def test_a_line_too_many_is_removed_by_button_and_by_key(page: Any, address: str, subject_id: str) -> None:
    sign_in(page, address, "first_entry_a")
    page.goto(address + f"/subjects/{subject_id}/visits/week_6/forms/conmed/entry")
    first = page.locator("[data-line] input:not([type=checkbox])").first
    name = first.get_attribute("name")
    assert name and name.startswith("r0.")
    for number in range(3):
        if number:
            page.click("[data-add]")
        page.fill(f'[name="{name.replace("r0.", f"r{number}.")}"]', str(number + 1))
    page.locator("[data-remove]").nth(1).click()
    texts = [page.locator(f'[name="{name.replace("r0.", f"r{n}.")}"]').input_value() for n in (0, 1)]
    assert texts == ["1", "3"] and page.locator("[data-line]").count() == 2
    page.locator(f'[name="{name}"]').focus()
    page.keyboard.press("Alt+Delete")
    assert page.locator("[data-line]").count() == 1
    assert page.locator(f'[name="{name}"]').input_value() == "3"
    page.keyboard.press("Alt+Delete")
    assert page.locator("[data-line]").count() == 1
    assert page.locator(f'[name="{name}"]').input_value() == ""
