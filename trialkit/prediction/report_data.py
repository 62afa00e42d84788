"""Where data and images come from, how gaps are filled, and in what software: as stated, or "not stated"."""

from __future__ import annotations

from trialkit import numbers
from trialkit.documents.page import Entry, Notice
from trialkit.documents.table import Cell, Column, Row, Table
from trialkit.prediction.developed import Development
from trialkit.prediction.environment import FILE, environment_sha256, used_software
from trialkit.prediction.plan import PredictionPlan

NOT_STATED = "not stated"
_OF_DATA = {
    "source": "Source",
    "dates": "Dates",
    "outcome_assessment": "Assessment of the outcome",
    "missing_outcomes": "Why outcomes are missing",
}
_OF_IMAGES = {
    "acquisition": "Acquisition",
    "segmentation": "How masks were drawn",
    "readers": "Readers",
    "blinding": "Blinding of readers",
    "extraction": "Extraction",
    "harmonisation": "Scanners and sites",
}


def data_entry(development: Development, number: str) -> Entry:
    plan = development.plan
    rows = [(label, stated(plan, key)) for key, label in _OF_DATA.items()]
    if plan.of_images:
        rows += [(label, stated(plan, key)) for key, label in _OF_IMAGES.items()]
    rows += [("Terms of site or scanner", site_words(plan)), *((*pair,) for pair in gap_steps(development))]
    table = Table(
        number,
        "Data, images and gaps",
        (Column("", align="left"), Column("", align="left")),
        tuple(Row(name, (Cell(text),)) for name, text in rows),
    )
    odd = (text for text in development.notes if not text.endswith((" missing", " left out")))
    notes = tuple(Notice("Data", text) for text in odd)
    return Entry("data", "Where they come from", (table, *notes))


def stated(plan: PredictionPlan, key: str) -> str:
    """What the plan says of its data and images; of scanners nothing stated is nothing done."""
    text = str(getattr(plan.provenance, key))
    return text or ("not stated; not harmonised" if key == "harmonisation" else NOT_STATED)


def site_words(plan: PredictionPlan) -> str:
    """How the site enters; no plan makes it a candidate."""
    if not plan.site:
        return "none; the plan names no site"
    within = ", groups shown" if plan.site in plan.subgroups else ""
    return f"none in the model: a new site would have none; split stratified by {plan.site}{within}"


def gap_steps(development: Development) -> tuple[tuple[str, str], ...]:
    """What becomes of a gap, step by step."""
    plan, missing = development.plan, [note for note in development.notes if note.endswith(" missing")]
    most = numbers.percent(100 * plan.preparation.most_missing, 0)
    filled = "; ".join(missing) if missing else "none missing"
    return (
        (
            "Gaps in candidates",
            f"{filled}. A candidate with more than {most} % missing stops the development",
        ),
        (
            "How they are filled",
            "median of a number, commonest level of a category, found on the rows at hand in every resample; "
            "once, not multiply: its uncertainty is in no interval",
        ),
        ("Gaps in the outcome", _outcome_gaps(development)),
        ("Gaps when applied", "no answer: nothing is filled in for a new person"),
    )


def _outcome_gaps(development: Development) -> str:
    without, censored = development.without_outcome, development.n - development.known
    if censored:
        return f"{without} without outcome left out; {censored} censored, the others weighted for them (IPCW)"
    return f"{without} without outcome left out, a limitation; not filled in" if without else "none"


def software_entry(development: Development, number: str) -> Entry:
    rows = [
        *used_software(development.plan).items(),
        ("Environment", f"{FILE}, SHA-256 {environment_sha256()[:12]}"),
        ("Model", f"model.json, SHA-256 {str(development.model.get('sha256', ''))[:12]}"),
        ("Plan", f"SHA-256 {development.plan.sha256[:12]}"),
        ("Data", f"SHA-256 {development.data_sha256[:12]}"),
        ("Seed", str(development.plan.seed)),
    ]
    table = Table(
        number,
        "Software and what was run",
        (Column("", align="left"), Column("", align="left")),
        tuple(Row(name, (Cell(text),)) for name, text in rows),
    )
    return Entry("software", "To do it again", (table,))
