"""Where a SQLite file may lie."""

from __future__ import annotations

from pathlib import Path

import pytest

from trialkit.store import engine
from trialkit.store.engine import Store
from trialkit.store.errors import StoreError


@pytest.mark.parametrize("kind", ["nfs4", "cifs", "fuse.sshfs", "smb3", "fuse.rclone", "lustre", "vboxsf"])
def test_a_sqlite_file_on_a_network_share_is_refused_and_not_made(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounts = tmp_path / "mounts"
    share = tmp_path / "share of all"
    share.mkdir()
    point = str(share).replace(" ", "\\040")
    mounts.write_text(f"/dev/sda1 / ext4 rw 0 0\nserver:/x {point} {kind} rw 0 0\n")
    monkeypatch.setattr(engine, "MOUNTS", mounts)
    with pytest.raises(StoreError, match="network share"):
        Store(f"sqlite:///{share / 'trial.sqlite'}")
    assert not list(share.iterdir())
    Store(f"sqlite:///{tmp_path / 'trial.sqlite'}").close()
