from __future__ import annotations

from trialkit.errors.base import TrialkitError


class AccessError(TrialkitError):
    """An act that this account, in this role and at this site, may not do, or may not do like this."""
