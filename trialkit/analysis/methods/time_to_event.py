"""Time to event: Kaplan-Meier by arm, log-rank, Cox, proportional hazards, restricted mean."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from trialkit import numbers
from trialkit.analysis import comparisons
from trialkit.analysis.at_risk import (
    ENDED,
    competing_words,
    end_of_period,
    end_words,
    ended,
    ends_lines,
    expected_ends,
)
from trialkit.analysis.beside_cox import (
    ALSO,
    IF_PH_FAILS,
    INCIDENCE,
    LOG_RANK,
    RESTRICTED,
    RESTRICTED_MEAN,
    if_ph_fails_words,
    log_rank_label,
    log_rank_table,
    restricted_mean_table,
)
from trialkit.analysis.context import Context, in_arm_order
from trialkit.analysis.formula_words import stratified_words, terms_words
from trialkit.analysis.incidence import HOW_INCIDENCE, incidence_outputs, incidence_tables
from trialkit.analysis.left_out import left_out
from trialkit.analysis.linear import used_rows
from trialkit.analysis.method import Answer, Method
from trialkit.analysis.methods.mmrm import check_visits
from trialkit.analysis.never_free import NEVER_FREE, never_free
from trialkit.analysis.parts import Parts
from trialkit.analysis.per_units import PER, per_units
from trialkit.analysis.proportional import LOG_LOG, time_of
from trialkit.analysis.tables import hazard_ratios, without_lone_total
from trialkit.documents.declared import (
    Col,
    Count,
    DeclaredFigure,
    Listed,
    Number,
    Percent,
    Plain,
    PValue,
    ResultRow,
    Shown,
    Stacked,
    Statistic,
)
from trialkit.documents.declared.cells import Custom
from trialkit.documents.declared.output import Drawn
from trialkit.documents.declared.rows import absent, estimate_cell
from trialkit.documents.declared.stacked import ByArm, Each, Spanning
from trialkit.documents.declared.wording import lower_first
from trialkit.documents.table import Cell
from trialkit.numbers import plain
from trialkit.plan import Analysis, Key, Plan, keys
from trialkit.plan.method import Several

if TYPE_CHECKING:
    import pandas as pd

OF_RISK = ("risk_ci_lower", "risk_ci_upper")
HOW_LIMITS_ARE_MADE = (
    "Limits of a cumulative risk are one minus those of the survival, whose interval is made on the scale of "
    "log(-log S) with Greenwood's variance: it is not symmetric about the risk, and stays within 0 and 100 %."
)
BEYOND = "beyond the last follow-up of the arm"
NOT_REACHED = "not reached"
CENSORED = "censored at the last assessment"
REPORTED_AT: Key[tuple[str, ...]] = Key(
    "reported_at",
    "the visits whose reports count; all where it is left out",
    "names of [visits]",
    lambda s, k: s.texts(k),
    check_visits,
    absent=(),
)


def compute(context: Context, entry: Analysis) -> Answer:
    """The curves and the log-rank test compare arms whatever else the formula adjusts for; the Cox model is
    the formula's, stratified as the plan says."""
    data = times_of(context, entry, REPORTED_AT.of(entry))
    parts = Parts()
    parts.add("Curves and risks", lambda: _curves(context, entry, data))
    also = ALSO.of(entry)
    if LOG_RANK in also:
        parts.add("The log-rank test", lambda: log_rank_table(entry, data))
    parts.add("The Cox model", lambda: _cox(context, entry, data))
    if RESTRICTED_MEAN in also:
        parts.add("The restricted mean", lambda: restricted_mean_table(context, entry, data))
    if INCIDENCE in also:
        parts.add("The cumulative incidence", lambda: incidence_tables(context, entry, data))
    if NEVER_FREE.of(entry):
        parts.add("Subjects never free of it", lambda: never_free(context, entry, data))
    parts.require_one()
    return Answer(
        tables={**parts.tables, "scales": context.scales(entry)},
        counts=_counted(context, entry, data),
        method=_method(context, entry),
        notes=(*_notes(context, entry, parts.tables), *comparisons.words(context, entry)),
        warnings=tuple(parts.warnings),
    )


