"""The confirmation of a randomization: what the site files, and what proves it after a restore."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from trialkit.study.model import Study

if TYPE_CHECKING:
    from trialkit.operations import Allocated


def stratum_shown(study: Study, values: Mapping[str, str]) -> str:
    """Stratification values for whoever stands at the desk, labels beside codes: ``site A, sex 1 (male)``."""
    return ", ".join(f"{name} {study.level_shown(name, level)}" for name, level in values.items())


def arm_shown(study: Study, arm: str) -> str:
    return f"{study.arm(arm).label} [{arm}]"


def confirmation_text(
    study: Study, answer: Allocated, values: Mapping[str, str], *, account: str, role: str
) -> str:
    """The paper for the site's file. Its last lines let it be held against the database later.

    Parameters
    ----------
    answer
        Of ``trialkit.operations.randomize``.
    values
        Factor -> level, as they were stated.
    account, role
        Who asked, which is not who randomized where the allocation is told again.
    """
    site = study.site(answer.site)
    here = answer.allocated_at.astimezone(ZoneInfo(site.time_zone))
    lines = [
        f"RANDOMIZATION CONFIRMATION, study {study.id}",
        f"Subject       {answer.subject_id}",
        f"Site          {site.code}, {site.name}",
        f"Stratum       {stratum_shown(study, values)}",
        f"Allocated to  {arm_shown(study, answer.arm)}",
        f"At the site   {here:%Y-%m-%d %H:%M} ({site.time_zone})",
        f"Time          {answer.allocated_at.isoformat()}",
    ]
    if answer.repeated:
        lines[0] += " (allocated before; this is the same allocation)"
        lines += [f"By            {answer.allocated_by}", f"Asked again   by {account}, {role}"]
    else:
        lines.append(f"By            {account}, {role}")
    if answer.code:
        lines.append(f"Code          {answer.code}")
    lines += [f"Audit record  {answer.audit_number}", f"Audit hash    {answer.audit_hash}"]
    return "\n".join(lines)


def filled_up(study: Study, arm: str) -> str:
    """Blanks that make the paper's file as long as the longest arm would: its size is seen by many."""
    lengths = {known.name: len(arm_shown(study, known.name).encode()) for known in study.arms}
    return " " * (max(lengths.values()) - lengths[arm]) + "\n"
