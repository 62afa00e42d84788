"""How likely each group is still to come out better: for a monitoring board, behind closed doors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trialkit import numbers
from trialkit.analysis.context import Context
from trialkit.analysis.errors import AnalysisError
from trialkit.analysis.left_out import left_out
from trialkit.analysis.linear import used_rows
from trialkit.analysis.method import Answer, Method
from trialkit.analysis.methods.retention import is_due
from trialkit.documents.declared import Chapter, Col, Listed, Plain, Probability
from trialkit.plan import Analysis, keys
from trialkit.vocabulary import Better

if TYPE_CHECKING:
    import pandas as pd

    from trialkit.study.model import SampleSize

GOES_ON = "The trend seen so far goes on"
AS_PLANNED = "The difference the trial was planned for"
EARLY = 0.25  # of the information
NO_DIFFERENCE = "From now on there is no difference"


def conditional_power(z: float, information: float, drift: float, alpha: float) -> float:
    """The probability that the final z exceeds its one-sided critical value.

    Parameters
    ----------
    z
        At the look, positive where the group does better.
    information
        The share of the planned information that is in, above 0 and below 1.
    drift
        The mean of the final z that the rest of the trial goes by; ``z / sqrt(information)`` is the trend.
    alpha
        One-sided level at the end.

    References: Lan & Wittes (1988), Biometrics 44:579-585.
    """
    from scipy import stats

    b = z * information**0.5
    needed = stats.norm.isf(alpha) - b - drift * (1 - information)
    return float(stats.norm.sf(needed / (1 - information) ** 0.5))


def compute(context: Context, entry: Analysis) -> Answer:
    from trialkit.stats import ancova as fit_ancova

    stated = context.study.sample_size
    endpoint = context.endpoint(entry)
    if stated is None or endpoint.better is None:
        raise AnalysisError(
            expected="a sample size in the study's definition, and an endpoint that says which way is better",
            found="no sample size" if stated is None else "an endpoint without `better`",
            where=entry.where,
            next_step="Enter [sample_size] in study.toml, or `better` at the endpoint.",
        )
    data = context.assessments(entry)
    used = used_rows(keys.FORMULA.of(entry), data)
    planned = 2 * round(stated.per_arm * (1 - stated.attrition))
    information = int(used.sum()) / planned
    if data.loc[used, "arm"].nunique() < len(context.arms):
        raise AnalysisError(
            expected="outcomes in each group",
            found="a group in which none is due yet",
            next_step="Ask again at a later cut-off.",
        )
    fit = fit_ancova(keys.FORMULA.of(entry), data, treatment="arm", reference=context.reference_arm)
    row = fit.contrasts("arm", reference=context.reference_arm).iloc[0]
    sign = -1 if endpoint.better is Better.LOWER else 1
    z = sign * float(row["estimate"] / row["standard_error"])
    rows = list(_rows(context, z, information, stated)) if information < 1 else []
    percent = numbers.fixed(100 * information, 0)
    return Answer(
        tables={"conditional_power": _frame(rows)},
        counts=context.counts(data, used, _why_not(context, entry, data)),
        method="Conditional power by Brownian motion (Lan and Wittes), ANCOVA of those observed",
        notes=(
            f"{int(used.sum())} of the {planned} outcomes the trial was planned for are in: "
            f"{percent} % of the information.",
            *(["So early a trend is little more than chance."] if information < EARLY else []),
            *(["All the planned information is in: nothing is left to be predicted."] if not rows else []),
            "No boundary is drawn here: whether and when to stop is for the board's charter.",
        ),
    )


def _rows(context: Context, z: float, information: float, stated: SampleSize) -> Any:
    alpha = stated.alpha if stated.sides == 1 else stated.alpha / 2
    per_arm = round(stated.per_arm * (1 - stated.attrition))
    for_planned = stated.difference / (stated.sd * (2 / per_arm) ** 0.5)
    for arm, towards in ((context.test_arm, z), (context.reference_arm, -z)):
        drifts = {GOES_ON: towards / information**0.5, AS_PLANNED: for_planned, NO_DIFFERENCE: 0.0}
        for words, drift in drifts.items():
            power = conditional_power(towards, information, drift, alpha)
            yield {"assumption": words, "arm": arm, "information": information, "percent": 100 * power}


def _frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(rows, columns=["assumption", "arm", "information", "percent"])


def _why_not(context: Context, entry: Analysis, data: pd.DataFrame) -> pd.Series:
    """A reason a row; an outcome that is not due by the day of the data is not missing."""
    reasons = left_out(context, data, keys.FORMULA.of(entry))
    return reasons.mask(data["value"].isna() & ~is_due(context, data, keys.VISIT.of(entry)), "not due yet")


METHOD = Method(
    name="conditional_power",
    says="How likely each group is still to come out better, under three assumptions about what is to come.",
    keys=(keys.ENDPOINT, keys.VISIT, keys.FORMULA),
    outputs=(
        Listed(
            source="conditional_power",
            title="{title}",
            label=Plain("assumption"),
            head="What the rest of the trial goes by",
            columns=(Col("Ends better, %", Probability("percent")),),
            chapter=Chapter.EFFICACY,
            by_arm=True,
        ),
    ),
    compute=compute,
    page="primary",
)
