"""The operations as JSON: by token, once for each key, and no further than the token reaches."""

from __future__ import annotations

import inspect
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import pytest
from browsing import PASSWORD, Browser, filled

from trialkit import operations as op
from trialkit.access import ACTS, Actor, may
from trialkit.vocabulary import Role
from trialkit.web import Web
from trialkit.web.api.endpoints import ENDPOINTS
from trialkit.web.api.openapi import document

NOT_BY_TOKEN = {
    "signed": [name for name, act in ACTS.items() if act.needs_signature],
    "files of the server": [
        "create_study", "load_schedule", "load_extension", "import_pass", "end_import", "import_outside_data",
        "write_snapshot", "write_unblinded_snapshot", "export_allocations", "export_passes",
        "back_up", "archive", "amend_study",
        "look_at_test_set",
    ],
    "asked with a text that must stand in no address": ["find_text"],
    "a page of a run, shown to a browser": [
        "view_masked_analysis", "view_closed_analysis", "view_unblinded_analysis",
    ],
    "parts of another act": ["count_supply", "read_history", "read_trail_details", "read_trail_of"],
    "of a person at a page": ["change_own_password", "set_second_factor", "record_external_allocations"],
}  # fmt: skip


class Program:
    """What calls the API: a token and no cookie."""

    def __init__(self, web: Web, browser: Browser, login: str, role: Role, site: str | None) -> None:
        actor = op.log_in(web.trial, login=login, password=PASSWORD, role=role, site=site)
        blinded = web.trial.study.blinding.blinded_roles
        scopes = [
            n for n, act in ACTS.items() if may(role, act, blinded_roles=blinded) and not act.needs_signature
        ]
        self.token = op.issue_token(web.trial, actor, label="test", scopes=scopes).token
        self.client = browser.client
        self._keys = iter(range(10_000))

    def get(self, path: str, **query: Any) -> httpx2.Response:
        return self.client.get(
            f"/api/v1{path}", params=query, headers={"Authorization": f"Bearer {self.token}"}
        )

    def post(self, path: str, body: dict[str, Any], key: str = "") -> httpx2.Response:
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Idempotency-Key": key or f"key-of-test-{next(self._keys)}",
        }
        return self.client.post(f"/api/v1{path}", json=body, headers=headers)


@pytest.fixture
def coordinator_program(web: Web, anybody: Browser) -> Program:
    return Program(web, anybody, "coordinator_a", Role.COORDINATOR, "A")


def _program(web: Web, browser: Browser, role: Role) -> Program:
    at_site = role in (Role.COORDINATOR, Role.OUTCOME_ASSESSOR)
    return Program(web, browser, f"{role}_a", role, "A" if at_site else None)


@pytest.mark.parametrize("login", ["coordinator_a", "first_entry_a", "administrator_a", "data_manager_a"])
def test_a_token_is_offered_for_what_has_an_address_and_nothing_else(anybody: Browser, login: str) -> None:
    anybody.sign_in(login)
    offered = set(re.findall(r'name="scope\.([a-z_]+)"', anybody.get("/me").text))
    assert offered and offered <= {act.name for one in ENDPOINTS for act in (one.act, *one.widened_by)}
    assert not offered & {"change_own_password", "set_second_factor", "import_pass", "back_up"}
    sent = {"label": "x", "days": "3", "password": PASSWORD, "scope.change_own_password": "yes"}
    refused = anybody.post("/me/tokens", anybody.form_at("/me") | sent)
    assert refused.status_code == 409 and "acts that have an address in the API" in refused.text
    assert "Revoke" not in anybody.get("/me").text


def test_a_scope_beside_that_of_an_address_shows_more_there(web: Web, anybody: Browser) -> None:
    manager = op.log_in(web.trial, login="data_manager_a", password=PASSWORD, role=Role.DATA_MANAGER)
    described = document("/api/v1")["paths"]["/audit-trail"]["get"]["description"]
    for scopes, status in ((["read_trail"], 403), (["read_trail", "read_trail_of"], 200)):
        token = op.issue_token(web.trial, manager, label="x", scopes=scopes).token
        headers = {"Authorization": f"Bearer {token}"}
        path = "/api/v1/audit-trail"
        answer = anybody.client.get(path, params={"form": "odi"}, headers=headers)
        assert answer.status_code == status, answer.text
        assert all(f"`{name}`" in described for name in scopes)


def test_every_act_has_an_address_or_a_reason_why_not() -> None:
    reached = {endpoint.act.name for endpoint in ENDPOINTS}
    reasons = {name for names in NOT_BY_TOKEN.values() for name in names}
    assert reached | reasons == set(ACTS)
    assert not reached & reasons
    widening = {act.name for endpoint in ENDPOINTS for act in endpoint.widened_by}
    pages = NOT_BY_TOKEN["a page of a run, shown to a browser"]
    assert widening == {*NOT_BY_TOKEN["parts of another act"], *pages}


