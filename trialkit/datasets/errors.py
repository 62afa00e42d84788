from __future__ import annotations

from trialkit.errors import TrialkitError


class DatasetError(TrialkitError):
    """A snapshot from which the plan's datasets cannot be made."""
