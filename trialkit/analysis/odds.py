"""Odds ratios of a model, as the methods that fit one hand them over and print them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from trialkit import numbers
from trialkit.analysis.per_units import per_units
from trialkit.documents.declared import (
    Col,
    DeclaredFigure,
    Estimate,
    Listed,
    Number,
    Plain,
    PValue,
    ResultRow,
    Shown,
)
from trialkit.documents.declared.output import Drawn
from trialkit.documents.declared.wording import made_of, with_unit

if TYPE_CHECKING:
    import pandas as pd

    from trialkit.analysis.context import Context
    from trialkit.figures.forest import ForestLine
    from trialkit.plan import Analysis

TITLE = "{title}: odds ratios"
FOOT = "β and SE on the log odds scale; the Wald statistic is (β / SE)². Above 1: more often."
FOOT_OF_CONTRASTS = "SE on the log odds scale. Above 1: more often."


def odds_ratio_rows(context: Context, fit: Any, entry: Analysis) -> pd.DataFrame:
    """Odds ratios with the coefficient and Wald statistic of each; ``label`` is the term in words."""
    ratios = fit.odds_ratios.copy()
    coefficients = fit.coefficients.set_index("term")
    ratios["coefficient"] = [float(coefficients.loc[term, "estimate"]) for term in ratios["term"]]
    ratios["wald"] = (ratios["coefficient"] / ratios["log_standard_error"]) ** 2
    ratios = per_units(context, entry, ratios)
    ratios.insert(1, "label", [term_in_words(context, str(term)) for term in ratios["term"]])
    rows: pd.DataFrame = ratios.reset_index(drop=True)
    return rows


def term_in_words(context: Context, term: str) -> str:
    """``sex[T.Male]`` as ``Sex: Male``, ``rcs(z, 4)[1]`` as the spline of ``z``, products with a cross."""
    return " × ".join(_factor_in_words(context, part) for part in term.split(":"))


def _factor_in_words(context: Context, part: str) -> str:
    def label_of(name: str) -> str:
        return with_unit(*context.label_and_unit(name)) if name in context.datasets.labels else name

    if (made := made_of(part, label_of)) is not None:
        return made
    for name in sorted(context.datasets.labels, key=len, reverse=True):
        found = re.search(rf"\b{re.escape(name)}\b", part)
        if not found:
            continue
        label = with_unit(*context.label_and_unit(name))
        before, after = part[: found.start()], part[found.end() :]
        level = re.fullmatch(r"\[(?:T\.)?(.+)\]", after)
        if level and not before:
            return f"{label}: {level[1]}"
        return f"{before}{label}{after}"
    return part


def draw_forest_of(source: str, label: str) -> Any:
    def draw(shown: Shown, key: str) -> Drawn | None:
        from trialkit.figures.forest import draw_forest

        rows = [row for row in shown.rows(source) if row.has("estimate")]
        if not rows:
            return None
        lines = [forest_line(shown.words(label, row[label]), row) for row in rows]
        told = "; ".join(
            f"{line.label} {numbers.fixed(line.estimate, 2)} ({numbers.span(line.lower, line.upper, 2)})"
            for line in lines
        )
        alt = f"Forest plot of odds ratios with {shown.interval}: {told}."
        return Drawn(draw_forest(lines, "Odds ratio", key, alt, ratio=True), alt)

    return draw


def forest_line(words: str, row: ResultRow) -> ForestLine:
    from trialkit.figures.forest import ForestLine

    return ForestLine(words, float(row["estimate"]), float(row["ci_lower"]), float(row["ci_upper"]))


def odds_table(source: str = "odds_ratios", title: str = TITLE, label: str = "label") -> Listed:
    return Listed(
        source=source,
        title=title,
        label=Plain(label),
        head="Term" if label == "label" else "Contrast",
        columns=(
            Col("β", Number("coefficient", 3), optional=True),
            Col("SE", Number("log_standard_error", 3), note="of the log odds ratio"),
            Col("Wald χ²", Number("wald", 2), optional=True),
            Col("Odds ratio", Estimate(decimals=2, ratio=True), note="({interval})"),
            Col("p", PValue(), note="two-sided"),
        ),
        footnotes=(FOOT if label == "label" else FOOT_OF_CONTRASTS,),
    )


def odds_forest(source: str = "odds_ratios", title: str = TITLE, label: str = "label") -> DeclaredFigure:
    return DeclaredFigure(
        name=f"{source.replace('_', '-')}-forest",
        source=source,
        title=title,
        describes="Each odds ratio with its interval on a logarithmic axis; a line at 1.",
        draw=draw_forest_of(source, label),
    )
