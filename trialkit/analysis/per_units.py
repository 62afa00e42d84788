"""Ratios of a covariate over a step that means something: the hazard of ten years of age, not of one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import prod
from typing import TYPE_CHECKING

from trialkit import permitted
from trialkit.documents.declared.wording import per_step
from trialkit.errors import TrialkitError
from trialkit.plan import Analysis, Key, Place, PlanError, keys
from trialkit.plan.references import unknown
from trialkit.strict_toml import Section
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd

    from trialkit.analysis.context import Context

Steps = Mapping[str, float]
RATIOS = ("estimate", "ci_lower", "ci_upper")
LOGARITHMS = ("log_standard_error", "coefficient")


def _read(section: Section, key: str) -> dict[str, float]:
    here = section.section(key)
    found = {name: here.number(name, within=permitted.ABOVE_0) for name in here.names()}
    here.done()
    return found


def _check(value: Steps, place: Place) -> Iterator[PlanError]:
    """Columns of the formula that enter it as the numbers they are: no logarithm, no level."""
    try:
        terms = keys.read_formula(str(place.entry.keys.get("formula", ""))).terms
    except TrialkitError:
        return  # told by the formula's own check
    used = [variable for term in terms for variable in term]
    coded = {item.name for form in place.study.forms for item in form.items if item.choices}
    coded |= {name for factor in place.study.factors for name in (factor.name, factor.item) if name}
    coded |= {"arm", "site"}
    known = {one.column for one in used if one.column not in coded}
    for name in value:
        if name not in known:
            yield unknown("a number of the formula", name, place.where, known)
        elif any(one.column == name and one.transform for one in used):
            yield PlanError(
                expected=said("{name} in the formula as it is", name=name),
                found=next(one.label for one in used if one.column == name and one.transform),
                where=place.where,
                next_step="Leave its step out: a transformed number has no ratio for so many units.",
            )


PER: Key[Steps] = Key(
    "per",
    "of how many units the ratio of a covariate is; of one where it is left out",
    "column = number",
    _read,
    _check,
    absent={},
)


def per_units(context: Context, entry: Analysis, table: pd.DataFrame) -> pd.DataFrame:
    """A table of ratios with those of the entry's ``per`` columns over so many units, their terms saying so.

    The ratio of k units is that of one to the power of k, and so are its limits; the error of its logarithm
    is k times that of one; test and p value stay. Of a product of two such columns, k is the product.
    """
    steps = PER.of(entry)
    if not steps:
        return table
    table = table.copy()
    parts = [str(term).split(":") for term in table["term"]]
    k = [prod(steps.get(part, 1.0) for part in term) for term in parts]
    for name in RATIOS:
        table[name] = table[name].astype(float) ** k
    for name in set(LOGARITHMS) & set(table):
        table[name] = table[name] * k
    named = {name: per_step(name, step, _unit(context, name)) for name, step in steps.items()}
    table["term"] = [":".join(named.get(part, part) for part in term) for term in parts]
    return table


def _unit(context: Context, name: str) -> str:
    return context.label_and_unit(name)[1] or "" if name in context.datasets.labels else ""
