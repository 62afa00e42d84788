"""What was taken out of the record because it identified somebody: the one change of what is written."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from trialkit.store.models.base import Recorded


class Redaction(Recorded):
    """One text of an earlier record that was taken out, by the place it stood at.

    ``after_sha256`` is of that record's whole payload as it stands since: what verification accepts in place
    of the text that its hash was made of, and nothing else.
    """

    __tablename__ = "redaction"
    __table_args__ = (Index("ix_redaction_record", "record"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    record: Mapped[int] = mapped_column(ForeignKey("audit_transaction.number"))
    place: Mapped[str]
    after_sha256: Mapped[str]
