"""A binary outcome over many sites: logistic regression with a random intercept of sites."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trialkit import numbers, permitted
from trialkit.analysis.context import Context
from trialkit.analysis.formula_words import formula_words
from trialkit.analysis.method import Answer, Method
from trialkit.analysis.mixed_odds import (
    AT,
    CLUSTER,
    CONTRASTS,
    are_columns,
    contrast_rows,
    counts_of,
    fit_of,
    read_pairs,
    setting_of,
)
from trialkit.analysis.odds import odds_forest, odds_ratio_rows, odds_table, term_in_words
from trialkit.analysis.per_units import PER
from trialkit.analysis.planned_lines import terms_of
from trialkit.documents.declared import Col, Count, DeclaredFigure, Listed, Number, Plain, Shown
from trialkit.documents.declared.output import Drawn
from trialkit.plan import Analysis, Key, Plan, keys
from trialkit.strict_toml import Section
from trialkit.study.model import Study

if TYPE_CHECKING:
    import pandas as pd

POINTS = 61


def _read_grid(section: Section, key: str) -> dict[str, tuple[float, ...]]:
    here = section.section(key)
    grid = {name: here.numbers(name, within=permitted.ANY) for name in here.names()}
    if len(grid) != 2:
        section.refuse(key, "two columns with their values", str(len(grid)))
    here.done()
    return grid


ALONG: Key[dict[str, tuple[float, float]]] = Key(
    "along", "a column the ratio is drawn along", "column = [first, last]", read_pairs, are_columns, absent={}
)
GRID: Key[dict[str, tuple[float, ...]]] = Key(
    "grid", "two columns whose ratios make a heatmap", "column = [values], twice", _read_grid, are_columns,
    absent={},
)  # fmt: skip


def compute(context: Context, entry: Analysis) -> Answer:
    import pandas as pd

    formula, level = keys.FORMULA.of(entry), keys.TWO_SIDED_INTERVAL.of(entry).level
    data = context.subjects(entry)
    at = setting_of(entry, formula)
    fit = fit_of(context, entry, formula, data, level)
    tables = {
        "contrasts_of_columns": contrast_rows(context, fit, CONTRASTS.of(entry), at),
        "odds_ratios": odds_ratio_rows(context, fit, entry),
        "random": _random(context, entry, fit, data),
        "scales": pd.DataFrame([{"endpoint": entry.title, "unit": "", "confidence_level": level}]),
    }
    if ALONG.of(entry):
        tables["along"] = _along(context, fit, ALONG.of(entry), at)
    if GRID.of(entry):
        tables["grid"] = _grid(context, fit, GRID.of(entry), at)
    setting = "; ".join(f"{term_in_words(context, name)} = {value}" for name, value in at.items())
    edge = (
        "" if fit.random_sd else f"No variance between {CLUSTER.of(entry)}s was found: its estimate is zero."
    )
    return Answer(
        tables=tables,
        counts=counts_of(context, entry, formula, data),
        method=f"Logistic regression with a random intercept of {CLUSTER.of(entry)} (maximum likelihood, "
        f"Laplace), {formula_words(context, formula)}; odds ratios within a {CLUSTER.of(entry)}"
        f", at {setting}; "
        "missing data: complete cases",
        notes=(edge,) if edge else (),
    )


def _random(context: Context, entry: Analysis, fit: Any, data: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    cluster = CLUSTER.of(entry)
    label, _ = context.label_and_unit(cluster)
    row = {"cluster": label, "clusters": data[cluster].nunique(), "sd": fit.random_sd, "icc": fit.icc}
    return pd.DataFrame([row])


def _along(context: Context, fit: Any, along: Any, at: Any) -> pd.DataFrame:
    import numpy as np

    ((column, (first, last)),) = along.items()
    curve = fit.curve({column: np.linspace(first, last, POINTS)}, at).rename(columns={column: "value"})
    named: pd.DataFrame = curve.assign(column=term_in_words(context, column), reference=float(at[column]))
    return named


def _grid(context: Context, fit: Any, grid: Any, at: Any) -> pd.DataFrame:
    (first, rows), (second, columns) = grid.items()
    found = fit.interaction_grid({first: list(rows)}, {second: list(columns)}, at)
    found = found.rename(columns={first: "first_value", second: "second_value"})
    named: pd.DataFrame = found.assign(
        first=term_in_words(context, first), second=term_in_words(context, second)
    )
    return named


def draw_along(shown: Shown, key: str) -> Drawn:
    from trialkit.figures.ratio_curve import RatioPoint, draw_ratio_curve

    rows = shown.rows("along")
    points = [
        RatioPoint(*(float(row[c]) for c in ("value", "estimate", "ci_lower", "ci_upper"))) for row in rows
    ]
    name, reference = str(rows[0]["column"]), float(rows[0]["reference"])
    least = min(points, key=lambda point: point.estimate)
    alt = (
        f"Odds ratio along {name} against {numbers.fixed(reference, 0)}, with band. Least at "
        f"{numbers.fixed(least.value, 0)}; at {numbers.fixed(points[0].value, 0)} it is "
        f"{numbers.fixed(points[0].estimate, 2)}, at {numbers.fixed(points[-1].value, 0)} "
        f"{numbers.fixed(points[-1].estimate, 2)}."
    )
    return Drawn(draw_ratio_curve(points, name, "Odds ratio", reference, key, alt), alt)


def draw_grid(shown: Shown, key: str) -> Drawn:
    from trialkit.figures.heatmap import RatioCell, draw_ratio_heatmap

    rows = shown.rows("grid")
    columns = ("first_value", "second_value", "estimate", "ci_lower", "ci_upper")
    cells = [RatioCell(*(float(row[c]) for c in columns)) for row in rows]
    first, second = str(rows[0]["first"]), str(rows[0]["second"])
    most = max(cells, key=lambda cell: cell.estimate)
    alt = (
        f"Heatmap of odds ratios over {first} and {second}. The largest, {numbers.fixed(most.estimate, 2)}, "
        f"at {numbers.fixed(most.first, 0)} and {numbers.fixed(most.second, 0)}."
    )
    foot = (f"Bold: the {shown.interval} excludes 1. Frame: the reference.",)
    return Drawn(draw_ratio_heatmap(cells, first, second, key, alt), alt, foot)


def expected(entry: Analysis, _plan: Plan, study: Study) -> dict[str, list[dict[str, Any]]]:
    return {"odds_ratios": terms_of(study, keys.FORMULA.of(entry), PER.of(entry))}


METHOD = Method(
    name="mixed_logistic",
    says="A binary outcome over many sites, with a random intercept of sites.",
    keys=(keys.FORMULA, CLUSTER, AT, CONTRASTS, keys.TWO_SIDED_INTERVAL),
    confirmatory=(keys.missing(keys.COMPLETE_CASES), keys.two_sided_test(1)),
    optional=(ALONG, GRID, PER),
    outputs=(
        odds_table("contrasts_of_columns", "{title}: odds ratios of the contrasts", "contrast"),
        odds_forest("contrasts_of_columns", "{title}: odds ratios of the contrasts", "contrast"),
        odds_table(title="{title}: coefficients of the model"),
        Listed(
            source="random",
            title="{title}: sites",
            label=Plain("cluster"),
            head="Random intercept",
            columns=(
                Col("Clusters", Count("clusters")),
                Col("SD of the log odds", Number("sd", 3)),
                Col("ICC", Number("icc", 4)),
            ),
        ),
        DeclaredFigure(
            "along",
            "along",
            "{title}: odds ratio along one column",
            "The odds ratio along a column, with its band.",
            draw_along,
            asked="along",
        ),
        DeclaredFigure(
            "grid",
            "grid",
            "{title}: odds ratios over two columns together",
            "Odds ratios of pairs of values.",
            draw_grid,
            asked="grid",
        ),
    ),
    expected=expected,
    compute=compute,
)
