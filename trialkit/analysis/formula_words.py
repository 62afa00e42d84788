"""A model's formula as a reader of the report says it: labels of the study, never names of columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from trialkit.analysis.context import Context
from trialkit.documents.declared.wording import lower_first
from trialkit.errors import TrialkitError
from trialkit.plan.keys import read_formula

if TYPE_CHECKING:
    from trialkit.stats.formula import Variable

_SOURCES = {"as randomized": "as randomized", "true": "as corrected"}
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
_TRANSFORMED = {
    "log": "logarithm of {name}",
    "log2": "logarithm to base 2 of {name}",
    "log10": "logarithm to base 10 of {name}",
    "exp": "exponential of {name}",
    "sqrt": "square root of {name}",
    "rcs": "{name} (restricted cubic spline, {knots} knots)",
    "C": "{name} (as categories)",
    "factor": "{name} (as categories)",
}
_WRITTEN_SHORT = re.compile(
    r"[\^/%-]|\*\*|(?<![\w`])\(|(?<![\w(`])[01](?!\w)"
)  # a power, nesting, "without", 0 or 1
_PROPER = re.compile(r"\S+[- ][A-Z][a-z]")  # a name, not the first word of a sentence
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
    kept = _listed([_term(context, term) for term in terms if term != "0"])
    return f"random {kept} within {_term(context, group)}"


def name_words(context: Context, name: str) -> str:
    """What a column is called within a sentence."""
    if name in _MADE:
        return _MADE[name]
    label = context.datasets.labels.get(name, (name, ""))[0]
    if _PROPER.match(label):
        return label
    return lower_first(label)


def terms_words(context: Context, terms: str) -> str:
    """``arm + sex``: "arm and sex"; powers, nesting and terms taken away are said written out."""
    if _WRITTEN_SHORT.search(terms):
        return _written_out(context, terms)
    return _listed([_term(context, term) for term in terms.split("+")])


def variable_words(context: Context, variable: Variable) -> str:
    """A column within a sentence, with what is made of it: "logarithm of age at consent"."""
    name = name_words(context, variable.column)
    return _TRANSFORMED.get(variable.transform or "", "{name}").format(name=name, knots=variable.argument)


def _written_out(context: Context, terms: str) -> str:
    try:
        parsed = read_formula(f"outcome ~ {terms}")
    except TrialkitError:
        return terms.strip()
    said = _listed([" × ".join(variable_words(context, one) for one in term) for term in parsed.terms])
    if not said:
        return "an intercept alone"
    return said if parsed.intercept else f"{said}, without an intercept"


def _listed(words: list[str]) -> str:
    *first, last = words or [""]
    return f"{', '.join(first)} and {last}" if first else last


def _term(context: Context, term: str) -> str:
    return " × ".join(_factor(context, part.strip()) for part in _PRODUCT.split(term))


def _factor(context: Context, text: str) -> str:
    if "(" not in text:
        return name_words(context, text.strip("`"))
    try:
        (variable,) = read_formula(text).terms[0]
    except TrialkitError:
        return text
    return variable_words(context, variable)


def stratified_words(context: Context, strata: Sequence[str], source: str | None = None) -> str:
    """`` stratified by sex and site as randomized``; nothing without strata."""
    words = within_words(context, strata, source)
    return f" stratified by {words}" if words else ""


def within_words(context: Context, strata: Sequence[str], source: str | None) -> str:
    """``sex and site as randomized``: the strata, and where one is a factor the plan's word on wrong ones."""
    names = " and ".join(context.label_and_unit(name)[0].lower() for name in strata)
    of_factor = any({factor.name, factor.item} & set(strata) for factor in context.study.factors)
    return f"{names} {_SOURCES[source]}" if names and source and of_factor else names