def _counted(context: Context, entry: Analysis, data: pd.DataFrame) -> pd.DataFrame:
    """Curves take everybody followed, the test whose stratum is known, the model whose covariates are."""
    followed, strata = data["time_days"].notna(), keys.STRATA.of(entry)
    parts: dict[str, tuple[pd.Series, str | pd.Series]] = {"Curves": (followed, "no follow-up")}
    if LOG_RANK in ALSO.of(entry):
        tested = followed & used_rows("arm", data, strata)
        parts["Log-rank test"] = (tested, left_out(context, data, "arm", strata))
    formula = keys.FORMULA.of(entry)
    modelled = followed & used_rows(formula, data, strata)
    parts["Cox model"] = (modelled, left_out(context, data, formula, strata))
    return context.counts_of_parts(data, parts)


def _curves(context: Context, entry: Analysis, data: pd.DataFrame) -> dict[str, pd.DataFrame]:
    from trialkit.stats import kaplan_meier

    level = keys.TWO_SIDED_INTERVAL.of(entry).level
    curves = kaplan_meier(data, time="time_days", event="event", by="arm", confidence_level=level)
    at = curves.at(list(keys.TIMES.of(entry))).rename(columns={"time": "time_days"})
    at = in_arm_order(at, context.arms)
    at.loc[at["risk"] == 0, ["ci_lower", "ci_upper", *OF_RISK]] = None  # no event yet: no width is known
    return {
        "curves": in_arm_order(curves.curves, context.arms),
        "at_risk": at[["arm", "time_days", "n_at_risk"]],
        "at": at,
        "medians": in_arm_order(curves.medians, context.arms),
        ENDED: ended(context, entry, data),
    }


def _cox(context: Context, entry: Analysis, data: pd.DataFrame) -> dict[str, pd.DataFrame]:
    from trialkit.stats import cox

    model = cox(
        keys.FORMULA.of(entry),
        data,
        "time_days",
        "event",
        strata=list(keys.STRATA.of(entry)) or None,
        reference={"arm": context.reference_arm},
        ties=keys.TIES_KEY.of(entry),
        confidence_level=keys.TWO_SIDED_INTERVAL.of(entry).level,
    )
    found = {
        "hazard_ratios": per_units(context, entry, model.hazard_ratios),
        "proportional_hazards": without_lone_total(model.proportional_hazards),
    }
    if context.several:
        found["contrasts"] = comparisons.contrasts(context, entry, model, kind="hazard_ratio_contrasts")
        found |= comparisons.joint(context, model)
    return found


def times_of(context: Context, entry: Analysis, reported_at: Sequence[str] = ()) -> pd.DataFrame:
    """Times of the set's subjects, cut at the horizon: later events are not this endpoint's.

    ``reported_at``: only events and contacts of these visits' forms count; without any, all do.
    """
    horizon = keys.HORIZON.of(entry)
    times = context.datasets.times
    if reported_at:
        times = context.datasets.times_reported_at(context.endpoint(entry), reported_at)
    chosen = times[times["parameter"] == keys.ENDPOINT.of(entry)]
    data = context.subjects(entry).merge(
        chosen[["subject_id", "time_days", "event", "event_description"]],
        on="subject_id",
        how="left",
        validate="one_to_one",
    )
    beyond = data["time_days"] > horizon
    data.loc[beyond, "event"] = 0
    data.loc[beyond, "time_days"] = horizon
    data.loc[beyond, "event_description"] = end_of_period(horizon)
    return data


def _method(context: Context, entry: Analysis) -> str:
    stratified = stratified_words(context, keys.STRATA.of(entry), entry.keys.get(keys.STRATA_AS.name))
    ties = f"{keys.TIES_KEY.of(entry).capitalize()} ties"
    missing = entry.keys.get("missing", CENSORED)
    also = ALSO.of(entry)
    fitted = "log-rank and Cox" if LOG_RANK in also else "Cox"
    incidence = f"; {HOW_INCIDENCE}" if INCIDENCE in also else ""
    return (
        f"Kaplan-Meier (log-log intervals); {fitted} "
        f"({terms_words(context, keys.FORMULA.of(entry))}, {ties}){stratified}{incidence}; {missing}"
        f"{competing_words(context, entry)}"
    )


