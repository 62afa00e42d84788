"""The continuous endpoint: ANCOVA, and the same with a baseline modifier."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trialkit.analysis.context import Context, in_arm_order
from trialkit.analysis.results import AnalysisResult
from trialkit.plan import Analysis

if TYPE_CHECKING:
    import pandas as pd

POINTS_ALONG_MODIFIER = 41


def ancova(context: Context, entry: Analysis) -> AnalysisResult:
    """ANCOVA of a value or change at one visit: LS means, their difference, and what went into the model."""
    from trialkit.stats import ancova as fit_ancova

    assert entry.test is not None and entry.interval is not None  # plan.load requires both
    data = context.assessments(entry)
    fit = fit_ancova(
        entry.formula,
        data,
        treatment="arm",
        reference=context.reference_arm,
        confidence_level=entry.interval.level,
    )
    contrasts = fit.contrasts(
        "arm",
        reference=context.reference_arm,
        null_value=entry.test.null_value,
        alternative=entry.test.alternative.value,
        interval="two-sided" if entry.interval.sides == 2 else "one-sided",
    )
    ls_means = fit.ls_means("arm", weights=entry.ls_means_weights)
    observed = used_rows(entry.formula, data)
    return AnalysisResult(
        id=entry.id,
        kind="ancova",
        role=entry.role.value,
        title=entry.title,
        method=(
            f"ANCOVA, {entry.formula}; LS means with {entry.ls_means_weights} weights; "
            f"{_strata(context, entry)}missing data: {entry.missing}"
        ),
        analysis_set=context.plan.sets[entry.set].label,
        counts=context.counts(data, observed, "outcome or covariate missing"),
        tables={
            "descriptives": _descriptives(context, data[observed], context.endpoint(entry).column),
            "ls_means": in_arm_order(ls_means, context.arms),
            "contrasts": contrasts,
            "coefficients": fit.coefficients,
            "scales": context.scales(entry),
        },
        estimand=context.estimand(entry),
    )


def effect_modification(context: Context, entry: Analysis) -> AnalysisResult:
    """Does a baseline measurement change the effect? One model with arm x modifier."""
    from trialkit.stats import ancova as fit_ancova

    assert entry.test is not None and entry.interval is not None
    data = context.assessments(entry)
    fit = fit_ancova(
        entry.formula,
        data,
        treatment="arm",
        reference=context.reference_arm,
        confidence_level=entry.interval.level,
    )
    observed = used_rows(entry.formula, data)
    interaction = fit.coefficients[fit.coefficients["term"].str.contains(":", regex=False)]
    return AnalysisResult(
        id=entry.id,
        kind="effect_modification",
        role=entry.role.value,
        title=entry.title,
        method=f"ANCOVA with interaction, {entry.formula}; missing data: {entry.missing}",
        analysis_set=context.plan.sets[entry.set].label,
        counts=context.counts(data, observed, "outcome or covariate missing"),
        tables={
            "interaction": interaction.reset_index(drop=True),
            "effect_by_covariate": _effect_along(context, entry, fit, data[observed]),
            "scales": context.scales(entry),
        },
        estimand=context.estimand(entry),
        notes=("Subgroup evidence from one trial: read the interval, not the side of 0.05 it falls on.",),
    )


def used_rows(formula: str, data: pd.DataFrame) -> pd.Series:
    """Rows without a missing value in any column the formula names: those a model uses."""
    import re

    names = [name for name in re.findall(r"[A-Za-z_]\w*", formula) if name in data.columns]
    used: pd.Series = data[list(dict.fromkeys(names))].notna().all(axis=1)
    return used


def _effect_along(context: Context, entry: Analysis, fit: Any, data: pd.DataFrame) -> pd.DataFrame:
    """The treatment difference along the modifier: main effect plus modifier times interaction."""
    import numpy as np
    import pandas as pd
    from scipy import stats

    assert entry.interval is not None
    main, slope = _interaction_terms(fit, entry.modifier)
    beta = fit.coefficients.set_index("term")["estimate"]
    covariance = fit.coefficient_covariance
    df = float(fit.coefficients.set_index("term").loc[main, "df"])
    low, high = (float(data[entry.modifier].quantile(q)) for q in (0.05, 0.95))
    at = np.linspace(low, high, POINTS_ALONG_MODIFIER)
    estimate = beta[main] + at * beta[slope]
    variance = (
        covariance.loc[main, main]
        + 2 * at * covariance.loc[main, slope]
        + at**2 * covariance.loc[slope, slope]
    )
    half = stats.t.ppf(0.5 + entry.interval.level / 2, df) * np.sqrt(variance)
    item = _label_and_unit(context, entry.modifier)
    return pd.DataFrame(
        {
            "covariate": item[0],
            "unit": item[1],
            "value": at,
            "estimate": estimate,
            "standard_error": np.sqrt(variance),
            "ci_lower": estimate - half,
            "ci_upper": estimate + half,
        }
    )


def _interaction_terms(fit: Any, modifier: str) -> tuple[str, str]:
    """The names of the arm's coefficient and of its product with the modifier."""
    terms = [str(term) for term in fit.coefficients["term"]]
    main = next(term for term in terms if term.startswith("arm[") and ":" not in term)
    slope = next(term for term in terms if ":" in term and "arm[" in term and modifier in term)
    return main, slope


def _label_and_unit(context: Context, name: str) -> tuple[str, str]:
    for score in context.study.scores:
        if score.name == name:
            return score.label, score.unit
    item = context.study.item(name)
    return item.label, item.unit or ""


def _strata(context: Context, entry: Analysis) -> str:
    """A trial without stratification factors has nothing to say of them."""
    return f"strata {entry.strata_source}; " if context.study.factors else ""


def _descriptives(context: Context, data: pd.DataFrame, outcome: str) -> pd.DataFrame:
    import pandas as pd

    rows = []
    for arm in context.arms:
        here = data[data["arm"] == arm]
        rows.append(
            {
                "arm": arm,
                "n": len(here),
                "base_mean": here["base"].mean(),
                "base_sd": here["base"].std(),
                "mean": here[outcome].mean(),
                "sd": here[outcome].std(),
            }
        )
    return pd.DataFrame(rows)
