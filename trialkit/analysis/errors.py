from __future__ import annotations

from trialkit.errors import TrialkitError


class AnalysisError(TrialkitError):
    """A plan entry that cannot be carried out on this snapshot."""


class WithheldError(AnalysisError):
    """An entry that needs what this run may not show of another."""