def test_the_description_is_openapi_and_names_every_endpoint(anybody: Browser) -> None:
    from jsonschema import Draft202012Validator

    found = anybody.get("/api/v1/openapi.json").json()
    assert found == document("/api/v1") and found["openapi"] == "3.1.0"
    described = {(m.upper(), path) for path, methods in found["paths"].items() for m in methods}
    assert described == {(one.method, one.path) for one in ENDPOINTS}
    assert len({m["operationId"] for methods in found["paths"].values() for m in methods.values()}) == len(
        ENDPOINTS
    )
    for schema in found["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_an_answer_is_as_the_description_says(coordinator_program: Program) -> None:
    from jsonschema import Draft202012Validator

    described = document("/api/v1")
    for endpoint in ENDPOINTS:
        if endpoint.method == "GET" and not endpoint.in_path and may(Role.COORDINATOR, endpoint.act):
            answer = coordinator_program.get(endpoint.path)
            assert answer.status_code == 200, (endpoint.path, answer.text)
            schema = described["paths"][endpoint.path]["get"]["responses"]["200"]["content"][
                "application/json"
            ]
            whole = {**schema["schema"], "components": described["components"]}
            Draft202012Validator(whole).validate(answer.json())


def test_without_a_token_nothing(anybody: Browser) -> None:
    for headers in ({}, {"Authorization": "Bearer x"}, {"Authorization": "Basic eDp5"}):
        answer = anybody.client.get("/api/v1/subjects", headers=headers)
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    anybody.sign_in("coordinator_a")
    assert anybody.get("/api/v1/subjects").status_code == 401, "a session is no token"


def test_a_person_is_enrolled_once_for_a_key(coordinator_program: Program) -> None:
    body = {"site": "A", "consent_date": "2027-05-31"}
    before = len(coordinator_program.get("/subjects").json())
    with ThreadPoolExecutor(8) as many:
        answers = list(
            many.map(lambda _: coordinator_program.post("/subjects", body, key="one-act-0001"), range(8))
        )
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["subject_id"] for answer in answers}) == 1
    assert sum("idempotency-replayed" not in answer.headers for answer in answers) == 1
    other = coordinator_program.post("/subjects", {**body, "consent_date": "2027-05-30"}, key="one-act-0001")
    assert other.status_code == 409
    assert len(coordinator_program.get("/subjects").json()) == before + 1


def test_a_refusal_frees_its_key_and_says_four_things(coordinator_program: Program) -> None:
    wrong = coordinator_program.post(
        "/subjects", {"site": "Z", "consent_date": "2027-05-31"}, key="again-0001"
    )
    assert wrong.status_code in (403, 409)
    assert set(wrong.json()) == {"expected", "found", "where", "next_step"}
    right = coordinator_program.post(
        "/subjects", {"site": "A", "consent_date": "2027-05-31"}, key="again-0001"
    )
    assert right.status_code == 200


def test_a_write_needs_its_key_its_type_and_its_shape(coordinator_program: Program) -> None:
    headers = {"Authorization": f"Bearer {coordinator_program.token}"}
    client = coordinator_program.client
    assert client.post("/api/v1/subjects", json={}, headers=headers).status_code == 422
    sound = {"site": "A", "consent_date": "2027-05-31"}
    assert client.post("/api/v1/subjects", json=sound, headers=headers).status_code == 400
    assert client.post("/api/v1/subjects", data=sound, headers=headers).status_code == 415
    large = {**sound, "consent_version": "x" * 300_000}
    assert coordinator_program.post("/subjects", large).status_code == 413
    assert coordinator_program.post("/subjects", {**sound, "arm": "x"}).status_code == 422


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "site=A",
        '{"site": NaN}',
        "[" * 100_000,
        b"\xff\xfe",
        '{"site": "A", "consent_date": "2027-05-31", "site": "A"}',
        '{"site": "A", "consent_date": "2027-05-31", "more": [{"a": 1, "a": 1}]}',
    ],
)
def test_a_body_that_is_no_json_or_says_a_thing_twice_is_refused(
    coordinator_program: Program, body: str | bytes
) -> None:
    headers = {
        "Authorization": f"Bearer {coordinator_program.token}",
        "Content-Type": "application/json",
        "Idempotency-Key": "no-json-1",
    }
    answer = coordinator_program.client.post("/api/v1/subjects", content=body, headers=headers)
    assert answer.status_code == 400
    assert answer.json()["expected"] == "one JSON text, each name once in an object"


