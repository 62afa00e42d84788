"""The API's description in OpenAPI 3.1, made of the same endpoints that answer."""

from __future__ import annotations

from functools import cache
from http import HTTPStatus
from typing import Any

import trialkit
from trialkit.web.api.endpoints import ENDPOINTS, Endpoint
from trialkit.web.api.problems import FIELDS

_REFERENCE = "#/components/schemas/{model}"
_REFUSALS = {
    HTTPStatus.BAD_REQUEST: "The request is not as HTTP or JSON has it, or it has no idempotency key.",
    HTTPStatus.UNAUTHORIZED: "No token, or none that stands.",
    HTTPStatus.FORBIDDEN: "The token, its role or its site may not do this.",
    HTTPStatus.NOT_FOUND: "Not there, or out of the token's reach.",
    HTTPStatus.CONFLICT: "The study refuses it as it stands, or the key was used for something else.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The body is too large.",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "The body is no JSON.",
    HTTPStatus.UNPROCESSABLE_ENTITY: "Arguments of another shape than this description says.",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many requests in too short a time.",
    HTTPStatus.SERVICE_UNAVAILABLE: "The database is not to be had now.",
}
_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "Drawn anew for each act. The same key gets the first answer, and no second act.",
    "schema": {"type": "string", "minLength": 8, "maxLength": 128, "pattern": "^[A-Za-z0-9_-]+$"},
}


@cache
def document(prefix: str) -> dict[str, Any]:
    """The description; ``prefix`` is where the API stands, as ``/api/v1``."""
    schemas: dict[str, Any] = {"Problem": _problem()}
    paths: dict[str, Any] = {}
    for endpoint in ENDPOINTS:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "trialkit",
            "version": trialkit.__version__,
            "description": "The acts of a trial. What a role may not see is not there for its tokens.",
        },
        "servers": [{"url": prefix}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "responses": {str(int(status)): _refusal(words) for status, words in _REFUSALS.items()},
        },
    }


def _operation(endpoint: Endpoint, schemas: dict[str, Any]) -> dict[str, Any]:
    roles = ", ".join(sorted(endpoint.act.allowed_roles))
    found: dict[str, Any] = {
        "operationId": f"{endpoint.method.lower()}_{endpoint.name}",
        "summary": endpoint.summary,
        "description": f"Scope: `{endpoint.act.name}`. Roles: {roles}.{_widened(endpoint)}",
        "parameters": _parameters(endpoint.path_arguments, "path", schemas),
        "responses": {
            "200": {
                "description": "Done." if endpoint.writes else "As it stands.",
                "content": _json(
                    _schema(
                        endpoint.answer.json_schema(mode="serialization", ref_template=_REFERENCE), schemas
                    )
                ),
            },
            **{str(int(s)): {"$ref": f"#/components/responses/{int(s)}"} for s in _REFUSALS},
        },
    }
    if endpoint.writes:
        found["parameters"].append(_KEY)
        body = endpoint.arguments.model_json_schema(ref_template=_REFERENCE)
        found["requestBody"] = {"required": True, "content": _json(_schema(body, schemas))}
    else:
        found["parameters"] += _parameters(endpoint.arguments, "query", schemas)
    return found


def _widened(endpoint: Endpoint) -> str:
    names = ", ".join(f"`{act.name}`" for act in endpoint.widened_by)
    return f" Shows more to a token that was issued for these as well: {names}." if names else ""


def _parameters(model: Any, place: str, schemas: dict[str, Any]) -> list[dict[str, Any]]:
    shape = _schema(model.model_json_schema(ref_template=_REFERENCE), schemas)
    needed = shape.get("required", [])
    return [
        {"name": name, "in": place, "required": name in needed, "schema": _not_null(schema)}
        for name, schema in shape.get("properties", {}).items()
    ]


def _not_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter is left out, not null."""
    options = [one for one in schema.get("anyOf", ()) if one.get("type") != "null"]
    if len(options) != len(schema.get("anyOf", ())):
        return {**options[0], "title": schema.get("title", "")}
    return schema


def _plain(shape: Any) -> Any:
    """Lists of a fixed length by what may stand in them: not every reader knows ``prefixItems``."""
    if isinstance(shape, list):
        return [_plain(part) for part in shape]
    if not isinstance(shape, dict):
        return shape
    found = {name: _plain(part) for name, part in shape.items() if name != "prefixItems"}
    if "prefixItems" in shape:
        kinds = [_plain(part) for part in shape["prefixItems"]]
        different = [kind for n, kind in enumerate(kinds) if kind not in kinds[:n]]
        found["items"] = different[0] if len(different) == 1 else {"anyOf": different}
    return found


def _schema(shape: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    """Definitions go to the components, where every operation finds them."""
    shape = _plain(shape)
    for name, definition in shape.pop("$defs", {}).items():
        if schemas.setdefault(name, definition) != definition:
            raise TypeError(f"two shapes of the API are called {name}")
    return shape


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _refusal(words: str) -> dict[str, Any]:
    return {"description": words, "content": _json({"$ref": "#/components/schemas/Problem"})}


def _problem() -> dict[str, Any]:
    return {
        "type": "object",
        "title": "Problem",
        "description": "What was expected, what was found, where, and what to do next.",
        "properties": {name: {"type": "string"} for name in FIELDS},
        "required": list(FIELDS),
        "additionalProperties": False,
    }
