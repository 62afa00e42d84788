"""A model as a sheet of scales: points for each value, and the probability that their sum means."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from trialkit import numbers
from trialkit.analysis.context import Context
from trialkit.analysis.errors import AnalysisError
from trialkit.analysis.formula_words import formula_words
from trialkit.analysis.method import Answer, Method
from trialkit.analysis.mixed_odds import CLUSTER, are_columns, counts_of, fit_of
from trialkit.analysis.odds import term_in_words
from trialkit.documents.declared import Col, DeclaredFigure, Listed, Number, Plain, Shown, distinct
from trialkit.documents.declared.output import Drawn
from trialkit.plan import Analysis, Key, keys
from trialkit.strict_toml import Section
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd

LONGEST = 100.0  # points of the scale that reaches furthest
PROBABILITIES = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
ANY_LEVEL = 0.95


def _read_values(section: Section, key: str) -> dict[str, tuple[Any, ...]]:
    here = section.section(key)
    values: dict[str, tuple[Any, ...]] = {}
    for name in here.names():
        values[name] = here.labels_or_numbers(name)
        if len(values[name]) < 2:
            here.refuse(name, "two values or more", str(len(values[name])))
    here.done()
    return values


VALUES = Key("values", "the values each scale shows", "column = [values]", _read_values, are_columns)


def compute(context: Context, entry: Analysis) -> Answer:
    import pandas as pd

    formula, values = keys.FORMULA.of(entry), VALUES.of(entry)
    _refuse_products(entry, formula, values)
    data = context.subjects(entry)
    fit = fit_of(context, entry, formula, data, ANY_LEVEL)
    effects = {column: _effects(fit, values, column) for column in values}
    reach = max(max(found) - min(found) for found in effects.values())
    scales = [
        {
            "column": term_in_words(context, column),
            "value": _text(value),
            "log_odds": effect,
            "points": LONGEST * (effect - min(found)) / reach,
        }
        for column, found in effects.items()
        for value, effect in zip(values[column], found, strict=True)
    ]
    return Answer(
        tables={"points": pd.DataFrame(scales), "totals": _totals(fit, values, effects, reach)},
        counts=counts_of(context, entry, formula, data),
        method=f"Nomogram of a logistic model with a random intercept of {CLUSTER.of(entry)}"
        f", {formula_words(context, formula)}: "
        f"points are log odds, {LONGEST:g} for the widest scale; the probability in a {CLUSTER.of(entry)} of "
        "deviation zero; missing data: complete cases",
        notes=("Not validated in other people: a picture of the model, no tool for a clinic.",),
    )


def _refuse_products(entry: Analysis, formula: str, values: Mapping[str, Any]) -> None:
    """Scales add up: a product of two columns has none."""
    terms = keys.read_formula(formula).terms
    columns = [{variable.column for variable in term} for term in terms]
    if any(len(term) > 1 for term in columns) or set().union(*columns) != set(values):
        raise AnalysisError(
            expected=said(
                "a formula without products, and values for its columns: {columns}",
                columns=", ".join(sorted(set().union(*columns))),
            ),
            found=", ".join(values),
            where=entry.where,
            next_step="Leave the product out, or name the values of every column.",
        )


def _effects(fit: Any, values: Mapping[str, tuple[Any, ...]], column: str) -> list[float]:
    """Log odds of each value against the first, all else held."""
    import pandas as pd

    base = {name: shown[0] for name, shown in values.items()}
    ahead = pd.DataFrame([{**base, column: value} for value in values[column]])
    ratios = fit.compare(ahead, pd.DataFrame([base]))["estimate"]
    return [math.log(float(ratio)) for ratio in ratios]


def _totals(
    fit: Any, values: Mapping[str, tuple[Any, ...]], effects: Mapping[str, list[float]], reach: float
) -> pd.DataFrame:
    """How many points in all have a probability; those that the scales can add up to."""
    import pandas as pd

    base = {name: shown[0] for name, shown in values.items()}
    start = float(fit.predict(pd.DataFrame([base]))["estimate"].iloc[0])
    least = math.log(start / (1 - start)) + sum(min(found) for found in effects.values())
    most = sum(max(found) - min(found) for found in effects.values())
    rows = []
    for probability in PROBABILITIES:
        above = math.log(probability / (1 - probability)) - least
        if 0 <= above <= most:
            rows.append({"probability": probability, "points": LONGEST * above / reach})
    return pd.DataFrame(rows, columns=["probability", "points"])


def _text(value: Any) -> str:
    return value if isinstance(value, str) else f"{value:g}".replace("-", "−")


def draw(shown: Shown, key: str) -> Drawn:
    from trialkit.figures.nomogram import Scale, draw_nomogram

    rows, totals = shown.rows("points"), shown.rows("totals")
    scales = [
        Scale(str(name), [(float(r["points"]), str(r["value"])) for r in rows if r["column"] == name])
        for name in distinct(rows, "column")
    ]
    sums = [(float(row["points"]), numbers.fixed(row["probability"], 2)) for row in totals]
    alt = f"Nomogram: scales of {', '.join(scale.label for scale in scales)}, total points and probability."
    return Drawn(draw_nomogram(scales, sums, key, alt), alt)


METHOD = Method(
    name="nomogram",
    says="A logistic model as a sheet of scales that add up to a probability.",
    keys=(keys.FORMULA, CLUSTER, VALUES),
    confirmatory=(keys.missing(keys.COMPLETE_CASES),),
    outputs=(
        DeclaredFigure("nomogram", "points", "{title}", "A scale for each column, and their sum.", draw),
        Listed(
            source="totals",
            title="{title}: total points",
            label=Plain("probability"),
            head="Probability",
            columns=(Col("Total points", Number("points", 0)),),
        ),
    ),
    compute=compute,
)
