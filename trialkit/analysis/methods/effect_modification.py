"""Does a baseline measurement change the effect? One model with arm x modifier."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from trialkit import numbers
from trialkit.analysis.context import Context
from trialkit.analysis.left_out import left_out
from trialkit.analysis.level_names import code_of, level_names
from trialkit.analysis.linear import method_words, used_rows
from trialkit.analysis.method import Answer, Method
from trialkit.analysis.spreads import spread_notes
from trialkit.analysis.tables import estimates
from trialkit.documents.declared import DeclaredFigure, ResultRow, Shown
from trialkit.documents.declared.output import Drawn
from trialkit.documents.declared.wording import with_unit
from trialkit.plan import Analysis, Key, Place, Plan, PlanError, keys
from trialkit.plan.reachable import Domain, subject_domains
from trialkit.plan.references import subject_columns, unknown
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd

    from trialkit.study.model import Study

POINTS_ALONG_MODIFIER = 41


def _check_modifier(value: str, place: Place) -> Iterator[PlanError]:
    known = subject_columns(place.study)
    if value not in known:
        yield unknown("a column of the subject dataset", value, place.where, known)


MODIFIER = Key(
    "modifier",
    "the baseline measurement that may change the effect",
    "an item, score or factor of the formula",
    lambda section, key: section.text(key),
    _check_modifier,
)


def check(place: Place) -> Iterator[PlanError]:
    """The formula must hold the arm, the modifier, and their product: else there is nothing to estimate."""
    modifier, formula = MODIFIER.of(place.entry), keys.FORMULA.of(place.entry)
    terms = _terms(formula)
    if not terms:  # told by the formula's own check
        return
    for wanted in ({"arm"}, {modifier}, {"arm", modifier}):
        if frozenset(wanted) not in terms:
            yield PlanError(
                expected=said("a formula with the term {wanted}", wanted=":".join(sorted(wanted))),
                found=formula,
                where=place.where,
                next_step=said(
                    "Write arm * {modifier}, or name the modifier that the formula has.", modifier=modifier
                ),
            )
            return


def _terms(formula: str) -> set[frozenset[str]]:
    from trialkit.errors import TrialkitError

    try:
        parsed = keys.read_formula(formula)
    except TrialkitError:
        return set()
    return {frozenset(variable.column for variable in term) for term in parsed.terms}


def expected(entry: Analysis, _plan: Plan, study: Study) -> dict[str, list[dict[str, Any]]]:
    """Lines of the levels where the modifier has some, by formula or study; else a picture along it."""
    from trialkit.errors import TrialkitError

    modifier = MODIFIER.of(entry)
    try:
        terms = keys.read_formula(keys.FORMULA.of(entry)).terms
    except TrialkitError:
        return {}
    as_factor = any(v.column == modifier and v.is_factor_wrapper for term in terms for v in term)
    domain = subject_domains(study).get(modifier, Domain())
    if not as_factor and not domain.words:
        return {"effect_by_covariate": [{}]}
    levels = domain.words or tuple(level_names(study, modifier).values()) or ("Each level",)
    return {"effect_by_level": [{"level": level} for level in levels]}


def compute(context: Context, entry: Analysis) -> Answer:
    from trialkit.stats import ancova as fit_ancova

    formula, modifier = keys.FORMULA.of(entry), MODIFIER.of(entry)
    data = context.assessments(entry)
    fit = fit_ancova(
        formula,
        data,
        treatment="arm",
        reference=context.reference_arm,
        confidence_level=keys.TWO_SIDED_INTERVAL.of(entry).level,
    )
    observed = used_rows(formula, data)
    is_factor = modifier in fit.design.factors
    interaction = fit.coefficients[fit.coefficients["term"].str.contains(":", regex=False)]
    tables: dict[str, pd.DataFrame] = {"interaction": interaction.reset_index(drop=True)}
    if is_factor:
        tables |= _by_level(context, entry, fit, data[observed])
    else:
        tables["effect_by_covariate"] = _along(context, entry, fit, data[observed])
    return Answer(
        tables={**tables, "scales": context.scales(entry)},
        counts=context.counts(data, observed, left_out(context, data, formula)),
        method=method_words(context, entry, "ANCOVA with interaction"),
        notes=(
            "Subgroup evidence from one trial: read the interval, not the side of 0.05 it falls on.",
            *spread_notes(context, data, context.endpoint(entry).column),
        ),
    )


def _by_level(context: Context, entry: Analysis, fit: Any, data: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The treatment difference in each level of a factor, and the test that they are all equal."""
    modifier = MODIFIER.of(entry)
    label, _ = context.label_and_unit(modifier)
    effects = fit.contrasts("arm", by=modifier, reference=context.reference_arm, weights=keys.MIX.of(entry))
    effects = effects.rename(columns={modifier: "level"}).assign(covariate=label)
    sizes = data[modifier].astype(str).value_counts()
    effects["n"] = [int(sizes.get(str(level), 0)) for level in effects["level"]]
    names = level_names(context.study, modifier)
    effects["level"] = [names.get(code_of(level), str(level)) for level in effects["level"]]
    terms = fit.terms
    joint = terms[[set(str(term).split(":")) == {"arm", modifier} for term in terms["term"]]]
    return {"effect_by_level": effects, "joint_test": joint.reset_index(drop=True)}


