"""Why an entry could not be estimated, for the readers of a report: no column, path or class of Python.

An error carries templates and parameters. A reader's page is another language of the same templates: a
parameter that names a column is its label, a formula is a model, and what only a programmer can do is left
out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from trialkit.analysis.context import Context
from trialkit.analysis.formula_words import formula_words, name_words, terms_words
from trialkit.documents.declared.wording import lower_first
from trialkit.errors import TrialkitError
from trialkit.plan import Analysis
from trialkit.wording import Said

DEFECT = (
    "this entry met a defect of trialkit and gives no numbers; the run's screen names it, "
    "and every other entry stands"
)
INSTEAD: Mapping[str, str] = {
    "at least one row with a value in every column used": "subjects with everything it uses",
    "at least one row with every value present": "subjects with everything it uses",
    "none of {length} rows{missing}": "none{missing}",
    "none of {read} rows": "none",
    "{read} rows read, none complete": "none",
    "columns that no other columns determine": "terms that no others determine",
    "{cause} Simplify the formula or merge levels.": "{cause}",
    "Remove one of each such set.": "",
    "Leave it out of the formula, or check which rows were excluded.": "",
    "Look for a column that is wholly missing.": "",
    "Check which of these columns is empty.": "",
    "Name a column with two groups.": "",
    "Name a column of groups in by=.": "",
    "two groups in {by!r}, one of them the reference {reference!r}": "two groups, one of them the reference",
    "Check the column and the reference level.": "",
    "Check the column: 1 = event, 0 = none.": "",
    "Leave these columns out, or check the strata.": "Check the strata.",
    "Leave the pair out, or hold fewer columns constant.": "Leave the pair out, or hold less constant.",
    "Merge sparse levels, drop the column, or ask for penalty='firth' where the method has it.": (
        "Merge sparse levels, or ask for Firth's penalty where the method has it."
    ),
    "Remove that level from the column, or choose us, cs or csh.": "Choose us, cs or csh.",
    "Check that the grouping column is not the unit of the outcome.": "",
    "a column of kind {kind}": "values of kind {kind}",
    "Convert it first: dates to a number of days, mixed columns to one type.": "",
    "Check the event column: 1 = event, 0 = censored.": "",
    "Check the event column: 1 = event.": "",
    "Use fewer random coefficients, or ancova.": "",
    "Say which is the event, as by ({name} == {value}).astype(int).": "",
    "Merge levels, or compare the curves by kaplan_meier and log_rank.": "",
    "Its hazard ratio has no finite estimate: merge levels, or use log_rank.": (
        "Its hazard ratio has no finite estimate."
    ),
}
"""Message id -> what a reader is told; nothing where only who writes a program could do it."""
NOBODY = frozenset(name for name, words in INSTEAD.items() if words == "subjects with everything it uses")
Words = Callable[[Context, str], str]


def readers_words(context: Context, entry: Analysis, text: str | TrialkitError) -> str:
    """The text of an error, or of a warning made of errors, as a report prints it."""
    whole = text.whole if isinstance(text, TrialkitError) else text
    return " ".join(_said(context, entry, whole).split())


def _said(context: Context, entry: Analysis, text: str) -> str:
    if not isinstance(text, Said):
        return INSTEAD.get(text, text)
    template = INSTEAD.get(text.template, text.template).replace("row(s)", "rows")
    parameters = dict(text.parameters)
    if isinstance(place := parameters.get("place"), Said) and not isinstance(place.parameters["where"], Said):
        where, nobody = str(place.parameters["where"]), str(parameters["expected"]) in NOBODY
        parameters["place"] = "" if nobody else _place(context, entry, where)
    words: dict[str, object] = {}
    for name, value in parameters.items():
        for written, instead, of in _KINDS:
            if written % name in template and not isinstance(value, Said):
                template = template.replace(written % name, instead.replace("%s", name))
                value = of(context, str(value))
        words[name] = _said(context, entry, value) if isinstance(value, str) else value
    return template.format(**words)


def _place(context: Context, entry: Analysis, where: str) -> str:
    """Without the folder, which depends on how the plan was typed, and without the entry's own number; a
    column's name alone is its label.
    """
    folder = entry.where[: entry.where.rfind("/") + 1]
    words, entry_of, rest = where.removeprefix(folder).partition(":analysis[")
    if entry_of:
        words += rest.partition("]")[2].removeprefix(f" ({entry.id})")
    elif words in context.datasets.labels:
        words = name_words(context, words)
    return f"{words}: "


def _column_words(context: Context, name: str) -> str:
    """``odi@month_6``: "Oswestry Disability Index at 6 months"."""
    column, _, visit = name.partition("@")
    known = visit in context.plan.visits
    at = f" at {lower_first(context.visit_label(visit))}" if known else ""
    return f"{name_words(context, column)}{at}"


def _model_words(context: Context, formula: str) -> str:
    return (formula_words if "~" in formula else terms_words)(context, formula)


def _missing_words(context: Context, listed: str) -> str:
    """``base 61, chg 61``: "baseline value 61, change from baseline 61"."""
    pairs = (one.rpartition(" ") for one in listed.split(", "))
    return ", ".join(f"{name_words(context, name)} {n}" for name, _, n in pairs)


def _redundant_words(context: Context, terms: str) -> str:
    """``site[T.E]:visit[T.month_6]``: "site: E × visit: month 6"."""

    def part_words(part: str) -> str:
        name, level, rest = part.partition("[")
        if not level:
            return name_words(context, part)
        return f"{name}: {rest.removesuffix(']').removeprefix('T.').replace('_', ' ')}"

    return ", ".join(" × ".join(map(part_words, term.split(":"))) for term in terms.split(", "))


_KINDS: tuple[tuple[str, str, Words], ...] = (
    ("column {%s!r}", "{%s}", _column_words),
    ("outcome {%s!r}", "{%s}", _column_words),
    ("levels of {%s!r}", "levels of {%s}", _column_words),
    ("level {level} of {%s!r}", "level {level} of {%s}", _column_words),
    ("every level of {%s!r}", "every level of {%s}", _column_words),
    ("formula {%s!r}", "the model of {%s}", _model_words),
    ("random={%s!r}", "the model's random effects", lambda _context, random: random),
    ("some {%s!r} with", "some subject with", lambda _context, group: group),
    ("(missing: {%s})", "(missing: {%s})", _missing_words),
    ("redundant: {%s}", "redundant: {%s}", _redundant_words),
    ("separation along {%s}", "separation along {%s}", _redundant_words),
    ("some direction along {%s}", "some direction along {%s}", _redundant_words),
)
"""How a parameter stands in a message id, what stands there instead, and its words."""
