"""Laboratory values against the ranges that hold for each subject, and how they shift from baseline."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from trialkit.analysis.context import Context
from trialkit.analysis.method import Answer, Method
from trialkit.analysis.methods.measures import ITEMS, measured
from trialkit.analysis.repeated import baseline_visit
from trialkit.documents.declared import Chapter, Col, Count, Listed, Percent, Plain
from trialkit.documents.declared.wording import with_unit
from trialkit.plan import Analysis

if TYPE_CHECKING:
    import pandas as pd

    from trialkit.study.conduct import ReferenceRange

LOW, NORMAL, HIGH = "low", "normal", "high"
NO_RANGE = "no range holds"
CLASSES = (LOW, NORMAL, HIGH)


def compute(context: Context, entry: Analysis) -> Answer:
    """Each value is low, normal or high by the first range of the study that holds for the subject."""
    import pandas as pd

    subjects = context.subjects(entry)
    levels: list[dict[str, Any]] = []
    shifts: list[dict[str, Any]] = []
    without, outside = 0, set()
    for item in ITEMS.of(entry):
        classes = {
            visit: classified(context, subjects, item, values)
            for visit, values in measured(context, item).items()
        }
        for visit, found in classes.items():
            without += int((found == NO_RANGE).sum())
            outside |= set(subjects.loc[found.isin([LOW, HIGH]), "subject_id"])
            levels += _levels(context, subjects, item, visit, found)
            if visit != baseline_visit(context) and baseline_visit(context) in classes:
                shifts += _shifts(context, subjects, item, visit, classes[baseline_visit(context)], found)
    tables = {"levels": pd.DataFrame(levels)}
    if shifts:
        tables["shifts"] = pd.DataFrame(shifts)
    some = subjects["subject_id"].isin(
        context.datasets.values.loc[context.datasets.values["item"].isin(ITEMS.of(entry)), "subject_id"]
    )
    notes = [
        f"{len(outside)} subjects have at least one value outside its range.",
        *([f"{without} values have no range that holds for the subject."] if without else []),
        *([] if shifts else [_no_shift(context, entry)]),
    ]
    return Answer(
        tables=tables,
        counts=context.counts(subjects, some, "no sample"),
        method="Against the study's reference ranges, by sex, site and age where they differ",
        notes=tuple(notes),
    )


def _no_shift(context: Context, entry: Analysis) -> str:
    visits = {visit for item in ITEMS.of(entry) for visit in measured(context, item)}
    if len(visits) == 1:
        only = context.visit_label(visits.pop()).lower()
        return f"The study asks for these at one visit ({only}): there is no shift to show."
    return "Nobody has values at two visits so far: there is no shift to show."


def classified(context: Context, subjects: pd.DataFrame, item: str, values: pd.Series) -> pd.Series:
    """Low, normal or high for each subject; missing where there is no value."""
    import pandas as pd

    ranges = [known for known in context.study.reference_ranges if known.item == item]
    facts = {name: context.datasets.item_values(name) for name in _facts(ranges)}
    found: list[str | None] = []
    for subject_id, site in zip(subjects["subject_id"], subjects["site"], strict=True):
        value = values.get(subject_id)
        if value is None or value != value:
            found.append(None)
            continue
        about = {name: series.get(subject_id) for name, series in facts.items()}
        held = next((known for known in ranges if holds_for(known, str(site), about)), None)
        found.append(NO_RANGE if held is None else level_of(held, float(value)))
    return pd.Series(found, index=subjects.index, dtype=object)


def _facts(ranges: list[ReferenceRange]) -> set[str]:
    return {name for known in ranges for name in (known.sex_item, known.age_item) if name}


def holds_for(known: ReferenceRange, site: str, about: dict[str, Any]) -> bool:
    """Whether a range is one for this subject; where it depends on sex or age, these must be known."""
    if known.site and known.site != site:
        return False
    if known.sex and str(about.get(known.sex_item)) != known.sex:
        return False
    if known.age_from is None and known.age_below is None:
        return True
    try:
        age = float(about[known.age_item])
    except (KeyError, TypeError, ValueError):
        return False
    return (known.age_from or 0) <= age and (known.age_below is None or age < known.age_below)


def level_of(known: ReferenceRange, value: float) -> str:
    if known.low is not None and value < known.low:
        return LOW
    return HIGH if known.high is not None and value > known.high else NORMAL


def _levels(
    context: Context, subjects: pd.DataFrame, item: str, visit: str, found: pd.Series
) -> Iterator[dict[str, Any]]:
    label, unit = context.label_and_unit(item)
    for level in CLASSES:
        for arm in context.arms:
            here = found[(subjects["arm"] == arm) & found.isin(CLASSES)]
            n = int((here == level).sum())
            yield {
                "measure": with_unit(label, unit), "visit": context.visit_label(visit),
                "at": f"{context.visit_label(visit)}: {level}", "level": level, "arm": arm,
                "count": n, "n": len(here), "percent": 100 * n / len(here) if len(here) else None,
            }  # fmt: skip


def _shifts(
    context: Context, subjects: pd.DataFrame, item: str, visit: str, before: pd.Series, after: pd.Series
) -> Iterator[dict[str, Any]]:
    """Of those with both values: from each class at baseline to each at the visit."""
    label, unit = context.label_and_unit(item)
    both = before.isin(CLASSES) & after.isin(CLASSES)
    for was in CLASSES:
        for became in CLASSES:
            for arm in context.arms:
                of_arm = both & (subjects["arm"] == arm)
                n = int((of_arm & (before == was) & (after == became)).sum())
                total = int(of_arm.sum())
                yield {
                    "measure": f"{with_unit(label, unit)}: {context.visit_label(visit)}",
                    "shift": f"{was} to {became}", "arm": arm, "count": n, "n": total,
                    "percent": 100 * n / total if total else None,
                }  # fmt: skip


METHOD = Method(
    name="reference_ranges",
    says="Laboratory values against the ranges that hold for each subject, and their shift from baseline.",
    keys=(ITEMS,),
    outputs=(
        Listed(
            source="levels",
            title="{title}",
            label=Plain("at"),
            head="Value",
            columns=(Col("n (%)", Percent("count", "percent")), Col("N", Count("n"))),
            chapter=Chapter.SAFETY,
            by_arm=True,
            sections="measure",
        ),
        Listed(
            source="shifts",
            title="{title}: shift from baseline",
            label=Plain("shift"),
            head="From baseline to the visit",
            columns=(Col("n (%)", Percent("count", "percent")), Col("N", Count("n"))),
            chapter=Chapter.SAFETY,
            by_arm=True,
            sections="measure",
        ),
    ),
    page="safety",
    compute=compute,
    compares=False,
    monitored=True,
)
