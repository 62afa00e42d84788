"""A score over all visits by a mixed model for repeated measures: LS means and differences by visit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from trialkit import numbers
from trialkit.analysis import comparisons
from trialkit.analysis.context import Context, in_arm_order
from trialkit.analysis.covariates import factors_of, mean_imputed
from trialkit.analysis.left_out import counts_over_visits
from trialkit.analysis.linear import method_words, used_rows
from trialkit.analysis.method import Answer, Method
from trialkit.analysis.repeated import long_data
from trialkit.analysis.tables import estimates
from trialkit.documents.declared import (
    Col,
    Count,
    DeclaredFigure,
    Estimate,
    Listed,
    Number,
    Plain,
    PValue,
    Shown,
)
from trialkit.documents.declared.output import Drawn
from trialkit.documents.declared.rows import distinct
from trialkit.documents.declared.wording import with_unit
from trialkit.plan import Analysis, Key, Place, Plan, PlanError, keys
from trialkit.plan.method import Several
from trialkit.plan.references import because_of, unknown
from trialkit.plan.schedule import target_day
from trialkit.strict_toml import Section
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd

    from trialkit.study.model import Study

STRUCTURES = ("us", "toeph", "toep", "csh", "cs", "ar1h", "ar1", "adh", "ad")
STRUCTURE_WORDS = {
    "us": "unstructured",
    "toeph": "heterogeneous Toeplitz",
    "toep": "Toeplitz",
    "csh": "heterogeneous compound symmetry",
    "cs": "compound symmetry",
    "ar1h": "heterogeneous first-order autoregressive",
    "ar1": "first-order autoregressive",
    "adh": "heterogeneous ante-dependence",
    "ad": "ante-dependence",
}
DF_METHODS = {
    "kenward-roger-linear": "Kenward-Roger degrees of freedom (linear, as SAS)",
    "kenward-roger": "Kenward-Roger degrees of freedom",
    "satterthwaite": "Satterthwaite degrees of freedom",
}


def _read_structures(section: Section, key: str) -> tuple[str, ...]:
    names = section.texts(key)
    for name in names:
        if name not in STRUCTURES:
            section.refuse(key, said("structures among {known}", known=", ".join(STRUCTURES)), repr(name))
    if len(set(names)) < len(names):
        section.refuse(key, "each structure once", ", ".join(names), "Name another to fall back on.")
    if not names:
        section.refuse(key, "at least one structure, then those to fall back on", "none")
    return names


def check_visits(value: tuple[str, ...], place: Place) -> Iterator[PlanError]:
    """Known visits, each once, in the order of their days."""
    for name in value:
        if name in place.plan.broken:
            yield because_of(place.plan.broken[name])
        elif name not in place.plan.visits:
            yield unknown("a visit of the plan", name, place.where, place.plan.visits)
    days = [target_day(place.plan.visits[name], place.study) for name in value if name in place.plan.visits]
    known = [day for day in days if day is not None]
    if known != sorted(set(known)):
        yield PlanError(
            expected="visits each once, from the earliest to the latest",
            found=", ".join(value),
            where=place.where,
            next_step="Their order is the order of the tables, and of the covariance.",
        )


def _check_several(value: tuple[str, ...], place: Place) -> Iterator[PlanError]:
    yield from check_visits(value, place)
    if len(set(value)) < 2:
        yield PlanError(
            expected="at least two visits: the model is of repeated measurements",
            found=", ".join(value) or "none",
            where=place.where,
            next_step="Name the others, or use ancova for one.",
        )


VISITS = Key(
    "visits", "the visits modelled, in order", "names of [visits]", lambda s, k: s.texts(k), check_visits
)
SEVERAL_VISITS = replace(VISITS, check=_check_several)
COVARIANCE = Key(
    "covariance",
    "the covariance over visits, and what to fall back on where it cannot be fitted, in order",
    ", ".join(STRUCTURES),
    _read_structures,
)
DF_METHOD = keys.word("df_method", "the degrees of freedom", *DF_METHODS)


def compute(context: Context, entry: Analysis) -> Answer:
    from trialkit.stats import mmrm as fit_mmrm

    endpoint, formula = context.endpoint(entry), keys.FORMULA.of(entry)
    test, interval = keys.TEST.of(entry), keys.TWO_SIDED_INTERVAL.of(entry)
    data = long_data(context, entry, endpoint.parameter, VISITS.of(entry))
    data, imputed = mean_imputed(context, data, factors_of(formula))
    fit = fit_mmrm(
        formula,
        data,
        subject="subject_id",
        visit="visit",
        covariance=list(COVARIANCE.of(entry)),  # type: ignore[arg-type]
        df_method=DF_METHOD.of(entry),  # type: ignore[arg-type]
        treatment="arm",
        reference=context.reference_arm,
        confidence_level=interval.level,
    )
    weights = keys.LS_MEANS.of(entry)
    means = in_arm_order(fit.ls_means("arm", by="visit", weights=weights), context.arms)
    effects = comparisons.contrasts(
        context,
        entry,
        fit,
        by="visit",
        null_value=test.null_value,
        alternative=context.alternative(test).value,
        weights=weights,
    )
    used = used_rows(formula, data)
    tables = {
        "ls_means": _with_sizes(means, data[used]),
        "contrasts": effects.assign(visit=effects["visit"].astype(str)),
        "covariance": _covariance(fit),
        "terms": fit.terms,
        "scales": context.scales(entry),
        **_joint(context, fit, weights),
    }
    structure = str(fit.structure)
    notes = [f"Covariance over visits: {STRUCTURE_WORDS.get(structure, structure)}."]
    notes += [*imputed, *(f"Not fitted: {why}." for why in _not_fitted(fit))]
    return Answer(
        tables=tables,
        counts=counts_over_visits(context, formula, data, used),
        method=f"{method_words(context, entry, 'MMRM', MISSING_WORDS)}; {DF_METHODS[DF_METHOD.of(entry)]}",
        notes=(*notes, *comparisons.words(context, entry)),
    )


def _joint(context: Context, fit: Any, weights: str) -> dict[str, pd.DataFrame]:
    """At each visit the test that no arm differs from another; nothing with two arms."""
    if not context.several:
        return {}
    found = fit.joint_tests("arm", by="visit", weights=weights)
    return {comparisons.JOINT: found.assign(visit=found["visit"].astype(str))}


MISSING_WORDS = "missing at random given the visits observed (likelihood)"


def _with_sizes(means: pd.DataFrame, used: pd.DataFrame) -> pd.DataFrame:
    sizes = used.groupby(["visit", "arm"], observed=True).size()
    days = used.drop_duplicates("visit").set_index("visit")["day"]
    pairs = zip(means["visit"], means["arm"], strict=True)
    sized: pd.DataFrame = means.assign(
        n=[int(sizes.get((visit, arm), 0)) for visit, arm in pairs],
        day=[float(days[visit]) for visit in means["visit"]],
        visit=means["visit"].astype(str),
    )
    return sized


def _covariance(fit: Any) -> pd.DataFrame:
    import pandas as pd

    matrix = fit.covariance
    rows = [
        {"visit": str(row), "with_visit": str(column), "value": float(matrix.loc[row, column])}
        for row in matrix.index
        for column in matrix.columns
    ]
    return pd.DataFrame(rows)


def _not_fitted(fit: Any) -> list[str]:
    found = fit.not_fitted
    pairs = found.items() if hasattr(found, "items") else [(one, "") for one in found]
    return [f"{STRUCTURE_WORDS.get(str(name), name)}{f' ({why})' if why else ''}" for name, why in pairs]


def draw(shown: Shown, key: str) -> Drawn:
    from trialkit.figures.profile import ProfilePoint, draw_profile

    rows = shown.rows("ls_means")
    name = with_unit(shown.scales.get("endpoint", ""), shown.scales.get("unit"))
    points = [
        ProfilePoint(
            str(row["arm"]),
            str(row["visit"]),
            float(row["day"]),
            int(row["n"]),
            *(float(row[column]) for column in ("estimate", "ci_lower", "ci_upper")),
        )
        for row in rows
    ]
    last = rows[-1]["visit"]
    ends = ", ".join(
        f"{shown.label(r['arm'])} {numbers.fixed(r['estimate'], 1)}" for r in rows if r["visit"] == last
    )
    alt = (
        f"Line chart: LS mean {name} with {shown.interval} at {len(distinct(rows, 'visit'))} visits by arm. "
        f"At {last}: {ends}."
    )
    return Drawn(
        draw_profile(points, {arm: shown.label(arm) for arm in shown.arms}, f"LS mean, {name}", key, alt),
        alt,
        (f"Bars: {shown.interval} of the LS mean. Below: subjects observed.",),
    )


def expected(entry: Analysis, _plan: Plan, study: Study) -> dict[str, list[dict[str, Any]]]:
    labels = [study.visit(name).label for name in VISITS.of(entry)]
    return {
        "ls_means": [{"visit": label, "arm": ""} for label in labels],
        "contrasts": [{"visit": label, "contrast": ""} for label in labels],
    }


DIFFERENCES = estimates(
    "contrasts",
    "{title}: difference by visit",
    "visit",
    "Visit",
    by_contrast="contrast",
)


def tested(context: Context, entry: Analysis, visit: str) -> Mapping[str, Any]:
    """The difference at one visit."""
    rows = compute(context, entry).tables["contrasts"]
    return dict(rows[rows["visit"] == visit].iloc[0])


METHOD = Method(
    name="mmrm",
    says="A score over all visits by a mixed model for repeated measures.",
    keys=(keys.ENDPOINT, SEVERAL_VISITS, keys.FORMULA, COVARIANCE, DF_METHOD, keys.LS_MEANS),
    confirmatory=(keys.missing(keys.MAR_LIKELIHOOD), keys.TWO_SIDED_INTERVAL, keys.STRATA_SOURCE, keys.TEST),
    outputs=(
        DeclaredFigure(
            "ls-profile",
            "ls_means",
            "{title}: LS means by visit",
            "LS means with intervals at every visit, a line an arm, with the numbers observed below.",
            draw,
        ),
        Listed(
            source="ls_means",
            title="{title}: LS means by visit",
            label=Plain("visit"),
            head="Visit",
            columns=(
                Col("n", Count("n")),
                Col("LS mean ({interval})", Estimate()),
                Col("SE", Number("standard_error")),
            ),
            by_arm=True,
        ),
        DIFFERENCES,
        Listed(
            source=comparisons.JOINT,
            title="{title}: test of all arms together by visit",
            label=Plain("visit"),
            head="Visit",
            columns=(
                Col("F", Number("statistic")),
                Col("df", Number("df_num", 0)),
                Col("df of error", Number("df_den", 1)),
                Col("p", PValue()),
            ),
            several=True,
        ),
    ),
    expected=expected,
    summaries=("difference in means",),
    compute=compute,
    tested=tested,
    symmetric=frozenset({"contrasts"}),
    joint=frozenset({comparisons.JOINT}),
    several=Several.CONTRASTS,
    simultaneous=True,
)
