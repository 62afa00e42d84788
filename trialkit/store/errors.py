from __future__ import annotations

from trialkit.errors.base import TrialkitError


class StoreError(TrialkitError):
    """The database cannot do what was asked: absent, of another version, busy, or refusing a row."""


class UnreachableError(StoreError):
    """The database does not answer: its driver's words are for whoever runs it, not for whoever asks."""


class RightsError(StoreError):
    """The role that asks may not: that says nothing of what the database holds."""


class AuditError(TrialkitError):
    """The audit trail is not whole, or an anchor does not fit it."""
