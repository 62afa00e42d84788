"""Which file each imported form comes from; a file that shows one person belongs to one subject."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trialkit.entry.errors import EntryError
from trialkit.store import models as m
from trialkit.store.engine import Reader
from trialkit.store.reading.files import subjects_of_files

if TYPE_CHECKING:
    from trialkit.operations.gate import OpenAct

FormKey = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class ScanFile:
    """The image that one form was read from; ``facts``: what else the audit record tells of the reading."""

    name: str
    sha256: str
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ImportSource:
    """The file a batch comes from, and who typed it according to the importer.

    ``scans``: the image of each form instead, where forms are readings.
    """

    file_name: str
    file_sha256: str
    typist: str
    scans: Mapping[FormKey, ScanFile] = field(default_factory=dict)

    @property
    def told(self) -> dict[str, object]:
        """For the audit record."""
        if not self.scans:
            return {"file": self.file_name, "file_sha256": self.file_sha256}
        return {
            "scans": [
                {"form": "/".join(key), "file": scan.name, "file_sha256": scan.sha256, **scan.facts}
                for key, scan in self.scans.items()
            ]
        }


def write_import_batches(
    progress: OpenAct, source: ImportSource, keys: Iterable[FormKey]
) -> dict[FormKey, int]:
    """The batch of each form: one for all, or one a scan.

    Raises
    ------
    EntryError
        A scan from which another subject's form was read. Only now, while the audit head is held, is that
        answer still true when the act is written.
    """
    numbers = progress.next_ids(m.ImportBatch)
    if source.scans:
        require_one_subject(progress.reader, [(scan.sha256, key[0]) for key, scan in source.scans.items()])
        return {
            key: _written(progress, next(numbers), scan.name, scan.sha256, source.typist)
            for key, scan in source.scans.items()
        }
    batch = _written(progress, next(numbers), source.file_name, source.file_sha256, source.typist)
    return dict.fromkeys(keys, batch)


def _written(progress: OpenAct, number: int, name: str, sha256: str, typist: str) -> int:
    progress.add(m.ImportBatch, id=number, file_name=name, file_sha256=sha256, declared_typist=typist)
    return number


def require_one_subject(reader: Reader, files: Collection[tuple[str, str]]) -> None:
    """Refuse a file (digest, subject) that another subject has, in the study or among these.

    Raises
    ------
    EntryError
        Never naming the other subject.
    """
    known = subjects_of_files(reader, {digest for digest, _ in files})
    for digest, subject_id in files:
        among = {other for one, other in files if one == digest} if len(files) > 1 else set()
        if (known.get(digest, frozenset()) | among) - {subject_id}:
            raise EntryError(
                expected="a scan of this subject",
                found="one from which another subject's form was read",
                where=subject_id,
                next_step="Check which subject was scanned; void the wrong form.",
            )
