"""The wall between the two wings: a dated, hashed, read-only set of plain files."""

from trialkit.snapshot.content import SnapshotContent
from trialkit.snapshot.errors import SnapshotError
from trialkit.snapshot.files import Manifest, Snapshot, read_snapshot, write_snapshot

__all__ = ["Manifest", "Snapshot", "SnapshotContent", "SnapshotError", "read_snapshot", "write_snapshot"]
