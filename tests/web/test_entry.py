"""Typing forms: rendered from the dictionary, kept as typed, the same for both entries."""

from __future__ import annotations

import re
from html import unescape

import pytest
from browsing import Browser, fields_in, pressed_again
from chain import MANAGER
from screening import CONFIRMED, CONSENT, DEMOGRAPHICS, enrolled, entry_path, typed

from trialkit import operations as op
from trialkit.web import Web


def test_a_form_has_its_items_in_the_dictionarys_order(coordinator: Browser, web: Web) -> None:
    number = enrolled(coordinator)
    page = coordinator.get(entry_path(number, "eligibility")).text
    names = re.findall(r'name="r0\.([a-z_]+)"', page)
    assert names == [item.name for item in web.trial.study.form("eligibility").items]
    assert "18 to 110, years" in page and "<b>2</b> Grade 2" in page


def test_a_wrong_text_comes_back_with_everything_typed(coordinator: Browser) -> None:
    number = enrolled(coordinator)
    path = entry_path(number, "demographics")
    form = coordinator.form_at(path) | typed({**DEMOGRAPHICS, "height_cm": "tall"}) | CONFIRMED
    refused = coordinator.post(path, form)
    assert refused.status_code == 409
    assert 'value="tall"' in refused.text and 'value="61.0"' in refused.text
    assert refused.text.count('aria-invalid="true"') == 1
    assert coordinator.form_at(path)["r0.height_cm"] == "tall"


def test_a_single_form_needs_its_confirmation(coordinator: Browser) -> None:
    path = entry_path(enrolled(coordinator), "consent")
    form = coordinator.form_at(path) | typed(CONSENT)
    assert coordinator.post(path, form).status_code == 409
    assert coordinator.post(path, form | CONFIRMED).status_code == 303


@pytest.mark.parametrize("named", ["", "coordinator_a", "monitor_a", "nobody"])
def test_an_investigator_is_named_and_the_refusal_keeps_everything_typed(
    coordinator: Browser, web: Web, named: str
) -> None:
    path = entry_path(enrolled(coordinator), "demographics")
    sent = coordinator.form_at(path) | typed(DEMOGRAPHICS) | CONFIRMED | {"confirmed_by": named}
    refused = coordinator.post(path, sent)
    assert refused.status_code == 409 and "who confirmed the values" in unescape(refused.text)
    kept = fields_in(refused.text)
    assert kept | typed(DEMOGRAPHICS) == kept and kept["confirmed_by"] == named
    assert 'name="confirmed" value="yes" checked' in refused.text
    assert coordinator.post(path, sent | kept | CONFIRMED).status_code == 303
    (record,) = op.read_trail(web.trial, MANAGER, subject_id=path.split("/")[2], form="demographics")
    assert record.confirmed_by == "investigator_a"


def test_who_confirmed_is_said_at_the_form_in_its_drawer_and_in_the_trail(
    coordinator: Browser, web: Web
) -> None:
    path = entry_path(enrolled(coordinator), "consent")
    assert coordinator.post(path, coordinator.form_at(path) | typed(CONSENT) | CONFIRMED).status_code == 303
    form = path.removesuffix("/entry")
    told = "Confirmed by A Person (investigator_a)"
    assert told in coordinator.get(form).text
    with Browser(web) as manager, Browser(web) as investigator:
        manager.sign_in("data_manager_a")
        drawer = f"{form}/items/consent_given?row="
        trail = f"/audit-trail?subject={path.split('/')[2]}&form=consent"
        for place in (form, drawer, trail):
            assert (
                "Confirmed by" in manager.get(place).text and "investigator_a" in manager.get(place).text
            ), place
        investigator.sign_in("investigator_a")
        page = investigator.get(entry_path(enrolled(coordinator), "consent")).text
    assert "I confirm these values as the investigator" in page and 'name="confirmed_by"' not in page


def test_a_draft_outlives_the_session_and_is_its_accounts_alone(coordinator: Browser, web: Web) -> None:
    number = enrolled(coordinator)
    path = entry_path(number, "demographics")
    form = coordinator.form_at(path) | typed({"age_years": "6"})
    assert coordinator.post(f"{path}/draft", form).status_code == 200
    coordinator.sign_in("coordinator_a")
    assert coordinator.form_at(path)["r0.age_years"] == "6"
    assert path in coordinator.get("/").text
    with Browser(web) as other:
        other.sign_in("investigator_a")
        assert other.form_at(path)["r0.age_years"] == ""


def test_a_draft_of_countless_lines_is_drawn_in_part(coordinator: Browser) -> None:
    path = entry_path(enrolled(coordinator), "consent")
    sent = coordinator.form_at(path) | {"r99999999999.consent_version": "x"}
    assert coordinator.post(f"{path}/draft", sent).status_code == 200
    assert coordinator.get(path).status_code == 200


def test_a_draft_without_a_session_is_told_so(anybody: Browser) -> None:
    answer = anybody.post(
        entry_path("A-001", "demographics") + "/draft", {"x": "1"}, X_Requested_With="trialkit"
    )
    assert answer.status_code == 401


def test_markup_in_a_value_stays_text(coordinator: Browser) -> None:
    path = entry_path(enrolled(coordinator), "consent")
    hostile = '"><script>alert(1)</script>{{7*7}}'
    coordinator.post(f"{path}/draft", coordinator.form_at(path) | typed({"consent_version": hostile}))
    page = coordinator.get(path).text
    assert "<script>alert" not in page and "49" not in re.findall(r'value="[^"]*"', page)
    assert coordinator.form_at(path)["r0.consent_version"] == hostile


def test_the_second_entry_sees_nothing_of_the_first(web: Web) -> None:
    """The same pages for the second clerk whether the first entry is there or not."""
    with Browser(web) as second:
        second.sign_in("second_entry_a")
        found = re.search(r"/subjects/([0-9]+)/visits/", second.get("/").text)
        assert found
        subject = found[1]
        path = entry_path(subject, "odi")
        pages = ("/", "/subjects", f"/subjects/{subject}", path)
        before = [_masked(second, second.get(page).text) for page in pages]
        with Browser(web) as first:
            first.sign_in("first_entry_a")
            form = first.form_at(path) | {f"r0.odi_{name}": "3" for name in ("pain", "care", "lifting")}
            assert first.complete(path, form).status_code == 303
            assert first.get(path).status_code == 200
        assert [_masked(second, second.get(page).text) for page in pages] == before
        form = second.form_at(path) | {f"r0.odi_{name}": "4" for name in ("pain", "care", "lifting")}
        told = second.post(path, form)
        assert told.status_code == 200 and "discrepan" not in told.text.lower()
        assert not re.findall(r'<input[^>]*name="r0\.odi_\w+"[^>]*value="3"', told.text)
        answer = second.post(path, form | pressed_again(told.text))
        assert answer.status_code == 303
        assert "discrepan" not in second.get(answer.headers["location"]).text.lower()


def _masked(browser: Browser, page: str) -> str:
    return re.sub(r'name="(csrf|request_key)" value="[^"]*"', "", page)
