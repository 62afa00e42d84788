"""Refusals as JSON: the four fields of every error, and the status that says whose turn it is."""

from __future__ import annotations

from http import HTTPStatus

from pydantic import ValidationError
from starlette.responses import JSONResponse

from trialkit.access import AccessError
from trialkit.errors import TrialkitError
from trialkit.web.own_fields import in_parameters

FIELDS = ("expected", "found", "where", "next_step")


def problem(error: TrialkitError, status: int) -> JSONResponse:
    """Operations speak of the command line's options; here they are members of what was sent."""
    return JSONResponse({name: in_parameters(str(getattr(error, name))) for name in FIELDS}, status)


def refused(error: TrialkitError) -> JSONResponse:
    """What an operation refused: for want of a right, or because of what is there."""
    return problem(error, HTTPStatus.FORBIDDEN if isinstance(error, AccessError) else HTTPStatus.CONFLICT)


def not_here() -> JSONResponse:
    """The same bytes for what never was and for what is out of this token's reach."""
    error = TrialkitError(
        expected="something of this study, at the token's sites",
        found="nothing there",
        next_step="Check the number or name; openapi.json lists the addresses.",
    )
    return problem(error, HTTPStatus.NOT_FOUND)


def no_such_address(status: int) -> JSONResponse:
    """An address, or a method of one, that the API does not have."""
    error = TrialkitError(
        expected="an address and method that the API has",
        found="another one",
        next_step="openapi.json lists the addresses.",
    )
    return problem(error, status)


def malformed(error: ValidationError) -> JSONResponse:
    """Arguments of another shape than the schema says: the first one, by its place."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    found = TrialkitError(
        expected=first["msg"],
        found=first["type"],
        where=".".join(str(part) for part in first["loc"]),
        next_step="Send what openapi.json says. Nothing was written.",
    )
    return problem(found, HTTPStatus.UNPROCESSABLE_ENTITY)


def bad_request(
    expected: str, found: str, next_step: str, status: int = HTTPStatus.BAD_REQUEST
) -> JSONResponse:
    return problem(TrialkitError(expected=expected, found=found, next_step=next_step), status)
