"""The assumptions of an analysis of covariance in pictures; tests stand beside them, and decide nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trialkit import numbers
from trialkit.analysis.context import Context
from trialkit.analysis.left_out import left_out
from trialkit.analysis.linear import method_words, used_rows
from trialkit.analysis.method import Answer, Method
from trialkit.documents.declared import (
    Col,
    Count,
    DeclaredFigure,
    Listed,
    Number,
    Plain,
    PValue,
    Shown,
)
from trialkit.documents.declared.output import Drawn
from trialkit.plan import Analysis, keys
from trialkit.plan.method import Several

if TYPE_CHECKING:
    import pandas as pd


def compute(context: Context, entry: Analysis) -> Answer:
    """Residuals of the model on complete cases, each over its own standard deviation."""
    from trialkit.stats import ancova as fit_ancova

    formula = keys.FORMULA.of(entry)
    data = context.assessments(entry)
    used = used_rows(formula, data)
    options: dict[str, Any] = {"treatment": "arm", "reference": context.reference_arm}
    fit = fit_ancova(formula, data, **options)
    slopes = fit_ancova(f"{formula} + arm:base", data, **options)
    residuals = _residuals(fit, data[used])
    return Answer(
        tables={
            "residuals": residuals,
            "spread": _spread(context, residuals),
            "checks": _checks(context, residuals, slopes),
            "scales": context.scales(entry),
        },
        counts=context.counts(data, used, left_out(context, data, formula)),
        method=method_words(context, entry, "ANCOVA", keys.COMPLETE_CASES),
        notes=("The tests describe; whatever they say, the primary analysis stays as planned.",),
    )


def _residuals(fit: Any, data: pd.DataFrame) -> pd.DataFrame:
    """Internally studentized residuals beside the normal quantiles of their ranks (Blom 1958)."""
    import numpy as np
    import pandas as pd
    from scipy import stats

    x, y = fit.design.X, fit.design.y
    fitted = x @ fit.inference.coefficients
    basis, _ = np.linalg.qr(x)
    leverage = (basis**2).sum(axis=1)
    raw = y - fitted
    sigma = np.sqrt(raw @ raw / (len(y) - x.shape[1]))
    standardized = raw / (sigma * np.sqrt(1 - leverage))
    ranks = stats.rankdata(standardized)
    return pd.DataFrame(
        {
            "subject_id": data["subject_id"].to_numpy(),
            "arm": data["arm"].astype(str).to_numpy(),
            "fitted": fitted,
            "residual": raw,
            "standardized": standardized,
            "normal_quantile": stats.norm.ppf((ranks - 0.375) / (len(y) + 0.25)),
        }
    )


def _spread(context: Context, residuals: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    rows = []
    for arm in context.arms:
        here = residuals[residuals["arm"] == arm]
        far = int((here["standardized"].abs() > 3).sum())
        rows.append(
            {"measure": "Residuals", "arm": arm, "n": len(here), "sd": here["residual"].std(), "far": far}
        )
    return pd.DataFrame(rows)


def _checks(context: Context, residuals: pd.DataFrame, slopes: Any) -> pd.DataFrame:
    import pandas as pd
    from scipy import stats

    by_arm = [residuals.loc[residuals["arm"] == arm, "residual"] for arm in context.arms]
    normal = stats.shapiro(residuals["standardized"])
    spread = stats.levene(*by_arm, center="median")
    of_slopes = next(
        row for row in slopes.terms.to_dict("records") if set(str(row["term"]).split(":")) == {"arm", "base"}
    )
    rows = [
        {
            "check": "Normal residuals (Shapiro-Wilk)",
            "statistic": float(normal.statistic),
            "p_value": float(normal.pvalue),
        },
        {
            "check": "Equal variances in the arms (Brown-Forsythe)",
            "statistic": float(spread.statistic),
            "df_num": len(by_arm) - 1,
            "df_den": len(residuals) - len(by_arm),
            "p_value": float(spread.pvalue),
        },
        {
            "check": "One slope on baseline in the arms (arm × baseline)",
            "statistic": float(of_slopes["statistic"]),
            "df_num": of_slopes["df_num"],
            "df_den": of_slopes["df_den"],
            "p_value": float(of_slopes["p_value"]),
        },
    ]
    return pd.DataFrame(rows, columns=["check", "statistic", "df_num", "df_den", "p_value"])


def draw(shown: Shown, key: str) -> Drawn | None:
    from trialkit.figures.residuals import Residual, draw_residuals

    rows = shown.rows("residuals")
    arms = {arm: shown.label(arm) for arm in shown.arms}
    points = [
        Residual(str(r["arm"]), float(r["fitted"]), float(r["standardized"]), float(r["normal_quantile"]))
        for r in rows
    ]
    largest = max(abs(point.standardized) for point in points)
    alt = (
        f"Left: {len(points)} standardized residuals against fitted values, by arm. Right: the same against "
        f"normal quantiles. The largest is {numbers.fixed(largest, 1)} standard deviations from zero."
    )
    foot = (
        "Left: a funnel or a bend speaks against the model. Right: normal residuals lie along the line.",
        "Residuals are divided by their own standard deviation (internally studentized).",
    )
    return Drawn(draw_residuals(points, arms, key, alt), alt, foot)


METHOD = Method(
    name="assumptions",
    says="The assumptions of an analysis of covariance in pictures, with tests beside.",
    keys=(keys.ENDPOINT, keys.VISIT, keys.FORMULA),
    optional=(keys.STRATA_SOURCE,),
    outputs=(
        DeclaredFigure(
            "residuals",
            "residuals",
            "{title}",
            "Standardized residuals against fitted values by arm, and against normal quantiles.",
            draw,
        ),
        Listed(
            source="spread",
            title="{title}: spread of the residuals",
            label=Plain("measure"),
            head="",
            columns=(
                Col("n", Count("n")),
                Col("SD", Number("sd", 2)),
                Col("Beyond 3 SD, n", Count("far")),
            ),
            by_arm=True,
        ),
        Listed(
            source="checks",
            title="{title}: tests",
            label=Plain("check"),
            head="What is looked at",
            columns=(
                Col("Statistic", Number("statistic", 3)),
                Col("df", Number("df_num", 0, reason="none")),
                Col("df of error", Number("df_den", 0, reason="none")),
                Col("p", PValue()),
            ),
        ),
    ),
    page="primary",
    compute=compute,
    several=Several.DESCRIBED,
)
