"""Is an odds ratio the same in subgroups: one model with exposure x subgroup for each, and the test of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trialkit import numbers
from trialkit.analysis.context import Context
from trialkit.analysis.errors import AnalysisError
from trialkit.analysis.formula_words import formula_words
from trialkit.analysis.method import Answer, Method
from trialkit.analysis.mixed_odds import (
    AT,
    CLUSTER,
    CONTRASTS,
    contrast_rows,
    contrast_words,
    counts_of,
    fit_of,
    setting_of,
)
from trialkit.analysis.odds import forest_line
from trialkit.analysis.planned_lines import called, levels_of
from trialkit.documents.declared import (
    Col,
    Count,
    DeclaredFigure,
    Estimate,
    Listed,
    Number,
    Plain,
    PValue,
    Shown,
    Words,
    distinct,
)
from trialkit.documents.declared.output import Drawn
from trialkit.plan import Analysis, Key, Plan, keys
from trialkit.study.model import Study
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd

SUBGROUPS = Key(
    "subgroups", "the subgroups", "items of the formula", keys.VARIABLES.read, keys.VARIABLES.check
)


def compute(context: Context, entry: Analysis) -> Answer:
    import pandas as pd

    formula, level = keys.FORMULA.of(entry), keys.TWO_SIDED_INTERVAL.of(entry).level
    data = context.subjects(entry)
    at = setting_of(entry, formula)
    effects, tests = [], []
    for subgroup in SUBGROUPS.of(entry):
        if subgroup not in at:
            raise AnalysisError(
                expected=said("the subgroup {subgroup} in the formula", subgroup=subgroup),
                found=formula,
                where=entry.where,
                next_step="Add it: an interaction without its main effect means nothing.",
            )
        for column, pair in CONTRASTS.of(entry).items():
            fit = fit_of(context, entry, f"{formula} + {column}:{subgroup}", data, level)
            effects += _levels(context, fit, data, column, pair, subgroup, at)
            tests.append(_test(context, fit, column, pair, subgroup))
    return Answer(
        tables={
            "effects": pd.concat(effects, ignore_index=True),
            "interactions": pd.DataFrame(tests),
            "scales": pd.DataFrame([{"endpoint": entry.title, "unit": "", "confidence_level": level}]),
        },
        counts=counts_of(context, entry, formula, data),
        method=f"For each subgroup one logistic model with a random intercept of {CLUSTER.of(entry)}, "
        f"{formula_words(context, formula)}"
        ", and the product with the subgroup; the p of the product; missing data: complete cases",
        notes=("Subgroup evidence from one study: read the intervals, not the side of 0.05 they fall on.",),
    )


def _levels(
    context: Context, fit: Any, data: pd.DataFrame, column: str, pair: Any, subgroup: str, at: Any
) -> list[pd.DataFrame]:
    label, _ = context.label_and_unit(subgroup)
    sizes = data[subgroup].value_counts()
    return [
        contrast_rows(
            context,
            fit,
            {column: pair},
            {**at, subgroup: level},
            subgroup=label,
            level=str(level),
            n=int(sizes[level]),
        )
        for level in data[subgroup].cat.categories
        if sizes[level] > 0
    ]


def _test(context: Context, fit: Any, column: str, pair: Any, subgroup: str) -> dict[str, Any]:
    terms = fit.terms
    product = terms[[set(str(term).split(":")) == {column, subgroup} for term in terms["term"]]].iloc[0]
    label, _ = context.label_and_unit(subgroup)
    return {
        "contrast": contrast_words(context, column, *pair),
        "subgroup": label,
        "statistic": float(product["statistic"]),
        "df": float(product["df_num"]),
        "p_value": float(product["p_value"]),
    }


def draw(shown: Shown, key: str) -> Drawn:
    from trialkit.figures.forest import ForestLine, draw_forest

    rows, tests = shown.rows("effects"), shown.rows("interactions")
    lines: list[ForestLine] = []
    for contrast in distinct(rows, "contrast"):
        lines.append(ForestLine(str(contrast), heading=True))
        for subgroup in distinct(rows, "subgroup"):
            found = next(t for t in tests if t["contrast"] == contrast and t["subgroup"] == subgroup)
            p = numbers.p_statement(found["p_value"]).removeprefix("p ")
            lines.append(ForestLine(str(subgroup), heading=True, beside=f"interaction p {p}"))
            here = [row for row in rows if row["contrast"] == contrast and row["subgroup"] == subgroup]
            lines += [forest_line(f"{row['level']} (n = {numbers.integer(row['n'])})", row) for row in here]
    alt = f"Forest plot of odds ratios with {shown.interval} in {len(rows)} subgroups; numbers in the table."
    return Drawn(draw_forest(lines, "Odds ratio", key, alt, ratio=True), alt)


def expected(entry: Analysis, _plan: Plan, study: Study) -> dict[str, list[dict[str, Any]]]:
    lines = [
        {"subgroup": called(study, name), "level": level}
        for name in SUBGROUPS.of(entry)
        for level in levels_of(study, name)
    ]
    return {"effects": lines, "interactions": []}


METHOD = Method(
    name="subgroup_odds",
    says="Odds ratios in subgroups, each with the test that they are the same.",
    keys=(keys.FORMULA, CLUSTER, AT, CONTRASTS, SUBGROUPS, keys.TWO_SIDED_INTERVAL),
    confirmatory=(keys.missing(keys.COMPLETE_CASES),),
    outputs=(
        DeclaredFigure("subgroups", "effects", "{title}", "Odds ratios in each subgroup, with p.", draw),
        Listed(
            source="effects",
            title="{title}: odds ratios",
            label=Plain("level"),
            head="Subgroup",
            columns=(
                Col("Contrast", Words("contrast"), align="left"),
                Col("n", Count("n")),
                Col("Odds ratio", Estimate(decimals=2, ratio=True), note="({interval})"),
                Col("p", PValue(), note="two-sided"),
            ),
            sections="subgroup",
        ),
        Listed(
            source="interactions",
            title="{title}: tests of interaction",
            label=Plain("subgroup"),
            head="Subgroup",
            columns=(Col("χ²", Number("statistic", 2)), Col("df", Number("df", 0)), Col("p", PValue())),
            sections="contrast",
        ),
    ),
    expected=expected,
    compute=compute,
)
