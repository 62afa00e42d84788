"""Imports in parts that are not at their end: which forms they claim, and which of them are in."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import aliased

from trialkit.store import models as m
from trialkit.store.engine import Reader
from trialkit.store.reading.batches import rows_for
from trialkit.store.reading.forms import FormKey, not_void

_OPEN = (
    select(
        m.ImportRun.import_batch,
        m.ImportRun.options,
        m.ImportRun.forms,
        m.ImportBatch.file_name,
        m.ImportBatch.file_sha256,
        m.ImportBatch.declared_typist,
        m.AuditTransaction.account,
    )
    .join(m.ImportBatch, m.ImportBatch.id == m.ImportRun.import_batch)
    .join(m.AuditTransaction, m.AuditTransaction.number == m.ImportRun.audit_number)
    .where(m.ImportRun.import_batch.not_in(select(m.ImportEnd.import_batch)))
    .order_by(m.ImportRun.import_batch)
)
_CLAIMS = select(m.ImportClaim.subject_id, m.ImportClaim.visit, m.ImportClaim.form)
_WRITTEN = select(m.FormInstance.subject_id, m.FormInstance.visit, m.FormInstance.form).join(
    m.FormPass, m.FormPass.form_instance == m.FormInstance.id
)


@dataclass(frozen=True, slots=True)
class OpenImport:
    """An import that began and did not end; ``number`` is that of its batch, ``forms`` all that it claims."""

    number: int
    options: str
    forms: int
    file_name: str
    file_sha256: str
    typist: str
    begun_by: str


def open_imports(reader: Reader) -> list[OpenImport]:
    """Those that stand half done, in the order in which they began."""
    return [OpenImport(*row) for row in reader.execute(_OPEN)]


def forms_claimed(reader: Reader, number: int) -> set[FormKey]:
    rows = rows_for(reader, _CLAIMS, m.ImportClaim.import_batch, [number])
    return {(row.subject_id, row.visit, row.form) for row in rows}


def forms_written(reader: Reader, number: int) -> set[FormKey]:
    """Those of an import's forms whose pass is in."""
    rows = rows_for(reader, _WRITTEN, m.FormPass.import_batch, [number])
    return {(row.subject_id, row.visit, row.form) for row in rows}


def imported_as_both(reader: Reader) -> list[tuple[tuple[str, str], tuple[str, str, str, str]]]:
    """Of each form whose entries are both of a file with the same bytes: its subject and name; and how the
    first and the second file were called, and their typists. Not readings of scans: both are of one image.
    """
    first, second = aliased(m.FormPass), aliased(m.FormPass)
    one, other = aliased(m.ImportBatch), aliased(m.ImportBatch)
    form = m.FormInstance
    query = (
        select(
            form.subject_id,
            form.form,
            one.file_name,
            other.file_name,
            one.declared_typist,
            other.declared_typist,
        )
        .join(first, first.form_instance == form.id)
        .join(second, second.form_instance == form.id)
        .join(one, one.id == first.import_batch)
        .join(other, other.id == second.import_batch)
        .where(first.pass_number == 1, second.pass_number == 2)
        .where(one.file_sha256 == other.file_sha256, not_void())
        .where(one.id.not_in(select(m.ImportFile.import_batch)))
    )
    return [
        ((subject, name), (file, same_file, typist, other_typist))
        for subject, name, file, same_file, typist, other_typist in reader.execute(query)
    ]
