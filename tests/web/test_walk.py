"""Every act of the pages by every role: at its own site, at another, on nobody, from another study."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from browsing import Browser, filled
from small_trial import found

from trialkit import operations as op
from trialkit.clock import SimulatedClock
from trialkit.operations.web_desk import open_web_desk
from trialkit.store.reading.audit import audit_head
from trialkit.store.reading.subjects import subjects
from trialkit.vocabulary import Role
from trialkit.web import Web
from trialkit.web.api.endpoints import ENDPOINTS
from trialkit.web.sessions import cookie_name
from trialkit.web.views.routes import ROUTES

_ALL = " ".join(Role)
_SITE = "coordinator investigator"
_ENTRY = f"{_SITE} first_entry second_entry outcome_assessor"
_FORM = "/subjects/{subject_id}/visits/{visit}/forms/{form}"

# What each role may send; everybody else is told that it is not there, or may not be, and nothing is written.
POSTS: dict[str, str] = {
    "/sign-in": _ALL,
    "/sign-out": _ALL,
    "/language": _ALL,
    "/acting-as": _ALL,
    "/first-password": _ALL,
    "/first-factor": _ALL,
    "/me": _ALL,
    "/me/tokens": _ALL,
    "/subjects/new": _SITE,
    "/subjects/{subject_id}/events": f"{_ENTRY} data_manager monitor",
    "/subjects/{subject_id}/marks": "investigator monitor",
    "/subjects/{subject_id}/randomization": _SITE,
    "/subjects/{subject_id}/departure": f"{_SITE} data_manager",
    "/subjects/{subject_id}/mistakes": f"{_SITE} data_manager",
    "/serious-events/{number}": _SITE,
    "/subjects/{subject_id}/emergency-unblinding": "investigator unblinded_statistician",
    f"{_FORM}/entry": _ENTRY,
    f"{_FORM}/entry/draft": _ENTRY,
    f"{_FORM}/entry/comparison": _ENTRY,
    "/discrepancies/workbook": "adjudicator",
    f"{_FORM}/discrepancies": "adjudicator",
    f"{_FORM}/discrepancies/lines": "adjudicator",
    f"{_FORM}/items/{{item}}/correction": f"{_SITE} data_manager",
    f"{_FORM}/queries": "adjudicator data_manager monitor",
    f"{_FORM}/verification": "monitor",
    f"{_FORM}/ticks": "monitor",
    f"{_FORM}/signature": "investigator",
    "/queries/raised": "data_manager unblinded_statistician",
    "/queries/{number}": f"{_SITE} data_manager monitor",
    "/corrections/{number}": _SITE,
    "/imports": f"{_ENTRY} data_manager",
    "/imports/{number}": f"{_ENTRY} data_manager",
    "/imports/unfinished/{number}": "data_manager",
    "/closing": "data_manager",
    "/closing/lock": "data_manager unblinded_statistician",
    "/closing/place-lock": "data_manager unblinded_statistician",
    "/accounts": "administrator",
    "/accounts/{login}": "administrator",
    "/accounts/{login}/password": "administrator",
    "/state": "administrator data_manager",
}
LEAVES = {"/sign-out", "/sign-in"}  # end or change the session that walks
KNOWN = {known.path for known in ROUTES if "POST" in known.views}


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Web, Web]]:
    webs = []
    for name in ("one", "other"):
        folder = tmp_path_factory.mktemp(name)
        found(folder).close()
        trial = op.open_trial(folder / "study", clock=SimulatedClock(datetime(2027, 6, 1, tzinfo=UTC)))
        webs.append(Web(trial, open_web_desk(trial)))
    yield webs[0], webs[1]
    for web in webs:
        web.trial.close()


def test_every_act_of_the_pages_has_a_row() -> None:
    assert set(POSTS) == KNOWN


def _at(web: Web, site: str) -> str:
    with web.trial.store.reading() as reader:
        return next(n for n, state in subjects(reader).items() if state.site == site and state.allocated)


def _number(web: Web) -> int:
    with web.trial.store.reading() as reader:
        return audit_head(reader)[0]


def _filled(path: str, subject_id: str) -> str:
    return filled(
        path,
        subject_id=subject_id,
        visit="baseline",
        form="odi",
        login="coordinator_b",
        number="1",
        item="odi_pain",
    )


def _sent(token: str, key: str) -> dict[str, str]:
    """As much of a form as any page asks for, with a token of this session."""
    return {
        "csrf": token, "request_key": key, "language": "en", "change": "close", "reason": "", "site": "Q",
        "role": "none", "state": "none", "grant": "none",
    }  # fmt: skip


@pytest.mark.parametrize("role", list(Role))
def test_a_role_acts_only_where_the_table_says(walked: tuple[Web, Web], role: Role) -> None:
    web = walked[0]
    with Browser(web) as browser:
        browser.sign_in(f"{role}_a")
        token = browser.token()
        for path in sorted(KNOWN - LEAVES):
            before = _number(web)
            answer = browser.post(_filled(path, _at(web, "A")), _sent(token, f"{role}{path}"))
            if role in POSTS[path].split():
                assert answer.status_code < 500, (role, path, answer.status_code)
            else:
                assert answer.status_code in (403, 404, 409), (role, path, answer.status_code)
                assert _number(web) == before, (role, path)


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.OUTCOME_ASSESSOR])
def test_another_sites_subject_and_nobody_are_one_to_every_act(walked: tuple[Web, Web], role: Role) -> None:
    web = walked[0]
    with Browser(web) as browser:
        browser.sign_in(f"{role}_a")
        token = browser.token()
        before = _number(web)
        for path in sorted(KNOWN):
            if "{subject_id}" in path:
                answers = []
                for number in (_at(web, "B"), "Z-999"):
                    answer = browser.post(_filled(path, number), _sent(token, f"{path}{number}"))
                    answers.append((answer.status_code, answer.text, sorted(answer.headers.items())))
                assert answers[0] == answers[1] and answers[0][0] in (403, 404), (role, path, answers)
        assert _number(web) == before


def test_a_session_and_a_token_of_another_study_open_nothing(walked: tuple[Web, Web], tmp_path: Path) -> None:
    web, other = walked
    with Browser(other) as there, Browser(web) as here:
        there.sign_in("investigator_a")
        here.client.cookies.set(cookie_name(web, "http"), there.client.cookies[cookie_name(other, "http")])
        for known in ROUTES:
            if known.needs_session:
                for method in known.views:
                    path = _filled(known.path, _at(web, "A"))
                    answer = here.client.request(method, path, data={} if method == "POST" else None)
                    assert answer.headers.get("location", "").partition("?")[0] == "/sign-in", known.path
        signer = op.log_in(
            other.trial,
            login="coordinator_a",
            password="a password of tests",
            role=Role.COORDINATOR,
            site="A",
        )
        token = op.issue_token(other.trial, signer, label="x", scopes=["list_forms"]).token
        for endpoint in ENDPOINTS:
            path = "/api/v1" + _filled(endpoint.path, _at(web, "A"))
            headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "k" * 9}
            sent = {} if endpoint.writes else None
            answer = here.client.request(endpoint.method, path, json=sent, headers=headers)
            assert answer.status_code == 401, endpoint.path
            headers["Authorization"] = "Bearer trialkit_nobody_ever_issued_this_one"
            unknown = here.client.request(endpoint.method, path, json=sent, headers=headers)
            assert (unknown.status_code, unknown.content) == (401, answer.content), endpoint.path


@pytest.mark.parametrize("known", ROUTES, ids=lambda known: known.path)
def test_every_page_is_guarded_whoever_asks(walked: tuple[Web, Web], known: object) -> None:
    """Headers of every answer, refusals among them; no page changes anything by being read."""
    web = walked[0]
    with Browser(web) as browser:
        browser.sign_in("investigator_a")
        before = _number(web)
        answer = browser.get(_filled(known.path, "Z-999"))  # type: ignore[attr-defined]
        policy = answer.headers["content-security-policy"]
        assert (
            "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
        )
        for name, text in {
            "x-content-type-options": "nosniff",
            "referrer-policy": "same-origin",
            "cross-origin-opener-policy": "same-origin",
            "cache-control": "no-store",
        }.items():
            assert answer.headers[name] == text
        assert "etag" not in answer.headers and "server" not in answer.headers
        assert not re.search(r"<script(?![^>]*\bsrc=)|\son[a-z]+=|\sstyle=|javascript:", answer.text)
        assert _number(web) == before


def test_no_template_trusts_markup_or_styles_by_hand() -> None:
    import trialkit.web.pages as pages

    for file in (pages.STATIC.parent / "templates").rglob("*.html"):
        text = file.read_text(encoding="utf-8")
        assert not re.search(r"\|\s*safe\b|autoescape false|\sstyle=|\son[a-z]+=|https?://", text), file.name
