"""The wall between the two wings: a dated, hashed, read-only set of plain files."""

from trialkit.snapshot.content import SnapshotContent
from trialkit.snapshot.errors import SnapshotError
from trialkit.snapshot.files import (
    Manifest,
    PreparedSnapshot,
    Snapshot,
    prepare_snapshot,
    read_snapshot,
    write_snapshot,
)
from trialkit.snapshot.versions import AskedBy, not_asked

__all__ = [
    "AskedBy",
    "Manifest",
    "PreparedSnapshot",
    "Snapshot",
    "SnapshotContent",
    "SnapshotError",
    "not_asked",
    "prepare_snapshot",
    "read_snapshot",
    "write_snapshot",
]
