"""The endpoint compared by ranks within strata: a sensitivity analysis without normality."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trialkit.analysis.context import Context
from trialkit.analysis.formula_words import within_words
from trialkit.analysis.left_out import left_out
from trialkit.analysis.linear import used_rows
from trialkit.analysis.method import Answer, Method
from trialkit.documents.declared import Col, Listed, Number, Plain, PValue
from trialkit.documents.declared.wording import alternative_words
from trialkit.plan import Analysis, keys


def compute(context: Context, entry: Analysis) -> Answer:
    import pandas as pd

    from trialkit.stats import van_elteren

    test, strata = keys.TEST_OF_NO_EFFECT.of(entry), list(keys.STRATA.of(entry))
    data = context.assessments(entry)
    outcome = context.endpoint(entry).column
    result = van_elteren(
        data,
        outcome,
        "arm",
        context.reference_arm,
        strata,
        alternative=context.alternative(test).value,
    )
    row = {
        "contrast": f"{context.test_arm} - {context.reference_arm}",
        "statistic": result.statistic,
        "p_value": result.p_value,
        "alternative": result.alternative,
        "probability": result.probability,
    }
    named = within_words(context, strata, entry.keys.get(keys.STRATA_AS.name))
    return Answer(
        tables={"test": pd.DataFrame([row]), "scales": context.scales(entry)},
        counts=context.counts(
            data, used_rows(outcome, data, strata), left_out(context, data, f"{outcome} ~ arm", strata)
        ),
        method=f"Van Elteren test, ranks within {named}; missing data: {entry.keys.get('missing')}",
    )


def tested(context: Context, entry: Analysis, _visit: str) -> Mapping[str, Any]:
    """The test alone: ranks estimate no effect in the endpoint's unit."""
    return dict(compute(context, entry).tables["test"].iloc[0])


METHOD = Method(
    name="van_elteren",
    says="The endpoint compared by ranks within strata.",
    keys=(keys.ENDPOINT, keys.VISIT, keys.STRATA),
    confirmatory=(keys.missing(keys.COMPLETE_CASES), keys.STRATA_AS, keys.TEST_OF_NO_EFFECT),
    outputs=(
        Listed(
            source="test",
            title="{title}",
            label=Plain("contrast"),
            head="Contrast",
            columns=(
                Col("z", Number("statistic")),
                Col("p", PValue(), note_of=alternative_words),
                Col("Probability of a higher value", Number("probability", 3)),
            ),
        ),
    ),
    compute=compute,
    tested=tested,
)
