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
    "last": "Last value",
    "category": "Kind",
    "flags": "Marked",
    "analysis_set": "Analysis set",
    "decision": "Decision",
    "reason": "Reason",
    "decided_by": "By",
    "decided_at": "At",
}
DECIDED = {"exclude": "leave out", "keep": "keep", "": "open"}
NOTHING = "Nothing."
SHORT = frozenset({"site", "day", "window", "status", "flags", "decided_by", "decided_at"})
RULES = (
    "The rules of the plan hold as they are; those that need the arm are applied after unblinding. "
    "A decision to leave out adds to them; one to keep says that the matter was looked at, "
    "and takes no rule back."
)


TITLES = {
    "missing": ("Primary outcome missing", "Randomized, without the primary outcome: a row a subject"),
    "window": ("Visits outside their windows", "Day of the visit and its window: a row a visit"),
    "deviations": ("Protocol deviations", "As recorded, with its category: a row a deviation"),
    "candidates": ("Candidates for exclusion from a set", "Whom to decide about: a row a subject and set"),
    "decisions": ("Decisions so far", "What was decided, by whom and when: a row a subject and set"),
}
"""Section -> its heading, and what its table says a row is."""


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
    parts: tuple[tuple[str, pd.DataFrame], ...] = (
        ("missing", review.missing_primary),
        ("window", review.out_of_window),
        ("deviations", review.deviations),
        ("candidates", review.candidates),
        ("decisions", review.decisions),
    )
    labels = {name: one.label or name for name, one in plan.sets.items()}
    sections = [_to_decide(review, plan, labels)]
    for number, (anchor, frame) in enumerate(parts, start=2):
        title, caption = TITLES[anchor]
        blocks: list[Block] = [_table(f"R.{number}", caption, _worded(frame, labels))] if len(frame) else []
        if anchor == "deviations":
            blocks += [Notice("Withheld.", text) for text in review.withheld]
        blocks = blocks or [Notice(NOTHING, "")]
        lead = f"{review.primary}." if anchor == "missing" else ""
        sections.append(Section(anchor, title, (Entry(f"entry-{anchor}", title, tuple(blocks)),), lead))
    return Page(
        title=study.title,
        kicker="Blind data review before the lock",
        state="Blinded: no arm is known here",
        state_tone="draft",
        facts=(
            ("Study", f"{study.id}, version {study.version}"),
            ("Analysis plan", f"{plan.id}, version {plan.version}"),
            ("Snapshot", f"{snapshot.manifest.content_sha256[:12]} ({snapshot.manifest.state})"),
            ("Randomized", str(review.n_randomized)),
        ),
        sections=tuple(sections),
        footer="Each candidate is decided with trialkit decide-set before the lock, with name and reason: "
        "one at a time, or all that are filled in here with --file candidates.csv.",
    )


def _to_decide(review: DataReview, plan: Plan, labels: dict[str, str]) -> Section:
    """How many are to be decided about, set by set, and what each set is."""
    title = "What is to be decided"
    rows = []
    for name, label in labels.items():
        mine = review.candidates[review.candidates["analysis_set"] == name]
        counts = [len(mine), *(int((mine["decision"] == word).sum()) for word in DECIDED)]
        rows.append(Row(label, (*(Cell(str(n)) for n in counts), Cell(plan.sets[name].note))))
    heads = ("Candidates", "Leave out", "Keep", "Open")
    columns = (Column("Analysis set"), *map(Column, heads), Column("Who belongs to it", align="left"))
    caption = "Candidates and decisions: a row an analysis set"
    table = Table(number="R.1", title=caption, columns=columns, rows=tuple(rows), footnotes=(RULES,))
    return Section("to-decide", title, (Entry("entry-to-decide", title, (table,)),))


def _worded(frame: pd.DataFrame, labels: dict[str, str]) -> pd.DataFrame:
    """Sets, decisions and times as the page calls them; beside a candidate the decision in one cell."""
    if "analysis_set" not in frame:
        return frame
    words = [DECIDED.get(code, code) for code in frame["decision"]]
    sets = [labels.get(name, name) for name in frame["analysis_set"]]
    if "decided_at" in frame:
        times = frame["decided_at"].str.slice(0, 16).str.replace("T", " ")
        return frame.assign(analysis_set=sets, decision=words, decided_at=times)
    why = [
        f"{word}: {reason} ({who})" if reason else word
        for word, reason, who in zip(words, frame["reason"], frame["decided_by"], strict=True)
    ]
    return frame.assign(analysis_set=sets, decision=why).drop(columns=["reason", "decided_by"])


def _table(number: str, title: str, frame: pd.DataFrame) -> Table:
    columns = [name for name in frame.columns if name != "subject_id"]
    rows = tuple(
        Row(str(row["subject_id"]), tuple(Cell(str(row[name])) for name in columns))
        for row in frame.to_dict("records")
    )
    heads = tuple(
        Column(HEADS.get(name, name), align="center" if name in SHORT else "left") for name in columns
    )
    return Table(number=number, title=title, columns=(Column("Subject"), *heads), rows=rows)