def _notes(context: Context, entry: Analysis, tables: dict[str, pd.DataFrame]) -> tuple[str, ...]:
    endpoint, horizon = context.endpoint(entry), keys.HORIZON.of(entry)
    notes = [
        f"Event: {endpoint.definition}. Time zero: {endpoint.origin}. {end_words(context, entry)}",
        f"Followed to day {horizon}; later events are not counted.",
        *_reported_words(context, entry),
        *if_ph_fails_words(entry),
        *context.datasets.time_notes.get(keys.ENDPOINT.of(entry), ()),
    ]
    if (
        "restricted_mean" in tables
        and (tau := float(tables["restricted_mean"]["tau_days"].iloc[0])) < horizon
    ):
        notes.append(f"Restricted mean to day {plain(tau, 0)}, where an arm's follow-up ends.")
    return tuple(notes)


def _reported_words(context: Context, entry: Analysis) -> tuple[str, ...]:
    visits = [lower_first(context.visit_label(name)) for name in REPORTED_AT.of(entry)]
    if not visits:
        return ()
    arms = "all arms" if context.several else "both arms"
    return (f"Only what was reported at these visits counts, which {arms} had: {', '.join(visits)}.",)


def risk_limits(row: ResultRow) -> tuple[Any, Any]:
    """Limits of the risk: where a row holds survival too, ``ci_lower`` and ``ci_upper`` are survival's."""
    if "survival" not in row.values:
        return row["ci_lower"], row["ci_upper"]
    if OF_RISK[0] in row.values:
        return row[OF_RISK[0]], row[OF_RISK[1]]
    return _complement(row["ci_upper"]), _complement(row["ci_lower"])


def _complement(limit: Any) -> Any:
    return None if numbers.is_missing(limit) else 1 - limit


def _risk_cell(row: ResultRow) -> Cell:
    """The risk names the rows of its own limits, not those of the survival beside it."""
    if OF_RISK[0] in row.values:
        return estimate_cell(row, 1, estimate="risk", limits=OF_RISK, reason=BEYOND, scale=100)
    lower, upper = risk_limits(row)
    as_risk = ResultRow(
        row.analysis, row.table, row.index, {**row.values, "ci_lower": lower, "ci_upper": upper}
    )
    return estimate_cell(as_risk, 1, estimate="risk", reason=BEYOND, scale=100)


def _median_cell(row: ResultRow) -> Cell:
    if not row.has("estimate"):
        return absent(NOT_REACHED)
    upper = numbers.integer(row["ci_upper"]) if row.has("ci_upper") else NOT_REACHED
    lower = numbers.integer(row["ci_lower"]) if row.has("ci_lower") else NOT_REACHED
    references = tuple(row.reference(column) for column in ("estimate", "ci_lower", "ci_upper"))
    return Cell(f"{numbers.integer(row['estimate'])} ({lower} to {upper})", references)


def draw(shown: Shown, key: str) -> Drawn:
    from trialkit.figures.survival import AtRisk, draw_risk

    points = [_curve_point(row) for row in shown.rows("curves")]
    at_risk = [AtRisk(str(r["arm"]), time_of(r), int(r["n_at_risk"])) for r in shown.rows("at_risk")]
    ends = "; ".join(_end_words(row, shown) for row in _latest(shown.rows("at")))
    alt = f"Kaplan-Meier estimate of the cumulative risk by arm with {shown.interval}. {ends}."
    arms = {arm: shown.label(arm) for arm in shown.arms}
    return Drawn(
        draw_risk(points, at_risk, arms, key, alt),
        alt,
        (f"Bands: pointwise {shown.interval}. Vertical ticks: censored subjects.", HOW_LIMITS_ARE_MADE),
    )


def _latest(rows: list[ResultRow]) -> list[ResultRow]:
    known = [row for row in rows if row.has("risk")]
    last = max((time_of(row) for row in known), default=0.0)
    return [row for row in known if time_of(row) == last]


