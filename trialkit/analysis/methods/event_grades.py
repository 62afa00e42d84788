"""Events by grade: severity, relation to treatment. A subject counts once a line, at the worst grade."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from trialkit.analysis.context import Context
from trialkit.analysis.method import Answer, Method
from trialkit.analysis.methods.adverse_events import subjects_and_events
from trialkit.documents.declared import Chapter, Col, Count, Listed, Percent, Plain
from trialkit.plan import Analysis, Key, Place, Plan, PlanError, keys
from trialkit.plan.references import unknown
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd

    from trialkit.study.model import Item, Study

ANY = "Any"


def _check_grade(value: str, place: Place) -> Iterator[PlanError]:
    source = place.plan.records.get(keys.RECORDS.of(place.entry))
    if source is None:
        return
    items = {item.name: item for item in place.study.form(source.form).items}
    if value not in items:
        yield unknown(said("an item of the form {form}", form=source.form), value, place.where, items)
    elif not items[value].choices:
        yield PlanError(
            expected="an item with choices, from the mildest to the worst",
            found=value,
            where=place.where,
            next_step="Name the item that grades the event.",
        )


GRADE = Key(
    "grade",
    "the item that grades an event; its choices go from the mildest to the worst",
    "an item of the form",
    lambda s, k: s.text(k),
    _check_grade,
)


def compute(context: Context, entry: Analysis) -> Answer:
    import pandas as pd

    subjects = context.subjects(entry)
    item = graded_by(entry, context.plan, context.study)
    events = _graded(context, entry, item).merge(subjects[["subject_id", "arm"]], on="subject_id")
    worst = events.sort_values("rank").drop_duplicates("subject_id", keep="last")
    rows = []
    for category in (ANY, *sorted(events["category"].dropna().unique())):
        of_category = events if category == ANY else events[events["category"] == category]
        highest = (
            worst
            if category == ANY
            else of_category.sort_values("rank").drop_duplicates("subject_id", keep="last")
        )
        for rank, choice in enumerate(item.choices):
            counted = subjects_and_events(context, subjects, of_category[of_category["rank"] == rank])
            once = subjects_and_events(context, subjects, highest[highest["rank"] == rank])
            rows += [
                {"category": str(category), "grade": choice.label, **one, "n_events": many["n_events"]}
                for one, many in zip(once, counted, strict=True)
            ]
    ungraded = int(events["rank"].isna().sum())
    return Answer(
        tables={"grades": pd.DataFrame(rows)},
        counts=context.counts(subjects, subjects["arm"].notna(), "arm not known"),
        method=f"Subjects once a line, at their worst grade of {item.label.lower()}; every event at its own "
        "grade; nothing is tested",
        notes=(f"{ungraded} events without a grade are in no line.",) if ungraded else (),
    )


def graded_by(entry: Analysis, plan: Plan, study: Study) -> Item:
    form = study.form(plan.records[keys.RECORDS.of(entry)].form)
    return next(item for item in form.items if item.name == GRADE.of(entry))


def _graded(context: Context, entry: Analysis, item: Item) -> pd.DataFrame:
    """The records with the place of their grade among the item's choices."""
    import pandas as pd

    records = context.datasets.records[keys.RECORDS.of(entry)]
    ranks = {choice.code: rank for rank, choice in enumerate(item.choices)}
    form = context.plan.records[keys.RECORDS.of(entry)].form
    grades = {key: ranks.get(_code(row.get(item.name))) for key, row in context.datasets.form_rows(form)}
    places = zip(records["subject_id"], records["visit"], records["row"], strict=True)
    found = [grades.get((str(s), str(v), str(r))) for s, v, r in places]
    return records.assign(rank=pd.Series(found, index=records.index, dtype=float))


def _code(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def expected(entry: Analysis, plan: Plan, study: Study) -> dict[str, list[dict[str, Any]]]:
    choices = graded_by(entry, plan, study).choices
    return {"grades": [{"category": ANY, "grade": choice.label} for choice in choices]}


METHOD = Method(
    name="event_grades",
    says="Events by grade, each subject at the worst.",
    keys=(keys.RECORDS, GRADE),
    outputs=(
        Listed(
            source="grades",
            title="{title}",
            label=Plain("grade"),
            head="Category and worst grade",
            columns=(
                Col("Subjects, n (%)", Percent("n_subjects", "percent")),
                Col("Events", Count("n_events")),
            ),
            chapter=Chapter.SAFETY,
            by_arm=True,
            heads_with_size=True,
            sections="category",
            footnotes=("A subject is counted once in a category, at the worst grade; events at their own.",),
        ),
    ),
    page="safety",
    expected=expected,
    compute=compute,
    compares=False,
    monitored=True,
)
