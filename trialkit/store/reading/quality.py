"""Counts of passes, paired rows and corrections, by form."""

from __future__ import annotations

from sqlalchemy import func, select

from trialkit.store import models as m
from trialkit.store.engine import Reader
from trialkit.store.reading.forms import not_void


def pass_counts(reader: Reader) -> dict[tuple[str, str], int]:
    """(form, authentication) -> passes."""
    query = (
        select(m.FormInstance.form, m.FormPass.authentication, func.count())
        .select_from(m.FormPass)
        .join(m.FormInstance, m.FormInstance.id == m.FormPass.form_instance)
        .where(not_void())
        .group_by(m.FormInstance.form, m.FormPass.authentication)
    )
    return {(form, how): n for form, how, n in reader.execute(query)}


def compared_rows(reader: Reader) -> dict[tuple[str, int], int]:
    """(form, version it was entered under) -> rows of which both passes are there."""
    query = (
        select(m.FormInstance.form, m.FormInstance.study_version, func.count())
        .select_from(m.FinalRow)
        .join(m.FormInstance, m.FormInstance.id == m.FinalRow.form_instance)
        .where(m.FinalRow.pass1_row.is_not(None), m.FinalRow.pass2_row.is_not(None), not_void())
        .group_by(m.FormInstance.form, m.FormInstance.study_version)
    )
    return {(row[0], row[1]): row[2] for row in reader.execute(query)}


def correction_counts(reader: Reader) -> dict[tuple[str, str], int]:
    """(form, item) -> values corrected in the final record."""
    query = (
        select(m.FormInstance.form, m.FinalValue.item, func.count())
        .select_from(m.FinalValue)
        .join(m.FinalRow, m.FinalRow.id == m.FinalValue.final_row)
        .join(m.FormInstance, m.FormInstance.id == m.FinalRow.form_instance)
        .where(m.FinalValue.origin == "corrected", not_void())
        .group_by(m.FormInstance.form, m.FinalValue.item)
    )
    return {(row[0], row[1]): row[2] for row in reader.execute(query)}
