"""The files of a definition that a study folder keeps: recorded as they were, and held against that record.

``study.toml`` and the dictionary stand in the database, and a study whose copies of them were changed is not
opened. The labels in other languages stand in files alone: the act that brings them records their digests.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from trialkit.access.acts.accounts import CREATE_STUDY
from trialkit.access.acts.versions import AMEND_STUDY
from trialkit.operations.definitions import FOUNDED
from trialkit.operations.trial import file_sha256
from trialkit.store.engine import Reader
from trialkit.store.reading.audit import payloads_of
from trialkit.store.reading.study import study_versions
from trialkit.store.verification import UNREADABLE
from trialkit.study.labels import LABELS, VERSIONS
from trialkit.wording import Said, said

FACT = "files"
"""The fact of a founding or an amendment that names the label files it brought, each with its SHA-256."""


def label_files(folder: Path) -> list[Path]:
    """The labels in other languages of a definition or study folder, by name."""
    return sorted(folder.glob(LABELS))


def digests_of_labels(folder: Path) -> dict[str, str]:
    """File name -> SHA-256."""
    return {file.name: file_sha256(file) for file in label_files(folder)}


def is_definition_file(name: str) -> bool:
    """Whether a backup may name a file so: one of the folder itself, or of a later version's folder."""
    *folders, file = name.split("/")
    of_version = len(folders) == 2 and folders[0] == VERSIONS and folders[1].isdecimal()
    return bool(file) and Path(file).name == file and (not folders or of_version)


def definition_files(folder: Path) -> list[Path]:
    """Everything that a study folder keeps of its definition, later versions' files too."""
    kept = (folder / "study.toml", *folder.glob("dictionary.*"), *label_files(folder))
    later = (
        path for path in (folder / VERSIONS).glob("*/*") if path.is_file() and path.parent.name.isdecimal()
    )
    return sorted((*kept, *later))


def changed_texts(reader: Reader, folder: Path) -> Iterator[Said]:
    """Copies of a later version's definition or dictionary that are no longer what the database holds."""
    for version in study_versions(reader):
        if version.number == FOUNDED:
            continue
        texts = {"study.toml": version.definition_text, "dictionary.csv": version.dictionary_text}
        for name, text in texts.items():
            file = folder / VERSIONS / str(version.number) / name
            if file.is_file() and file.read_bytes() != text.encode("utf-8"):
                yield said(
                    "{file} in the study folder is not what version {version} was recorded with",
                    file=f"{VERSIONS}/{version.number}/{name}",
                    version=version.version,
                )


def changed_labels(reader: Reader, folder: Path) -> Iterator[Said]:
    """Label files that were changed, added or taken away since the act that recorded them.

    A study founded before digests were recorded says nothing of its files, and nothing is said of them.
    """
    for number, place, recorded in _recorded(reader):
        where = folder / place
        present = digests_of_labels(where) if where.is_dir() else {}
        for name in sorted({*recorded, *present}):
            told = {"file": (Path(place) / name).as_posix(), "record": number}
            if name not in present:
                yield said(
                    "{file}, recorded by audit record {record}, is no longer in the study folder", **told
                )
            elif name not in recorded:
                yield said("{file} was put into the study folder: audit record {record} had none", **told)
            elif present[name] != recorded[name]:
                yield said("{file} in the study folder was changed since audit record {record}", **told)


def _recorded(reader: Reader) -> Iterator[tuple[int, str, Mapping[str, str]]]:
    """Record number, folder within the study's, and the digests that it names."""
    version = FOUNDED
    for operation in (CREATE_STUDY.name, AMEND_STUDY.name):
        for number, payload in payloads_of(reader, operation):
            if operation == AMEND_STUDY.name:
                version += 1
            try:
                files = json.loads(payload)["facts"].get(FACT)
            except UNREADABLE:  # the walk along the chain names it
                continue
            if isinstance(files, dict):
                yield number, "" if version == FOUNDED else f"{VERSIONS}/{version}", files
