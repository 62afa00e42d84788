"""Measurements by visit: what was observed, and the difference of the arms in the change from baseline."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from trialkit.analysis.context import Context
from trialkit.analysis.method import Answer, Method
from trialkit.analysis.repeated import baseline_visit
from trialkit.datasets.typed import NUMERIC
from trialkit.documents.declared import Chapter, Col, Count, Estimate, Listed, MeanSD, Number, Plain, Span
from trialkit.documents.declared.wording import with_unit
from trialkit.errors import TrialkitError
from trialkit.plan import Analysis, Key, Place, PlanError, keys
from trialkit.plan.method import Several
from trialkit.plan.references import unknown
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd


def _check_items(value: tuple[str, ...], place: Place) -> Iterator[PlanError]:
    forms = [form for form in place.study.forms if not form.repeating]
    numeric = {item.name for form in forms for item in form.items if item.type in NUMERIC}
    for name in value:
        if name not in numeric:
            yield unknown("a number that is measured once a visit", name, place.where, numeric)


ITEMS: Key[tuple[str, ...]] = Key(
    "items", "what was measured", "numeric items", lambda s, k: s.texts(k), _check_items
)

NO_CHANGE = "no value at baseline or at the visit"


def compute(context: Context, entry: Analysis) -> Answer:
    """Each item at each visit of its form; the change by analysis of covariance on the baseline value."""
    import pandas as pd

    subjects = context.subjects(entry)
    found: list[dict[str, Any]] = []
    effects: list[pd.DataFrame] = []
    used: dict[str, tuple[pd.Series, str]] = {}
    warnings: list[str] = []
    for name in ITEMS.of(entry):
        by_visit = measured(context, name)
        for visit in by_visit:
            found += _described(context, subjects, name, visit, by_visit)
            if visit == baseline_visit(context) or len(context.arms) < 2:
                continue
            try:
                data = _changes(context, subjects, visit, by_visit)
                effects.append(_effect(context, entry, data, name, visit))
                label = with_unit(*context.label_and_unit(name))
                here = data["chg"].notna()
                used[f"{label}, {context.visit_label(visit)}"] = (here, NO_CHANGE)
            except TrialkitError as error:
                label = context.label_and_unit(name)[0]
                at = context.visit_label(visit)
                warnings.append(said("{label}, {visit}: {why}", label=label, visit=at, why=error.whole))
    tables = {"measures": pd.DataFrame(found)}
    if effects:
        tables["effects"] = pd.concat(effects, ignore_index=True)
    observed = subjects["subject_id"].isin(_anybody(context, entry))
    return Answer(
        tables=tables,
        counts=context.counts_of_parts(subjects, used or {"": (observed, "never measured")}),
        method="Observed values; change from baseline by ANCOVA on arm and baseline, complete cases",
        notes=("Exploratory: not adjusted for the number of comparisons.",),
        warnings=tuple(warnings),
    )


def measured(context: Context, item: str) -> dict[str, pd.Series]:
    """The values of an item by subject, for each visit of its form in order."""
    import pandas as pd

    here = context.datasets.rows_of_item(item)
    form = context.study.form(context.study.item(item).form)
    return {
        visit: pd.to_numeric(here[here["visit"] == visit].set_index("subject_id")["value"])
        for visit in form.visits
    }


def _anybody(context: Context, entry: Analysis) -> set[str]:
    values = context.datasets.values
    return set(values.loc[values["item"].isin(ITEMS.of(entry)), "subject_id"])


def _described(
    context: Context, subjects: pd.DataFrame, item: str, visit: str, by_visit: dict[str, pd.Series]
) -> Iterator[dict[str, Any]]:
    label, unit = context.label_and_unit(item)
    base = subjects["subject_id"].map(by_visit.get(baseline_visit(context), by_visit[visit]))
    value = subjects["subject_id"].map(by_visit[visit])
    for arm in context.arms:
        here = value[subjects["arm"] == arm].dropna()
        change = (value - base)[subjects["arm"] == arm].dropna()
        at_baseline = visit == baseline_visit(context)
        yield {
            "measure": with_unit(label, unit),
            "visit": context.visit_label(visit),
            "arm": arm,
            "n": len(here),
            "mean": here.mean(),
            "sd": here.std(),
            "median": here.median(),
            "q1": here.quantile(0.25),
            "q3": here.quantile(0.75),
            "change_n": None if at_baseline else len(change),
            "change_mean": None if at_baseline else change.mean(),
            "change_sd": None if at_baseline else change.std(),
        }


def _changes(
    context: Context, subjects: pd.DataFrame, visit: str, by_visit: dict[str, pd.Series]
) -> pd.DataFrame:
    """Each subject's baseline value and change; missing where one of the two values is."""
    base = subjects["subject_id"].map(by_visit[baseline_visit(context)])
    return subjects[["subject_id", "arm"]].assign(
        base=base, chg=subjects["subject_id"].map(by_visit[visit]) - base
    )


def _effect(context: Context, entry: Analysis, data: pd.DataFrame, item: str, visit: str) -> pd.DataFrame:
    from trialkit.stats import ancova

    label, unit = context.label_and_unit(item)
    fit = ancova(
        "chg ~ arm + base",
        data,
        treatment="arm",
        reference=context.reference_arm,
        confidence_level=keys.TWO_SIDED_INTERVAL.of(entry).level,
    )
    found = fit.contrasts("arm", reference=context.reference_arm)
    return found.assign(measure=with_unit(label, unit), visit=context.visit_label(visit), n=fit.n)


METHOD = Method(
    name="measures",
    says="Measurements by visit and arm, with the difference in the change from baseline.",
    keys=(ITEMS, keys.TWO_SIDED_INTERVAL),
    outputs=(
        Listed(
            source="measures",
            title="{title}: observed",
            label=Plain("visit"),
            head="Visit",
            columns=(
                Col("n", Count("n")),
                Col("Mean (SD)", MeanSD("mean", "sd")),
                Col("Median (Q1–Q3)", Span("q1", "q3", "median", spread="sd")),
                Col("n of change", Count("change_n"), optional=True),
                Col("Change, mean (SD)", MeanSD("change_mean", "change_sd"), optional=True),
            ),
            chapter=Chapter.EFFICACY,
            by_arm=True,
            sections="measure",
        ),
        Listed(
            source="effects",
            title="{title}: difference in change from baseline",
            label=Plain("visit"),
            head="Visit",
            columns=(
                Col("n", Count("n")),
                Col("Difference", Estimate(decimals=None), note="{direction} ({interval})"),
                Col("SE", Number("standard_error", None)),
            ),
            chapter=Chapter.EFFICACY,
            sections="measure",
        ),
    ),
    page="supplementary",
    compute=compute,
    compares=False,
    several=Several.PAIR,
)
