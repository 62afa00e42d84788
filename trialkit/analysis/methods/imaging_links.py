"""A measurement at many places (muscles x levels): its link with outcome, effect and event at each place."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from trialkit import permitted
from trialkit.analysis.context import Context
from trialkit.analysis.errors import AnalysisError
from trialkit.analysis.formula_words import formula_words, stratified_words
from trialkit.analysis.left_out import left_out
from trialkit.analysis.linear import strata_part, used_rows
from trialkit.analysis.method import Answer, Method
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
    distinct,
)
from trialkit.documents.declared.output import Drawn
from trialkit.documents.declared.wording import lower_first, readable
from trialkit.errors import TrialkitError
from trialkit.plan import Analysis, Key, Place, PlanError, keys
from trialkit.plan.model import Derivation
from trialkit.plan.references import subject_columns, unknown
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd

OUTCOME, EFFECT, EVENT = "outcome", "effect", "event"
NO_IMAGE = "image missing"
QUESTIONS = {
    OUTCOME: "Change of the outcome for each step",
    EFFECT: "Change of the treatment effect for each step",
    EVENT: "Hazard ratio for each step",
}
Found = dict[str, Any]


def _check_pattern(value: str, place: Place) -> Iterator[PlanError]:
    known = subject_columns(place.study)
    for row in ROWS.of(place.entry):
        for column in COLUMNS.of(place.entry):
            name = place_name(value, row, column)
            if name not in known:
                yield unknown("an item or score at baseline", name, place.where, known)


def _check_event(value: str, place: Place) -> Iterator[PlanError]:
    timed = {n for n, e in place.plan.endpoints.items() if e.derive is Derivation.TIME_TO_EVENT}
    if value and value not in timed:
        yield unknown("a time to event of the plan", value, place.where, timed)


def place_name(pattern: str, row: str, column: str) -> str:
    return pattern.replace("{row}", row).replace("{column}", column)


ROWS = Key("rows", "the rows of the map, such as muscles", "names", lambda s, k: s.texts(k))
COLUMNS = Key("columns", "its columns, such as levels", "names", lambda s, k: s.texts(k))
PATTERN = Key(
    "measure", "the item of a place: {row} and {column} stand for its names", "a pattern of item names",
    lambda s, k: s.text(k), _check_pattern,
)  # fmt: skip
STEP = Key(
    "step",
    "the step of the measurement that coefficients are of",
    "a number above 0",
    lambda s, k: s.number(k, within=permitted.ABOVE_0),
)
EVENT_KEY = Key(
    "event", "an event whose hazard is linked too", "a time to event of [endpoints]",
    lambda s, k: s.text(k), _check_event, absent="",
)  # fmt: skip
EVENT_HORIZON: Key[int] = Key(
    "event_horizon_days", "the day at which follow-up for the event ends", "days", keys.HORIZON.read, absent=0
)
EVENT_STRATA: Key[tuple[str, ...]] = Key(
    "event_strata", "what its baseline hazard is stratified by", "items or factors",
    keys.STRATA.read, keys.STRATA.check, absent=(),
)  # fmt: skip


def compute(context: Context, entry: Analysis) -> Answer:
    """One model a place and question; p adjusted over the places of a question (Benjamini-Hochberg)."""
    import pandas as pd

    data = context.assessments(entry)
    places = list(_places(entry))
    questions = {OUTCOME: _outcome, EFFECT: _effect}
    if EVENT_KEY.of(entry):
        questions[EVENT] = _event
    tables: dict[str, pd.DataFrame] = {}
    warnings: list[str] = []
    for question, fit in questions.items():
        rows = list(_each(context, entry, data, places, fit, warnings))
        if rows:
            tables[question] = _adjusted(pd.DataFrame(rows))
    if not tables:
        raise AnalysisError(
            expected="a place at which a model can be fitted", found=said("none: {why}", why=warnings[0])
        )
    return Answer(
        tables={**tables, "scales": context.scales(entry)},
        counts=_counted(context, entry, data, [name for _, _, name in places], tables),
        method=f"One model a place: {formula_words(context, keys.FORMULA.of(entry))}, with the measurement; "
        f"with arm × measurement{_hazards_words(context, entry)}; a step is {STEP.of(entry):g}; "
        f"p adjusted by Benjamini and Hochberg{strata_part(context, entry)}"
        f"; missing data: {entry.keys.get('missing', keys.COMPLETE_CASES)}",
        notes=("Neighbouring places are correlated: one pattern, not many findings.",),
        warnings=tuple(warnings),
    )


def _hazards_words(context: Context, entry: Analysis) -> str:
    if not EVENT_KEY.of(entry):
        return ""
    label, strata = context.plan.endpoints[EVENT_KEY.of(entry)].label, EVENT_STRATA.of(entry)
    return (
        f"; hazard of {lower_first(label)}: Cox model (arm, measurement){stratified_words(context, strata)}"
    )


def _counted(
    context: Context, entry: Analysis, data: pd.DataFrame, names: list[str], tables: Mapping[str, Any]
) -> pd.DataFrame:
    """Whom the models use at one place or more: of the outcome, and of the event, which needs no outcome."""
    seen, formula = data[names].notna().any(axis=1), keys.FORMULA.of(entry)
    parts: dict[str, tuple[pd.Series, str | pd.Series]] = {}
    if OUTCOME in tables or EFFECT in tables:
        why = left_out(context, data, formula, otherwise=NO_IMAGE)
        parts[context.endpoint(entry).label] = (seen & used_rows(formula, data), why)
    if EVENT in tables:
        timed, strata = _timed(context, entry, data), EVENT_STRATA.of(entry)
        used = seen & timed["time_days"].notna() & used_rows("arm", timed, strata)
        why = left_out(context, timed, "arm", strata, otherwise=NO_IMAGE)
        parts[context.plan.endpoints[EVENT_KEY.of(entry)].label] = (used, why)
    return context.counts_of_parts(data, parts)


def _places(entry: Analysis) -> Iterator[tuple[str, str, str]]:
    for row in ROWS.of(entry):
        for column in COLUMNS.of(entry):
            yield row, column, place_name(PATTERN.of(entry), row, column)


def _each(
    context: Context,
    entry: Analysis,
    data: pd.DataFrame,
    places: list[tuple[str, str, str]],
    fit: Callable[[Context, Analysis, pd.DataFrame], Found],
    warnings: list[str],
) -> Iterator[Found]:
    for row, column, name in places:
        stepped = data.assign(measured=data[name].astype(float) / STEP.of(entry))
        label = f"{readable(row)}, {column.upper()}"
        try:
            yield {
                "row": readable(row),
                "column": column.upper(),
                "place": label,
                **fit(context, entry, stepped),
            }
        except TrialkitError as error:
            warnings.append(said("{label}: {why}", label=label, why=error.whole))


def _outcome(context: Context, entry: Analysis, data: pd.DataFrame) -> Found:
    from trialkit.stats import ancova

    level = keys.TWO_SIDED_INTERVAL.of(entry).level
    fit = ancova(
        f"{keys.FORMULA.of(entry)} + measured", data,
        treatment="arm", reference=context.reference_arm, confidence_level=level,
    )  # fmt: skip
    return {**_row(fit.coefficients, "measured"), "n": fit.n}


def _effect(context: Context, entry: Analysis, data: pd.DataFrame) -> Found:
    from trialkit.stats import ancova

    level = keys.TWO_SIDED_INTERVAL.of(entry).level
    fit = ancova(
        f"{keys.FORMULA.of(entry)} + measured + arm:measured", data,
        treatment="arm", reference=context.reference_arm, confidence_level=level,
    )  # fmt: skip
    term = next(str(t) for t in fit.coefficients["term"] if ":" in str(t))
    return {**_row(fit.coefficients, term), "n": fit.n}


def _timed(context: Context, entry: Analysis, data: pd.DataFrame) -> pd.DataFrame:
    """The subjects with the time to the event, missing without follow-up; cut at the horizon."""
    times = context.datasets.times
    mine = times[times["parameter"] == EVENT_KEY.of(entry)][["subject_id", "time_days", "event"]]
    horizon = EVENT_HORIZON.of(entry)
    if horizon:
        mine = mine.assign(
            event=mine["event"].where(mine["time_days"] <= horizon, 0),
            time_days=mine["time_days"].clip(upper=horizon),
        )
    plain = data.drop(columns=["time_days", "event"], errors="ignore")
    timed: pd.DataFrame = plain.merge(mine, on="subject_id", how="left", validate="one_to_one")
    return timed.set_axis(data.index)


def _event(context: Context, entry: Analysis, data: pd.DataFrame) -> Found:
    from trialkit.stats import cox

    timed = _timed(context, entry, data).dropna(subset=["time_days"])
    fit = cox(
        "arm + measured", timed, "time_days", "event", strata=list(EVENT_STRATA.of(entry)) or None,
        reference={"arm": context.reference_arm}, confidence_level=keys.TWO_SIDED_INTERVAL.of(entry).level,
    )  # fmt: skip
    return {**_row(fit.hazard_ratios, "measured"), "n": fit.n}


def _row(table: pd.DataFrame, term: str) -> Found:
    row: Mapping[Any, Any] = table[table["term"] == term].iloc[0].to_dict()
    return {str(name): value for name, value in row.items() if name != "term"}


def _adjusted(table: pd.DataFrame) -> pd.DataFrame:
    from trialkit.stats import adjust_p_values

    p_values = {str(place): float(p) for place, p in zip(table["place"], table["p_value"], strict=True)}
    found = adjust_p_values(p_values, "benjamini-hochberg", 0.05).table.set_index("hypothesis")
    return table.assign(adjusted_p_value=[float(found.loc[p, "adjusted_p_value"]) for p in table["place"]])


def _drawing(question: str) -> Callable[[Shown, str], Drawn | None]:
    def draw(shown: Shown, key: str) -> Drawn | None:
        from trialkit.figures.heatmap import PlaceCell, draw_places

        rows = shown.rows(question)
        ratio = question == EVENT
        cells = [
            PlaceCell(
                str(row["row"]), str(row["column"]), float(row["estimate"]),
                row.has("adjusted_p_value") and float(row["adjusted_p_value"]) < 0.05,
            )
            for row in rows
            if math.isfinite(row["estimate"]) and (not ratio or row["estimate"] > 0)
        ]  # fmt: skip
        if not cells:  # ratios of 0 and infinity have no colour; the table has them
            return None
        columns = " and ".join(map(str, distinct(rows, "column")))
        alt = f"{QUESTIONS[question]}, by muscle (rows) and level (columns {columns}), as coloured cells."
        foot = ("Bold: below 0.05 after adjustment over the places.",)
        return Drawn(draw_places(cells, key, alt, ratio=ratio), alt, foot)

    return draw


def _table(question: str, head: str, error: str) -> Listed:
    return Listed(
        source=question,
        title="{title}: " + QUESTIONS[question].lower(),
        label=Plain("column"),
        head="Place",
        columns=(
            Col("n", Count("n")),
            Col(head, Estimate(decimals=None, error=error), note="({interval})"),
            Col("SE", Number(error, None, error=error)),
            Col("p", PValue()),
            Col("adjusted p", PValue("adjusted_p_value")),
        ),
        sections="row",
    )


def _figure(question: str) -> DeclaredFigure:
    return DeclaredFigure(
        f"{question}-map",
        question,
        "{title}: " + QUESTIONS[question].lower(),
        f"{QUESTIONS[question]}, a coloured cell a place.",
        _drawing(question),
    )


METHOD = Method(
    name="imaging_links",
    says="A measurement at many places, linked at each with outcome, treatment effect and event.",
    keys=(
        keys.ENDPOINT, keys.VISIT, keys.FORMULA, ROWS, COLUMNS, PATTERN, STEP, keys.TWO_SIDED_INTERVAL,
    ),
    confirmatory=(keys.STRATA_SOURCE, keys.missing(keys.COMPLETE_CASES)),
    optional=(EVENT_KEY, EVENT_HORIZON, EVENT_STRATA),
    outputs=(
        _figure(OUTCOME),
        _table(OUTCOME, "Change", "standard_error"),
        _figure(EFFECT),
        _table(EFFECT, "Change of the difference", "standard_error"),
        _figure(EVENT),
        _table(EVENT, "Hazard ratio", "log_standard_error"),
    ),
    page="supplementary",
    compute=compute,
)  # fmt: skip
