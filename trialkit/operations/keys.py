"""The key folder: the audit key and the allocation keys, outside the database."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from trialkit.errors import TrialkitError
from trialkit.operations.errors import TrialError
from trialkit.randomization import AllocationKey, read_custody_file, write_custody_file
from trialkit.randomization.sealing import Entropy
from trialkit.safe_files import private_folder, require_private
from trialkit.wording import said

AUDIT_KEY_FILE = "audit.key"
_ALLOCATION_KEYS = "allocation-*.json"
KEY_FILES = (AUDIT_KEY_FILE, _ALLOCATION_KEYS)
_AUDIT_KEY_BYTES = 32


@dataclass(frozen=True)
class KeyFolder:
    """A folder that only the service account may read; whoever holds it and the database can look ahead."""

    path: Path

    @cached_property
    def audit_key(self) -> bytes | None:
        """The key of the audit codes; None where this machine does not hold it."""
        file = self.path / AUDIT_KEY_FILE
        if not file.is_file():
            return None
        self.require_closed()
        try:
            key = bytes.fromhex(read_custody_file(file).strip())
        except ValueError:
            key = b""
        if len(key) != _AUDIT_KEY_BYTES:
            raise TrialError(
                expected=said(
                    "an audit key of {audit_key_bytes} bytes in hexadecimal", audit_key_bytes=_AUDIT_KEY_BYTES
                ),
                found="something else",
                where=str(file),
                next_step="Fetch the key again from where it is kept.",
            )
        return key

    def make_audit_key(self, entropy: Entropy) -> Path:
        """Draw the audit key into a new file; one that is there is never overwritten."""
        private_folder(self.path)
        file = self.path / AUDIT_KEY_FILE
        write_custody_file(file, entropy(_AUDIT_KEY_BYTES).hex() + "\n", private=True)
        return file

    def keep(self, key: AllocationKey) -> None:
        """Keep an allocation key under its public name; one that is there already is left alone."""
        private_folder(self.path)
        file = self._file(key.key_id)
        if not file.exists():
            write_custody_file(file, key.to_json(), private=True)
        elif read_custody_file(file) != key.to_json():
            raise TrialError(
                expected=said("the allocation key {key_id}", key_id=key.key_id),
                found="another file, or half of it, under its name",
                where=str(file),
                next_step="Move that file away, and load the list again.",
            )

    def require_closed(self) -> None:
        """Refuse keys that others of this machine may read: with the database they tell what comes next.

        Raises
        ------
        FileError
            With the command that closes them.
        """
        require_private(self.path, said("a key folder"))
        if self.path.is_dir():
            what = said("a key file")
            for file in sorted(entry.path for entry in os.scandir(self.path) if entry.is_file()):
                require_private(Path(file), what)

    def holds(self, key_id: str) -> bool:
        return self._file(key_id).is_file()

    def allocation_key(self, key_id: str) -> AllocationKey:
        """The key of that name.

        Raises
        ------
        TrialError
            It is not in the folder, or its file is no longer what was kept.
        """
        file = self._file(key_id)
        if not file.is_file():
            raise TrialError(
                expected=said("the allocation key {key_id}", key_id=key_id),
                found="no such file",
                where=str(self.path),
                next_step="Put the key file back from its backup. If it is lost, the list maker seals the "
                "list again, and it is loaded here; a treatment given by mistake is recorded once more.",
            )
        self.require_closed()
        try:
            key = AllocationKey.from_json(read_custody_file(file))
        except TrialkitError:
            key = None
        if key is None or key.key_id != key_id:
            raise TrialError(
                expected=said("the allocation key {key_id}", key_id=key_id),
                found="a damaged file, or another key",
                where=str(file),
                next_step="Put the key file back from its backup, or fetch it again from the list maker.",
            )
        return key

    def damaged_keys(self) -> tuple[str, ...]:
        """Names of allocation-key files that are here and hold no longer what was kept."""
        names = []
        for file in sorted(self.path.glob(_ALLOCATION_KEYS)):
            key_id = file.stem.partition("-")[2]
            try:
                self.allocation_key(key_id)
            except TrialkitError:
                names.append(file.name)
        return tuple(names)

    def _file(self, key_id: str) -> Path:
        return self.path / f"allocation-{key_id}.json"
