"""Whether recruitment is open: of the study, of a site, of a stratum."""

from __future__ import annotations

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from trialkit.store.models.base import Recorded


class RecruitmentChange(Recorded):
    """Recruitment opened, paused or closed; the last row of a scope and name is how it stands."""

    __tablename__ = "recruitment_change"
    __table_args__ = (
        CheckConstraint("scope IN ('study', 'site', 'stratum')", name="scope"),
        CheckConstraint("state IN ('open', 'paused', 'closed')", name="state"),
        CheckConstraint("(scope = 'study') = (name = '')", name="named"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    scope: Mapped[str]
    name: Mapped[str]
    state: Mapped[str]
    reason: Mapped[str]
