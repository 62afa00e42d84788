"""Where randomization leaves the heads of the audit trail: beside the keys, or in a shared place."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from trialkit.operations.errors import TrialError
from trialkit.safe_files import PRIVATE_FILE, sync_folder

BESIDE_KEYS, SETTLED = "anchors", "settled"
HASH_BEGINS = 16
"""Digits by which a record is named to people; its number would count what the blinded are not shown."""

_NAME = re.compile(r"(\d{12})-([0-9a-f]{64})(-declared)?")
_KEPT = 20  # the newest few; an older one could only say less


@dataclass(frozen=True, slots=True)
class AnchorFolder:
    """A folder of empty files, each named by number and hash of an audit record.

    Each allocation that was told leaves one; ``-declared`` are those that came from elsewhere.
    ``shared``: named in ``trialkit.toml``. It is never made here: where a share is not mounted, an empty
    folder in its place would say that nothing was ever told.
    """

    path: Path
    shared: bool = False

    def names(self) -> list[str]:
        """The anchors that are not settled, by number.

        Raises
        ------
        TrialError
            A shared folder that is not there or cannot be read.
        """
        if not self.shared and not self.path.is_dir():
            return []
        try:
            return sorted(filter(is_anchor_name, os.listdir(self.path)))
        except OSError:
            raise self._unreachable() from None

    def keep(self, number: int, link: str) -> None:
        """Leave an anchor. Two desks at once leave two; the higher number counts."""
        self._write(anchor_name(number, link))
        for old in list(filter(is_told, self.names()))[:-_KEPT]:
            (self.path / old).unlink(missing_ok=True)

    def declare(self, number: int, link: str) -> None:
        """Leave an anchor that came from elsewhere, until it is settled."""
        self._write(f"{anchor_name(number, link)}-declared")

    def settle(self, names: list[str]) -> None:
        """Put anchors away that the database will never hold."""
        settled = self.path / SETTLED
        try:
            settled.mkdir(mode=0o700, exist_ok=True)
            for name in names:
                with suppress(FileNotFoundError):  # another server was quicker
                    (self.path / name).replace(settled / name)
            sync_folder(settled)
            sync_folder(self.path)
        except OSError:
            raise self._unreachable() from None

    def _write(self, name: str) -> None:
        try:
            if not self.shared:
                self.path.mkdir(mode=0o700, exist_ok=True)
            (self.path / name).touch(PRIVATE_FILE)
            sync_folder(self.path)
        except OSError:
            raise self._unreachable() from None

    def _unreachable(self) -> TrialError:
        return TrialError(
            expected="the folder of anchors, readable and writable",
            found="none",
            where=str(self.path),
            next_step="Mount or make it again; what was done before this line stands.",
        )


def anchor_name(number: int, link: str) -> str:
    return f"{number:012d}-{link}"


def is_told(name: str) -> bool:
    """Whether an allocation left this anchor when it was told."""
    return not name.endswith("-declared")


def is_anchor_name(name: str) -> bool:
    return _NAME.fullmatch(name) is not None


def record_of(name: str) -> tuple[int, str]:
    """Number and hash of the record that an anchor names."""
    return int(name[:12]), name[13:77]
