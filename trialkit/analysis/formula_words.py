"""A model's formula as a reader of the report says it: labels of the study, never names of columns."""

from __future__ import annotations

import re

from trialkit.analysis.context import Context

_MADE = {
    "chg": "change from baseline",
    "base": "baseline value",
    "value": "value",
    "arm": "arm",
    "visit": "visit",
    "months": "months",
    "subject_id": "subject",
    "1": "intercept",
}
_SPLINE = re.compile(r"rcs\((\w+),\s*(\d+)\)")
_PROPER = re.compile(r"\S+[- ][A-Z][a-z]")  # a name, not the first word of a sentence
_NAME = re.compile(r"\w+")
_PRODUCT = re.compile(r"[*:]")  # before names become labels, which may hold a colon


def formula_words(context: Context, formula: str) -> str:
    """``chg ~ arm + base + sex``: "change from baseline on arm, baseline value and sex"."""
    outcome, _, terms = formula.partition("~")
    return f"{_term(context, outcome)} on {terms_words(context, terms)}"


def random_words(context: Context, random: str) -> str:
    """``months | subject_id``: "random intercept and months within subject"."""
    effects, _, group = random.partition("|")
    terms = [term.strip() for term in effects.split("+")]
    if not {"0", "1"} & set(terms):
        terms.insert(0, "1")
    kept = " + ".join(term for term in terms if term != "0")
    return f"random {terms_words(context, kept)} within {_term(context, group)}"


def name_words(context: Context, name: str) -> str:
    """What a column is called within a sentence."""
    if name in _MADE:
        return _MADE[name]
    label = context.datasets.labels.get(name, (name, ""))[0]
    if _PROPER.match(label):
        return label
    return label[0].lower() + label[1:] if label[1:2].islower() else label


def terms_words(context: Context, terms: str) -> str:
    """``arm + sex``: "arm and sex"."""
    *first, last = (_term(context, term) for term in terms.split("+"))
    return f"{', '.join(first)} and {last}" if first else last


def _term(context: Context, term: str) -> str:
    spline = _SPLINE.fullmatch(term.strip())
    if spline:
        return f"{name_words(context, spline[1])} (restricted cubic spline, {spline[2]} knots)"
    parts = (_NAME.sub(lambda name: name_words(context, name[0]), part) for part in _PRODUCT.split(term))
    return " × ".join(part.strip() for part in parts)
