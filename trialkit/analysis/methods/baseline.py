"""Baseline characteristics by arm, without p-values: after randomization, differences are chance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trialkit.analysis.context import Context
from trialkit.analysis.level_names import code_of, level_names
from trialkit.analysis.method import Answer, Method
from trialkit.documents.declared import Chapter, Count, MeanSD, Percent, Span, Stacked
from trialkit.documents.declared.rows import ResultRow, distinct
from trialkit.documents.declared.shown import Shown
from trialkit.documents.declared.wording import with_unit
from trialkit.documents.table import Row
from trialkit.plan import Analysis, Plan, keys

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from trialkit.study.model import Study

TOTAL = "total"
NOBODY = "no observations"


def compute(context: Context, entry: Analysis) -> Answer:
    """Observed values by arm and in total; nothing is compared, as CONSORT asks."""
    import pandas as pd

    data = context.subjects(entry)
    rows: list[dict[str, Any]] = []
    for variable in keys.VARIABLES.of(entry):
        label, unit = context.label_and_unit(variable)
        data[variable] = named(context.study, variable, data[variable])
        for arm in (*context.arms, TOTAL):
            values = data[variable] if arm == TOTAL else data.loc[data["arm"] == arm, variable]
            rows += summaries({"variable": variable, "label": label, "unit": unit, "arm": arm}, values)
    return Answer(
        tables={"baseline": pd.DataFrame(rows)},
        counts=context.counts(data, data["arm"].notna(), "arm not known"),
        method="Observed values by arm; nothing is tested, since randomization made the arms",
    )


def named(study: Study, variable: str, values: pd.Series) -> pd.Series:
    """Sites and grades by the names the study gives them; everything else as it is."""
    import pandas as pd

    names = level_names(study, variable)
    if not names:
        return values
    called = values.map(lambda code: names.get(code_of(code)), na_action="ignore")
    return called.astype(pd.CategoricalDtype(list(dict.fromkeys(names.values()))))


def summaries(head: dict[str, str], values: pd.Series) -> list[dict[str, Any]]:
    import pandas as pd

    present = values.dropna()
    common = {"n": len(present), "missing": len(values) - len(present)}
    if isinstance(values.dtype, pd.CategoricalDtype):
        counts = present.value_counts()
        return [
            {
                **head,
                "level": str(level),
                **common,
                "count": int(counts[level]),
                "percent": 100 * int(counts[level]) / len(present) if len(present) else None,
            }
            for level in values.cat.categories
        ]
    quartiles = present.quantile([0.25, 0.5, 0.75])
    return [
        {
            **head,
            "level": "",
            **common,
            "mean": present.mean(),
            "sd": present.std(),
            "median": quartiles[0.5],
            "q1": quartiles[0.25],
            "q3": quartiles[0.75],
            "minimum": present.min(),
            "maximum": present.max(),
        }
    ]


class Variables:
    """The lines of every variable: mean, median and range of a number, levels of a factor, who is missing."""

    def lines(self, shown: Shown, layout: Stacked) -> Iterator[Row]:
        rows = shown.rows("baseline")
        for variable in distinct(rows, "variable"):
            yield from self._variable(shown, layout, [row for row in rows if row["variable"] == variable])

    def _variable(self, shown: Shown, layout: Stacked, rows: list[ResultRow]) -> Iterator[Row]:
        first = rows[0]
        levels = [level for level in distinct(rows, "level") if level != ""]
        label = f"{first['label']}, n (%)" if levels else with_unit(first["label"], first["unit"])
        yield Row(label, section=True)
        for level in levels:
            here = [row for row in rows if row["level"] == level]
            yield layout.row(shown, str(level), Percent("count", "percent", reason=NOBODY), here, 1)
        if not levels:
            yield layout.row(shown, "Mean (SD)", MeanSD("mean", "sd"), rows, 1)
            yield layout.row(shown, "Median (Q1–Q3)", Span("q1", "q3", "median"), rows, 1)
            yield layout.row(shown, "Range", Span("minimum", "maximum"), rows, 1)
        if any(row.has("missing") and row["missing"] for row in rows):
            yield layout.row(shown, "Missing, n", Count("missing"), _once(rows), 1)


def _once(rows: list[ResultRow]) -> list[ResultRow]:
    """A row an arm: how many are missing is said again in every level's row."""
    return list({row.get("arm"): row for row in reversed(rows)}.values())


def expected(entry: Analysis, _plan: Plan, study: Study) -> dict[str, list[dict[str, Any]]]:
    lines: list[dict[str, Any]] = []
    for name in keys.VARIABLES.of(entry):
        label, unit, levels = described(study, name)
        head = {"variable": name, "label": label, "unit": unit}
        lines += [{**head, "level": level, "arm": ""} for level in levels or ("",)]
    return {"baseline": lines}


def described(study: Study, name: str) -> tuple[str, str, tuple[str, ...]]:
    """Label, unit and levels of a baseline variable, as the definition has them."""
    score = next((score for score in study.scores if score.name == name), None)
    if score is not None:
        return score.label, score.unit, tuple(level_names(study, name).values())
    items = {item.name: item for form in study.forms for item in form.items}
    if name in items:
        item = items[name]
        return item.label, item.unit or "", tuple(choice.label for choice in item.choices)
    names = level_names(study, name)
    levels = next((factor.levels for factor in study.factors if factor.name == name), tuple(names))
    return name.capitalize(), "", tuple(names.get(level, level) for level in levels)


METHOD = Method(
    name="baseline",
    says="Baseline characteristics by arm and in total.",
    keys=(keys.VARIABLES,),
    outputs=(
        Stacked(
            name="baseline",
            title="Baseline characteristics",
            lines=(Variables(),),
            chapter=Chapter.SUBJECTS,
            first="Characteristic",
            total=TOTAL,
        ),
    ),
    page="participants",
    expected=expected,
    compute=compute,
    compares=False,
    monitored=True,
)
