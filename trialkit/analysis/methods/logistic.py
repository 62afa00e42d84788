"""Binary logistic regression on the subjects: odds ratios with Wald intervals, and the model's fit."""

from __future__ import annotations

from typing import Any

from trialkit.analysis.context import Context
from trialkit.analysis.formula_words import formula_words
from trialkit.analysis.left_out import left_out
from trialkit.analysis.linear import used_rows
from trialkit.analysis.method import Answer, Method
from trialkit.analysis.odds import odds_forest, odds_ratio_rows, odds_table
from trialkit.analysis.per_units import PER
from trialkit.analysis.planned_lines import terms_of
from trialkit.documents.declared import Col, Listed, Number, Plain, PValue
from trialkit.plan import Analysis, Plan, keys
from trialkit.study.model import Study


def compute(context: Context, entry: Analysis) -> Answer:
    import pandas as pd

    from trialkit.stats import logistic

    formula = keys.FORMULA.of(entry)
    data = context.subjects(entry)
    level = keys.TWO_SIDED_INTERVAL.of(entry).level
    fit = logistic(formula, data, confidence_level=level)
    statistic, df, p = fit.likelihood_ratio
    fitted = [{"measure": "Likelihood ratio of the model", "statistic": statistic, "df": df, "p_value": p}]
    return Answer(
        tables={
            "odds_ratios": odds_ratio_rows(context, fit, entry),
            "model": pd.DataFrame(fitted),
            "scales": pd.DataFrame([{"endpoint": entry.title, "unit": "", "confidence_level": level}]),
        },
        counts=context.counts(data, used_rows(formula, data), left_out(context, data, formula)),
        method=f"Logistic regression by maximum likelihood, {formula_words(context, formula)}"
        "; missing data: complete cases",
    )


MODEL = Listed(
    source="model",
    title="{title}: the model as a whole",
    label=Plain("measure"),
    head="Test",
    columns=(Col("χ²", Number("statistic", 2)), Col("df", Number("df", 0)), Col("p", PValue())),
)


def expected(entry: Analysis, _plan: Plan, study: Study) -> dict[str, list[dict[str, Any]]]:
    return {"odds_ratios": terms_of(study, keys.FORMULA.of(entry), PER.of(entry))}


METHOD = Method(
    name="logistic",
    says="A binary outcome on the subjects' own columns, by logistic regression.",
    keys=(keys.FORMULA, keys.TWO_SIDED_INTERVAL),
    confirmatory=(keys.missing(keys.COMPLETE_CASES), keys.two_sided_test(1)),
    optional=(PER,),
    outputs=(odds_table(), odds_forest(), MODEL),
    summaries=("odds ratio",),
    expected=expected,
    compute=compute,
)
