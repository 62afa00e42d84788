"""Why an entry could not be estimated, for the readers of a report: no column, path or class of Python."""

from __future__ import annotations

import re

from trialkit.analysis.context import Context
from trialkit.analysis.formula_words import formula_words, name_words, terms_words
from trialkit.documents.declared.wording import lower_first
from trialkit.plan import Analysis

DEFECT = (
    "this entry met a defect of trialkit and gives no numbers; the run's screen names it, "
    "and every other entry stands"
)
_FORMULA = re.compile(r"formula '([^']+)'")
_COLUMN = re.compile(r"column '(\w+)(?:@(\w+))?'")
_LEVELS = re.compile(r"(levels?) of '(\w+)'")
_REDUNDANT = re.compile(r"columns that no other columns determine; found redundant: ([^.;]+(?:\.[^.;\s]+)*)")
_LEVEL = re.compile(r"(\w+)\[(?:T\.)?([^\]]+)\]")
_MISSING = re.compile(r"\(missing: ([^)]+)\)")
_PLACE = re.compile(r":analysis\[\d+\]( \([^)]*\))?")
_NO_ROW = re.compile(
    r"(?:[\w, ]+: )?expected at least one row with (?:a value in every column used|every value present); "
    r"found (?:none|\d+ rows read, none complete)(?: of (\d+) rows)?(?: \(missing: ([^)]+)\))?"
    r"\. (?:Look for a column that is wholly missing|Check which of these columns is empty)\."
)
_ADVICE = (
    "Leave it out of the formula, or check which rows were excluded.",
    "Remove one of each such set. Simplify the formula or merge levels.",
    "Look for a column that is wholly missing.",
    "Name a column with two groups.",
    "Check the event column: 1 = event, 0 = censored.",
    "Check the event column: 1 = event.",
    "Use fewer random coefficients, or ancova.",
    "Merge levels, or compare the curves by kaplan_meier and log_rank.",
)
_RANDOM = re.compile(r"random='[^']+'")
_IN_PYTHON = ": merge levels, or use log_rank"


def readers_words(context: Context, entry: Analysis, text: str) -> str:
    """The text of an error as a report prints it.

    A path is cut to the file's name: what a report says must not depend on how, or where, the plan was
    typed. Columns and formulas are called as the study calls them.
    """
    folder = entry.where[: entry.where.rfind("/") + 1]
    text = text.replace(folder, "") if folder else text
    text = _PLACE.sub("", text)
    text = _NO_ROW.sub(lambda found: _nobody(context, found[2]), text)
    text = _RANDOM.sub("the model's random effects", text).replace("row(s)", "rows")
    text = text.replace("some 'subject_id' with", "some subject with")
    text = _MISSING.sub(lambda found: f"(missing: {_columns(context, found[1])})", text)
    text = _FORMULA.sub(lambda found: f"the model of {_model(context, found[1])}", text)
    text = _COLUMN.sub(lambda found: _place_words(context, found[1], found[2]), text)
    text = _REDUNDANT.sub(lambda found: _redundant(context, found[1]), text)
    text = _LEVELS.sub(lambda found: f"{found[1]} of {name_words(context, found[2])}", text).replace(
        _IN_PYTHON, ""
    )
    for advice in _ADVICE:
        text = text.replace(f" {advice}", "")
    return re.sub(r"\bnp\.float64\(([^)]*)\)", r"\1", text)


def _nobody(context: Context, missing: str | None) -> str:
    lacking = f" (missing: {_columns(context, missing)})" if missing else ""
    return f"expected subjects with everything it uses; found none{lacking}."


def _place_words(context: Context, name: str, visit: str | None) -> str:
    known = visit is not None and visit in context.plan.visits
    at = f" at {lower_first(context.visit_label(str(visit)))}" if known else ""
    return f"{name_words(context, name)}{at}"


def _redundant(context: Context, terms: str) -> str:
    """``site[T.E]:visit[T.month_6]``: "site: E × visit: month 6"."""

    def level(found: re.Match[str]) -> str:
        return f"{found[1]}: {found[2].replace('_', ' ')}"

    words = [
        " × ".join(
            _LEVEL.sub(level, part) if "[" in part else name_words(context, part) for part in term.split(":")
        )
        for term in terms.split(", ")
    ]
    return f"terms that no others determine; found redundant: {', '.join(words)}"


def _columns(context: Context, listed: str) -> str:
    """``base 61, chg 61``: "baseline value 61, change from baseline 61"."""
    pairs = (one.rpartition(" ") for one in listed.split(", "))
    return ", ".join(f"{name_words(context, name)} {n}" for name, _, n in pairs)


def _model(context: Context, formula: str) -> str:
    words = formula_words if "~" in formula else terms_words
    return words(context, formula)
