"""How a request of a program is taken and answered: token, arguments, reach, and each write once."""

from __future__ import annotations

import json
import logging
import re
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from trialkit.access import AccessError, Actor
from trialkit.entry.errors import EntryError
from trialkit.errors import TrialkitError, UnreachableError
from trialkit.operations.reach import require_reached
from trialkit.operations.tokens import actor_of_token
from trialkit.web.api import problems
from trialkit.web.api.endpoints import ENDPOINTS, Endpoint
from trialkit.web.api.openapi import document
from trialkit.web.no_text import holds_no_text
from trialkit.web.setting import LARGEST_BODY, Web
from trialkit.web.watching import note

PREFIX = "/api/v1"
_KEY = re.compile(r"[A-Za-z0-9_-]{8,128}")
_PATIENCE = 5.0  # seconds that a second request waits for the first one's answer
_LOOK_AGAIN = 0.05
_log = logging.getLogger("trialkit.web")

Answer = Callable[[Request], Awaitable[Response]]


def routes(web: Web) -> list[BaseRoute]:
    """The API's routes, and its description, which anybody may read."""
    by_path: dict[str, dict[str, Endpoint]] = {}
    for endpoint in ENDPOINTS:
        by_path.setdefault(endpoint.path, {})[endpoint.method] = endpoint
    found: list[BaseRoute] = [
        Route(PREFIX + path, _answer(web, methods), methods=list(methods))
        for path, methods in by_path.items()
    ]
    found.append(Route(f"{PREFIX}/openapi.json", _description(web)))
    return found


def _description(web: Web) -> Answer:
    async def answer(request: Request) -> Response:
        return JSONResponse(document(web.url(PREFIX)))

    return answer


def _answer(web: Web, methods: Mapping[str, Endpoint]) -> Answer:
    async def answer(request: Request) -> Response:
        endpoint = methods["GET" if request.method == "HEAD" else request.method]
        body = await _body(request) if endpoint.writes else b""
        if isinstance(body, Response):
            return body
        try:
            response = await run_in_threadpool(_answered, web, request, endpoint, body)
        except UnreachableError:
            response = problems.bad_request(
                "a database that answers",
                "none",
                "Try again with the same key.",
                HTTPStatus.SERVICE_UNAVAILABLE,
            )
        return response

    return answer


