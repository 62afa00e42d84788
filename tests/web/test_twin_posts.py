"""The same write sent many times at the same moment, by one form or by two pages of one person: done once."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from browsing import PASSWORD, Browser, fields_in
from entered_twice import typed_odi
from screening import entry_path, screened
from small_trial import found
from test_api import Program

from trialkit import operations as op
from trialkit.clock import SimulatedClock
from trialkit.operations.web_desk import open_web_desk
from trialkit.store.reading.audit import audit_head
from trialkit.vocabulary import Role
from trialkit.web import Web
from trialkit.web.api import answering

_TIMES = 6
Filled = Callable[[Browser], dict[str, str]]


@pytest.fixture(params=["sqlite", "postgresql"])
def servers(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Web, Web]]:
    """Two servers of one study, as behind a rolling restart."""
    url = "sqlite:///trial.sqlite" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    found(tmp_path, database_url=url).close()
    clock = SimulatedClock(datetime(2027, 6, 1, tzinfo=UTC))
    with (
        op.open_trial(tmp_path / "study", clock=clock) as one,
        op.open_trial(tmp_path / "study", clock=clock) as other,
    ):
        yield Web(one, open_web_desk(one)), Web(other, open_web_desk(other))


def _records(web: Web) -> int:
    with web.trial.store.reading() as reader:
        return audit_head(reader)[0]


def _together(*sent: Callable[[], Any]) -> list[Any]:
    """All of them begun at the same moment."""
    ready = Barrier(len(sent))

    def one(send: Callable[[], Any]) -> Any:
        ready.wait(20)
        return send()

    with ThreadPoolExecutor(len(sent)) as threads:
        return list(threads.map(one, sent))


def _clicked(web: Web, login: str, path: str, filled: Filled) -> None:
    """One form, sent as often at once: one record, and one answer to all."""
    with Browser(web) as browser:
        browser.sign_in(login)
        form = filled(browser)
        before = _records(web)
        answers = _together(*[lambda: browser.post(path, form)] * _TIMES)
        told = {(answer.status_code, answer.headers.get("location")) for answer in answers}
        assert len(told) == 1 and answers[0].status_code == 303, (path, told, answers[0].text[:2000])
        assert _records(web) == before + 1, path
        again = browser.post(path, form)
        assert (again.status_code, again.headers["location"]) in told and _records(web) == before + 1, path


def _two_pages(servers: tuple[Web, Web], login: str, path: str, filled: Filled) -> None:
    """Two pages that one person has open at two servers, sent at once: one record."""
    with Browser(servers[0]) as here, Browser(servers[1]) as there:
        sends = []
        for browser in (here, there):
            browser.sign_in(login)
            sends.append(partial(browser.post, path, filled(browser)))
        before = _records(servers[0])
        answers = _together(*sends)
        assert {answer.status_code for answer in answers} <= {303, 409, 200}, path
        assert 303 in {answer.status_code for answer in answers}, (path, answers[0].text[:3000])
        assert _records(servers[0]) == before + 1, path


def _at(path: str, action: str = "", **fields: str) -> Filled:
    """The form of a page that is sent to an address of its own, filled in."""

    def filled(browser: Browser) -> dict[str, str]:
        page = browser.get(path).text
        _, _, form = page.partition(f'action="{action or path}"')
        return fields_in(f"<main{form.partition('</form>')[0]}") | fields

    return filled


def _decided(path: str, *choices: str) -> Filled:
    fields = {f"d{n}.choice": choice for n, choice in enumerate(choices)}
    return _at(path, **fields | {f"d{n}.reason": "misread" for n in range(len(choices))})


def _randomized(web: Web, number: str = "") -> list[str]:
    with Browser(web) as browser:
        browser.sign_in("first_entry_a")
        return sorted(set(re.findall(r"/subjects/([0-9]+)/visits/", browser.get("/").text)))


def test_what_is_sent_many_times_at_once_is_done_once(servers: tuple[Web, Web]) -> None:
    web = servers[0]
    number = _randomized(web)[0]
    entry, form = entry_path(number, "odi"), entry_path(number, "odi").removesuffix("/entry")
    _clicked(web, "first_entry_a", entry, _at(entry, **typed_odi("123123123")))
    _clicked(web, "second_entry_a", entry, _at(entry, **typed_odi("223123124")))
    decisions = f"{form}/discrepancies"
    _clicked(web, "adjudicator_a", decisions, _decided(decisions, "first", "first"))
    signature = f"{form}/signature"
    meant = {"meaning": "reviewed and approved", "password": PASSWORD}
    _clicked(web, "investigator_a", signature, _at(form, signature, **meant))
    asked = f"{form}/items/odi_care"
    _clicked(web, "data_manager_a", f"{form}/queries", _at(asked, f"{form}/queries", text="Is it so?"))
    with Browser(web) as browser:
        browser.sign_in("coordinator_a")
        path = f"/subjects/{screened(browser)}/randomization"
    stratum = {"factor.site": "A", "factor.sex": "f"}
    _clicked(web, "coordinator_a", path, lambda browser: browser.form_at(path) | stratum)
    assert op.verify_audit(web.trial).whole


def test_two_pages_of_one_person_sent_at_once_are_one_write(servers: tuple[Web, Web]) -> None:
    web = servers[0]
    number = _randomized(web)[0]
    entry, form = entry_path(number, "odi"), entry_path(number, "odi").removesuffix("/entry")
    _two_pages(servers, "first_entry_a", entry, _at(entry, **typed_odi("123123123")))
    _two_pages(servers, "second_entry_a", entry, _at(entry, **typed_odi("223123124")))
    decisions = f"{form}/discrepancies"
    _two_pages(servers, "adjudicator_a", decisions, _decided(decisions, "first", "first"))
    signature = f"{form}/signature"
    meant = {"meaning": "reviewed and approved", "password": PASSWORD}
    _two_pages(servers, "investigator_a", signature, _at(form, signature, **meant))
    assert op.verify_audit(web.trial).whole


def test_what_is_refused_many_times_at_once_is_told_to_each(
    servers: tuple[Web, Web], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A double click shows the second answer: it is the reason too, on pages, for secrets and in the API."""
    web = servers[0]
    number = _randomized(web)[0]
    signature = f"/subjects/{number}/visits/baseline/forms/demographics/signature"
    wrong = {"meaning": "reviewed and approved", "password": "a wrong password"}
    with Browser(web) as browser:
        browser.sign_in("investigator_a")
        before = _records(web)
        form = _at(signature.removesuffix("/signature"), signature, **wrong)(browser)
        emergency = f"/subjects/{number}/emergency-unblinding"
        first = browser.form_at(emergency) | {"number": number, "reason": "severe bleeding"}
        second = fields_in(browser.post(emergency, first).text) | wrong
        for path, sent in ((signature, form), (emergency, second)):
            answers = _together(*[partial(browser.post, path, sent)] * _TIMES)
            assert {answer.status_code for answer in answers} == {409}, path
            assert all("found another combination" in answer.text for answer in answers), path
        assert _records(web) == before
    refused = answering._done
    monkeypatch.setattr(answering, "_done", lambda *given: (time.sleep(0.1), refused(*given))[1])
    with Browser(web) as browser:
        program = Program(web, browser, "coordinator_a", Role.COORDINATOR, "A")
        sent = partial(program.post, "/subjects", {"site": "A", "consent_date": "2099-01-01"}, "key-of-twins")
        answers = _together(*[sent] * _TIMES)
        assert len({(answer.status_code, answer.text) for answer in answers}) == 1
        assert answers[0].status_code == 409 and answers[0].json()["found"] != "none yet"
