"""Counts of passes, paired rows and corrections, by form."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

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


def passes_of_subjects(reader: Reader) -> dict[tuple[str, str, str], int]:
    """(subject, form, authentication) -> passes."""
    i, p = m.FormInstance, m.FormPass
    query = (
        select(i.subject_id, i.form, p.authentication, func.count())
        .join(i, i.id == p.form_instance)
        .where(not_void())
        .group_by(i.subject_id, i.form, p.authentication)
    )
    return {(subject, form, how): n for subject, form, how, n in reader.execute(query)}


def made_at_one_desk(reader: Reader) -> list[tuple[str, str, str]]:
    """(subject, visit, form) of which both passes came from one account of one machine's system.

    Sessions are left out: all of them come from the server and its account.
    """
    first, second = aliased(m.FormPass), aliased(m.FormPass)
    of_first, of_second = aliased(m.AuditTransaction), aliased(m.AuditTransaction)
    i = m.FormInstance
    query = (
        select(i.subject_id, i.visit, i.form)
        .join(first, (first.form_instance == i.id) & (first.pass_number == 1))
        .join(second, (second.form_instance == i.id) & (second.pass_number == 2))
        .join(of_first, of_first.number == first.audit_number)
        .join(of_second, of_second.number == second.audit_number)
        .where(
            not_void(),
            of_first.os_user == of_second.os_user,
            of_first.host == of_second.host,
            first.authentication.not_in(("session", "simulated")),
            second.authentication.not_in(("session", "simulated")),
        )
    )
    return sorted((subject, visit, form) for subject, visit, form in reader.execute(query))
