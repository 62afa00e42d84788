"""A typist's own word on the web: the file is theirs, before somebody else imports it in their name."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pytest
from browsing import PASSWORD, Browser
from test_imports import _csv, _records, _shown, _upload

from trialkit.operations import read_trail
from trialkit.operations.web_desk import act_in_session
from trialkit.vocabulary import Role
from trialkit.web import Web


def _vouch(browser: Browser, path: str, password: str = PASSWORD) -> str:
    page = browser.get(path).text
    form = page.partition("say that you typed it")[2].partition("</form>")[0]
    sent = {
        name: form.partition(f'name="{name}" value="')[2].partition('"')[0]
        for name in ("csrf", "of_account", "request_key", "seen", "step")
    }
    answer = browser.post(path, sent | {"password": password})
    return answer.text if answer.status_code == 409 else browser.get(answer.headers["location"]).text


@pytest.fixture
def manager(web: Web) -> Iterator[Browser]:
    with Browser(web) as browser:
        browser.sign_in("data_manager_a")
        yield browser


def test_a_file_is_imported_for_its_typist_once_that_person_said_so(
    anybody: Browser, manager: Browser, web: Web
) -> None:
    content = _csv(web, "41", "52")
    digest = hashlib.sha256(content).hexdigest()
    path = _upload(manager, content, typist="first_entry_a").headers["location"]
    refused = _shown(manager.get(path).text)
    assert "the word of first_entry_a, who has a password: the file is theirs" in refused
    assert "say that you typed it" not in manager.get(path).text
    anybody.sign_in("first_entry_a")
    own = _upload(anybody, content).headers["location"]
    before = _records(web)
    refused = _vouch(anybody, own, "not the password")
    assert "Not done." in refused and "<details open><summary>Somebody else" in refused
    told = _shown(_vouch(anybody, own))
    assert "On record: vas_pass_1.csv was typed by first_entry_a" in told and digest in told
    actor = act_in_session("data_manager_a", Role.DATA_MANAGER, None, "")
    written = [one for one in read_trail(web.trial, actor, last=3) if one.operation == "vouch_for_file"]
    assert [(one.account, one.facts["file_sha256"]) for one in written if one.facts] == [
        ("first_entry_a", digest)
    ]
    assert anybody.get(own).status_code == 404 and _records(web) > before
    page = manager.get(path)
    assert "2 forms would go in" in page.text
    done = manager.post(path, manager.form_at(path))
    assert "2 forms of vas_pass_1.csv are in" in _shown(manager.get(done.headers["location"]).text)


def test_nobody_vouches_for_a_file_that_was_changed_or_is_somebody_elses(anybody: Browser, web: Web) -> None:
    anybody.sign_in("first_entry_a")
    content = _csv(web, "41")
    path = _upload(anybody, content, typist="second_entry_a").headers["location"]
    sent = {"csrf": anybody.token(), "request_key": "k", "step": "vouch", "password": PASSWORD}
    refused = anybody.post(path, sent | {"seen": hashlib.sha256(content).hexdigest()})
    assert refused.status_code == 409 and "said to be typed by second_entry_a" in refused.text
    path = _upload(anybody, content).headers["location"]
    refused = anybody.post(path, sent | {"seen": "0" * 64, "request_key": "l"})
    assert refused.status_code == 409 and "the file that was looked at" in refused.text