def test_a_subject_of_another_site_is_as_unknown_as_nobody(coordinator_program: Program, web: Web) -> None:
    from trialkit.store.reading.subjects import subjects

    with web.trial.store.reading() as reader:
        there = next(number for number, state in subjects(reader).items() if state.site == "B")
    for endpoint in ENDPOINTS:
        if "subject_id" in endpoint.in_path:
            answers = []
            for number in (there, "Z-999"):
                path = filled(endpoint.path, subject_id=number, visit="baseline", form="odi")
                if endpoint.method == "GET":
                    answer = coordinator_program.get(path)
                else:
                    answer = coordinator_program.post(
                        path, any_arguments(endpoint.operation, endpoint.in_path)
                    )
                answers.append((answer.status_code, answer.text))
            assert answers[0] == answers[1] and answers[0][0] == 404, (endpoint.path, answers)


def any_arguments(operation: Any, in_path: tuple[str, ...]) -> dict[str, Any]:
    """The least that has the right shape."""
    sound: dict[str, Any] = {
        "reason": "x", "date": "2027-05-31", "kind": "wrong_stratum", "rows": [], "decisions": [],
        "decision": "exclude", "verdicts": [], "site": "A",
        "consent_date": "2027-05-31", "signed_on": "2027-05-31", "effective_on": "2027-05-31",
        "scope": "study", "state": "open",
        "login": "x", "person_name": "X", "role": "monitor", "password": "a long phrase of x", "meaning": "x",
        "item": "x", "items": ["x"], "value": "1", "stratum_values": {}, "visit": "baseline", "text": "x",
    }  # fmt: skip
    needed = [
        name
        for name, parameter in inspect.signature(operation).parameters.items()
        if parameter.kind is parameter.KEYWORD_ONLY
        and parameter.default is parameter.empty
        and name not in in_path
    ]
    return {name: sound.get(name, "x") for name in needed}


@pytest.mark.parametrize("role", list(Role))
def test_each_role_is_refused_what_is_not_its_own(web: Web, anybody: Browser, role: Role) -> None:
    program = _program(web, anybody, role)
    blinded = web.trial.study.blinding.blinded_roles
    for endpoint in ENDPOINTS:
        if endpoint.method == "GET" and not endpoint.in_path:
            answer = program.get(endpoint.path)
            allowed = may(role, endpoint.act, blinded_roles=blinded)
            assert answer.status_code == (200 if allowed else 403), (role, endpoint.path, answer.text)


def test_a_form_is_entered_and_the_other_entry_stays_unknown(web: Web, anybody: Browser) -> None:
    first = _program(web, anybody, Role.FIRST_ENTRY)
    wanted = next(one for one in first.get("/wanted-forms").json() if one["form"] == "odi")
    path = "/subjects/{subject_id}/visits/{visit}/forms/{form}/entries".format(**wanted)
    done = first.post(path, {"rows": [{"values": {"odi_pain": "3"}}]})
    assert done.status_code == 200, done.text
    assert set(done.json()) == {"forms", "flags"}
    refused = first.post(path, {"rows": [{"values": {"odi_pain": "3"}}]})
    assert refused.status_code in (403, 409)


def test_randomizing_keeps_no_arm_in_its_answer(web: Web, coordinator_program: Program) -> None:
    from trialkit.store.reading.subjects import subjects

    with web.trial.store.reading() as reader:
        here = next(n for n, state in subjects(reader).items() if state.site == "A" and state.allocated)
    answer = coordinator_program.get(f"/subjects/{here}/allocation")
    assert answer.status_code == 200 and answer.json()["arm"]
    again = coordinator_program.post(f"/subjects/{here}/randomization", {"stratum_values": {}})
    assert answer.json()["arm"] not in again.text


def test_a_randomization_sent_again_tells_the_record_of_the_first(
    web: Web, coordinator_program: Program
) -> None:
    from trialkit.store.reading.subjects import subjects

    with web.trial.store.reading() as reader:
        number, state = next(
            (n, one) for n, one in subjects(reader).items() if one.site == "A" and one.allocated
        )
    sent = {"stratum_values": dict(state.factor_values)}
    told = []
    for _ in range(2):
        assert coordinator_program.get(f"/subjects/{number}/allocation").status_code == 200  # a record
        told.append(coordinator_program.post(f"/subjects/{number}/randomization", sent).json())
    assert all(one["repeated"] for one in told)
    records = op.read_trail(web.trial, Actor("administrator_a", Role.ADMINISTRATOR))
    made = {one.number for one in records if one.operation == "randomize"}
    assert told[0]["audit_number"] == told[1]["audit_number"] in made


def test_behind_a_prefix(web: Web) -> None:
    from dataclasses import replace

    with Browser(replace(web, path_prefix="/trial")) as browser:
        assert browser.get("/trial/api/v1/openapi.json").json()["servers"] == [{"url": "/trial/api/v1"}]


def test_a_token_that_is_revoked_ends_at_once(web: Web, coordinator_program: Program) -> None:
    actor = Actor("coordinator_a", Role.COORDINATOR, "A")
    op.revoke_token(web.trial, actor, number=1)
    assert coordinator_program.get("/subjects").status_code == 401
