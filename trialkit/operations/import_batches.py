"""Which file each imported form comes from; a file that shows one person belongs to one subject."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trialkit.entry.errors import EntryError
from trialkit.store import models as m
from trialkit.store.engine import Reader
from trialkit.store.reading.files import files_of_readings, subjects_of_files

if TYPE_CHECKING:
    from trialkit.operations.gate import OpenAct

FormKey = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class ScanFile:
    """The image that one form was read from; ``facts``: what else the audit record tells of the reading.

    ``another_file``: the reader says that it is another file of the scan that the other reader read.
    """

    name: str
    sha256: str
    facts: Mapping[str, str] = field(default_factory=dict)
    another_file: bool = False

    @property
    def digests(self) -> dict[str, str]:
        """Kind of file -> SHA-256, as far as they are told."""
        told = {
            "image": self.sha256,
            "water": self.facts.get("water_sha256", ""),
            "segmentation": self.facts.get("segmentation_sha256", ""),
        }
        return {kind: digest for kind, digest in told.items() if digest}

    @property
    def told(self) -> dict[str, object]:
        """For the audit record."""
        stated = {"another_file": True} if self.another_file else {}
        return {"file": self.name, "file_sha256": self.sha256, **self.facts, **stated}


@dataclass(frozen=True, slots=True)
class ImportSource:
    """The file a batch comes from, and who typed it according to the importer.

    ``scans``: the image of each form instead, where forms are readings. ``batch``: of an import in parts,
    whose batch is there since its forms were claimed. ``refused``: how much of the file was refused, and its
    forms left out.
    """

    file_name: str
    file_sha256: str
    typist: str
    scans: Mapping[FormKey, ScanFile] = field(default_factory=dict)
    batch: int | None = None
    refused: int = 0

    @property
    def told(self) -> dict[str, object]:
        """For the audit record."""
        if not self.scans:
            left_out = {"refused": self.refused} if self.refused else {}
            return {"file": self.file_name, "file_sha256": self.file_sha256, **left_out}
        return {"scans": [{"form": "/".join(key), **scan.told} for key, scan in self.scans.items()]}


def write_import_batches(
    progress: OpenAct, source: ImportSource, keys: Iterable[FormKey]
) -> dict[FormKey, int]:
    """The batch of each form: one for all, or one a scan.

    Raises
    ------
    EntryError
        A file from which another subject's form was read; an image that is not the other reader's, or a
        segmentation that is. Only now, while the audit head is held, are those answers still true when the
        act is written.
    """
    if source.batch is not None:
        return dict.fromkeys(keys, source.batch)
    seen = progress.trial.rules_without_arms.forms
    numbers = progress.next_numbers(m.ImportBatch, hidden=not any(form in seen for _, _, form in keys))
    if source.scans:
        require_one_subject(progress.reader, source.scans)
        require_own_reading(progress.reader, source.scans)
        files = progress.next_ids(m.ImportFile)
        batches = {}
        for key, scan in source.scans.items():
            batches[key] = _written(progress, next(numbers), scan.name, scan.sha256, source.typist)
            for kind, digest in scan.digests.items():
                progress.add(
                    m.ImportFile, id=next(files), import_batch=batches[key], kind=kind, file_sha256=digest
                )
        return batches
    batch = _written(progress, next(numbers), source.file_name, source.file_sha256, source.typist)
    return dict.fromkeys(keys, batch)


def _written(progress: OpenAct, number: int, name: str, sha256: str, typist: str) -> int:
    progress.add(m.ImportBatch, id=number, file_name=name, file_sha256=sha256, declared_typist=typist)
    return number


def require_one_subject(reader: Reader, scans: Mapping[FormKey, ScanFile]) -> None:
    """Refuse a file (image, water image, segmentation) that another subject has, in the study or among these.

    Raises
    ------
    EntryError
        Never naming the other subject.
    """
    among: dict[str, set[str]] = defaultdict(set)
    for key, scan in scans.items():
        for digest in scan.digests.values():
            among[digest].add(key[0])
    known = subjects_of_files(reader, among)
    for (subject_id, *_), scan in scans.items():
        for kind, digest in scan.digests.items():
            if (known.get(digest, frozenset()) | among[digest]) - {subject_id}:
                raise EntryError(
                    expected="a scan of this subject",
                    found="one from which another subject's form was read",
                    where=f"{subject_id}/{kind}",
                    next_step="Check which subject was scanned; void the wrong form.",
                )


def require_own_reading(reader: Reader, scans: Mapping[FormKey, ScanFile]) -> None:
    """Refuse a second reading of another image than the first, or of the first reader's own outlines.

    Raises
    ------
    EntryError
        Saying nothing of what the first reader found.
    """
    made = files_of_readings(reader, {key[0] for key in scans})
    for key, scan in scans.items():
        images = made.get(key, {}).get("image", frozenset())
        if images and scan.sha256 not in images and not scan.another_file:
            raise EntryError(
                expected="the image that this form's other pass was read from",
                found="another one",
                where="/".join(key),
                next_step="Read the same file. If it is another file of that scan, say so: --another-file.",
            )
        if scan.digests.get("segmentation", "") in made.get(key, {}).get("segmentation", ()):
            raise EntryError(
                expected="a segmentation of this reader's own",
                found="the one that this form's other pass was measured from",
                where="/".join(key),
                next_step="Draw the scan without looking at the other reader's outlines.",
            )
