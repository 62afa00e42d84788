"""The effect in those who would comply, by two-stage least squares with the allocation as instrument."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from trialkit.analysis.context import Context
from trialkit.analysis.covariates import factors_of
from trialkit.analysis.errors import AnalysisError
from trialkit.analysis.formula_words import formula_words
from trialkit.analysis.left_out import left_out
from trialkit.analysis.linear import strata_part, used_rows
from trialkit.analysis.method import Answer, Method
from trialkit.analysis.tables import estimates
from trialkit.documents.declared import Col, Count, Listed, Percent, Plain
from trialkit.expressions import Name, evaluate, parse
from trialkit.plan import Analysis, Key, Place, PlanError, keys
from trialkit.plan.reachable import rule_on_subjects
from trialkit.plan.references import rule_problems

if TYPE_CHECKING:
    import pandas as pd

COMPLIED = "complied"
USED_COMPLIED = "Complied, of those whom the estimate uses"
ALL_COMPLIED = "Complied, of the whole analysis set"


def _check(value: str, place: Place) -> Iterator[PlanError]:
    scores = {score.name for score in place.study.scores}
    items = {item.name for form in place.study.forms if not form.repeating for item in form.items}
    yield from rule_problems(value, scores | items, place.where)
    yield from rule_on_subjects(value, place.study, place.where)


RULE = Key(
    "complied",
    "who complied with the test treatment",
    "a rule on scores and items",
    lambda s, k: s.text(k),
    _check,
)


def compute(context: Context, entry: Analysis) -> Answer:
    """Nobody of the reference arm receives the test treatment; who is not known to have complied did not.

    Under that and the assumption that allocation acts through compliance alone, the estimate is the effect in
    compliers (Angrist, Imbens and Rubin 1996).
    """
    from trialkit.stats import complier_effect

    formula, level = keys.FORMULA.of(entry), keys.TWO_SIDED_INTERVAL.of(entry).level
    data = context.assessments(entry)
    data[COMPLIED] = _complied(context, entry, data)
    used = used_rows(formula, data)
    if not data.loc[used, COMPLIED].any():
        raise AnalysisError(
            expected="somebody who complied",
            found="nobody",
            where=entry.where,
            next_step="Check the rule of compliance.",
        )
    covariates = [name for name in factors_of(formula) if name != "arm"]
    fit = complier_effect(
        f"{context.endpoint(entry).column} ~ {' + '.join(covariates) or '1'}",
        data[used],
        received=COMPLIED,
        treatment="arm",
        reference=context.reference_arm,
        confidence_level=level,
    )
    effect = fit.effect.assign(contrast=f"{context.test_arm} - {context.reference_arm}")
    return Answer(
        tables={
            "effect": effect,
            "compliance": _compliance(context, data, used),
            "scales": context.scales(entry),
        },
        counts=context.counts(data, used, left_out(context, data, formula)),
        method=f"Two-stage least squares, {formula_words(context, formula)}"
        ", allocation as instrument for compliance "
        f"({RULE.of(entry)}){strata_part(context, entry)}; "
        f"missing data: {entry.keys.get('missing', keys.COMPLETE_CASES)}",
        notes=(
            "Holds where allocation acts on the outcome through compliance alone, and nobody does the "
            "opposite of what was allocated. Compliance that is not known counts as none.",
        ),
    )


def _complied(context: Context, entry: Analysis, data: pd.DataFrame) -> pd.Series:
    import pandas as pd

    rule = parse(RULE.of(entry), syntax="rule")
    known = context.datasets.by_subject([name.item for name in rule.names])
    answers = []
    for subject_id, arm in zip(data["subject_id"], data["arm"], strict=True):
        row: dict[str, Any] = known.get(subject_id, {})

        def look_up(name: Name, row: dict[str, Any] = row) -> Any:
            return row.get(name.item)

        answers.append(1.0 if arm == context.test_arm and evaluate(rule, look_up) is True else 0.0)
    return pd.Series(answers, index=data.index)


def _compliance(context: Context, data: pd.DataFrame, used: pd.Series) -> pd.DataFrame:
    """Who complied, of those whom the estimate uses and of the whole set."""
    import pandas as pd

    rows = []
    for measure, those in ((USED_COMPLIED, data[used]), (ALL_COMPLIED, data)):
        for arm in context.arms:
            here = those[those["arm"] == arm]
            n = int(here[COMPLIED].sum())
            percent = 100 * n / len(here) if len(here) else None
            rows.append({"measure": measure, "arm": arm, "count": n, "n": len(here), "percent": percent})
    return pd.DataFrame(rows)


METHOD = Method(
    name="complier_effect",
    says="The effect in those who would comply, by two-stage least squares.",
    keys=(keys.ENDPOINT, keys.VISIT, keys.FORMULA, RULE),
    confirmatory=(
        keys.missing(keys.COMPLETE_CASES),
        keys.TWO_SIDED_INTERVAL,
        keys.STRATA_SOURCE,
        keys.two_sided_test(0),
    ),
    outputs=(
        Listed(
            source="compliance",
            title="{title}: compliance",
            label=Plain("measure"),
            head="",
            columns=(Col("n (%)", Percent("count", "percent")), Col("N", Count("n"))),
            by_arm=True,
            reveals_arm=True,
        ),
        estimates("effect", "{title}", "contrast", "Contrast"),
    ),
    page="supplementary",
    summaries=("difference in means",),
    principal_stratum=True,
    compute=compute,
)
