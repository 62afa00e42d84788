"""Which files passes came from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

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


def subjects_of_files(reader: Reader, digests: Collection[str]) -> dict[str, frozenset[str]]:
    """SHA-256 -> the subjects of whom a form that counts was read from a file with this content."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in rows_for(reader, _SUBJECTS, m.ImportBatch.file_sha256, digests):
        found[row.file_sha256].add(row.subject_id)
    return {digest: frozenset(subjects) for digest, subjects in found.items()}
