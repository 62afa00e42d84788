"""Time to event by accelerated failure time models: time ratios, fit, and the risk they predict."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from trialkit import numbers
from trialkit.analysis.at_risk import ENDED, ENDS, competing_words, ended, only_ends
from trialkit.analysis.context import Context
from trialkit.analysis.formula_words import terms_words
from trialkit.analysis.left_out import left_out
from trialkit.analysis.linear import strata_words, used_rows
from trialkit.analysis.method import Answer, Method
from trialkit.analysis.methods.time_to_event import CENSORED, times_of
from trialkit.analysis.parts import Parts
from trialkit.analysis.per_units import PER, per_units
from trialkit.analysis.proportional import time_of
from trialkit.analysis.second_program import FITTERS, LIFELINES, disagreement, parametric_again
from trialkit.analysis.tables import estimates
from trialkit.documents.declared import (
    Col,
    DeclaredFigure,
    Listed,
    Number,
    Plain,
    Probability,
    ResultRow,
    Shown,
    Words,
    distinct,
)
from trialkit.documents.declared.cells import Custom
from trialkit.documents.declared.output import Drawn
from trialkit.documents.table import Cell
from trialkit.plan import Analysis, Key, Place, PlanError, keys
from trialkit.strict_toml import Section
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd

MODELS = {
    "weibull": "Weibull",
    "lognormal": "Log-normal",
    "loglogistic": "Log-logistic",
    "exponential": "Exponential",
}
ALONG = 40  # points of a predicted curve


def _read_models(section: Section, key: str) -> tuple[str, ...]:
    names = section.texts(key)
    for name in names:
        if name not in MODELS:
            section.refuse(key, said("distributions among {known}", known=", ".join(MODELS)), repr(name))
    if not names:
        section.refuse(key, "at least one distribution", "none")
    return names


def _second_can(value: str, place: Place) -> Iterator[PlanError]:
    unable = [name for name in place.entry.keys.get("distributions", ()) if name not in FITTERS]
    if value and unable:
        yield PlanError(
            expected=said(
                "distributions that {program} fits: {known}", program=value, known=", ".join(FITTERS)
            ),
            found=", ".join(unable),
            where=place.where,
            next_step="Leave that distribution to an entry of its own, without a second program.",
        )


DISTRIBUTIONS = Key(
    "distributions", "the distributions of the time, each a model", ", ".join(MODELS), _read_models
)

SECOND = keys.word(
    "second_program", "who fits the same models again, beside", LIFELINES, check=_second_can, absent=""
)


def compute(context: Context, entry: Analysis) -> Answer:
    """Each distribution is fitted; one that cannot be says why, beside the others."""
    formula = keys.FORMULA.of(entry)
    data = times_of(context, entry)
    used = used_rows(formula, data) & (data["time_days"] > 0)
    here = data[used]
    parts: dict[str, list[pd.DataFrame]] = {}
    gathered = Parts()
    for name in DISTRIBUTIONS.of(entry):
        gathered.add(f"The {MODELS[name].lower()} model", partial(_keep, parts, context, entry, here, name))
    gathered.require_one()
    import pandas as pd

    tables = {table: pd.concat(frames, ignore_index=True) for table, frames in parts.items()}
    tables["observed"] = _observed(context, entry, data)
    at_zero = int((data["time_days"] <= 0).sum())
    notes = (
        "Predicted risk: the mean over all subjects of what the model predicts for each in that arm.",
        *(
            (f"{at_zero} subjects have no follow-up after day 0 and tell these models nothing.",)
            if at_zero
            else ()
        ),
    )
    return Answer(
        tables={ENDED: ended(context, entry, here), **tables, "scales": context.scales(entry)},
        counts=context.counts(
            data, used, left_out(context, data, formula, otherwise="no follow-up after day 0")
        ),
        method=f"Accelerated failure time models ({terms_words(context, formula)}); "
        f"{(strata_words(context, entry) + '; ').removeprefix('; ')}{entry.keys.get('missing', CENSORED)}"
        f"{competing_words(context, entry)}",
        notes=notes,
        warnings=(*gathered.warnings, *(disagreement(tables["second"]) if "second" in tables else ())),
    )


def _keep(
    parts: dict[str, list[pd.DataFrame]], context: Context, entry: Analysis, data: pd.DataFrame, name: str
) -> dict[str, pd.DataFrame]:
    """Fit one model and keep its tables; what it adds is told by the parts that came before."""
    found = _model(context, entry, data, name)
    for table, frame in found.items():
        parts.setdefault(table, []).append(frame)
    return found


def _model(context: Context, entry: Analysis, data: pd.DataFrame, name: str) -> dict[str, pd.DataFrame]:
    import numpy as np
    import pandas as pd

    from trialkit.stats import parametric_survival

    fit = parametric_survival(
        keys.FORMULA.of(entry),
        data,
        "time_days",
        "event",
        distribution=name,  # type: ignore[arg-type]
        treatment="arm",
        reference=context.reference_arm,
        confidence_level=keys.TWO_SIDED_INTERVAL.of(entry).level,
    )
    model = MODELS[name]
    ratios = per_units(context, entry, fit.time_ratios).assign(model=model)
    hazards = {}
    if name in ("weibull", "exponential"):
        hazards["hazard_ratios"] = per_units(context, entry, fit.hazard_ratios).assign(model=model)
    grid = np.linspace(0, keys.HORIZON.of(entry), ALONG + 1)[1:]
    return {
        "time_ratios": ratios[~ratios["term"].str.startswith("Intercept")],
        **hazards,
        "fit": pd.DataFrame(
            [
                {
                    "model": model,
                    "log_likelihood": fit.log_likelihood,
                    "aic": fit.aic,
                    "scale": fit.scale,
                    "concordance": fit.concordance,
                    "events": fit.events,
                    "n": fit.n,
                }
            ]
        ),
        **({"second": parametric_again(entry, fit, data, model)} if SECOND.of(entry) else {}),
        "predicted": _predicted(context, fit, data, [t for t in keys.TIMES.of(entry) if t > 0], model),
        "predicted_curve": _predicted(context, fit, data, [float(t) for t in grid], model),
    }


def _predicted(
    context: Context, fit: Any, data: pd.DataFrame, times: Sequence[float], model: str
) -> pd.DataFrame:
    import pandas as pd

    rows = []
    for arm in context.arms:
        everyone = data.assign(arm=pd.Categorical([arm] * len(data), categories=data["arm"].cat.categories))
        survival = fit.survival(everyone, list(times)).groupby("time", sort=False)["survival"].mean()
        rows += [
            {"model": model, "arm": arm, "day": f"{day:g}", "time_days": float(day), "risk": 1 - float(free)}
            for day, free in survival.items()
        ]
    return pd.DataFrame(rows)


def _observed(context: Context, entry: Analysis, data: pd.DataFrame) -> pd.DataFrame:
    from trialkit.stats import kaplan_meier

    curves = kaplan_meier(data, time="time_days", event="event", by="arm").curves
    return curves[["arm", "time", "risk"]].rename(columns={"time": "time_days"})


def draw(shown: Shown, key: str) -> Drawn | None:
    from trialkit.figures.survival import draw_predicted

    arms = {arm: shown.label(arm) for arm in shown.arms}
    rows = shown.rows("predicted_curve")
    observed = {arm: [(0.0, 0.0), *_line(shown.rows("observed"), arm)] for arm in arms}
    predicted = {
        str(model): {arm: [(0.0, 0.0), *_line([r for r in rows if r["model"] == model], arm)] for arm in arms}
        for model in distinct(rows, "model")
    }
    alt = (
        f"Cumulative risk as {' and '.join(predicted)} models predict it, over the Kaplan-Meier estimate, in "
        f"{' and '.join(arms.values())}."
    )
    foot = ("Lines: predicted by the model. Pale steps: Kaplan-Meier, which assumes no form.",)
    return Drawn(draw_predicted(observed, predicted, arms, key, alt), alt, foot)


def _line(rows: Sequence[ResultRow], arm: str) -> list[tuple[float, float]]:
    return [(time_of(row), float(row["risk"])) for row in rows if row["arm"] == arm]


def _day(shown: Shown, rows: Sequence[ResultRow]) -> tuple[str, ...]:
    last = numbers.integer(max(time_of(row) for row in rows))
    return (f"Predicted to day {last}; without an interval.",)


def _small(column: str) -> Custom:
    """A difference near rounding: one digit and its power of ten."""

    def cell(row: ResultRow) -> Cell:
        return Cell(f"{row[column]:.1e}".replace("-", "−"), (row.reference(column),))

    return Custom((column,), "x.xe−xx", cell)


METHOD = Method(
    name="parametric_survival",
    says="Time to an event by accelerated failure time models, with the risks they predict.",
    keys=(
        keys.ENDPOINT, keys.FORMULA, DISTRIBUTIONS, keys.HORIZON, keys.TIMES, keys.TWO_SIDED_INTERVAL,
    ),
    confirmatory=(keys.missing(CENSORED), keys.STRATA_SOURCE, keys.two_sided_test(1)),
    optional=(PER, SECOND),
    outputs=(
        ENDS,
        estimates(
            "time_ratios", "{title}: time ratios", "term", "Term", estimate_head="Time ratio",
            error="log_standard_error", sections="model",
            footnotes=("Above 1: events come later, by that factor.",),
        ),
        estimates(
            "hazard_ratios", "{title}: hazard ratios of the same model", "term", "Term",
            estimate_head="Hazard ratio", error="log_standard_error", sections="model",
        ),
        Listed(
            source="fit",
            title="{title}: fit of the models",
            label=Plain("model"),
            head="Distribution",
            columns=(
                Col("Log-likelihood", Number("log_likelihood", 1)),
                Col("AIC", Number("aic", 1)),
                Col("Scale", Number("scale", 3)),
                Col("Concordance", Number("concordance", 3)),
            ),
            footnotes=("AIC: lower fits better for its size. Concordance: 0.5 tells no more than chance.",),
        ),
        Listed(
            source="second",
            title="{title}: the same models by a second program",
            label=Plain("model"),
            head="Distribution",
            asked="second_program",
            columns=(
                Col("Program", Words("program"), align="left"),
                Col("Estimates", _small("estimates"), note="largest relative difference"),
                Col("Standard errors", _small("errors"), note="largest relative difference"),
                Col("Log-likelihood", _small("log_likelihood"), note="difference"),
                Col("Concordance", _small("concordance"), note="difference"),
            ),
        ),
        Listed(
            source="predicted",
            title="{title}: predicted risk, %",
            label=Plain("day"),
            head="Day",
            columns=(Col("Risk, %", Probability("risk", scale=100)),),
            by_arm=True,
            sections="model",
            notes_of=_day,
        ),
        DeclaredFigure(
            "predicted-risk",
            "predicted_curve",
            "{title}: predicted risk over the observed",
            "Predicted cumulative risk by arm, one panel a distribution, over Kaplan-Meier.",
            draw,
        ),
    ),
    expected=only_ends,
    compute=compute,
    symmetric=frozenset(),
)  # fmt: skip
