"""The amendment log of a plan: versions and days in order, the last the plan's, the unblinding once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from itertools import pairwise

from trialkit.plan.errors import PlanError, PlanWarning
from trialkit.plan.model import Amendment, Plan
from trialkit.study.model import Study
from trialkit.wording import said

FIRST = re.compile(r"v?[01](\.0)*", re.IGNORECASE)  # a version that no amendment has made
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def amendments(plan: Plan, _study: Study) -> Iterator[PlanError]:
    """What the log contradicts in itself or in the plan's version."""
    log = plan.amendments
    whole = not any(path.startswith(("amendment", "plan.version")) for path in plan.unread)
    if not log:
        if whole and not FIRST.fullmatch(plan.version.strip()):
            yield PlanWarning(
                expected=said("the amendments that led to version {version}", version=plan.version),
                found="none",
                where="plan/version",
                next_step="Add an [[amendment]] for each later version, or begin with 1.0.",
            )
        return
    for one in log:
        if day_of(one) is None:
            yield PlanError(
                expected="a day that is there, as 2026-01-31",
                found=repr(one.date),
                where=_where(plan, one, "date"),
                next_step="Write the day on which the amendment was signed.",
            )
    for before, after in pairwise(log):
        yield from _in_order(plan, before, after)
    if whole and log[-1].version.strip() != plan.version.strip():
        yield PlanError(
            expected=said("the plan's version, {version}, as the last amendment's", version=plan.version),
            found=log[-1].version,
            where=_where(plan, log[-1], "version"),
            next_step="Log the amendment that made this version, or correct one of the two.",
        )


def _in_order(plan: Plan, before: Amendment, after: Amendment) -> Iterator[PlanError]:
    """Two neighbours in the log."""
    if _parts(after.version) <= _parts(before.version):
        yield PlanError(
            expected=said("a version after {version}", version=before.version),
            found=after.version,
            where=_where(plan, after, "version"),
            next_step="Log the amendments in their order, each with a version of its own.",
        )
    first, second = day_of(before), day_of(after)
    if first is not None and second is not None and second < first:
        yield PlanError(
            expected=said(
                "a day on or after {day}, that of version {version}", day=first, version=before.version
            ),
            found=second.isoformat(),
            where=_where(plan, after, "date"),
            next_step="Log the amendments in their order.",
        )
    said_before = f"amendment.{before.place}.before_unblinding" not in plan.unread
    if said_before and after.before_unblinding and not before.before_unblinding:
        yield PlanError(
            expected=said("after the unblinding, as version {version} before it", version=before.version),
            found="before_unblinding = true",
            where=_where(plan, after, "before_unblinding"),
            next_step="The arms are opened once: correct one of the two.",
        )


def against_unblinding(plan: Plan, unblinded_on: date) -> Iterator[PlanError]:
    """Amendments on the other side of the signed unblinding than they say; on its day either may be true."""
    for one in plan.amendments:
        day = day_of(one)
        if day is None or day == unblinded_on:
            continue
        if one.before_unblinding != (day < unblinded_on):
            yield PlanError(
                expected=said(
                    "before_unblinding = {truth}: the arms were opened on {day}",
                    truth="true" if day < unblinded_on else "false",
                    day=unblinded_on,
                ),
                found=said("an amendment of {day} that says otherwise", day=day),
                where=_where(plan, one, "before_unblinding"),
                next_step="Correct it: who amends after the arms are known must say so.",
            )


def day_of(amendment: Amendment) -> date | None:
    """The day as written in ISO 8601, year to day; None where it is not one."""
    if not _DAY.fullmatch(amendment.date.strip()):
        return None
    try:
        return date.fromisoformat(amendment.date.strip())
    except ValueError:
        return None


def _parts(version: str) -> tuple[tuple[int, str], ...]:
    """``1.10`` after ``1.9``; letters by the alphabet; ``2`` is ``2.0``."""
    parts = [(int(n or -1), word.lower()) for n, word in re.findall(r"(\d+)|([A-Za-z]+)", version)]
    while parts and parts[-1] == (0, ""):
        parts.pop()
    return tuple(parts)


def _where(plan: Plan, one: Amendment, key: str) -> str:
    at = plan.places.get(f"amendment.{one.place}.{key}") or plan.places.get(f"amendment.{one.place}", "")
    dotted = said("amendment[{place}].{key}", place=one.place, key=key)
    return f"{at}:{dotted}" if at else dotted
