"""Adverse events by arm: subjects counted once a line, events counted separately; no p-values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trialkit import numbers
from trialkit.analysis import comparisons
from trialkit.analysis.context import Context
from trialkit.analysis.method import Answer, Method
from trialkit.analysis.modes import CLOSED_REPORT, Mode
from trialkit.documents.declared import (
    Chapter,
    Col,
    Count,
    DeclaredFigure,
    Estimate,
    Listed,
    Percent,
    Plain,
    Shown,
    distinct,
)
from trialkit.documents.declared.output import Drawn
from trialkit.numbers import plain
from trialkit.plan import Analysis, Plan, keys
from trialkit.plan.revealing import reveals

if TYPE_CHECKING:
    import pandas as pd

    from trialkit.study.model import Study

LEVEL = 0.95
FEW_CATEGORIES = 4


def compute(context: Context, entry: Analysis) -> Answer:
    """Subjects with at least one event, and events, by the arm of the set; by category."""
    import pandas as pd

    subjects = context.subjects(entry)
    events = context.datasets.records[keys.RECORDS.of(entry)].merge(
        subjects[["subject_id", "arm"]], on="subject_id"
    )
    whole = context.mode is Mode.CODED and reveals(entry, context.plan, context.study)
    if whole:
        events = events.assign(category=None)  # its categories name what only one arm has
    overview = [
        {"measure": measure, **row}
        for measure, chosen in _measures(context, entry, events).items()
        for row in subjects_and_events(context, subjects, chosen)
    ]
    by_category = [
        {"category": str(category), **row}
        for category in sorted(events["category"].dropna().unique())
        for row in subjects_and_events(context, subjects, events[events["category"] == category])
    ]
    tables = {"overview": pd.DataFrame(overview), "by_category": pd.DataFrame(by_category)}
    if len(context.arms) > 1 and by_category and set(context.arms) <= set(subjects["arm"].dropna()):
        tables["differences"] = _differences(context, entry, subjects, events)
    return Answer(
        tables=tables,
        counts=context.counts(subjects, subjects["arm"].notna(), "arm not known"),
        method="Subjects with at least one event, and events"
        + (f", {context.by_arm_words(entry)}" if len(context.arms) > 1 else "")
        + (_COMPARED if "differences" in tables else "")
        + ("; as a whole, since the categories would tell which group is which" if whole else "")
        + "; nothing is tested",
    )


_COMPARED = (
    f"; risk differences with Newcombe's {plain(100 * LEVEL, 0)}% interval, none adjusted for their number"
)


def _measures(context: Context, entry: Analysis, events: pd.DataFrame) -> dict[str, pd.DataFrame]:
    flags = context.plan.records[keys.RECORDS.of(entry)].flags
    return {"Any": events, **{label: events[events[label]] for label in flags}}


def subjects_and_events(
    context: Context, subjects: pd.DataFrame, events: pd.DataFrame
) -> list[dict[str, Any]]:
    rows = []
    for arm in context.arms:
        n_arm = int((subjects["arm"] == arm).sum())
        here = events[events["arm"] == arm]
        n_subjects = here["subject_id"].nunique()
        rows.append(
            {
                "arm": arm,
                "n_subjects": n_subjects,
                "percent": 100 * n_subjects / n_arm if n_arm else None,
                "n_events": len(here),
            }
        )
    return rows


def _differences(
    context: Context, entry: Analysis, subjects: pd.DataFrame, events: pd.DataFrame
) -> pd.DataFrame:
    """Risk differences, test minus reference, of subjects with at least one event of a category."""
    import pandas as pd

    from trialkit.stats import two_proportions

    def compare(of_two: pd.DataFrame, reference: str) -> pd.DataFrame:
        return two_proportions(
            of_two, outcome="had", by="arm", reference=reference, confidence_level=LEVEL
        ).contrasts

    rows = []
    for category in sorted(events["category"].dropna().unique()):
        having = events.loc[events["category"] == category, "subject_id"]
        data = subjects.assign(had=subjects["subject_id"].isin(having).astype(int))
        for found in comparisons.over_pairs(context, entry, data, compare):
            row = found[found["measure"] == "risk difference"].iloc[0]
            limits = {name: float(row[name]) for name in ("estimate", "ci_lower", "ci_upper")}
            rows.append({"category": str(category), "contrast": row["contrast"], **limits})
    return pd.DataFrame(rows)


def draw(shown: Shown, key: str) -> Drawn | None:
    from trialkit.figures.dot_plot import DotLine, draw_dot_plot

    rows, differences = shown.rows("by_category"), shown.rows("differences")
    one = len(distinct(differences, "contrast")) == 1  # beside dots there is room for one contrast
    apart = {row["category"]: row for row in differences} if one else {}
    lines = []
    for category in distinct(rows, "category"):
        percents = {
            r["arm"]: float(r["percent"]) for r in rows if r["category"] == category and r.has("percent")
        }
        found = apart.get(category)
        limits = [100 * float(found[c]) for c in ("estimate", "ci_lower", "ci_upper")] if found else []
        lines.append(DotLine(str(category), percents, *limits))
    lines.sort(key=lambda line: -max(line.percents.values(), default=0))
    arms = {arm: shown.label(arm) for arm in shown.arms}
    told = "; ".join(
        f"{line.label} {', '.join(numbers.percent(value) for value in line.percents.values())}"
        for line in lines
    )
    alt = f"Dot plot of subjects with an event, by category, % in {', '.join(arms.values())}: {told}."
    foot = (f"Right: {shown.direction}, with {plain(100 * LEVEL, 0)}% interval.",) if apart else ()
    return Drawn(draw_dot_plot(lines, arms, "Difference, percentage points", key, alt), alt, foot)


def expected(entry: Analysis, plan: Plan, _study: Study) -> dict[str, list[dict[str, Any]]]:
    return {
        "overview": [{"measure": label} for label in ("Any", *plan.records[keys.RECORDS.of(entry)].flags)]
    }


def _table(source: str, label: str, title: str, head: str) -> Listed:
    return Listed(
        source=source,
        title=title,
        label=Plain(label),
        head=head,
        columns=(Col("Subjects, n (%)", Percent("n_subjects", "percent")), Col("Events", Count("n_events"))),
        chapter=Chapter.SAFETY,
        by_arm=True,
        heads_with_size=True,
        footnotes=("A subject with several events is counted once in a line.",),
    )


METHOD = Method(
    name="adverse_events",
    says="Subjects with events, and events, by the arm of the entry's set: allocated or received.",
    keys=(keys.RECORDS,),
    optional=(
        keys.flag(
            CLOSED_REPORT,
            "where it tells an arm: whether a board's closed report still counts its subjects and events, "
            "as a whole and without its categories",
        ),
    ),
    outputs=(
        _table("overview", "measure", "{title}: overview", ""),
        _table("by_category", "category", "{title} by category", "Category"),
        Listed(
            source="differences",
            title="{title} by category: risk differences",
            label=Plain("category"),
            head="Category",
            columns=(Col("Difference, percentage points", Estimate(decimals=1, scale=100), note="(95% CI)"),),
            chapter=Chapter.SAFETY,
            also_by="contrast",
        ),
        DeclaredFigure(
            "dot-plot",
            "by_category",
            "{title} by category",
            "Percentages of subjects by arm as dots, the most frequent category first; differences beside.",
            draw,
            Chapter.SAFETY,
            least=FEW_CATEGORIES,
            line="category",
        ),
    ),
    page="safety",
    expected=expected,
    compute=compute,
    compares=False,
    monitored=True,
)
