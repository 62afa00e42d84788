"""A file that shows one person belongs to one subject."""

from __future__ import annotations

from collections.abc import Collection

from trialkit.entry.errors import EntryError
from trialkit.store.engine import Reader
from trialkit.store.reading.files import subjects_of_file


def require_nobody_elses(reader: Reader, file_sha256: str, subject_ids: Collection[str]) -> None:
    """Refuse a file from which another subject's form was read.

    Only while the audit head is held is the answer still true when the act is written.

    Raises
    ------
    EntryError
        Never naming the other subject.
    """
    if subjects_of_file(reader, file_sha256) - set(subject_ids):
        raise EntryError(
            expected="a scan of this subject",
            found="one from which another subject's form was read",
            where=", ".join(sorted(subject_ids)),
            next_step="Check which subject was scanned; void the wrong form.",
        )
