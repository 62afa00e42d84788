"""Which files passes came from."""

from __future__ import annotations

from sqlalchemy import select

from trialkit.store import models as m
from trialkit.store.engine import Reader
from trialkit.store.reading.forms import not_void


def subjects_of_file(reader: Reader, sha256: str) -> frozenset[str]:
    """The subjects of whom a form that counts was read from a file with this content."""
    wanted = (
        select(m.FormInstance.subject_id)
        .join(m.FormPass, m.FormPass.form_instance == m.FormInstance.id)
        .join(m.ImportBatch, m.ImportBatch.id == m.FormPass.import_batch)
        .where(m.ImportBatch.file_sha256 == sha256, not_void())
    )
    return frozenset(reader.execute(wanted).scalars())
