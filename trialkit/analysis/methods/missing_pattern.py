"""Missing data of a score by visit and arm, and the patterns in which visits are missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trialkit import numbers
from trialkit.analysis.context import Context
from trialkit.analysis.method import Answer, Method
from trialkit.analysis.repeated import measured_at, wide_data
from trialkit.documents.declared import (
    Chapter,
    Col,
    Count,
    DeclaredFigure,
    Listed,
    Percent,
    Plain,
    Shown,
    distinct,
)
from trialkit.documents.declared.output import Drawn
from trialkit.plan import Analysis, keys

if TYPE_CHECKING:
    import pandas as pd

OBSERVED, MISSING = "●", "○"


def compute(context: Context, entry: Analysis) -> Answer:
    parameter = context.endpoint(entry).parameter
    places = measured_at(context, parameter)
    data = wide_data(context, entry, [(parameter, place) for place in places])
    labels = {place: context.study.visit(place).label for place in places}
    observed = data[[f"{parameter}@{place}" for place in places]].notna()
    observed.columns = list(labels.values())
    return Answer(
        tables={
            "by_visit": _by_visit(context, data, observed),
            "patterns": _patterns(context, data, observed),
        },
        counts=context.counts(data, data["arm"].notna(), "arm not known"),
        method="Counted; nothing is imputed here",
    )


def _by_visit(context: Context, data: pd.DataFrame, observed: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    rows = []
    for visit in observed.columns:
        for arm in context.arms:
            here = observed.loc[data["arm"] == arm, visit]
            n = int((~here).sum())
            percent = 100 * n / len(here) if len(here) else None
            rows.append({"visit": visit, "arm": arm, "count": n, "n": len(here), "percent": percent})
    return pd.DataFrame(rows)


def _patterns(context: Context, data: pd.DataFrame, observed: pd.DataFrame) -> pd.DataFrame:
    """Observed as a filled, missing as an empty circle, visit by visit; the most frequent first."""
    import pandas as pd

    pattern = observed.apply(lambda row: " ".join(OBSERVED if seen else MISSING for seen in row), axis=1)
    order = pattern.value_counts()
    rows: list[dict[str, Any]] = []
    for text in order.index:
        for arm in context.arms:
            here = (data["arm"] == arm).to_numpy()
            rows.append({"pattern": text, "arm": arm, "count": int((pattern[here] == text).sum())})
    return pd.DataFrame(rows)


def draw(shown: Shown, key: str) -> Drawn | None:
    from trialkit.figures.missing_pattern import Pattern, draw_missing_pattern

    rows = shown.rows("patterns")
    sizes: dict[str, int] = {}
    for row in rows:
        sizes[str(row["pattern"])] = sizes.get(str(row["pattern"]), 0) + int(row["count"])
    visits = [str(visit) for visit in distinct(shown.rows("by_visit"), "visit")]
    if not visits or not sizes:
        return None
    patterns = [Pattern(tuple(mark == OBSERVED for mark in text.split()), n) for text, n in sizes.items()]
    complete = sum(pattern.n for pattern in patterns if all(pattern.observed))
    alt = (
        f"{len(patterns)} patterns of missing visits, most frequent first; {numbers.integer(complete)} of "
        f"{numbers.integer(sum(sizes.values()))} subjects miss none of {', '.join(visits)}."
    )
    foot = ("Filled: observed. At the left and as a bar: subjects of all arms with the pattern.",)
    return Drawn(draw_missing_pattern(visits, patterns, key, alt), alt, foot)


METHOD = Method(
    name="missing_pattern",
    says="Missing data of a score by visit and arm, and their patterns.",
    keys=(keys.ENDPOINT,),
    outputs=(
        Listed(
            source="by_visit",
            title="{title}: by visit and arm",
            label=Plain("visit"),
            head="Visit",
            columns=(Col("Missing, n (%)", Percent("count", "percent")),),
            chapter=Chapter.SUBJECTS,
            by_arm=True,
            heads_with_size=True,
        ),
        Listed(
            source="patterns",
            title="{title}: patterns",
            label=Plain("pattern"),
            head="Visits in order",
            columns=(Col("Subjects", Count("count")),),
            chapter=Chapter.SUBJECTS,
            by_arm=True,
            footnotes=("● observed, ○ missing; from baseline to the last visit.",),
        ),
        DeclaredFigure(
            "missing-pattern",
            "patterns",
            "{title}: patterns",
            "A row a pattern, filled where the visit was observed, with the number of subjects.",
            draw,
            Chapter.SUBJECTS,
        ),
    ),
    page="participants",
    compute=compute,
    compares=False,
)
