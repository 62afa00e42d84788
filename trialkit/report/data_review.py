"""The blind data review as a page, and as a table in which the decisions are prepared."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from trialkit.analysis.data_review import DataReview, review_data
from trialkit.documents import write_docx, write_html
from trialkit.documents.page import Block, Entry, Notice, Page, Section
from trialkit.documents.table import Cell, Column, Row, Table
from trialkit.plan import Plan
from trialkit.snapshot import Snapshot
from trialkit.study import load_study

if TYPE_CHECKING:
    import pandas as pd

HEADS = {
    "site": "Site",
    "visit": "Visit",
    "day": "Day",
    "window": "Window of the plan, days",
    "status": "Status",
    "why": "Why",
    "category": "Kind",
    "flags": "Marked",
    "analysis_set": "Analysis set",
    "decision": "Decision",
    "reason": "Reason",
    "decided_by": "By",
    "decided_at": "At",
}
NOTHING = "Nothing."


def write_review(plan: Plan, snapshot: Snapshot, folder: Path) -> tuple[DataReview, Path]:
    """Write ``index.html``, ``review.docx`` and ``candidates.csv``, where decisions are prepared.

    The same plan and snapshot give the same bytes; no arm is in any of them.
    """
    review = review_data(plan, snapshot)
    page = review_page(review, plan, snapshot)
    write_html(page, folder / "index.html")
    write_docx(page, folder / "review.docx")
    review.candidates.to_csv(folder / "candidates.csv", index=False, lineterminator="\n")
    return review, folder / "index.html"


def review_page(review: DataReview, plan: Plan, snapshot: Snapshot) -> Page:
    study = load_study(snapshot.folder)
    parts: tuple[tuple[str, str, pd.DataFrame], ...] = (
        ("missing", "Primary outcome missing", review.missing_primary),
        ("window", "Visits outside their windows", review.out_of_window),
        ("deviations", "Protocol deviations", review.deviations),
        ("candidates", "Candidates for exclusion from a set", review.candidates),
        ("decisions", "Decisions so far", review.decisions),
    )
    sections = []
    for number, (anchor, title, frame) in enumerate(parts, start=1):
        blocks: list[Block] = [_table(f"R.{number}", title, frame)] if len(frame) else []
        if anchor == "deviations":
            blocks += [Notice("Withheld.", text) for text in review.withheld]
        blocks = blocks or [Notice(title, NOTHING)]
        sections.append(Section(anchor, title, (Entry(f"entry-{anchor}", title, tuple(blocks)),)))
    return Page(
        title=study.title,
        kicker="Blind data review before the lock",
        state="Blinded: no arm is known here",
        state_tone="draft",
        facts=(
            ("Study", f"{study.id}, version {study.version}"),
            ("Analysis plan", f"{plan.id}, version {plan.version}"),
            ("Snapshot", f"{snapshot.manifest.content_sha256[:12]} ({snapshot.manifest.state})"),
        ),
        sections=tuple(sections),
        footer="Each candidate is decided by `trialkit decide-set`, with a reason, before the lock.",
    )


def _table(number: str, title: str, frame: pd.DataFrame) -> Table:
    columns = [name for name in frame.columns if name != "subject_id"]
    rows = tuple(
        Row(str(row["subject_id"]), tuple(Cell(str(row[name])) for name in columns))
        for row in frame.to_dict("records")
    )
    heads = tuple(Column(HEADS.get(name, name), align="left") for name in columns)
    return Table(number=number, title=title, columns=(Column("Subject"), *heads), rows=rows)