def _along(context: Context, entry: Analysis, fit: Any, data: pd.DataFrame) -> pd.DataFrame:
    """The treatment difference along the modifier, over the mix of the other factors that the entry names.

    Every coefficient of the arm enters: were the arm also crossed with another term, its main effect alone
    would hold only at that term's reference level.
    """
    import numpy as np
    import pandas as pd
    from scipy import stats

    modifier = MODIFIER.of(entry)
    low, high = (float(data[modifier].quantile(q)) for q in (0.05, 0.95))
    at = np.linspace(low, high, POINTS_ALONG_MODIFIER)
    rows = _difference_rows(fit, modifier, at, keys.MIX.of(entry))
    beta = fit.coefficients["estimate"].to_numpy(dtype=float)
    covariance = fit.coefficient_covariance.to_numpy(dtype=float)
    estimate = rows @ beta
    error = np.sqrt(np.einsum("ij,jk,ik->i", rows, covariance, rows))
    df = float(fit.coefficients["df"].iloc[0])
    half = stats.t.ppf(0.5 + keys.TWO_SIDED_INTERVAL.of(entry).level / 2, df) * error
    label, unit = context.label_and_unit(modifier)
    return pd.DataFrame(
        {
            "covariate": label,
            "unit": unit,
            "value": at,
            "estimate": estimate,
            "standard_error": error,
            "ci_lower": estimate - half,
            "ci_upper": estimate + half,
        }
    )


def _difference_rows(fit: Any, modifier: str, at: Any, weights: Any) -> Any:
    """Rows of coefficients: LS mean of the test arm minus the reference at each value of the modifier."""
    from dataclasses import replace

    import numpy as np

    from trialkit.stats.ls_means import contrast_rows

    rows = []
    for value in at:
        means = {**fit.design.covariate_means, modifier: value}
        rows.append(
            contrast_rows(replace(fit.design, covariate_means=means), "arm", (), None, weights).rows[0]
        )
    return np.vstack(rows)


def draw(shown: Shown, key: str) -> Drawn:
    from trialkit.figures.modifier import EffectPoint, draw_modifier

    rows = shown.rows("effect_by_covariate")
    covariate = _covariate(rows)
    points = [
        EffectPoint(*(float(row[c]) for c in ("value", "estimate", "ci_lower", "ci_upper"))) for row in rows
    ]
    first, last = points[0], points[-1]
    alt = (
        f"Line with band: estimated effect across {covariate}. At {numbers.fixed(first.value, 1)}: "
        f"{numbers.fixed(first.estimate, 1)}; at {numbers.fixed(last.value, 1)}: "
        f"{numbers.fixed(last.estimate, 1)}."
    )
    return Drawn(
        draw_modifier(points, covariate, shown.direction, shown.scales, key, alt),
        alt,
        (
            f"Band: pointwise {shown.interval}. Difference: {shown.direction}, from the 5th to the 95th "
            "percentile of the subjects analysed, over the mix of the other factors that the method names.",
        ),
    )


def _covariate(rows: list[ResultRow]) -> str:
    return with_unit(rows[0]["covariate"], rows[0]["unit"])


METHOD = Method(
    name="effect_modification",
    says="Whether a baseline measurement changes the effect: one model with arm x modifier.",
    keys=(keys.ENDPOINT, keys.VISIT, keys.FORMULA, MODIFIER),
    confirmatory=(
        keys.missing(keys.COMPLETE_CASES),
        keys.TWO_SIDED_INTERVAL,
        keys.STRATA_SOURCE,
        keys.two_sided_test(0),
    ),
    optional=(keys.MIX,),
    outputs=(
        DeclaredFigure(
            "modifier",
            "effect_by_covariate",
            "{title}: difference between the arms along it",
            "A line with its band: the treatment difference along the modifier, with no difference and "
            "the MCID marked.",
            draw,
            either=True,
        ),
        estimates(
            "effect_by_level",
            "{title}: effect by level",
            "level",
            "Level",
            footnotes=(
                "Each difference is over the mix of the model's other factors that the method names, with "
                "covariates at their mean.",
            ),
            either=True,
        ),
        estimates("interaction", "{title}: interaction", "term", "Term"),
    ),
    page="supplementary",
    check=check,
    expected=expected,
    summaries=("difference in means",),
    compute=compute,
    symmetric=frozenset({"interaction", "effect_by_level", "joint_test", "effect_by_covariate"}),
)
