"""The key result where it is a ratio or a difference of risks: which row it is, and its words.

A hazard or odds ratio is the arm's line of its model, or the first contrast where the plan lists several; of
responders it is the measure that the estimand asks for. A study that allocates nobody has no arm's line:
then each term of the model is said, and none is put before the others.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trialkit import numbers
from trialkit.documents.declared.rows import ResultRow, estimate_cell, p_cell
from trialkit.documents.declared.wording import alternative_words, lower_first
from trialkit.documents.table import Cell
from trialkit.report.rows import rows_of

if TYPE_CHECKING:
    from trialkit.analysis.results import AnalysisResult
    from trialkit.report.context import Context

HAZARD, ODDS = "hazard_ratios", "odds_ratios"
NAMES = {HAZARD: "Hazard ratio", ODDS: "Odds ratio"}
RISK_DIFFERENCE, RISK_RATIO = "risk difference", "risk ratio"
MEASURES = {
    RISK_DIFFERENCE: "Difference in risk",
    f"{RISK_DIFFERENCE}, stratified": "Difference in risk, stratified",
    RISK_RATIO: "Risk ratio",
}
ARM_TERM = re.compile(r"arm\s*\[(?:T\.)?(?P<level>.+)\]")
DEPENDS = "its model lets the arms differ by another term, so that no one ratio holds for everybody"


@dataclass(frozen=True)
class KeyNumber:
    """One number of the box; ``of`` are its two sides, or its term, in words."""

    row: ResultRow
    name: str
    of: str
    above: str  # what a number above no effect means; empty: not said
    ratio: bool = True

    @property
    def scale(self) -> float:
        """Of a difference of risks, percentage points are printed."""
        return 1.0 if self.ratio else 100.0

    @property
    def decimals(self) -> int:
        return 2 if self.ratio else 1

    @property
    def unit(self) -> str:
        return "" if self.ratio else " percentage points"

    @property
    def null(self) -> float:
        return 1.0 if self.ratio else 0.0

    @property
    def cell(self) -> Cell:
        return estimate_cell(self.row, self.decimals, scale=self.scale)


@dataclass(frozen=True)
class KeyNumbers:
    """The numbers of a primary analysis; ``first`` is the headline, None where none goes before the others
    or, as ``why`` says, none is its answer."""

    first: KeyNumber | None
    others: tuple[KeyNumber, ...] = ()
    why: str = ""


def key_numbers(context: Context, result: AnalysisResult, scales: dict[str, Any]) -> KeyNumbers | None:
    """The ratios or differences of risks of a result; None where it is about neither."""
    contrasts = rows_of(result, "contrasts")
    if contrasts and contrasts[0].get("measure") is not None:
        return _of_responders(context, contrasts, str(scales.get("summary", "")))
    table = next((name for name in NAMES if name in result.tables), None)
    if table is None:
        return None
    if contrasts and contrasts[0].get("log_standard_error") is not None:
        found = [_contrast(context, result, table, row) for row in contrasts]
        return KeyNumbers(found[0], tuple(found[1:]))
    settings = rows_of(result, "contrasts_of_columns")
    if settings:
        planned = [KeyNumber(row, NAMES[table], str(row["contrast"]), "more often") for row in settings]
        return KeyNumbers(planned[0], tuple(planned[1:]))
    return _of_terms(context, result, table)


def _of_responders(context: Context, contrasts: list[ResultRow], summary: str) -> KeyNumbers:
    """The measure of the estimand, of the first definition; every contrast of it, then the other measures."""
    wanted = RISK_RATIO if RISK_RATIO in summary.lower() else RISK_DIFFERENCE
    here = [row for row in contrasts if row["definition"] == contrasts[0]["definition"]]
    here = [row for row in here if row["measure"] in MEASURES]
    # A stratified difference stands before the plain one: strata are there because the plan names them.
    ranked = sorted(here, key=lambda row: (wanted not in row["measure"], "stratified" not in row["measure"]))
    found = [_measure(context, row) for row in ranked]
    return KeyNumbers(found[0], tuple(found[1:])) if found else KeyNumbers(None, why="no contrast")


def _measure(context: Context, row: ResultRow) -> KeyNumber:
    ratio = row["measure"] == RISK_RATIO
    of = context.contrast_words(row["contrast"], "over" if ratio else "minus")
    return KeyNumber(row, MEASURES[str(row["measure"])], of, _more_often(of, ratio=ratio), ratio)


def _contrast(context: Context, result: AnalysisResult, table: str, row: ResultRow) -> KeyNumber:
    of = context.contrast_words(row["contrast"], "over")
    return KeyNumber(row, NAMES[table], of, _above(result, table, of))


def _of_terms(context: Context, result: AnalysisResult, table: str) -> KeyNumbers:
    rows = rows_of(result, table)
    arms = [(row, match) for row in rows if (match := ARM_TERM.fullmatch(str(row["term"])))]
    if not arms:
        found = (KeyNumber(row, NAMES[table], _term(context, row), "more often") for row in rows)
        return KeyNumbers(None, tuple(found))
    if any(ARM_TERM.search(part) for row in rows if ":" in str(row["term"]) for part in _parts(row)):
        return KeyNumbers(None, why=DEPENDS)
    arms_of = list(result.arms) or context.arms
    reference = next((arm for arm in reversed(arms_of) if all(arm != m["level"] for _, m in arms)), None)
    made = []
    for row, match in arms:
        of = context.label(match["level"])
        of += f" over {context.label(reference)}" if reference else ""
        made.append(KeyNumber(row, NAMES[table], of, _above(result, table, of)))
    return KeyNumbers(made[0], tuple(made[1:]))


def _parts(row: ResultRow) -> list[str]:
    return str(row["term"]).split(":")


def _term(context: Context, row: ResultRow) -> str:
    return str(row["label"]) if row.has("label") else context.term_words(row["term"])


def _more_often(of: str, *, ratio: bool) -> str:
    return f"a response more often with {of.partition(' over ' if ratio else ' minus ')[0]}"


def _above(result: AnalysisResult, table: str, of: str) -> str:
    """What a ratio above 1 means, by what the model is about: levels in order, or an event."""
    first = of.partition(" over ")[0]
    if "levels" in result.tables:
        return f"higher levels with {first}"
    return f"the event {'sooner and ' if table == HAZARD else ''}more often with {first}"


def caption(number: KeyNumber, endpoint: str) -> str:
    about = f" of {lower_first(endpoint)}" if endpoint else ""
    above = f"; above {numbers.fixed(number.null, 0)}: {number.above}" if number.above else ""
    return f"{number.name}{about}: {number.of}{above}."


def no_effect_sentence(number: KeyNumber, interval: str) -> str:
    """Where the interval lies, seen from no effect; what it does not exclude is said with its limits."""
    row, null = number.row, numbers.fixed(number.null, 0)
    if not (row.has("ci_lower") and row.has("ci_upper")):
        return f"There is no {interval}, so nothing is said of what is excluded."
    if row["ci_lower"] > number.null:
        return f"The whole {interval} lies above {null}."
    if row["ci_upper"] < number.null:
        return f"The whole {interval} lies below {null}."
    lower, upper = (
        numbers.fixed(row[limit] * number.scale, number.decimals) for limit in ("ci_lower", "ci_upper")
    )
    of = f"a {lower_first(number.name)} of {lower} or of {upper}{number.unit}"
    return f"The {interval} includes {null}: no effect is not excluded, nor is {of}."


def facts_of(context: Context, result: AnalysisResult, found: KeyNumbers) -> list[tuple[str, Cell]]:
    """The other numbers, and what each arm had of the event or the response."""
    facts = []
    for other in found.others:
        words = f"{other.name}, {other.of}" if found.first is None or other.name != found.first.name else ""
        facts.append((words or other.of, _with_p(other)))
    for row in rows_of(result, "medians"):
        if row.has("events") and row.has("n"):
            cell = Cell(
                f"{numbers.integer(row['events'])} of {numbers.integer(row['n'])}",
                (row.reference("events"), row.reference("n")),
            )
            facts.append((f"Had the event, {context.label(row['arm'])}", cell))
    proportions = rows_of(result, "proportions")
    for row in proportions:
        if row["definition"] == proportions[0]["definition"] and row.has("proportion"):
            cell = estimate_cell(row, 1, estimate="proportion", scale=100)
            facts.append((f"Responded, {context.label(row['arm'])}, %", cell))
    for row in rows_of(result, "log_rank"):
        facts.append(("p, log-rank test", p_cell(row)))
    return facts


def _with_p(number: KeyNumber) -> Cell:
    if not number.row.has("p_value"):
        return number.cell
    p = numbers.p_statement(number.row["p_value"])
    side = "" if alternative_words(number.row) == "two-sided" else f", {alternative_words(number.row)}"
    return Cell(f"{number.cell.text}, {p}{side}", (*number.cell.references, number.row.reference("p_value")))
