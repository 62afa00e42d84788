"""How much worse the unobserved would have to be: the analysis repeated with every delta."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf
from typing import TYPE_CHECKING, Any, Literal

from trialkit import numbers, permitted
from trialkit.analysis.context import Context
from trialkit.analysis.formula_words import formula_words
from trialkit.analysis.linear import strata_part
from trialkit.analysis.method import Answer, Method
from trialkit.analysis.missing_data import (
    Variance,
    at_every_visit,
    drawn_values,
    read_variance,
    reference_grid,
    with_sources,
)
from trialkit.analysis.one_design import OneDesign
from trialkit.analysis.tipping_grid import tipping_grid
from trialkit.documents.declared import Col, DeclaredFigure, Estimate, Listed, Plain, PValue, Shown
from trialkit.documents.declared.output import Drawn
from trialkit.documents.declared.rows import ResultRow
from trialkit.documents.declared.wording import alternative_words, with_unit
from trialkit.plan import Analysis, Key, keys
from trialkit.plan.errors import PlanError, PlanWarning
from trialkit.plan.method import Place
from trialkit.plan.reachable import largest_change
from trialkit.strict_toml import Section
from trialkit.vocabulary import Better
from trialkit.wording import said

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd


def _read_deltas(section: Section, key: str) -> tuple[float, ...]:
    deltas = section.numbers(key, within=permitted.ANY)
    if len(deltas) < 2 or list(deltas) != sorted(set(deltas)):
        section.refuse(key, "two deltas or more, each larger than the one before", str(list(deltas)))
    return deltas


def _check_deltas(deltas: tuple[float, ...], place: Place) -> Iterator[PlanError]:
    """A delta beyond the scale makes of everybody unobserved what nobody can be."""
    endpoint = place.plan.endpoints.get(str(place.entry.keys.get("endpoint", "")))
    most = inf if endpoint is None else largest_change(endpoint, place.study)
    beyond = [delta for delta in deltas if abs(delta) > most]
    if endpoint is not None and beyond:
        yield PlanWarning(
            expected=said(
                "deltas of at most {most:g}, by which two values of {name} can differ",
                most=most,
                name=endpoint.parameter,
            ),
            found=", ".join(f"{delta:g}" for delta in beyond),
            where=place.where,
            next_step="Nobody unobserved can be so much worse: end with what a clinician takes for possible.",
        )
    if 0 not in deltas:
        yield PlanWarning(
            expected="0 among the deltas: the analysis that the others are read beside",
            found=", ".join(f"{delta:g}" for delta in deltas),
            where=place.where,
            next_step="Begin with 0.",
        )


DELTAS = Key(
    "deltas",
    "what is added to each unobserved value of the test arm",
    "increasing, positive = worse",
    _read_deltas,
    _check_deltas,
)


REFERENCE_DELTAS: Key[tuple[float, ...]] = Key(
    "reference_deltas",
    "what is added in the reference arm as well, each with each of `deltas`: a grid",
    "increasing, positive = worse",
    _read_deltas,
    lambda deltas, place: _check_deltas(deltas, place) if deltas else iter(()),
    absent=(),
)


def _read_draws(section: Section, key: str) -> Variance:
    here = section.section(key)
    result = read_variance(here)
    here.done()
    return result


DRAWS = Key(
    "draws", "how unobserved values are drawn", 'variance = "jackknife", or "rubin" and m', _read_draws
)


def compute(context: Context, entry: Analysis) -> Answer:
    from trialkit.stats import ancova as fit_ancova, tipping_point

    endpoint, formula, test = context.endpoint(entry), keys.FORMULA.of(entry), keys.TEST.of(entry)
    grid, data, target, imputed = reference_grid(context, entry, "mar", DRAWS.of(entry))

    fitting = OneDesign(
        lambda here: fit_ancova(formula, here, treatment="arm", reference=context.reference_arm)
    )

    def analysis(frame: pd.DataFrame) -> Any:
        here = frame[frame["visit"] == target]
        return fitting(here.assign(chg=here["value"] - here["base"])).contrasts(
            "arm",
            reference=context.reference_arm,
            null_value=test.null_value,
            alternative=context.alternative(test).value,
            weights=keys.LS_MEANS.of(entry),
        )

    worse: Literal["higher", "lower"] = "higher" if endpoint.better is Better.LOWER else "lower"
    result = tipping_point(grid, analysis, list(DELTAS.of(entry)), worse=worse, alpha=test.alpha)
    here = data[data["visit"] == target]
    grids = {}
    if REFERENCE_DELTAS.of(entry):
        pairs = (DELTAS.of(entry), REFERENCE_DELTAS.of(entry))
        arms = (context.test_arm, context.reference_arm)
        grids["grid"] = tipping_grid(grid, analysis, arms, pairs, worse=worse, alpha=test.alpha)
    drawn = drawn_values(grid, DRAWS.of(entry))
    return Answer(
        tables={"deltas": result.table, **grids, "scales": context.scales(entry)},
        counts=_counts(context, here),
        method=f"ANCOVA, {formula_words(context, formula)}{strata_part(context, entry)}"
        "; unobserved values under missing at random, then made worse by delta in "
        f"the test arm; {DRAWS.of(entry).words}",
        notes=(_sentence(result.tipping_delta, test.alpha), *imputed),
        datasets={} if drawn is None else {"imputed": _told(context, drawn, endpoint.parameter)},
    )


def _told(context: Context, drawn: pd.DataFrame, parameter: str) -> pd.DataFrame:
    return with_sources(context, drawn, parameter, at_every_visit(context, parameter))


def _counts(context: Context, here: pd.DataFrame) -> pd.DataFrame:
    observed = here["value"].notna()
    counts = context.counts(here, observed, "")
    return counts.assign(n_imputed=counts["n_excluded"], n_excluded=0)


def _sentence(delta: float | None, alpha: float) -> str:
    level = f"p below {alpha:g}"
    if delta is None:
        return f"The conclusion ({level}) does not change over the deltas tried."
    return f"The conclusion ({level}) no longer holds from a delta of {numbers.fixed(delta, 1)} on."


def _delta_words(shown: Shown, rows: Sequence[ResultRow]) -> tuple[str, ...]:
    return ("Delta: added to every unobserved value of the test arm; positive is worse.",)


def draw(shown: Shown, key: str) -> Drawn | None:
    from trialkit.figures.modifier import EffectPoint, draw_modifier

    points = [
        EffectPoint(*(float(row[c]) for c in ("delta", "estimate", "ci_lower", "ci_upper")))
        for row in shown.rows("deltas")
    ]
    if len(points) < 2:
        return None
    axis = with_unit("Delta added to unobserved values of the test arm", shown.scales.get("unit"))
    first, last = points[0], points[-1]
    alt = (
        f"Line with band: the difference against delta, from {numbers.fixed(first.estimate, 1)} at delta "
        f"{numbers.fixed(first.value, 0)} to {numbers.fixed(last.estimate, 1)} at delta "
        f"{numbers.fixed(last.value, 0)}."
    )
    drawing = draw_modifier(points, axis, shown.direction, shown.scales, key, alt)
    return Drawn(drawing, alt, (f"Band: {shown.interval}.",))


def draw_grid(shown: Shown, key: str) -> Drawn | None:
    from trialkit.figures.tipping_grid import DeltaCell, draw_tipping_grid

    cells = [
        DeltaCell(row["delta"], row["reference_delta"], row["estimate"], row["concluded"] == "yes")
        for row in shown.rows("grid")
    ]
    if not cells:
        return None
    unit = shown.scales.get("unit")
    across = with_unit("Delta in the test arm", unit)
    upwards = with_unit("Delta in the reference arm", unit)
    held = sum(cell.holds for cell in cells)
    alt = f"Grid of differences by both arms' deltas: the conclusion holds in {held} of {len(cells)} cells."
    notes = ("Filled, bold: the conclusion holds. Each cell: the difference, test minus reference.",)
    return Drawn(draw_tipping_grid(cells, across, upwards, key, alt), alt, notes)


METHOD = Method(
    name="tipping_point",
    says="How much worse unobserved outcomes would have to be before the conclusion changes.",
    keys=(keys.ENDPOINT, keys.VISIT, keys.FORMULA, keys.LS_MEANS, DELTAS, DRAWS),
    confirmatory=(keys.INTERVAL, keys.STRATA_SOURCE, keys.TEST),
    optional=(REFERENCE_DELTAS,),
    outputs=(
        DeclaredFigure(
            "tipping-point",
            "deltas",
            "{title}: difference by delta",
            "The difference with its interval against delta, from missing at random on.",
            draw,
        ),
        Listed(
            source="deltas",
            title="{title}: effect by delta",
            label=Plain("delta"),
            head="Delta",
            columns=(
                Col("Difference", Estimate(decimals=None), note="({interval})"),
                Col("p", PValue(), note_of=alternative_words),
            ),
            notes_of=_delta_words,
        ),
        DeclaredFigure(
            "tipping-grid",
            "grid",
            "{title}: difference by the deltas of both arms",
            "The difference for every pair of deltas; filled where the conclusion holds.",
            draw_grid,
        ),
    ),
    summaries=("difference in means",),
    compute=compute,
)
