"""The key result box: the primary estimate, the MCID, and the simulator's truth told honestly.

A difference of means is said here; ratios and differences of risks are chosen in ``key_ratio``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trialkit import numbers
from trialkit.analysis.direction import verdict
from trialkit.analysis.observational import OBSERVED, SIMULATED
from trialkit.documents.declared import PValue
from trialkit.documents.declared.rows import ResultRow, estimate_cell, p_cell
from trialkit.documents.declared.wording import alternative_words, difference_unit, lower_first
from trialkit.documents.page import Figure, Highlight
from trialkit.documents.table import Cell, ResultReference
from trialkit.figures.ruler import RulerMarks, draw_ruler
from trialkit.report.key_differences import of_pairs
from trialkit.report.key_ratio import (
    KeyNumber,
    KeyNumbers,
    caption,
    facts_of,
    key_numbers,
    no_effect_sentence,
)
from trialkit.report.rows import rows_of
from trialkit.report.told import TRUTH

if TYPE_CHECKING:
    from trialkit.analysis.results import AnalysisResult
    from trialkit.report.context import Context
    from trialkit.report.facts import TrueEffect

DECIMALS = 2
NO_ESTIMATE = "the model gave no estimate"
FINAL_STATES = ("locked", SIMULATED, OBSERVED)  # of data without a database there is nothing to lock
NO_BREAK = "\u00a0"


def highlight(context: Context) -> Highlight | None:
    """The box for the primary analysis; None where the plan has none with a contrast.

    Where it could not be estimated, or its model gave no estimate, the box says so and has no number.
    """
    result = context.primary()
    if result is None or result.withheld:
        return None
    if result.failure is not None:
        return _without_a_number(result, "Could not be estimated", result.failure)
    if (ratios := key_numbers(context, result, context.scales(result))) is not None:
        return _of_ratios(context, result, ratios)
    contrasts = rows_of(result, "contrasts")
    if not contrasts:
        return of_pairs(context, result, tuple(_remarks(context, result)))
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
        remarks=(*_about_the_difference(context, result, truth), *_remarks(context, result)),
        figure=_ruler(context, contrast, scales, truth),
    )


def _of_ratios(context: Context, result: AnalysisResult, found: KeyNumbers) -> Highlight:
    """The box of a ratio or a difference of risks: no MCID is held against it, no effect is."""
    first, scales = found.first, context.scales(result)
    if found.why:
        return _without_a_number(result, "Not one number", found.why)
    interval = context.interval_label(result)
    others = facts_of(context, result, found)
    analysed = _analysed(context, result)
    if first is None:
        named = f"{found.others[0].name}s of {lower_first(str(scales['endpoint']))}, with {interval}."
        stated = Cell(f"One {lower_first(found.others[0].name)} for each term")
        remarks = _remarks(context, result)
        return Highlight(result.title, stated, named, (*others, *analysed), tuple(remarks))
    if not first.row.has("estimate"):
        return _without_a_number(result, "Not estimated", "; ".join(result.warnings) or NO_ESTIMATE)
    truth = context.truth.effect_of(result.id)
    facts = [(f"p, {alternative_words(first.row)}", p_cell(first.row))] if first.row.has("p_value") else []
    facts += _adjusted(first.row)
    told = [] if truth is None else [_truth_fact(context, truth, first.scale, first.decimals)]
    limits = _limits(first.row)
    remarks = [("Against no effect.", Cell(no_effect_sentence(first, interval), limits))]
    if truth is not None:
        sentence = truth_sentence(context, first.row, truth, interval, first.scale, first.decimals)
        remarks.append(("Against the truth.", sentence))
    return Highlight(
        question=result.title,
        statement=Cell(_statement(first.row, interval, first), first.cell.references),
        caption=caption(first, str(scales.get("endpoint", ""))),
        facts=(*facts, *others, *told, *analysed),
        remarks=(*remarks, *_remarks(context, result)),
        figure=_ratio_ruler(context, first, truth),
    )


def _statement(row: ResultRow, interval: str, number: KeyNumber) -> str:
    """The number, its unit, and the interval on one line."""
    estimate, lower, upper = (
        None if numbers.is_missing(row[column]) else row[column] * number.scale
        for column in ("estimate", "ci_lower", "ci_upper")
    )
    said = f"{numbers.fixed(estimate, number.decimals)}{number.unit}"
    if lower is None and upper is None:
        return said
    bracket = f"({interval} {numbers.span(lower, upper, number.decimals)})".replace(" ", NO_BREAK)
    return f"{said} {bracket}"


def _without_a_number(result: AnalysisResult, said: str, why: str) -> Highlight:
    """The word in the place of the number: a box left out would read as if nobody had asked."""
    return Highlight(
        question=result.title,
        statement=Cell(said),
        caption=f"{why[:1].upper()}{why[1:]}",
        facts=(),
        remarks=(("Entry.", Cell(f"{result.id}, the primary analysis. No other entry takes its place.")),),
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
    facts = [(f"p, {alternative_words(contrast)}", p_cell(contrast)), *_adjusted(contrast)]
    for other in rows_of(result, "contrasts")[1:]:
        facts.append((context.contrast_words(other["contrast"]), estimate_cell(other, DECIMALS)))
    for row in rows_of(result, "ls_means"):
        facts.append((f"LS mean, {context.label(row['arm'])}", estimate_cell(row, DECIMALS)))
    if scales.get("mcid") is not None:
        mcid = _plain(scales["mcid"]) + points(scales.get("unit"))
        facts.append(("MCID", Cell(mcid, (rows_of(result, "scales")[0].reference("mcid"),))))
    if truth is not None:
        facts.append(_truth_fact(context, truth))
    return (*facts, *_analysed(context, result))


def _adjusted(row: ResultRow) -> list[tuple[str, Cell]]:
    if not row.has("adjusted_p_value"):
        return []
    return [(f"p, adjusted ({row['adjustment']})", PValue("adjusted_p_value").fill(row, ()))]


def _truth_fact(
    context: Context, truth: TrueEffect, scale: float = 1.0, decimals: int = DECIMALS
) -> tuple[str, Cell]:
    where = _of_the_truth(context, truth)[:1]
    return "Simulator's truth", Cell(numbers.fixed(truth.value * scale, decimals), where)


def _of_the_truth(context: Context, truth: TrueEffect) -> tuple[ResultReference, ...]:
    """Its value, and where they are known its Monte Carlo error and number of subjects."""
    place = context.truth.effects.index(truth)
    columns = ["value"]
    columns += ["standard_error"] if truth.standard_error is not None else []
    columns += ["subjects"] if truth.subjects else []
    return tuple(ResultReference(TRUTH, "effects", place, column) for column in columns)


def _limits(row: ResultRow) -> tuple[ResultReference, ...]:
    return tuple(row.reference(limit) for limit in ("ci_lower", "ci_upper") if row.has(limit))


def _analysed(context: Context, result: AnalysisResult) -> list[tuple[str, Cell]]:
    """Of each arm, how many were analysed; of what, where the entry looks at several things."""
    rows, facts = context.counts(result), []
    several = len({str(row.get("of") or "") for row in rows}) > 1
    for row in rows:
        arm = str(row["arm"])
        if arm not in context.results.arm_labels:
            continue
        imputed = row.get("n_imputed") or 0
        text = f"{numbers.integer(row['n_observed'] + imputed)} of {numbers.integer(row['n_set'])}"
        text += f", {numbers.integer(imputed)} imputed" if imputed else ""
        columns = ("n_observed", *(("n_imputed",) if imputed else ()), "n_set")
        of = f" ({lower_first(str(row['of']))})" if several else ""
        where_from = tuple(row.reference(column) for column in columns)
        facts.append((f"Analysed{of}, {context.label(arm)}", Cell(text, where_from)))
    return facts


def _remarks(context: Context, result: AnalysisResult) -> list[tuple[str, Cell]]:
    """What holds of every box: a part that could not be estimated, a database not locked."""
    remarks = []
    if result.warnings:
        remarks.append(("Not all of it could be estimated.", Cell(" ".join(result.warnings))))
    if context.results.provenance.snapshot_state not in FINAL_STATES:
        remarks.append(("Draft.", Cell("The database was not locked: these numbers may change.")))
    return remarks


def _about_the_difference(
    context: Context, result: AnalysisResult, truth: TrueEffect | None
) -> list[tuple[str, Cell]]:
    contrast, scales = rows_of(result, "contrasts")[0], context.scales(result)
    interval, limits = context.interval_label(result), _limits(contrast)
    remarks = []
    if scales.get("mcid") is not None and scales.get("better"):
        sentence = mcid_sentence(contrast, scales, interval)
        mcid = rows_of(result, "scales")[0].reference("mcid")
        remarks.append(("Against the MCID.", Cell(sentence, (*limits, mcid))))
    if truth is not None:
        remarks.append(("Against the truth.", truth_sentence(context, contrast, truth, interval)))
    return remarks


def mcid_sentence(contrast: ResultRow, scales: dict[str, Any], interval: str) -> str:
    """Where the interval lies, seen from no difference and the minimal clinically important difference."""
    mcid = float(scales["mcid"])
    found = verdict(contrast["ci_lower"], contrast["ci_upper"], str(scales["better"]), mcid)
    said = found.sentence(interval, _plain(mcid) + points(scales.get("unit")))
    return f"{said} The MCID is a change within one person, not a bar for a difference between means."


def truth_sentence(
    context: Context,
    contrast: ResultRow,
    truth: TrueEffect,
    interval: str,
    scale: float = 1.0,
    decimals: int = DECIMALS,
) -> Cell:
    """Whether this one interval covers the truth, and what that does and does not show; it leads to both."""
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
    sentence = (
        f"The true value{origin} is {numbers.fixed(truth.value * scale, decimals)}{counted}{error}. "
        f"This {interval} {verdict} it. {meaning}"
    )
    return Cell(sentence, (*_limits(contrast), *_of_the_truth(context, truth)))


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


def _ratio_ruler(context: Context, number: KeyNumber, truth: TrueEffect | None) -> Figure | None:
    """As the ruler of a difference; of a ratio on a logarithmic axis, with "more often" at its end."""
    known = [number.row[column] for column in ("estimate", "ci_lower", "ci_upper")]
    if any(numbers.is_missing(one) or abs(one) == float("inf") for one in known):
        return None
    if number.ratio and min(known) <= 0:
        return None
    estimate, lower, upper = (float(one) * number.scale for one in known)
    marks = RulerMarks(
        estimate,
        lower,
        upper,
        null_value=number.null,
        truth=None if truth is None else truth.value * number.scale,
        favours_right=f"{number.above} →" if number.above and not context.has_letters else "",
        ratio=number.ratio,
    )
    alt = f"The estimate and its interval on a line: {number.cell.text}."
    label = f"{number.name}{',' if number.unit else ''}{number.unit}"
    return Figure(number="", title="", drawing=draw_ruler(marks, label, "key-ruler", alt), alt=alt)


def _plain(value: Any) -> str:
    return numbers.fixed(value, 1).removesuffix(".0")
