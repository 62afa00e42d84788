"""Two studies that differ in arms, and in how much was done unseen: to the blinded the same over HTTP."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import pytest
from browsing import PASSWORD, Browser, filled
from out_of_sight import done_in_sight, done_to_hidden_forms
from screening import CONFIRMED
from small_trial import found
from sqlalchemy import select
from test_api import Program, any_arguments

from trialkit import operations as op, resources
from trialkit.clock import SimulatedClock
from trialkit.operations import own_trail
from trialkit.operations.web_desk import open_web_desk
from trialkit.store.models import AuditTransaction, Schedule
from trialkit.study import Study
from trialkit.vocabulary import Role
from trialkit.web import Web
from trialkit.web.api.endpoints import ENDPOINTS
from trialkit.web.views.routes import ROUTES
from trialkit.web.watching import Rate

# The commitment to a list is public, and another for another list; so is the hash of a trail that holds
# that list sealed. They open nothing. Nothing else may hide in their place: see `_committed`.
_COMMITTED = re.compile(rb"\b([0-9a-f]{64}|[0-9a-f]{16})\b")  # whole, or how it begins
_ENDS_THE_CRAWL = ("/sign-in", "/sign-out", "/acting-as")
BLINDED = ("outcome_assessor_a", "statistician_a")
REVIEWERS = (
    "data_manager_a",
    "adjudicator_a",
    "monitor_a",
    "administrator_a",
    "investigator_a",
    "second_entry_a",
)
_RANDOM = re.compile(
    rb'(name="(?:csrf|request_key|secret)" value="|class="secret">(?:<code>)?|<code>[A-Z2-7]'
    rb'|src="data:image/svg\+xml;base64,|"os_user":"device )[^"<]*'
)


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Web, Web]]:
    yield from _worlds(tmp_path_factory, resources.folder("sample_data"))


@pytest.fixture(scope="module")
def worlds_of_blinded_reviewers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Web, Web]]:
    definition = tmp_path_factory.mktemp("definition") / "blinded"
    shutil.copytree(resources.folder("sample_data"), definition)
    path = definition / "study.toml"
    roles = ", ".join(f'"{login.removesuffix("_a")}"' for login in (*BLINDED, *REVIEWERS))
    text = re.sub(r"blinded_roles = \[.*?\]", f"blinded_roles = [{roles}]", path.read_text("utf-8"))
    path.write_text(text, "utf-8")
    yield from _worlds(tmp_path_factory, definition)


def _worlds(factory: pytest.TempPathFactory, definition: Path) -> Iterator[tuple[Web, Web]]:
    webs = []
    for swap in (False, True):
        folder = factory.mktemp(f"world-{swap}")
        with found(folder, swap=swap, definition=definition) as small:
            allocated = sorted(_arms(small))
            done_to_hidden_forms(small, allocated, times=4 if swap else 1)
            done_in_sight(small, allocated)
        trial = op.open_trial(folder / "study", clock=SimulatedClock(datetime(2027, 6, 1, tzinfo=UTC)))
        webs.append(Web(trial, open_web_desk(trial)))
    yield webs[0], webs[1]
    for web in webs:
        web.trial.close()


def _committed(web: Web) -> frozenset[str]:
    """What may differ: hashes of the trail's records as stored, and what the list was committed to."""
    with web.trial.store.reading() as reader:
        hashes = reader.scalars(select(AuditTransaction.hash)).all()
        lists = reader.execute(select(Schedule.commitment, Schedule.bundle_digest))
        whole = {*hashes, *(text for row in lists for text in row)}
        return frozenset(whole | {text[:16] for text in whole})


def _arms(trial: op.Trial) -> dict[str, str]:
    from trialkit.operations.custody import open_arms

    with trial.store.reading() as reader:
        return dict(open_arms(trial, reader))


def _crawl(
    web: Web, login: str, subjects: list[str], of: Callable[[str], bool] = lambda path: True
) -> dict[str, tuple[int, list[tuple[str, str]], bytes]]:
    """Every page for every subject, visit and form, hidden forms and pages out of reach among them."""
    study = web.trial.study
    seen = {}
    with Browser(web) as browser:
        # Some 1,300 requests in a few seconds: where they became too many would hang on the machine's speed.
        browser.client.app._requests = Rate(1_000_000, 1_000_000)
        assert browser.post("/sign-in", {"login": login, "password": PASSWORD}).status_code == 303
        token = browser.token()
        for known in ROUTES:
            if not of(known.path):
                continue
            for place in _places(known.path, subjects, study):
                seen[place] = _plain(web, browser.get(place))
                if "POST" in known.views and known.path not in _ENDS_THE_CRAWL:
                    seen[f"POST {place}"] = _plain(web, browser.post(place, _sent(token, f"{login} {place}")))
        if of("the API"):
            seen |= _called(web, browser, login, subjects)
    assert not [place for place, (status, _, _) in seen.items() if status == 429], "refused unread"
    return seen


def _called(
    web: Web, browser: Browser, login: str, subjects: list[str]
) -> dict[str, tuple[int, list[tuple[str, str]], bytes]]:
    """Every address of the API with a token of the same eyes, readings and writes."""
    role = Role(login.removesuffix("_a"))
    program = Program(web, browser, login, role, "A" if role is Role.OUTCOME_ASSESSOR else None)
    seen = {}
    for endpoint in ENDPOINTS:
        paths = {
            filled(endpoint.path, subject_id=subject, visit=visit, form=form, number="1")
            for subject in subjects
            for visit, form in (("baseline", "odi"), *_telling(web.trial.study))
        }
        for path in sorted(paths):
            if endpoint.writes:
                sent = any_arguments(endpoint.operation, endpoint.in_path)
                seen[f"API POST {path}"] = _plain(web, program.post(path, sent))
            else:
                seen[f"API {path}"] = _plain(web, program.get(path))
    return seen


