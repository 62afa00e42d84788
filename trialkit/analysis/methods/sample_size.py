"""The assumptions the sample size was made from, beside what was observed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trialkit import numbers
from trialkit.analysis.context import Context
from trialkit.analysis.errors import AnalysisError
from trialkit.analysis.left_out import left_out
from trialkit.analysis.linear import used_rows
from trialkit.analysis.method import Answer, Method
from trialkit.documents.declared import Chapter, Col, Listed, Plain, ResultRow
from trialkit.documents.declared.cells import Custom
from trialkit.documents.declared.rows import NOT_ESTIMATED
from trialkit.documents.table import Cell
from trialkit.plan import Analysis, keys

if TYPE_CHECKING:
    import pandas as pd

    from trialkit.study.model import SampleSize

NOT_STATED = "not stated"
POWER = "Power for the planned difference, %"


def compute(context: Context, entry: Analysis) -> Answer:
    """Registered assumptions and their arithmetic; observed spreads, correlation, losses and difference."""
    import pandas as pd

    stated = context.study.sample_size
    if stated is None:
        raise AnalysisError(
            expected="a sample size in the study's definition",
            found="none",
            where=entry.where,
            next_step="Enter [sample_size] in study.toml, or leave this entry out.",
        )
    data = context.assessments(entry)
    used = used_rows(keys.FORMULA.of(entry), data)
    rows = [
        *_planned_and_observed(context, entry, data, used, stated),
        *_arithmetic(context, entry, data, used, stated),
    ]
    return Answer(
        tables={"assumptions": pd.DataFrame(rows), "scales": context.scales(entry)},
        counts=context.counts(data, used, left_out(context, data, keys.FORMULA.of(entry))),
        method="Two-sample t test; observed numbers are of complete cases, spreads pooled within arms",
        notes=("What was observed does not change what was planned: it tells how to size the next trial.",),
    )


def _row(measure: str, planned: Any, observed: Any, decimals: int) -> dict[str, Any]:
    return {"measure": measure, "planned": planned, "observed": observed, "decimals": decimals}


def _planned_and_observed(
    context: Context, entry: Analysis, data: pd.DataFrame, used: pd.Series, stated: SampleSize
) -> list[dict[str, Any]]:
    from trialkit.stats import ancova as fit_ancova

    here = data[used]
    outcome = context.endpoint(entry).column
    fit = fit_ancova(keys.FORMULA.of(entry), data, treatment="arm", reference=context.reference_arm)
    assert fit.design.y is not None
    residual = fit.design.y - fit.design.X @ fit.inference.coefficients
    error_sd = float((residual @ residual / (len(residual) - fit.design.X.shape[1])) ** 0.5)
    lost = 100 * float(1 - used.mean())
    difference = float(fit.contrasts("arm", reference=context.reference_arm)["estimate"].iloc[0])
    return [
        _row("Subjects randomized", stated.total, len(data), 0),
        _row("Subjects without the outcome, %", 100 * stated.attrition, lost, 1),
        _row("Standard deviation of the outcome within arms", stated.sd, _pooled_sd(here, outcome), 2),
        _row("Standard deviation after the covariates", None, error_sd, 2),
        _row("Correlation of baseline and follow-up within arms", None, _correlation(here), 2),
        _row("Difference of the arms (observed: adjusted, size)", stated.difference, abs(difference), 2),
    ]


def _arithmetic(
    context: Context, entry: Analysis, data: pd.DataFrame, used: pd.Series, stated: SampleSize
) -> list[dict[str, Any]]:
    """What the stated assumptions give, and what they give with the observed spread and numbers."""
    from trialkit.stats import t_test_detectable_difference, t_test_power, t_test_sample_size

    test: dict[str, Any] = {"alpha": stated.alpha, "sides": stated.sides}
    sizes = [int((used & (data["arm"] == arm)).sum()) for arm in context.arms]
    sd = _pooled_sd(data[used], context.endpoint(entry).column)
    planned = round(stated.per_arm * (1 - stated.attrition))
    assumed, observed = (stated.sd, planned, planned), (sd, min(sizes), max(sizes))
    needed = [
        t_test_sample_size(stated.difference, one[0], stated.power, **test).n_test
        for one in (assumed, observed)
    ]
    found = [t_test_detectable_difference(*one, stated.power, **test) for one in (assumed, observed)]
    power = [100 * t_test_power(stated.difference, *one, **test) for one in (assumed, observed)]
    at = numbers.fixed(100 * stated.power, 0)
    return [
        _row(
            f"Subjects with outcome an arm needed for the planned difference at {at} % power",
            needed[0],
            needed[1],
            0,
        ),
        _row("Subjects with outcome in the smaller arm", planned, min(sizes), 0),
        _row(f"Difference shown with {at} % power", found[0], found[1], 2),
        _row(POWER, power[0], power[1], 1),
    ]


def _pooled_sd(data: pd.DataFrame, column: str) -> float:
    groups = [here[column] for _, here in data.groupby("arm", observed=True)]
    squares = sum(float(((one - one.mean()) ** 2).sum()) for one in groups)
    return float((squares / (len(data) - len(groups))) ** 0.5)


def _correlation(data: pd.DataFrame) -> float:
    within = data[["base", "value"]] - data.groupby("arm", observed=True)[["base", "value"]].transform("mean")
    return float(within["base"].corr(within["value"]))


def _cell(column: str, reason: str) -> Custom:
    def filled(row: ResultRow) -> Cell:
        if not row.has(column):
            return Cell(numbers.EN_DASH, reason=reason)
        of_power = str(row["measure"]) == POWER
        printed = numbers.probability if of_power else numbers.fixed  # no trial is sure to succeed
        return Cell(printed(row[column], int(row["decimals"])), (row.reference(column),))

    return Custom((column,), "xx.x", filled)


METHOD = Method(
    name="sample_size",
    says="The assumptions of the sample size beside what was observed.",
    keys=(keys.ENDPOINT, keys.VISIT, keys.FORMULA),
    outputs=(
        Listed(
            source="assumptions",
            title="{title}",
            label=Plain("measure"),
            head="",
            columns=(
                Col("Planned", _cell("planned", NOT_STATED)),
                Col("Observed", _cell("observed", NOT_ESTIMATED)),
            ),
            chapter=Chapter.EFFICACY,
        ),
    ),
    page="primary",
    compute=compute,
)
