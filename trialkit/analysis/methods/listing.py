"""A listing: the rows of a form by subject, as they were captured."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from trialkit.analysis.context import Context
from trialkit.analysis.method import Answer, Method
from trialkit.analysis.methods.measures import measured
from trialkit.analysis.methods.reference_ranges import HIGH, LOW, classified
from trialkit.documents.declared import Chapter, Listing
from trialkit.plan import Analysis, Key, Place, Plan, PlanError, keys
from trialkit.plan.references import unknown

if TYPE_CHECKING:
    import pandas as pd

    from trialkit.study.model import Study


def _check_form(value: str, place: Place) -> Iterator[PlanError]:
    forms = {form.name: form for form in place.study.forms}
    if value not in forms:
        yield unknown("a form of the study", value, place.where, forms)
        return
    known = {item.name for item in forms[value].items}
    for name in ITEMS.of(place.entry):
        if name not in known:
            yield unknown("an item of the form", name, place.where, known)


ITEMS: Key[tuple[str, ...]] = Key("items", "what is listed", "items of the form", lambda s, k: s.texts(k))
SECTION = keys.word(
    "section",
    "where it is numbered, as ICH E3 orders listings",
    *(f"16.2.{n}" for n in range(1, 10)),
    absent="",
)
RANGES = keys.flag("ranges", "mark what lies outside its reference range as low or high")
FORM = Key(
    "form", "the form whose rows are listed", "a form of the study", lambda s, k: s.text(k), _check_form
)


def compute(context: Context, entry: Analysis) -> Answer:
    import pandas as pd

    subjects = context.subjects(entry)
    items = {item.name: item for item in context.study.form(FORM.of(entry)).items}
    rows = context.datasets.form_rows(FORM.of(entry))
    arm_of = dict(zip(subjects["subject_id"], subjects["arm"].astype(str), strict=True))
    marks = _outside(context, entry, subjects) if RANGES.of(entry) else {}
    listed = []
    for (subject_id, visit, _), row in rows:
        if subject_id not in arm_of:
            continue
        cells = {name: _words(items[name], row.get(name)) for name in ITEMS.of(entry)}
        cells |= {
            name: f"{cells[name]} ({mark})" for name, mark in marks.get((subject_id, visit), {}).items()
        }
        label = context.study.visit(visit).label if visit else ""
        listed.append({"subject_id": subject_id, "arm": arm_of[subject_id], "visit": label, **cells})
    columns = ["subject_id", "arm", "visit", *ITEMS.of(entry)]
    heads = [{"column": "visit", "label": "Visit"}]
    heads += [{"column": name, "label": items[name].label} for name in ITEMS.of(entry)]
    return Answer(
        tables={
            "listing": pd.DataFrame(listed, columns=columns),
            "heads": pd.DataFrame(heads),
            "section": section_of(entry),
        },
        counts=context.counts(subjects, subjects["arm"].notna(), "arm not known"),
        method="Final values as captured, one line a record",
    )


def _outside(
    context: Context, entry: Analysis, subjects: pd.DataFrame
) -> dict[tuple[str, str], dict[str, str]]:
    """Low or high, by subject and visit and item; nothing where a value is inside, or has no range."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for item in {known.item for known in context.study.reference_ranges} & set(ITEMS.of(entry)):
        for visit, values in measured(context, item).items():
            levels = classified(context, subjects, item, values)
            for subject_id, level in zip(subjects["subject_id"], levels, strict=True):
                if level in (LOW, HIGH):
                    found.setdefault((subject_id, visit), {})[item] = level
    return found


def section_of(entry: Analysis) -> pd.DataFrame:
    """Where the listing is numbered: a text of the results, so that the page need not know the plan."""
    import pandas as pd

    return pd.DataFrame([{"section": SECTION.of(entry) or Chapter.LISTINGS.value}])


def _words(item: Any, value: Any) -> str:
    if value is None:
        return ""
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return str(item.label_of(text)) if item.choices else text


def expected(entry: Analysis, _plan: Plan, study: Study) -> dict[str, list[dict[str, Any]]]:
    items = {item.name: item.label for item in study.form(FORM.of(entry)).items}
    heads = [{"column": "visit", "label": "Visit"}]
    return {"heads": [*heads, *({"column": name, "label": items[name]} for name in ITEMS.of(entry))]}


METHOD = Method(
    name="listing",
    says="The rows of a form by subject, as captured.",
    keys=(FORM, ITEMS),
    optional=(SECTION, RANGES),
    outputs=(Listing(),),
    page="listings",
    expected=expected,
    compute=compute,
    compares=False,
)
