from __future__ import annotations

from trialkit.errors import TrialkitError


class SnapshotError(TrialkitError):
    """A snapshot that cannot be written where asked, or is not what its manifest says."""
