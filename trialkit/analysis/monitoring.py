"""What a data and safety monitoring board reads: the plan's entries on conduct and safety, at a day.

``open`` is pooled and needs no allocation; ``closed`` shows the arms as A, B and so on.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from trialkit.analysis.errors import AnalysisError
from trialkit.analysis.methods import all_methods
from trialkit.analysis.methods.listing import SECTION
from trialkit.plan import Analysis, AnalysisRole, Plan
from trialkit.snapshot import Snapshot
from trialkit.study.model import Study
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd

SAFETY_LISTINGS = "16.2.7"
PRIMARY_KEYS = {"endpoint", "visit", "formula"}
MAY_HAVE_COME_LATER = ("withdrawn", "completed")


class Board(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


def monitoring_plan(plan: Plan) -> Plan:
    """The entries a board reads: those whose methods are for it, and the listings of adverse events.

    Raises
    ------
    AnalysisError
        The plan has none.
    """
    methods = all_methods()
    chosen = tuple(
        entry
        for entry in plan.analyses
        if entry.fault is None
        and (methods[entry.method].monitored or entry.keys.get(SECTION.name) == SAFETY_LISTINGS)
    )
    if not chosen:
        raise AnalysisError(
            expected="entries on conduct and safety, such as retention or adverse_events",
            found="none",
            where=said("plan {id}", id=plan.id),
            next_step="Add them to the plan.",
        )
    return replace(plan, analyses=chosen)


def behind_closed_doors(plan: Plan, study: Study) -> Plan:
    """The same entries, with what the board alone may read: conditional power of the plan's primary analysis,
    and the serious events told one by one; each only where the study says what it needs. With more than two
    arms there is no one contrast whose power it would be."""
    primary = next(
        (e for e in plan.analyses if e.role is AnalysisRole.PRIMARY and set(e.keys) >= PRIMARY_KEYS), None
    )
    added = []
    if primary is not None and study.sample_size is not None and len(plan.arms) == 2:
        named = {key: primary.keys[key] for key in PRIMARY_KEYS}
        added.append(_own(plan, "CP", "conditional_power", f"{primary.title}: conditional power", named))
    if study.safety.serious:
        added.append(_own(plan, "SN", "narratives", "Narratives of serious adverse events", {}))
    return replace(monitoring_plan(plan), analyses=(*monitoring_plan(plan).analyses, *added))


def _own(plan: Plan, name: str, method: str, title: str, keys: dict[str, object]) -> Analysis:
    """An entry the report brings along; its set is that of everybody randomized."""
    everybody = next(one.name for one in plan.sets.values() if one.randomized)
    where = "the board's closed report"
    return Analysis(name, method, AnalysisRole.DESCRIPTIVE, title, everybody, where, keys=keys)


def cut(snapshot: Snapshot, cutoff: date) -> Snapshot:
    """The snapshot as it would have been on a day: randomizations, visits and their forms up to it.

    A status that may have come later (withdrawn, completed) is kept where nothing of the subject was cut.

    Raises
    ------
    AnalysisError
        The day is after the snapshot was taken: there are no data up to it.
    """
    taken = date.fromisoformat(snapshot.manifest.taken_at[:10])
    if cutoff > taken:
        raise AnalysisError(
            expected=said("a cut-off up to the day of the snapshot, {day}", day=taken.isoformat()),
            found=cutoff.isoformat(),
            where=str(snapshot.folder),
            next_step="Take a later snapshot, or name an earlier day.",
        )
    last = cutoff.isoformat()
    tables = dict(snapshot.tables)
    subjects = tables["subjects"]
    subjects = subjects[(subjects["consent_date"] != "") & (subjects["consent_date"] <= last)].copy()
    visits = tables["visits"]
    kept = visits[(visits["date"] != "") & (visits["date"] <= last)]
    later = subjects["subject_id"].isin(visits.loc[visits["date"] > last, "subject_id"])
    open_again = later & subjects["status"].isin(MAY_HAVE_COME_LATER)
    subjects.loc[open_again, ["status", "status_reason"]] = ["randomized", ""]
    not_yet = subjects["randomization_date"] > last
    drawn = [
        c for c in map(str, subjects) if c.endswith(("_randomized", "_true")) or c == "randomization_date"
    ]
    subjects.loc[not_yet, drawn] = ""
    subjects.loc[not_yet, ["status", "status_reason"]] = ["screened", ""]
    tables |= {"subjects": subjects, "visits": kept[kept["subject_id"].isin(subjects["subject_id"])]}
    pairs = set(zip(tables["visits"]["subject_id"], tables["visits"]["visit"], strict=True))
    for name in ("values", "forms"):
        if name in tables:
            tables[name] = _of_visits(tables[name], pairs)
    randomized = set(subjects.loc[subjects["randomization_date"] != "", "subject_id"])
    if last < taken.isoformat():
        tables.pop("quality", None)  # counted over the whole snapshot: what was typed by the day is not in it
    for name in ("mistakes", "allocations", "review"):
        if name in tables:
            tables[name] = tables[name][tables[name]["subject_id"].isin(randomized)]
    return replace(snapshot, manifest=replace(snapshot.manifest, taken_at=last), tables=tables)


def _of_visits(table: pd.DataFrame, pairs: set[tuple[str, str]]) -> pd.DataFrame:
    there = [pair in pairs for pair in zip(table["subject_id"], table["visit"], strict=True)]
    return table[there]
