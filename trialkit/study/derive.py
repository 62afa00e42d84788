"""Derived items and scores of a filled-in form, from the values of its items."""

from __future__ import annotations

from collections.abc import Mapping

from trialkit.expressions import Name, Value, evaluate, parse
from trialkit.instruments import Scored, explain
from trialkit.study.model import Form, Study
from trialkit.vocabulary import ItemType

Values = Mapping[str, Value | None]


def derived_items(form: Form, values: Values) -> dict[str, Value | None]:
    """The calculated items of one form (or row), from the items typed on it.

    Parameters
    ----------
    form
        The form; calculations may use earlier calculated items and items of the same form.
    values
        Item name to value; a name that is absent is missing. Codes are texts.

    Returns
    -------
    dict
        Every item of type ``derived``, None where the values it needs are missing.

    Raises
    ------
    ExpressionError
        Where a value cannot be used in the calculation.
    """
    known: dict[str, Value | None] = dict(values)
    found: dict[str, Value | None] = {}

    def lookup(name: Name) -> Value | None:
        return known.get(name.item) if name.visit is None else None

    for item in form.items:
        if item.type is ItemType.DERIVED:
            found[item.name] = known[item.name] = evaluate(parse(item.calculation), lookup)
    return found


def derived_scores(study: Study, form: Form, values: Values) -> dict[str, Scored]:
    """The scores of one filled-in form by name, each with the reason where there is none."""
    found: dict[str, Scored] = {}
    for score in study.scores:
        if score.form == form.name:
            answers = [_plain(values.get(item)) for item in score.items]
            found[score.name] = explain(score.instrument, answers, score.settings)
    return found


def _plain(value: Value | None) -> float | int | str | None:
    """A date is no answer to any instrument; as text it is refused by name."""
    return value if value is None or isinstance(value, (int, float, str)) else value.isoformat()
