"""A score over time by a linear mixed model with a random intercept and slope a subject."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trialkit.analysis.context import Context
from trialkit.analysis.covariates import factors_of, mean_imputed
from trialkit.analysis.formula_words import formula_words, name_words, random_words
from trialkit.analysis.left_out import counts_over_visits
from trialkit.analysis.linear import strata_part, used_rows
from trialkit.analysis.method import Answer, Method
from trialkit.analysis.methods.mmrm import SEVERAL_VISITS
from trialkit.analysis.repeated import long_data
from trialkit.analysis.tables import estimates
from trialkit.documents.declared import Col, Listed, Number, Plain
from trialkit.plan import Analysis, keys

if TYPE_CHECKING:
    import pandas as pd

NOMINAL, ACTUAL = "nominal", "actual"
DAYS = keys.word(
    "days",
    "which day of a visit is its time: the plan's, or the one it took place on",
    NOMINAL,
    ACTUAL,
    absent=NOMINAL,
)
RANDOM = keys.word("random", "what varies between subjects", "1 + months | subject_id", "1 | subject_id")
DAYS_IN_MONTH = 30.4375


def compute(context: Context, entry: Analysis) -> Answer:
    """Time enters in months from randomization: of each visit's target day, or of the day it took place where
    the entry says so."""
    from trialkit.stats import lmm

    formula = keys.FORMULA.of(entry)
    data = long_data(context, entry, context.endpoint(entry).parameter, SEVERAL_VISITS.of(entry))
    data, imputed = mean_imputed(context, data, factors_of(formula))
    actual = DAYS.of(entry) == ACTUAL
    days = _days_seen(context, entry, data) if actual else data["day"]
    data["months"] = days / DAYS_IN_MONTH
    whose = (
        f"the day each visit took place, of {DAYS_IN_MONTH} days"
        if actual
        else f"each visit's target day, of {DAYS_IN_MONTH} days, not of the day it took place"
    )
    fit: Any = lmm(
        formula, data, random=RANDOM.of(entry), confidence_level=keys.TWO_SIDED_INTERVAL.of(entry).level
    )
    used = used_rows(formula, data)
    return Answer(
        tables={
            "coefficients": fit.coefficients,
            "variance_components": _named(context, fit.variance_components),
            "scales": context.scales(entry),
        },
        counts=counts_over_visits(context, formula, data, used),
        method=f"Linear mixed model, {formula_words(context, formula)}"
        f"; {random_words(context, RANDOM.of(entry))}; months are those of {whose}; Satterthwaite degrees of "
        f"freedom{strata_part(context, entry)}; "
        "missing data: missing at random given the visits observed (likelihood)",
        notes=(*(("A variance was estimated as zero.",) if fit.boundary else ()), *imputed),
    )


def _days_seen(context: Context, entry: Analysis, data: pd.DataFrame) -> pd.Series:
    """Days from randomization on which the values were observed; missing where there is no value."""
    long = context.datasets.assessments
    parameter = context.endpoint(entry).parameter
    names = {name: context.study.visit(name).label for name in SEVERAL_VISITS.of(entry)}
    mine = (long["parameter"] == parameter) & long["analysis_flag"] & long["visit"].isin(names)
    rows = long[mine]
    seen = rows.assign(visit=rows["visit"].map(names))[["subject_id", "visit", "day"]]
    keyed = data[["subject_id"]].assign(visit=data["visit"].astype(str))
    found = keyed.merge(seen, on=["subject_id", "visit"], how="left", validate="one_to_one")["day"]
    days: pd.Series = found.set_axis(data.index).astype(float)
    return days


def _named(context: Context, components: pd.DataFrame) -> pd.DataFrame:
    """Each component in words: what varies, between or within subjects."""

    def words(group: str, term: str) -> str:
        if group == "residual":
            return "Within subjects (residual)"
        names = [name_words(context, "1" if name == "Intercept" else name) for name in term.split(":")]
        return f"Between subjects: {'covariance of ' if len(names) > 1 else ''}{' and '.join(names)}"

    pairs = zip(components["group"], components["term"], strict=True)
    return components.assign(component=[words(group, term) for group, term in pairs])


METHOD = Method(
    name="random_slope",
    says="A score over time by a linear mixed model, beside the model for repeated measures.",
    keys=(keys.ENDPOINT, SEVERAL_VISITS, keys.FORMULA, RANDOM),
    optional=(DAYS,),
    confirmatory=(
        keys.missing(keys.MAR_LIKELIHOOD),
        keys.TWO_SIDED_INTERVAL,
        keys.STRATA_SOURCE,
        keys.two_sided_test(0),
    ),
    outputs=(
        estimates("coefficients", "{title}: coefficients", "term", "Term"),
        Listed(
            source="variance_components",
            title="{title}: variation between and within subjects",
            label=Plain("component"),
            head="Component",
            columns=(
                Col("Variance", Number("estimate")),
                Col("SD", Number("standard_deviation", reason="a covariance")),
                Col("Correlation", Number("correlation", reason="of two components only")),
            ),
        ),
    ),
    compute=compute,
)
