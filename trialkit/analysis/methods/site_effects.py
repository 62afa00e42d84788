"""Do the sites differ, in level and in effect? One model with arm x site, and the share between sites."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trialkit.analysis.context import Context
from trialkit.analysis.left_out import left_out
from trialkit.analysis.level_names import level_names
from trialkit.analysis.linear import method_words, used_rows
from trialkit.analysis.method import Answer, Method
from trialkit.analysis.parts import Parts
from trialkit.analysis.spreads import spread_notes
from trialkit.analysis.tables import estimates
from trialkit.documents.declared import Col, Count, Estimate, Listed, MeanSD, Number, Plain, PValue
from trialkit.plan import Analysis, keys

if TYPE_CHECKING:
    import pandas as pd

SITE = "site"


def compute(context: Context, entry: Analysis) -> Answer:
    formula = keys.FORMULA.of(entry)
    data = context.assessments(entry)
    used = used_rows(formula, data)
    here = data[used]
    parts = Parts()
    parts.add("What was observed at the sites", lambda: _observed(context, entry, here))
    parts.add("The effect by site", lambda: _by_site(context, entry, data))
    parts.add("The share between sites", lambda: _between(context, entry, here))
    parts.require_one()
    return Answer(
        tables={**parts.tables, "scales": context.scales(entry)},
        counts=context.counts(data, used, left_out(context, data, formula)),
        method=f"{method_words(context, entry, 'ANCOVA', keys.COMPLETE_CASES)}; with arm × site; beside it "
        "a model with a random site",
        notes=(
            "A site's own effect rests on few subjects: read its interval.",
            *spread_notes(context, here, context.endpoint(entry).column),
        ),
        warnings=tuple(parts.warnings),
    )


def _observed(context: Context, entry: Analysis, here: pd.DataFrame) -> dict[str, pd.DataFrame]:
    import pandas as pd

    outcome, names = context.endpoint(entry).column, level_names(context.study, SITE)
    rows = []
    for site in here[SITE].cat.categories:
        for arm in context.arms:
            values = here.loc[(here[SITE] == site) & (here["arm"] == arm), outcome]
            label = names.get(str(site), str(site))
            described = {"n": len(values), "mean": values.mean(), "sd": values.std()}
            rows.append({"site": str(site), "site_label": label, "arm": arm, **described})
    return {"observed": pd.DataFrame(rows)}


def _by_site(context: Context, entry: Analysis, data: pd.DataFrame) -> dict[str, pd.DataFrame]:
    from trialkit.stats import ancova

    level, names = keys.TWO_SIDED_INTERVAL.of(entry).level, level_names(context.study, SITE)
    options: dict[str, Any] = {"treatment": "arm", "reference": context.reference_arm}
    formula = keys.FORMULA.of(entry)
    product = ancova(f"{formula} + arm:{SITE}", data, confidence_level=level, **options)
    effects = product.contrasts("arm", by=SITE, reference=context.reference_arm, weights=keys.MIX.of(entry))
    joint = product.terms[[set(str(t).split(":")) == {"arm", SITE} for t in product.terms["term"]]]
    plain = ancova(formula, data, **options).terms
    level_test = plain[plain["term"] == SITE]
    tests = [("Sites differ in level", level_test), ("Sites differ in effect (arm × site)", joint)]
    import pandas as pd

    return {
        "by_site": effects.assign(
            site=effects[SITE].astype(str),
            site_label=[names.get(str(site), str(site)) for site in effects[SITE]],
        ),
        "tests": pd.concat([table.assign(question=words) for words, table in tests], ignore_index=True),
    }


def _between(context: Context, entry: Analysis, here: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The share of the variance, after the other covariates, that lies between sites."""
    import pandas as pd

    from trialkit.stats import lmm

    formula = _without_site(keys.FORMULA.of(entry))
    level = keys.TWO_SIDED_INTERVAL.of(entry).level
    fit = lmm(
        formula, here.assign(**{SITE: here[SITE].astype(str)}), random=f"1 | {SITE}", confidence_level=level
    )
    components = fit.variance_components
    between = float(components["estimate"].iloc[0])
    within = float(components["estimate"].iloc[-1])
    arm = fit.coefficients[fit.coefficients["term"].str.startswith("arm")]
    share = 100 * between / (between + within)
    return {
        "between": pd.DataFrame(
            [
                {"measure": "Variance between sites", "value": between},
                {"measure": "Variance within sites", "value": within},
                {"measure": "Between sites, % of both", "value": share},
            ]
        ),
        "random_site": arm.assign(measure="Arm, with a random site").reset_index(drop=True),
    }


def _without_site(formula: str) -> str:
    outcome, right = formula.split("~")
    terms = [term.strip() for term in right.split("+") if term.strip() != SITE]
    return f"{outcome.strip()} ~ {' + '.join(terms)}"


METHOD = Method(
    name="site_effects",
    says="Whether sites differ in level and in effect.",
    keys=(keys.ENDPOINT, keys.VISIT, keys.FORMULA, keys.TWO_SIDED_INTERVAL),
    confirmatory=(keys.STRATA_SOURCE, keys.missing(keys.COMPLETE_CASES)),
    optional=(keys.MIX,),
    outputs=(
        Listed(
            source="observed",
            title="{title}: observed",
            label=Plain("site_label"),
            head="Site",
            columns=(Col("n", Count("n")), Col("Mean (SD)", MeanSD("mean", "sd"))),
            by_arm=True,
        ),
        Listed(
            source="by_site",
            title="{title}: difference at each site",
            label=Plain("site_label"),
            head="Site",
            columns=(
                Col("Difference", Estimate(decimals=None), note="{direction} ({interval})"),
                Col("SE", Number("standard_error", None)),
            ),
            footnotes=(
                "Each difference is over the mix of the model's other factors that the method names, with "
                "covariates at their mean.",
            ),
        ),
        Listed(
            source="tests",
            title="{title}: tests",
            label=Plain("question"),
            head="Question",
            columns=(
                Col("F", Number("statistic")),
                Col("df", Number("df_num", 0)),
                Col("df of error", Number("df_den", 1)),
                Col("p", PValue()),
            ),
        ),
        Listed(
            source="between",
            title="{title}: between and within sites",
            label=Plain("measure"),
            head="",
            columns=(Col("Value", Number("value", 2)),),
            footnotes=("After arm and covariates, by restricted maximum likelihood.",),
        ),
        estimates("random_site", "{title}: arm with a random site", "measure", ""),
    ),
    page="supplementary",
    compute=compute,
)
