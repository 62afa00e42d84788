"""Writes whose body or number names a subject: another site's is answered as one that never was.

Every role of one site, every such write of the API. A subject of another study is, here, one that never was.
"""

from __future__ import annotations

from typing import Any

import pytest
from browsing import PASSWORD, Browser
from chain import ADMIN, INVESTIGATOR, MANAGER
from test_api import Program

from trialkit import operations as op
from trialkit.access import may
from trialkit.access.errors import AccessError
from trialkit.store.reading.subjects import subjects
from trialkit.vocabulary import Role
from trialkit.web import Web
from trialkit.web.api.endpoints import ENDPOINTS

NOBODY = "Z-999"
_EVENT = {"term": "hip fracture", "aware_at": "2027-05-31T08:00:00+00:00"}
_REPORT = {"criteria": ["hospital_stay"], "severity": "mild", "outcome": "recovered", "narrative": "fell"}
# path -> what is sent, {s} being the number of a subject: every write that names one outside of its address
BODIES: dict[str, tuple[dict[str, Any], ...]] = {
    "/subjects/{subject_id}/mistakes": ({"kind": "duplicate", "reason": "x", "duplicate_of": "{s}"},),
    "/source-verification": (
        {"scope": "subject", "place": "{s}"},
        {"scope": "form", "place": "{s}/baseline/vas"},
    ),
    "/queries": (
        {"subject_id": "{s}", "visit": "baseline", "text": "Sure?"},
        {"subject_id": "{s}", "visit": "baseline", "form": "vas", "item": "vas_mm", "text": "Sure?"},
        {"subject_id": "{s}", "visit": "never", "form": "never", "text": "Sure?"},
    ),
    "/queries/raised-by-checks": ({"subject_ids": ["{s}"]},),
    "/serious-events": ({"subject_id": "{s}", **_EVENT},),
    "/freezes": (
        {"scope": "subject", "place": "{s}", "reason": "x"},
        {"scope": "form", "place": "{s}/baseline/vas", "reason": "x"},
    ),
    "/freezes/lift": (
        {"scope": "subject", "place": "{s}", "reason": "x"},
        {"scope": "form", "place": "{s}/baseline/vas", "reason": "x"},
    ),
}
NUMBERED: dict[str, dict[str, Any]] = {
    "/queries/{number}/answer": {"text": "Yes"},
    "/queries/{number}/close": {"text": "Yes"},
    "/queries/{number}/reopen": {"text": "Sure?"},
    "/corrections/{number}/endorsement": {"text": ""},
    "/corrections/{number}/objection": {"text": "No"},
    "/serious-events/{number}/reports": {"report": _REPORT},
}
# A new number is anybody's who enrols; a mistake is told of the address's own subject too.
OTHERWISE = {"/subjects"}
_PLACES = ("subject_id", "subject_ids", "place", "duplicate_of")


@pytest.fixture
def there(web: Web) -> tuple[str, str]:
    """A subject here, at A, and one there, at B, with a query and a serious event."""
    with web.trial.store.reading() as reader:
        people = subjects(reader)
    here, there = (
        next(n for n, one in people.items() if one.site == site and one.allocated) for site in ("A", "B")
    )
    op.open_query(web.trial, MANAGER, subject_id=there, visit="baseline", form="vas", text="Sure?")
    op.note_serious_event(
        web.trial, INVESTIGATOR, subject_id=there, term="fall", aware_at=web.trial.clock.now()
    )
    return here, there


@pytest.fixture(params=[role for role in Role if role is not Role.ADMINISTRATOR])
def program(request: pytest.FixtureRequest, web: Web, anybody: Browser) -> Program:
    """Of an account whose role is at site A alone."""
    role = request.param
    login = f"{role}_at_a"
    try:
        op.add_account(
            web.trial, ADMIN, login=login, person_name="A P", role=role, site="A", password=PASSWORD
        )
    except (AccessError, op.OperationError) as refused:  # of all sites alone
        pytest.skip(str(refused))
    program = Program(web, anybody, login, role, "A")
    program.role = role
    return program


def _with(body: Any, number: str) -> Any:
    if isinstance(body, dict):
        return {name: _with(part, number) for name, part in body.items()}
    if isinstance(body, list):
        return [_with(part, number) for part in body]
    return body.replace("{s}", number) if isinstance(body, str) else body


def test_every_write_that_names_a_subject_in_its_body_is_walked() -> None:
    named = {
        one.path
        for one in ENDPOINTS
        if one.writes and any(place in one.arguments.model_fields for place in _PLACES)
    }
    assert named - OTHERWISE == set(BODIES)
    numbered = {one.path for one in ENDPOINTS if one.writes and "{number}" in one.path}
    assert numbered - {"/tokens/{number}/revocation"} == set(NUMBERED)


def test_another_sites_subject_in_a_body_is_nobody(
    program: Program, web: Web, there: tuple[str, str]
) -> None:
    own, other = there
    for path, bodies in BODIES.items():
        for body in bodies:
            answers = []
            for number in (other, NOBODY):
                answer = program.post(path.replace("{subject_id}", own), _with(body, number))
                answers.append((answer.status_code, answer.text.replace(number, "N")))
            assert answers[0] == answers[1], (path, body)
            assert answers[0][0] in (403, 404, 409), (path, body, answers)
            endpoint = next(one for one in ENDPOINTS if one.path == path and one.writes)
            blinded = web.trial.study.blinding.blinded_roles
            if may(program.role, endpoint.act, blinded_roles=blinded):
                mine = program.post(path.replace("{subject_id}", own), _with(body, own))
                assert (mine.status_code, mine.text.replace(own, "N")) != answers[0], (path, body)


def test_another_sites_query_correction_or_event_is_none(program: Program, there: tuple[str, str]) -> None:
    for path, body in NUMBERED.items():
        answers = []
        for number in ("1", "9"):
            answer = program.post(path.replace("{number}", number), body)
            answers.append((answer.status_code, answer.text.replace(number, "N")))
        assert answers[0] == answers[1], path
        assert answers[0][0] in (403, 404, 409), (path, answers)
