"""An ordered outcome such as satisfaction: levels by arm, and a proportional odds model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from trialkit.analysis import comparisons
from trialkit.analysis.context import Context
from trialkit.analysis.formula_words import formula_words
from trialkit.analysis.left_out import left_out
from trialkit.analysis.level_names import choice_names, code_of
from trialkit.analysis.linear import strata_part, used_rows
from trialkit.analysis.method import Answer, Method
from trialkit.analysis.parts import Parts
from trialkit.analysis.per_units import PER, per_units
from trialkit.analysis.tables import estimates, without_lone_total
from trialkit.documents.declared import Col, Listed, Number, Percent, Plain, PValue, ResultRow, Shown, Words
from trialkit.plan import Analysis, Plan, keys
from trialkit.plan.method import Several

if TYPE_CHECKING:
    import pandas as pd


def compute(context: Context, entry: Analysis) -> Answer:
    formula = keys.FORMULA.of(entry)
    data = context.assessments(entry)
    used = used_rows(formula, data)
    parts = Parts()
    parts.add("The levels", lambda: {"levels": _levels(context, entry, data[data["value"].notna()])})
    parts.add("The proportional odds model", lambda: _model(context, entry, data))
    parts.require_one()
    return Answer(
        tables={**parts.tables, "scales": context.scales(entry)},
        counts=context.counts(data, used, left_out(context, data, formula)),
        method=f"Proportional odds model, {formula_words(context, formula)}"
        f"; an odds ratio above 1 means higher levels{strata_part(context, entry)}; "
        f"missing data: {entry.keys.get('missing', keys.COMPLETE_CASES)}",
        notes=comparisons.words(context, entry),
        warnings=tuple(parts.warnings),
    )


def _levels(context: Context, entry: Analysis, data: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    names = choice_names(context.study, context.endpoint(entry).parameter)
    rows = []
    for level in sorted(data["value"].unique()):
        for arm in context.arms:
            here = data[data["arm"] == arm]
            n = int((here["value"] == level).sum())
            percent = 100 * n / len(here) if len(here) else None
            rows.append({"level": _called(names, level), "arm": arm, "count": n, "percent": percent})
    return pd.DataFrame(rows)


def _called(names: dict[str, str], level: float) -> str:
    code = code_of(level)
    return f"{code}: {names[code]}" if code in names else f"Level {code}"


def _model(context: Context, entry: Analysis, data: pd.DataFrame) -> dict[str, pd.DataFrame]:
    from trialkit.stats import ordinal as fit_ordinal

    fit: Any = fit_ordinal(
        keys.FORMULA.of(entry),
        data,
        treatment="arm",
        reference=context.reference_arm,
        confidence_level=keys.TWO_SIDED_INTERVAL.of(entry).level,
    )
    tests = without_lone_total(fit.proportional_odds_tests)
    found = {"odds_ratios": per_units(context, entry, fit.odds_ratios), "proportional_odds": tests}
    if context.several:
        found["contrasts"] = comparisons.contrasts(context, entry, fit, kind="odds_ratio_contrasts")
        found |= comparisons.joint(context, fit)
    return found


def _why_no_test(shown: Shown, rows: Sequence[ResultRow]) -> tuple[str, ...]:
    """What stands beside a test, such as why there is none."""
    return tuple(
        f"{shown.words('term', row['term'])}, {row['test']} test: {row['note']}."
        for row in rows
        if row.get("note")
    )


def expected(_entry: Analysis, _plan: Plan, _study: Any) -> dict[str, list[dict[str, Any]]]:
    return {"odds_ratios": [{"term": "arm"}]}


METHOD = Method(
    name="ordinal",
    says="An ordered outcome at one visit by a proportional odds model.",
    keys=(keys.ENDPOINT, keys.VISIT, keys.FORMULA),
    confirmatory=(
        keys.missing(keys.COMPLETE_CASES),
        keys.TWO_SIDED_INTERVAL,
        keys.STRATA_SOURCE,
        keys.two_sided_test(1),
    ),
    optional=(PER,),
    outputs=(
        Listed(
            source="levels",
            title="{title}: levels by arm",
            label=Plain("level"),
            head="Level",
            columns=(Col("n (%)", Percent("count", "percent")),),
            by_arm=True,
        ),
        estimates(
            "odds_ratios",
            "{title}: proportional odds model",
            "term",
            "Term",
            estimate_head="Odds ratio",
            error="log_standard_error",
        ),
        comparisons.contrast_table(
            "{title}: odds ratios between the arms", "Odds ratio", "log_standard_error"
        ),
        comparisons.term_test("{title}: test that the arms do not differ"),
        Listed(
            source="proportional_odds",
            notes_of=_why_no_test,
            title="{title}: test of proportional odds",
            label=Plain("term"),
            head="Term",
            columns=(
                Col("Test", Words("test")),
                Col("χ²", Number("statistic")),
                Col("df", Number("df", 0)),
                Col("p", PValue()),
            ),
        ),
    ),
    expected=expected,
    summaries=("odds ratio",),
    compute=compute,
    joint=frozenset({comparisons.JOINT}),
    several=Several.CONTRASTS,
)