async def _body(request: Request) -> bytes | Response:
    """The body, as far as it may go; a program need not say its length beforehand."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        return problems.bad_request(
            "Content-Type: application/json", "another", "Send JSON.", HTTPStatus.UNSUPPORTED_MEDIA_TYPE
        )
    body = b""
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > LARGEST_BODY:
                return problems.bad_request(
                    "at most 256 kB", "more", "Send it in parts.", HTTPStatus.REQUEST_ENTITY_TOO_LARGE
                )
    except ClientDisconnect:
        return problems.bad_request("a whole body", "half of one", "Send it again, with the same key.")
    return body


def _answered(web: Web, request: Request, endpoint: Endpoint, body: bytes) -> Response:
    note(request.scope, route=PREFIX + endpoint.path)
    try:
        actor = _actor(web, request)
        note(request.scope, login=actor.account)
    except AccessError as error:
        refusal = problems.problem(error, HTTPStatus.UNAUTHORIZED)
        refusal.headers["WWW-Authenticate"] = "Bearer"
        return refusal
    if endpoint.writes and (wrong := _no_json(body)):
        return problems.bad_request("one JSON text, each name once in an object", wrong, "Send JSON.")
    try:
        path = endpoint.path_arguments.model_validate(request.path_params)
        sent = _arguments(endpoint, request, body)
    except ValidationError as error:
        return problems.malformed(error)
    arguments = {**_plain(path), **_plain(sent)}
    if holds_no_text(_plain(path)):
        return problems.not_here()
    if holds_no_text(arguments):
        return problems.bad_request(
            "text", "a character that is none (U+0000)", "Send it without. Nothing was written.",
            HTTPStatus.UNPROCESSABLE_ENTITY,
        )  # fmt: skip
    if not endpoint.writes:
        return _done(web, actor, endpoint, arguments)
    return _once(web, request, actor, endpoint, arguments, body)


def _no_json(body: bytes) -> str:
    """What makes a body no JSON, or JSON that two programs read differently (RFC 8259, 4); else empty."""

    def once(pairs: list[tuple[str, Any]]) -> None:
        if len({name for name, _ in pairs}) < len(pairs):
            raise _TwiceError

    try:
        json.loads(body.decode(), object_pairs_hook=once, parse_constant=int)
    except _TwiceError:
        return "a name twice in one object"
    except (ValueError, RecursionError):
        return "another text"
    return ""


class _TwiceError(Exception):
    """A name stands twice in an object."""


def _actor(web: Web, request: Request) -> Actor:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    host = request.client.host if request.client else ""
    return actor_of_token(web.trial, token.strip() if scheme.lower() == "bearer" else "", host=host)


def _arguments(endpoint: Endpoint, request: Request, body: bytes) -> BaseModel:
    if endpoint.writes:
        return endpoint.arguments.model_validate_json(body, strict=True)
    query = request.query_params
    several = {name for name, field in endpoint.arguments.model_fields.items() if _is_list(field.annotation)}
    values = {name: query.getlist(name) if name in several else query[name] for name in query}
    return endpoint.arguments.model_validate(values)


def _is_list(annotation: Any) -> bool:
    return getattr(annotation, "__origin__", None) is not None and annotation.__origin__.__name__ in (
        "Sequence",
        "tuple",
    )


def _plain(model: BaseModel) -> dict[str, Any]:
    """Arguments as Python has them: dates, enums and frozen values, not their JSON."""
    return {name: getattr(model, name) for name in type(model).model_fields}


def _done(web: Web, actor: Actor, endpoint: Endpoint, arguments: Mapping[str, Any]) -> Response:
    if endpoint.names_a_subject and not _reached(web, actor, arguments["subject_id"]):
        return problems.not_here()
    try:
        value = endpoint.operation(web.trial, actor, **arguments)
    except UnreachableError:
        raise
    except TrialkitError as error:
        return problems.refused(error)
    except Exception as error:
        number = secrets.token_hex(4)
        _log.error("defect %s: %s", number, type(error).__name__)
        return problems.bad_request(
            "an answer", f"a defect, number {number}", "Look whether the act was recorded.",
            HTTPStatus.INTERNAL_SERVER_ERROR,
        )  # fmt: skip
    return Response(endpoint.answer.dump_json(value), media_type="application/json")


def _reached(web: Web, actor: Actor, subject_id: str | None) -> bool:
    """Whether a subject is one of this token's: asked before all else, so that no refusal tells of others."""
    if subject_id is None:
        return True
    try:
        require_reached(web.trial, actor, [subject_id])
    except EntryError:
        return False
    return True


def _once(
    web: Web, request: Request, actor: Actor, endpoint: Endpoint, arguments: Mapping[str, Any], body: bytes
) -> Response:
    """Do a write once for its key. A refusal frees the key: nothing was written."""
    given = request.headers.get("idempotency-key", "")
    if not _KEY.fullmatch(given):
        return problems.bad_request(
            "Idempotency-Key: 8 to 128 letters, digits, - and _", "none such", "Draw one for each act."
        )
    key, said = f"api:{actor.account}:{given}", f"{request.url.path}\n{body.decode(errors='replace')}"
    while not web.desk.claim_request(key, actor.account, said, web.now().isoformat()):
        earlier = _answer_of_the_first(web, key, said)
        if earlier is not None:
            return earlier
    answer = _done(web, actor, endpoint, arguments)
    if answer.status_code == HTTPStatus.OK:
        web.desk.answer_request(key, bytes(answer.body).decode())
    elif answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
        web.desk.release_request(key)
    return answer


def _answer_of_the_first(web: Web, key: str, said: str) -> Response | None:
    """None where the first was refused meanwhile: whoever waited is the first now."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        kept = web.desk.request(key)
        if kept is None:
            return None
        if not web.desk.says(kept, said):
            return problems.bad_request(
                "the same act as was sent before", "another one with its key", "Draw a new key.",
                HTTPStatus.CONFLICT,
            )  # fmt: skip
        if kept.answer is not None:
            return JSONResponse(json.loads(kept.answer), headers={"Idempotency-Replayed": "true"})
        time.sleep(_LOOK_AGAIN)
    return problems.bad_request(
        "the answer to the first request", "none yet", "Look whether it was recorded; it is not done twice.",
        HTTPStatus.CONFLICT,
    )  # fmt: skip
