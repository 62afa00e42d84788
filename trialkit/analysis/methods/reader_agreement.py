"""Do readers agree: intraclass correlations of the same measurement read by several."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from trialkit.analysis.context import Context
from trialkit.analysis.method import Answer, Method
from trialkit.analysis.planned_lines import columns_as
from trialkit.documents.declared import Col, Estimate, Listed, Number, Plain
from trialkit.documents.declared.wording import with_unit
from trialkit.plan import Analysis, Key, Place, Plan, PlanError, keys
from trialkit.plan.method import Several
from trialkit.plan.references import subject_columns, unknown
from trialkit.strict_toml import Section
from trialkit.study.model import Study

if TYPE_CHECKING:
    import pandas as pd

FORMS = {"ICC2": "two-way random, agreement, single reading", "ICC2k": "two-way random, agreement, mean"}


def _read(section: Section, key: str) -> dict[str, tuple[str, ...]]:
    here = section.section(key)
    found = {name: here.texts(name) for name in here.names()}
    for name, columns in found.items():
        if len(columns) < 2:
            here.refuse(name, "the columns of two readers or more", str(len(columns)))
    here.done()
    return found


def _are_columns(value: dict[str, tuple[str, ...]], place: Place) -> Iterator[PlanError]:
    known = subject_columns(place.study)
    for name in [*value, *(column for columns in value.values() for column in columns)]:
        if name not in known:
            yield unknown("a column of the subject dataset", name, place.where, known)


READINGS = Key(
    "readings", "each measurement with the columns of its readers", "item = [items]", _read, _are_columns
)


def compute(context: Context, entry: Analysis) -> Answer:
    import pandas as pd

    from trialkit.stats import icc

    data = context.subjects(entry)
    level = keys.TWO_SIDED_INTERVAL.of(entry).level
    tables, errors, counts = [], [], []
    for name, columns in READINGS.of(entry).items():
        label = with_unit(*context.label_and_unit(name))
        long = _long(data, columns)
        found = icc(long, target="subject_id", reader="reader", value="value", confidence_level=level)
        chosen = found.table[found.table["form"].isin(FORMS)]
        tables.append(chosen.assign(measurement=label, form_words=chosen["form"].map(FORMS)))
        errors.append(found.measurement_error.assign(measurement=label))
        complete = data[list(columns)].notna().all(axis=1)
        counts.append(context.counts(data, complete, "a reading missing", of=label))
    return Answer(
        tables={
            "icc": pd.concat(tables, ignore_index=True),
            "measurement_error": pd.concat(errors, ignore_index=True),
            "scales": pd.DataFrame([{"endpoint": entry.title, "unit": "", "confidence_level": level}]),
        },
        counts=pd.concat(counts, ignore_index=True),
        method="Intraclass correlation, two-way random effects, absolute agreement "
        "(Shrout & Fleiss 2,1 and 2,k; McGraw & Wong limits)",
    )


def _long(data: pd.DataFrame, columns: tuple[str, ...]) -> pd.DataFrame:
    complete = data.dropna(subset=list(columns))
    return complete.melt("subject_id", list(columns), var_name="reader", value_name="value")


def expected(entry: Analysis, _plan: Plan, study: Study) -> dict[str, list[dict[str, Any]]]:
    forms = [(words, columns_as(study, "measurement", READINGS.of(entry))) for words in FORMS.values()]
    lines = [{**line, "form_words": words, "form": words} for words, made in forms for line in made]
    return {"icc": lines, "measurement_error": columns_as(study, "measurement", READINGS.of(entry), form="…")}


METHOD = Method(
    name="reader_agreement",
    says="Readers of the same images, by intraclass correlation.",
    keys=(READINGS, keys.TWO_SIDED_INTERVAL),
    confirmatory=(keys.missing(keys.COMPLETE_CASES),),
    outputs=(
        Listed(
            source="icc",
            title="{title}: intraclass correlation",
            label=Plain("form_words"),
            head="Form",
            columns=(Col("ICC", Estimate(decimals=3), note="({interval})"),),
            sections="measurement",
        ),
        Listed(
            source="measurement_error",
            title="{title}: measurement error",
            label=Plain("form"),
            head="Form",
            columns=(
                Col("Standard error of measurement", Number("standard_error_of_measurement", 2)),
                Col("Smallest detectable change", Number("smallest_detectable_change", 2)),
            ),
            sections="measurement",
        ),
    ),
    page="quality",
    expected=expected,
    compute=compute,
    several=Several.DESCRIBED,
)