def _plain(web: Web, answer: httpx2.Response) -> tuple[int, list[tuple[str, str]], bytes]:
    headers = sorted((name, text) for name, text in answer.headers.items() if name != "set-cookie")
    content = _RANDOM.sub(rb"\1", answer.content)
    if _COMMITTED.search(content):
        known = _committed(web)
        content = _COMMITTED.sub(lambda hit: b"" if hit[1].decode() in known else hit[0], content)
    return answer.status_code, headers, content


def _sent(token: str, key: str) -> dict[str, str]:
    """A form of this session that acts as far as it may: an answer to any page's question among others."""
    return {
        "csrf": token, "request_key": key, "language": "en", "change": "revoke", "token": "1",
        "reason": "x", "number": "9999", "r0.odi_pain": "3", **CONFIRMED, "factor.site": "A",
    }  # fmt: skip


def _telling(study: Study) -> list[tuple[str, str]]:
    """Every visit at which a form stands that only one arm has, or that tells the arm."""
    return [
        (visit, form.name)
        for form in study.forms
        if form.for_arms or form.reveals_allocation
        for visit in form.visits
    ]


def _asked_at(study: Study) -> list[tuple[str, str]]:
    """Where the crawl asks: every form at its first visit, telling ones and one other at each of theirs."""
    firsts = [(form.visits[0], form.name) for form in study.forms]
    telling = _telling(study)
    elsewhere = [("baseline", form) for _, form in telling]  # where the form never stands
    ordinary = [(visit, "odi") for visit in study.form("odi").visits]
    return list(dict.fromkeys([*firsts, *telling, *elsewhere, *ordinary]))


def _places(path: str, subjects: list[str], study: Study) -> set[str]:
    """For the first subject wherever the crawl asks; of a number nobody has, once of each kind of form."""
    asked = {subject: [("baseline", "odi"), *_telling(study)[:1]] for subject in subjects}
    asked[subjects[0]] = _asked_at(study)
    return {
        filled(
            path,
            subject_id=subject,
            visit=visit,
            form=form,
            login="monitor_a",
            number="1",
            item="compl_sessions_done" if form == "compliance" else "odi_pain",
        )
        for subject, places in asked.items()
        for visit, form in places
    }


@pytest.mark.parametrize("login", BLINDED)
def test_no_page_of_the_blinded_depends_on_an_arm(worlds: tuple[Web, Web], login: str) -> None:
    _require_the_same(worlds, login)


@pytest.mark.parametrize(
    "login", [REVIEWERS[0], *(pytest.param(login, marks=pytest.mark.long) for login in REVIEWERS[1:])]
)
def test_no_page_of_blinded_reviewers_depends_on_an_arm(
    worlds_of_blinded_reviewers: tuple[Web, Web], login: str
) -> None:
    _require_the_same(worlds_of_blinded_reviewers, login)


def _require_the_same(worlds: tuple[Web, Web], login: str) -> None:
    first, second = (_arms(web.trial) for web in worlds)
    assert set(first) == set(second)
    flipped = [number for number in first if first[number] != second[number]]
    assert flipped, "nobody has the other arm in the other world"
    subjects = [flipped[0], "9999"]
    one, other = (_crawl(web, login, subjects) for web in worlds)
    assert one.keys() == other.keys() and len(one) > 30
    assert any("/visits/week_6/forms/compliance" in place for place in one), "where the form stands"
    different = [place for place in one if one[place] != other[place]]
    assert not different
    hidden = _hidden(worlds[0])
    assert {"treatment_stop", "compl_sessions_done", "锻炼日记与依从性"} <= hidden
    told = [
        (place, word)
        for place, (status, _, content) in one.items()
        if status == 200
        for word in hidden
        if word.encode() in content
    ]
    assert not told


def _hidden(web: Web) -> set[str]:
    """Names and labels of forms and items out of the blinded's sight, in both languages."""
    whole, shown = _words(web.trial.study), _words(web.trial.rules_without_arms.study)
    words = whole - shown
    words |= {text for label in words if (text := web.labels["zh"].get(label))}
    return {word for word in words if "_" in word or len(word.encode()) > 20}  # "Kind" is a word of pages too


def _words(study: Study) -> set[str]:
    items = [item for form in study.forms for item in form.items]
    return (
        {form.name for form in study.forms}
        | {form.label for form in study.forms}
        | {word for item in items for word in (item.name, item.label)}
    )


def test_the_crawl_would_see_an_arm(worlds: tuple[Web, Web]) -> None:
    """The same crawl by somebody who may see arms does differ: it can find what it looks for."""
    first, second = (_arms(web.trial) for web in worlds)
    flipped = next(number for number in first if first[number] != second[number])

    def may_tell(path: str) -> bool:
        return path.endswith("/allocation") or ("{form}" in path and "{item}" not in path)

    one, other = (_crawl(web, "investigator_a", [flipped], may_tell) for web in worlds)
    different = {place for place in one if one[place] != other[place]}
    assert f"/subjects/{flipped}/allocation" in different


def test_the_crawl_would_see_a_count(worlds: tuple[Web, Web], monkeypatch: pytest.MonkeyPatch) -> None:
    """Were records numbered as they are stored, their trail would say how much was done unseen."""
    monkeypatch.setattr(own_trail, "hidden_records", lambda reader, sight: set())
    one, other = (_crawl(web, "statistician_a", ["9999"], "/audit-trail".__eq__) for web in worlds)
    assert one["/audit-trail"] != other["/audit-trail"]
