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

__all__ = [
    "Manifest",
    "PreparedSnapshot",
    "Snapshot",
    "SnapshotContent",
    "SnapshotError",
    "prepare_snapshot",
    "read_snapshot",
    "write_snapshot",
]
