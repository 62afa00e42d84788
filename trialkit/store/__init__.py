"""The only room that speaks SQL: models, migrations, triggers, reading, and the ledger that writes."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trialkit.store.audit_chain import AuditStamp
    from trialkit.store.engine import Reader, Store
    from trialkit.store.errors import AuditError, StoreError
    from trialkit.store.ledger import Transaction, transaction

__all__ = ["AuditError", "AuditStamp", "Reader", "Store", "StoreError", "Transaction", "transaction"]

_MODULE_OF = {
    "AuditError": "errors",
    "AuditStamp": "audit_chain",
    "Reader": "engine",
    "Store": "engine",
    "StoreError": "errors",
    "Transaction": "ledger",
    "transaction": "ledger",
}


def __getattr__(name: str) -> Any:
    module = _MODULE_OF.get(name)
    if module is None:
        raise AttributeError(f"trialkit.store has no {name!r}")
    return getattr(importlib.import_module(f"trialkit.store.{module}"), name)
