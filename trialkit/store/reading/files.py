"""Which files passes came from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping

from sqlalchemy import select

from trialkit.store import models as m
from trialkit.store.engine import Reader
from trialkit.store.reading.batches import rows_for
from trialkit.store.reading.forms import not_void

_SUBJECTS = (
    select(m.ImportBatch.file_sha256, m.FormInstance.subject_id)
    .join(m.FormPass, m.FormPass.import_batch == m.ImportBatch.id)
    .join(m.FormInstance, m.FormInstance.id == m.FormPass.form_instance)
    .where(not_void())
)
_SUBJECTS_OF_READINGS = (
    select(m.ImportFile.file_sha256, m.FormInstance.subject_id)
    .join(m.FormPass, m.FormPass.import_batch == m.ImportFile.import_batch)
    .join(m.FormInstance, m.FormInstance.id == m.FormPass.form_instance)
    .where(not_void())
)
_READINGS = (
    select(
        m.FormInstance.subject_id,
        m.FormInstance.visit,
        m.FormInstance.form,
        m.ImportFile.kind,
        m.ImportFile.file_sha256,
    )
    .join(m.FormPass, m.FormPass.import_batch == m.ImportFile.import_batch)
    .join(m.FormInstance, m.FormInstance.id == m.FormPass.form_instance)
    .where(not_void())
)


def subjects_of_files(reader: Reader, digests: Collection[str]) -> dict[str, frozenset[str]]:
    """SHA-256 -> the subjects of whom a form that counts was read from a file with this content."""
    found: dict[str, set[str]] = defaultdict(set)
    for query, column in (
        (_SUBJECTS, m.ImportBatch.file_sha256),
        (_SUBJECTS_OF_READINGS, m.ImportFile.file_sha256),
    ):
        for row in rows_for(reader, query, column, digests):
            found[row.file_sha256].add(row.subject_id)
    return {digest: frozenset(subjects) for digest, subjects in found.items()}


def files_of_readings(
    reader: Reader, subject_ids: Collection[str]
) -> Mapping[tuple[str, str, str], Mapping[str, frozenset[str]]]:
    """(subject, visit, form) -> kind of file -> digests, of the readings of these subjects that count."""
    found: dict[tuple[str, str, str], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for row in rows_for(reader, _READINGS, m.FormInstance.subject_id, subject_ids):
        found[row.subject_id, row.visit, row.form][row.kind].add(row.file_sha256)
    return {
        key: {kind: frozenset(digests) for kind, digests in kinds.items()} for key, kinds in found.items()
    }
