from __future__ import annotations

from trialkit.errors import TrialkitError


class AnalysisError(TrialkitError):
    """A plan entry that cannot be carried out on this snapshot."""
