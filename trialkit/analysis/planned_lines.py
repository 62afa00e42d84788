"""The lines of tables that a plan names before there are data, for methods on the subjects' own columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from trialkit.documents.declared.wording import of_units, with_unit
from trialkit.errors import TrialkitError
from trialkit.plan import keys
from trialkit.study.model import Item, Study

Lines = list[dict[str, Any]]


def item_of(study: Study, name: str) -> Item | None:
    return next((item for form in study.forms for item in form.items if item.name == name), None)


def called(study: Study, name: str) -> str:
    """A column as its tables call it: its label with the unit; a name nobody has stays as it is."""
    item = item_of(study, name)
    return with_unit(item.label, item.unit) if item is not None else name


def levels_of(study: Study, name: str) -> list[str]:
    """The choices of a coded item, in the dictionary's order; none of a number."""
    item = item_of(study, name)
    return [choice.label for choice in item.choices] if item is not None else []


def columns_as(study: Study, heading: str, names: Iterable[str], **more: Any) -> Lines:
    """A line a column, called under ``heading``."""
    return [{heading: called(study, name), **more} for name in names]


def terms_of(study: Study, formula: str, steps: Mapping[str, float]) -> Lines:
    """A line a term of the model, and of a factor one for each level but the first; ``steps`` are the units
    that ratios of columns are of."""
    try:
        terms = keys.read_formula(formula).terms
    except TrialkitError:
        return []  # told by the formula's own check
    lines: Lines = []
    for term in terms:
        names = [variable.column for variable in term]
        levels = levels_of(study, names[0])[1:] if len(names) == 1 else []
        words = " × ".join(_called_per(study, name, steps) for name in names)
        lines += [{"label": f"{words}: {level}"} for level in levels] or [{"label": words}]
    return lines


def _called_per(study: Study, name: str, steps: Mapping[str, float]) -> str:
    if name not in steps:
        return called(study, name)
    item = item_of(study, name)
    unit = item.unit or "" if item is not None else ""
    return of_units(called(study, name), f"{steps[name]:g} {unit}".strip())


def grouped_lines(study: Study, by: str, variables: Iterable[str]) -> Lines:
    """A line a variable, or level of one, and group."""
    groups = levels_of(study, by) or ["Group 1", "Group 2"]
    lines: Lines = []
    for name in variables:
        item = item_of(study, name)
        label, unit = (item.label, item.unit) if item is not None else (name, "")
        for level in levels_of(study, name) or [""]:
            lines += [
                {"variable": name, "label": label, "unit": unit, "level": level, "group": group}
                for group in groups
            ]
    return lines
