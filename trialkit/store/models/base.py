"""What every table has: a naming rule for constraints, and the audit record that wrote the row."""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy import ForeignKey, MetaData
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAMES = {
    "pk": "pk_%(table_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}


NOTE = {"text": "note"}
"""``info`` of a column whose text may have several lines: a note, a narrative."""

DOCUMENT = {"text": "document"}
"""``info`` of a column that holds a whole document, bound by a hash of its own and kept as it came."""


class Base(DeclarativeBase):
    """A table. What it permits is said here and enforced by triggers made from it.

    ``clinical``: no row may be written while the study is locked.
    ``changing``: rows change in place (the head of the chain); every other table is only ever added to.
    Every text column holds one line under the policy of ``trialkit.free_text``, unless its ``info`` is
    ``NOTE`` or ``DOCUMENT``. ``digested``: the audit payload holds a digest of the rows instead of the rows.
    ``kept_by_database``: its rows are made and unmade by triggers alone.
    """

    metadata = MetaData(naming_convention=NAMES)
    clinical: ClassVar[bool] = False
    changing: ClassVar[bool] = False
    kept_by_database: ClassVar[bool] = False
    digested: ClassVar[bool] = False


class Recorded(Base):
    """A table whose rows say which audit record wrote them."""

    __abstract__ = True

    audit_number: Mapped[int] = mapped_column(ForeignKey("audit_transaction.number"), sort_order=1000)


class Clinical(Recorded):
    """A table of what was found out about subjects: closed by the lock."""

    __abstract__ = True

    clinical: ClassVar[bool] = True
