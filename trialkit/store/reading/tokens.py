"""Tokens of programs, as they stand. Of none more than its digest is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from trialkit.access import Grant
from trialkit.store.engine import Reader
from trialkit.store.models import ApiToken, ApiTokenEnd
from trialkit.vocabulary import Role

_COLUMNS = (
    ApiToken.id,
    ApiToken.login,
    ApiToken.role,
    ApiToken.site,
    ApiToken.label,
    ApiToken.scopes,
    ApiToken.ends_at,
    ApiTokenEnd.api_token.label("revoked"),
)
_QUERY = select(*_COLUMNS).outerjoin(ApiTokenEnd, ApiTokenEnd.api_token == ApiToken.id)


@dataclass(frozen=True, slots=True)
class TokenState:
    number: int
    login: str
    grant: Grant
    label: str
    scopes: frozenset[str]
    ends_at: datetime
    revoked: bool


def tokens(reader: Reader, login: str | None = None) -> list[TokenState]:
    """Tokens in the order they were issued; of one account, or all."""
    query = _QUERY.order_by(ApiToken.id)
    if login is not None:
        query = query.where(ApiToken.login == login)
    return [_state(row) for row in reader.execute(query)]


def token_by_digest(reader: Reader, sha256: str) -> TokenState | None:
    row = reader.execute(_QUERY.where(ApiToken.sha256 == sha256)).first()
    return _state(row) if row else None


def _state(row: Any) -> TokenState:
    return TokenState(
        row.id,
        row.login,
        Grant(Role(row.role), row.site),
        row.label,
        frozenset(row.scopes.split()),
        datetime.fromisoformat(row.ends_at),
        row.revoked is not None,
    )
