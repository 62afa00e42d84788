"""A listing: the rows of a form by subject, as they were captured."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from trialkit.analysis.context import Context
from trialkit.analysis.method import Answer, Method
from trialkit.documents.declared import Chapter, Shown
from trialkit.documents.page import Block
from trialkit.documents.table import Cell, Column, Row, Table
from trialkit.plan import Analysis, Key, Place, PlanError
from trialkit.plan.references import unknown

MOST_ROWS_PRINTED = 200


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
FORM = Key(
    "form", "the form whose rows are listed", "a form of the study", lambda s, k: s.text(k), _check_form
)


def compute(context: Context, entry: Analysis) -> Answer:
    import pandas as pd

    subjects = context.subjects(entry)
    items = {item.name: item for item in context.study.form(FORM.of(entry)).items}
    rows = context.datasets.form_rows(FORM.of(entry))
    arm_of = dict(zip(subjects["subject_id"], subjects["arm"].astype(str), strict=True))
    listed = []
    for (subject_id, visit, _), row in rows:
        if subject_id not in arm_of:
            continue
        cells = {name: _words(items[name], row.get(name)) for name in ITEMS.of(entry)}
        label = context.study.visit(visit).label if visit else ""
        listed.append({"subject_id": subject_id, "arm": arm_of[subject_id], "visit": label, **cells})
    columns = ["subject_id", "arm", "visit", *ITEMS.of(entry)]
    heads = [{"column": name, "label": items[name].label} for name in ITEMS.of(entry)]
    return Answer(
        tables={"listing": pd.DataFrame(listed, columns=columns), "heads": pd.DataFrame(heads)},
        counts=context.counts(subjects, subjects["arm"].notna(), "arm not known"),
        method="Final values as captured, one line a record",
    )


def _words(item: Any, value: Any) -> str:
    if value is None:
        return ""
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return str(item.label_of(text)) if item.choices else text


class Listing:
    """One line a record; of a long listing the first rows, all of them in results.csv."""

    name = "listing"
    chapter = Chapter.LISTINGS
    reveals_arm = True

    def printed(self, shown: Shown) -> list[Block]:
        rows = shown.rows("listing")
        heads = {row["column"]: row["label"] for row in shown.rows("heads")}
        lines = [
            Row(
                str(row["subject_id"]),
                tuple(
                    Cell(shown.label(row["arm"]) if name == "arm" else str(row[name]), (row.reference(name),))
                    for name in ("arm", "visit", *heads)
                ),
            )
            for row in rows[:MOST_ROWS_PRINTED]
        ]
        more = len(rows) - len(lines)
        note = (f"{more} further rows are in results.csv and in the workbook's data.",) if more > 0 else ()
        return [
            Table(
                number=shown.number("table", self.chapter),
                title=shown.title,
                columns=(
                    Column("Subject"),
                    Column("Arm"),
                    Column("Visit"),
                    *(Column(str(label), align="left") for label in heads.values()),
                ),
                rows=tuple(lines),
                population=shown.population,
                method=shown.method,
                footnotes=(*note, *(() if rows else ("No records.",))),
                source=shown.source,
            )
        ]


METHOD = Method(
    name="listing",
    says="The rows of a form by subject, as captured.",
    keys=(FORM, ITEMS),
    outputs=(Listing(),),
    page="listings",
    compute=compute,
    compares=False,
)
