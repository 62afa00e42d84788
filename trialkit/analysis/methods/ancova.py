"""ANCOVA of a value or change at one visit: LS means, their difference, and what went into the model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from trialkit.analysis import comparisons
from trialkit.analysis.context import Context, in_arm_order
from trialkit.analysis.left_out import left_out
from trialkit.analysis.linear import method_words, observed_by_arm
from trialkit.analysis.method import Answer, Method
from trialkit.analysis.missing_data import MISSING, Handled, counts_of
from trialkit.analysis.spreads import spread_notes
from trialkit.analysis.tables import estimates
from trialkit.documents.declared import Count, Estimate, MeanSD, Number, PValue, Stacked, Statistic
from trialkit.documents.declared.stacked import ByArm, Contrasts, Difference, Section
from trialkit.documents.declared.wording import alternative_words
from trialkit.plan import Analysis, keys
from trialkit.plan.method import Several

if TYPE_CHECKING:
    import pandas as pd

ERRORS = keys.word("errors", "the standard errors", "ols", "hc3", absent="ols")


def _handled(context: Context, entry: Analysis) -> Handled:
    from trialkit.stats import ancova as fit_ancova

    formula, level = keys.FORMULA.of(entry), keys.INTERVAL.of(entry).level

    def fitting(data: pd.DataFrame) -> Any:
        return fit_ancova(
            formula,
            data,
            treatment="arm",
            reference=context.reference_arm,
            confidence_level=level,
            errors="hc3" if ERRORS.of(entry) == "hc3" else "ols",
        )

    return MISSING.of(entry).handle(context, entry, fitting)


def compute(context: Context, entry: Analysis) -> Answer:
    handled = _handled(context, entry)
    observed = handled.used & ~handled.imputed
    robust, missing = ERRORS.of(entry) == "hc3", MISSING.of(entry).words
    return Answer(
        tables={
            "descriptives": observed_by_arm(context, handled.data[observed], context.endpoint(entry).column),
            **effects(context, entry, handled.fit),
            "coefficients": handled.fit.coefficients,
            "scales": context.scales(entry),
        },
        counts=counts_of(context, handled, left_out(context, handled.data, keys.FORMULA.of(entry))),
        method=method_words(context, entry, "ANCOVA", missing, robust=robust),
        notes=(
            *handled.notes,
            *comparisons.words(context, entry),
            *(
                ()
                if robust
                else spread_notes(context, handled.data[observed], context.endpoint(entry).column)
            ),
        ),
        datasets=handled.datasets(context, context.endpoint(entry).parameter),
    )


def effects(context: Context, entry: Analysis, fit: Any) -> dict[str, pd.DataFrame]:
    """LS means by arm and their difference, over the same mix of the other factors."""
    weights = keys.LS_MEANS.of(entry)
    return {
        "ls_means": in_arm_order(fit.ls_means("arm", weights=weights), context.arms),
        "contrasts": _contrasts(context, entry, fit),
        **comparisons.joint(context, fit),
    }


def _contrasts(context: Context, entry: Analysis, fit: Any) -> pd.DataFrame:
    test, interval = keys.TEST.of(entry), keys.INTERVAL.of(entry)
    return comparisons.contrasts(
        context,
        entry,
        fit,
        null_value=test.null_value,
        alternative=context.alternative(test).value,
        interval="two-sided" if interval.sides == 2 else "one-sided",
        weights=keys.LS_MEANS.of(entry),
    )


def effect_lines(*, decimals: int = 2) -> tuple[Any, ...]:
    """LS means by arm and their contrasts below each other."""
    return (
        Section("Estimated by the model", "ls_means"),
        ByArm("LS mean ({interval})", "ls_means", Estimate(decimals=decimals)),
        ByArm("SE", "ls_means", Number("standard_error", decimals)),
        comparisons.JOINT_LINE,
        Contrasts(
            "contrasts",
            (
                Difference("Difference in LS means ({interval})", "contrasts", Estimate(decimals=decimals)),
                Difference("SE", "contrasts", Number("standard_error", decimals)),
                Difference("Test statistic", "contrasts", Statistic()),
                Difference(lambda row: f"p, {alternative_words(row)}", "contrasts", PValue()),
            ),
        ),
    )


MAIN = Stacked(
    name="effect",
    title="{endpoint}",
    in_unit=True,
    lines=(
        Section("Observed", "descriptives"),
        ByArm("Subjects observed", "descriptives", Count("n")),
        ByArm(
            "Baseline, mean (SD)", "descriptives", MeanSD("base_mean", "base_sd", spreads=("base_sd", "sd"))
        ),
        ByArm("Outcome, mean (SD)", "descriptives", MeanSD("mean", "sd", spreads=("base_sd", "sd"))),
        *effect_lines(),
    ),
    extra={"Difference": "{direction}"},
)


def tested(context: Context, entry: Analysis, _visit: str) -> Mapping[str, Any]:
    """The difference of the LS means, without the tables beside it."""
    return dict(_contrasts(context, entry, _handled(context, entry).fit).iloc[0])


METHOD = Method(
    name="ancova",
    says="A value or change at one visit, compared by analysis of covariance.",
    keys=(keys.ENDPOINT, keys.VISIT, keys.FORMULA, keys.LS_MEANS),
    confirmatory=(MISSING, keys.INTERVAL, keys.STRATA_SOURCE, keys.TEST),
    optional=(ERRORS,),
    outputs=(
        MAIN,
        comparisons.contrast_lines(),
        estimates("coefficients", "{title}: coefficients of the model", "term", "Term", only_primary=True),
    ),
    summaries=("difference in means",),
    compute=compute,
    tested=tested,
    symmetric=frozenset({"contrasts"}),
    joint=frozenset({comparisons.JOINT}),
    several=Several.CONTRASTS,
    simultaneous=True,
)
