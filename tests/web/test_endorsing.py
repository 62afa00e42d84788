"""Corrections on the pages: the site sees what was changed of its data, endorses it or objects."""

from __future__ import annotations

from typing import Any

import pytest
from browsing import PASSWORD, Browser

from trialkit import operations as op
from trialkit.operations.web_desk import act_in_session
from trialkit.store.reading.subjects import subjects
from trialkit.vocabulary import Role
from trialkit.web import Web

MANAGER = act_in_session("data_manager_a", Role.DATA_MANAGER, None, "")
COORDINATOR = act_in_session("coordinator_a", Role.COORDINATOR, "A", "")
PLACE = {"visit": "baseline", "form": "demographics", "item": "height_cm"}


@pytest.fixture
def subject_id(web: Web) -> str:
    with web.trial.store.reading() as reader:
        return next(n for n, state in subjects(reader).items() if state.site == "A" and state.allocated)


@pytest.fixture
def corrected(web: Web, subject_id: str) -> int:
    """A height that the data manager changed on the site's answer: the number of the query."""
    number = op.open_query(web.trial, MANAGER, subject_id=subject_id, **PLACE, text="In cm?").number
    op.answer_query(web.trial, COORDINATOR, number=number, text="150.5")
    op.correct(
        web.trial, MANAGER, subject_id=subject_id, **PLACE, value="150.5", reason="as answered", query=number
    )
    return number


def _answer(browser: Browser, answer: str, text: str = "") -> Any:
    sent = browser.form_at("/corrections")
    page = browser.get("/corrections").text
    path = page.partition('action="/corrections/')[2].partition('"')[0]
    return browser.post(f"/corrections/{path}", sent | {"answer": answer, "text": text})


def test_a_correction_stands_on_the_sites_first_page_until_it_is_endorsed(
    anybody: Browser, corrected: int
) -> None:
    anybody.sign_in("coordinator_a")
    assert 'href="/corrections"' in anybody.get("/").text.partition("<main")[2]
    page = anybody.get("/corrections").text
    assert "150.5" in page and "as answered" in page and f"/queries/{corrected}" in page
    assert "Corrected by</dt><dd>A Person" in page, "by name, not by login"
    assert _answer(anybody, "endorse").status_code == 303
    assert 'href="/corrections"' not in anybody.get("/").text.partition("<main")[2]
    assert "endorsed" in anybody.get("/corrections?which=all").text


def test_an_objection_needs_words_and_opens_the_query(anybody: Browser, web: Web, corrected: int) -> None:
    anybody.sign_in("coordinator_a")
    silent = _answer(anybody, "object")
    assert silent.status_code == 409 and "a text" in silent.text
    assert _answer(anybody, "object", "It was right before").status_code == 303
    listed = op.list_queries(web.trial, MANAGER)
    assert [(query.number, query.steps[-1].said) for query in listed] == [(corrected, "It was right before")]


def test_who_made_it_reads_what_the_site_says_and_says_nothing_for_it(
    anybody: Browser, corrected: int
) -> None:
    anybody.sign_in("data_manager_a")
    page = anybody.get("/corrections").text
    assert "150.5" in page and 'name="answer"' not in page


def test_data_management_is_refused_without_an_answered_query(anybody: Browser, subject_id: str) -> None:
    path = f"/subjects/{subject_id}/visits/baseline/forms/demographics/items/height_cm/correction"
    anybody.sign_in("data_manager_a")
    sent = anybody.form_at(path) | {"value": "151", "reason": "I think so"}
    refused = anybody.post(path, sent)
    assert refused.status_code == 409 and "query whose answer" in refused.text
    assert 'name="query"' in anybody.get(path).text
    with Browser(anybody.web) as site:
        site.sign_in("coordinator_a", PASSWORD)
        sent = site.form_at(path) | {"value": "151", "reason": "Measured again"}
        assert site.post(path, sent).status_code == 303
