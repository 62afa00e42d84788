"""Rows of forms as they were captured, for whoever computes an analysis again by other means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from trialkit.datasets.typed import NUMERIC, typed_column
from trialkit.plan import Plan
from trialkit.study.model import Study

if TYPE_CHECKING:
    import pandas as pd


def form_table(values: pd.DataFrame, study: Study, form: str) -> pd.DataFrame:
    """One row a row of the form: ``subject_id visit row source``, and its items as they are typed."""
    keys = ["subject_id", "visit", "row"]
    here = values[values["form"] == form]
    wide = here.pivot(index=keys, columns="item", values="value").sort_index().reset_index()
    wide.columns.name = None
    items = {item.name: item for item in study.form(form).items if item.name in wide}
    source = wide["visit"] + "/" + form + "/" + wide["row"].astype(str)
    typed = {name: typed_column(item, wide[name]) for name, item in items.items()}
    return wide[keys].assign(source=source, **typed)


def named_forms(plan: Plan, study: Study) -> tuple[str, ...]:
    """The forms that the plan counts, lists or reads words and dates from, in the study's order.

    Numbers measured once a visit are not among them: the visits' own dataset has those.
    """
    texts = {text for entry in plan.analyses for value in entry.keys.values() for text in _texts(value)}
    named = {source.form for source in plan.records.values()}
    named |= {str(entry.keys.get("form", "")) for entry in plan.analyses}
    for form in study.forms:
        if texts & {item.name for item in form.items if item.type not in NUMERIC}:
            named.add(form.name)
    return tuple(form.name for form in study.forms if form.name in named)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, tuple):
        for one in value:
            yield from _texts(one)
