"""The key result box: the primary estimate, the MCID, and the simulator's truth told honestly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trialkit import numbers
from trialkit.analysis.direction import verdict
from trialkit.documents.declared import PValue
from trialkit.documents.declared.rows import ResultRow, estimate_cell, p_cell
from trialkit.documents.declared.wording import alternative_words, difference_unit, lower_first
from trialkit.documents.page import Figure, Highlight
from trialkit.documents.table import Cell, ResultReference
from trialkit.figures.ruler import RulerMarks, draw_ruler
from trialkit.report.rows import rows_of
from trialkit.report.told import TRUTH

if TYPE_CHECKING:
    from trialkit.analysis.results import AnalysisResult
    from trialkit.report.context import Context
    from trialkit.report.facts import TrueEffect

DECIMALS = 2
NO_ESTIMATE = "the model gave no estimate"
NO_BREAK = "\u00a0"


def highlight(context: Context) -> Highlight | None:
    """The box for the primary analysis; None where the plan has none with a contrast.

    Where it could not be estimated, or its model gave no estimate, the box says so and has no number.
    """
    result = context.primary()
    if result is None or result.withheld:
        return None
    contrasts = rows_of(result, "contrasts")
    if result.failure is not None:
        return _without_a_number(result, "Could not be estimated", result.failure)
    if not contrasts:
        return None
    if not contrasts[0].has("estimate"):
        return _without_a_number(result, "Not estimated", "; ".join(result.warnings) or NO_ESTIMATE)
    contrast, scales = contrasts[0], context.scales(result)
    truth = context.truth.effect_of(result.id)
    estimate = estimate_cell(contrast, DECIMALS)
    interval = context.interval_label(result)
    words = numbers.span(contrast["ci_lower"], contrast["ci_upper"], DECIMALS)
    bracket = f"({interval} {words})".replace(" ", NO_BREAK)  # the interval stays on one line
    unit = points(scales.get("unit"))
    statement = f"{numbers.fixed(contrast['estimate'], DECIMALS)}{unit} {bracket}"
    return Highlight(
        question=result.title,
        statement=Cell(statement, estimate.references),
        caption=_caption(context, contrast, scales),
        facts=_facts(context, result, contrast, scales, truth),
        remarks=_remarks(context, contrast, scales, truth, interval),
        figure=_ruler(context, contrast, scales, truth),
    )


def _without_a_number(result: AnalysisResult, said: str, why: str) -> Highlight:
    """The word in the place of the number: a box left out would read as if nobody had asked."""
    return Highlight(
        question=result.title,
        statement=Cell(said),
        caption=f"{why[:1].upper()}{why[1:]}",
        facts=(),
        remarks=(("Entry.", f"{result.id}, the primary analysis. No other entry takes its place."),),
    )


def points(unit: Any) -> str:
    """The unit of a difference, after a space."""
    return f" {words}" if (words := difference_unit(unit)) else ""


def _caption(context: Context, contrast: ResultRow, scales: dict[str, Any]) -> str:
    about = f" in {lower_first(str(scales['endpoint']))}" if scales.get("endpoint") else ""
    better = f"; {scales['better']} is better" if scales.get("better") else ""
    return f"Adjusted difference{about}: {context.contrast_words(contrast['contrast'])}{better}."


def _facts(
    context: Context,
    result: AnalysisResult,
    contrast: ResultRow,
    scales: dict[str, Any],
    truth: TrueEffect | None,
) -> tuple[tuple[str, Cell], ...]:
    facts = [(f"p, {alternative_words(contrast)}", p_cell(contrast))]
    if contrast.has("adjusted_p_value"):
        facts.append(
            (f"p, adjusted ({contrast['adjustment']})", PValue("adjusted_p_value").fill(contrast, ()))
        )
    for other in rows_of(result, "contrasts")[1:]:
        facts.append((context.contrast_words(other["contrast"]), estimate_cell(other, DECIMALS)))
    for row in rows_of(result, "ls_means"):
        facts.append((f"LS mean, {context.label(row['arm'])}", estimate_cell(row, DECIMALS)))
    if scales.get("mcid") is not None:
        mcid = _plain(scales["mcid"]) + points(scales.get("unit"))
        facts.append(("MCID", Cell(mcid, (rows_of(result, "scales")[0].reference("mcid"),))))
    if truth is not None:
        place = context.truth.effects.index(truth)
        where = ResultReference(TRUTH, "effects", place, "value")
        facts.append(("Simulator's truth", Cell(numbers.fixed(truth.value, DECIMALS), (where,))))
    for row in context.counts(result):
        arm = str(row["arm"])
        if arm in context.results.arm_labels:
            imputed = row.get("n_imputed") or 0
            text = f"{numbers.integer(row['n_observed'] + imputed)} of {numbers.integer(row['n_set'])}"
            text += f", {numbers.integer(imputed)} imputed" if imputed else ""
            columns = ("n_observed", *(("n_imputed",) if imputed else ()), "n_set")
            where_from = tuple(row.reference(column) for column in columns)
            facts.append((f"Analysed, {context.label(arm)}", Cell(text, where_from)))
    return tuple(facts)


def _remarks(
    context: Context,
    contrast: ResultRow,
    scales: dict[str, Any],
    truth: TrueEffect | None,
    interval: str,
) -> tuple[tuple[str, str], ...]:
    remarks = []
    if scales.get("mcid") is not None and scales.get("better"):
        remarks.append(("Against the MCID.", mcid_sentence(contrast, scales, interval)))
    if truth is not None:
        remarks.append(("Against the truth.", truth_sentence(contrast, truth, interval)))
    primary = context.primary()
    if primary is not None and primary.warnings:
        remarks.append(("Not all of it could be estimated.", " ".join(primary.warnings)))
    if context.results.provenance.snapshot_state != "locked":
        remarks.append(("Draft.", "The database was not locked: these numbers may change."))
    return tuple(remarks)


def mcid_sentence(contrast: ResultRow, scales: dict[str, Any], interval: str) -> str:
    """Where the interval lies, seen from no difference and the minimal clinically important difference."""
    mcid = float(scales["mcid"])
    found = verdict(contrast["ci_lower"], contrast["ci_upper"], str(scales["better"]), mcid)
    said = found.sentence(interval, _plain(mcid) + points(scales.get("unit")))
    return f"{said} The MCID is a change within one person, not a bar for a difference between means."


def truth_sentence(contrast: ResultRow, truth: TrueEffect, interval: str) -> str:
    """Whether this one interval covers the truth, and what that does and does not show."""
    covers = contrast["ci_lower"] <= truth.value <= contrast["ci_upper"]
    verdict = "covers" if covers else "does not cover"
    origin = f" ({truth.definition})" if truth.definition else ""
    counted = f", from {numbers.integer(truth.subjects)} simulated subjects" if truth.subjects else ""
    error = (
        f", Monte Carlo standard error {numbers.fixed(truth.standard_error, 3)}"
        if truth.standard_error is not None
        else ""
    )
    level = interval.removesuffix(" CI")
    meaning = (
        f"One interval says little: over many trials {level} of them should cover it."
        if covers
        else f"Over many trials {level} of such intervals should cover it; this is one of those that do not, "
        "or a sign of bias. Only repeated runs can tell."
    )
    return (
        f"The true value{origin} is {numbers.fixed(truth.value, DECIMALS)}{counted}{error}. "
        f"This {interval} {verdict} it. {meaning}"
    )


def _ruler(
    context: Context, contrast: ResultRow, scales: dict[str, Any], truth: TrueEffect | None
) -> Figure | None:
    estimate, lower, upper = (contrast[column] for column in ("estimate", "ci_lower", "ci_upper"))
    if any(numbers.is_missing(one) or abs(one) == float("inf") for one in (estimate, lower, upper)):
        return None
    better, mcid = scales.get("better"), scales.get("mcid")
    sign = -1 if better == "lower" else 1
    test, _, reference = str(contrast["contrast"]).partition(" - ")
    names = (context.label(test.strip()), context.label(reference.strip()))
    left, right = names if better == "lower" else names[::-1]
    marks = RulerMarks(
        estimate=float(estimate),
        lower=float(lower),
        upper=float(upper),
        null_value=0.0,
        mcid=sign * float(mcid) if mcid is not None and better else None,
        truth=truth.value if truth else None,
        favours_left=f"← better with {left}" if better else "",
        favours_right=f"better with {right} →" if better else "",
    )
    alt = f"The estimate and its interval on a line: {estimate_cell(contrast, DECIMALS).text}."
    label = f"Difference{',' if points(scales.get('unit')) else ''}{points(scales.get('unit'))}"
    return Figure(number="", title="", drawing=draw_ruler(marks, label, "key-ruler", alt), alt=alt)


def _plain(value: Any) -> str:
    return numbers.fixed(value, 1).removesuffix(".0")