def _end_words(row: ResultRow, shown: Shown) -> str:
    risk, day = numbers.fixed(row["risk"] * 100, 1), numbers.integer(time_of(row))
    return f"{shown.label(row['arm'])} {risk}% by day {day}"


def _curve_point(row: ResultRow) -> Any:
    from trialkit.figures.survival import CurvePoint

    lower, upper = risk_limits(row)
    return CurvePoint(
        arm=str(row["arm"]),
        day=time_of(row),
        risk=float(row["risk"]),
        lower=float("nan") if numbers.is_missing(lower) else float(lower),
        upper=float("nan") if numbers.is_missing(upper) else float(upper),
        censored=int(row["n_censored"]),
    )


RISKS = Stacked(
    name="risks",
    title="{title}: events and risks",
    lines=(
        ByArm("Subjects at risk at time zero", "medians", Count("n"), indent=0),
        ByArm("Subjects with the event", "medians", Count("events"), indent=0),
        ends_lines(Count("n")),
        ByArm("Never free of it at any contact, n (%)", "never_free", Percent("count", "percent"), indent=0),
        Each(
            "at",
            "time_days",
            Custom(("risk",), "xx.x (xx.x to xx.x)", _risk_cell, reason=BEYOND),
            label=lambda day: f"Day {numbers.integer(day)}",
            heading="Cumulative risk, % ({interval})",
            where=lambda row: time_of(row) > 0,
        ),
        ByArm(
            "Median time, days ({interval})",
            "medians",
            Custom(("estimate",), "xxx (xxx to xxx)", _median_cell, reason=NOT_REACHED),
            indent=0,
        ),
        Spanning(
            "log_rank",
            log_rank_label,
            Statistic("χ²", with_p=True),
            shell="Log-rank test",
            asked=f"{ALSO.name}:{LOG_RANK}",
        ),
    ),
    once=True,
    footnotes=(HOW_LIMITS_ARE_MADE,),
    footnotes_of="at",
)
ASSUMPTION = Listed(
    source="proportional_hazards",
    title="{title}: test of proportional hazards",
    label=Plain("term"),
    head="Term",
    columns=(Col("χ²", Number("statistic")), Col("df", Number("df", 0)), Col("p", PValue())),
)
BETWEEN = comparisons.contrast_table(
    "{title}: hazard ratios between the arms", "Hazard ratio", "log_standard_error"
)
TOGETHER = comparisons.term_test("{title}: Cox model, test that the arms do not differ")
CURVES = DeclaredFigure(
    "risk",
    "curves",
    "{title}: cumulative risk by arm",
    "Kaplan-Meier cumulative risk by arm with pointwise intervals, censored subjects and numbers at risk.",
    draw,
    once=True,
)


def expected(entry: Analysis, plan: Plan, _study: object) -> dict[str, list[dict[str, Any]]]:
    endpoint = plan.endpoints.get(keys.ENDPOINT.of(entry))
    return {
        "at": [{"time_days": day} for day in keys.TIMES.of(entry)],
        ENDED: expected_ends(endpoint, keys.HORIZON.of(entry)),
    }


METHOD = Method(
    name="time_to_event",
    says="Time to a first event: curves, log-rank, Cox model, restricted mean.",
    keys=(keys.ENDPOINT, keys.FORMULA, keys.TIES_KEY, keys.HORIZON, keys.TIMES, keys.TWO_SIDED_INTERVAL),
    confirmatory=(keys.missing(CENSORED), keys.STRATA, keys.STRATA_AS, keys.two_sided_test(1)),
    optional=(REPORTED_AT, NEVER_FREE, ALSO, IF_PH_FAILS, PER),
    outputs=(
        CURVES,
        RISKS,
        hazard_ratios(),
        BETWEEN,
        TOGETHER,
        ASSUMPTION,
        LOG_LOG,
        RESTRICTED,
        *incidence_outputs(f"{ALSO.name}:{INCIDENCE}"),
    ),
    expected=expected,
    summaries=("hazard ratio",),
    compute=compute,
    symmetric=frozenset({"log_rank", "hazard_ratios", "proportional_hazards", "restricted_mean"}),
    joint=frozenset({"log_rank", comparisons.JOINT}),
    several=Several.CONTRASTS,
)
