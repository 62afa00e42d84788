"""How well each score tells the outcome: ROC curve, Youden's cutoff with bootstrap intervals."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from trialkit import numbers, permitted
from trialkit.analysis.context import Context
from trialkit.analysis.errors import AnalysisError
from trialkit.analysis.method import Answer, Method
from trialkit.analysis.methods.group_comparison import column_key
from trialkit.analysis.planned_lines import columns_as
from trialkit.documents.declared import Col, DeclaredFigure, Estimate, Listed, Of, Plain, ResultRow, Shown
from trialkit.documents.declared.cells import Custom, places
from trialkit.documents.declared.output import Drawn
from trialkit.documents.declared.wording import with_unit
from trialkit.documents.table import Cell
from trialkit.plan import Analysis, Key, Place, Plan, PlanError, keys
from trialkit.plan.method import Several
from trialkit.plan.references import subject_columns, unknown
from trialkit.strict_toml import Section
from trialkit.study.model import Study
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd

DIRECTIONS = ("higher", "lower")
ENDS = ("ci_lower", "ci_upper")
MEASURES = ("sensitivity", "specificity", "ppv", "npv")


def _read_scores(section: Section, key: str) -> dict[str, str]:
    found = section.mapping(key)
    for name, direction in found.items():
        if direction not in DIRECTIONS:
            section.refuse(key, said("higher or lower for {name}", name=name), repr(direction))
    return found


def _are_columns(value: dict[str, str], place: Place) -> Iterator[PlanError]:
    known = subject_columns(place.study)
    for name in value:
        if name not in known:
            yield unknown("a column of the subject dataset", name, place.where, known)


def _read_resamples(section: Section, key: str) -> int:
    return section.integer(key, within=permitted.RESAMPLES)


OUTCOME = column_key("outcome", "the binary outcome")
POSITIVE = Key("positive", "which value of it is looked for", "its label", lambda s, key: s.text(key))
SCORES = Key(
    "scores", "the scores, and which of their values speak for the outcome",
    'items, each "higher" or "lower"', _read_scores, _are_columns,
)  # fmt: skip
RESAMPLES = Key("bootstrap", "resamples of the intervals at the cutoff", "a whole number", _read_resamples)


def compute(context: Context, entry: Analysis) -> Answer:
    import pandas as pd

    outcome, scores = OUTCOME.of(entry), SCORES.of(entry)
    data = context.subjects(entry)
    level = keys.TWO_SIDED_INTERVAL.of(entry).level
    areas, curves, counts = [], [], []
    for place, (score, direction) in enumerate(scores.items()):
        found = _fit(context, entry, data, score, direction)
        label = with_unit(*context.label_and_unit(score))
        resampled = _resampled(context, entry, data, score, direction, place)
        areas.append({"score": label, "direction": direction, **_area(found), **resampled})
        curves.append(found.curve.assign(score=label))
        counts.append(context.counts(data, data[[outcome, score]].notna().all(axis=1), "missing", of=label))
    return Answer(
        tables={
            "areas": pd.DataFrame(areas),
            "curve": pd.concat(curves, ignore_index=True),
            "scales": pd.DataFrame([{"endpoint": entry.title, "unit": "", "confidence_level": level}]),
        },
        counts=pd.concat(counts, ignore_index=True),
        method=(
            "Area under the ROC curve with DeLong's interval; cutoff of the largest Youden index; "
            f"its interval, and those of sensitivity and specificity at it, from {RESAMPLES.of(entry):,} "
            "bootstrap samples in each of which the cutoff is found anew; missing data: complete cases"
        ),
        notes=("A cutoff chosen in the same data looks better than it will do in others.",),
    )


def _fit(context: Context, entry: Analysis, data: pd.DataFrame, score: str, direction: str) -> Any:
    from trialkit.stats import roc

    positive = POSITIVE.of(entry)
    known = sorted(map(str, data[OUTCOME.of(entry)].dropna().unique()))
    if positive not in known:
        raise AnalysisError(
            expected=said("a value of {outcome}: {known}", outcome=OUTCOME.of(entry), known=", ".join(known)),
            found=repr(positive),
            where=entry.where,
            next_step="Write the label of the dictionary.",
        )
    return roc(
        data,
        outcome=OUTCOME.of(entry),
        score=score,
        positive=positive,
        direction="higher" if direction == "higher" else "lower",
        confidence_level=keys.TWO_SIDED_INTERVAL.of(entry).level,
    )


def _resampled(
    context: Context, entry: Analysis, data: pd.DataFrame, score: str, direction: str, place: int
) -> dict[str, float]:
    """Percentile intervals over samples with replacement, with and without the outcome apart."""
    from trialkit.stats.diagnostic.resampled import percentile_intervals

    known = data[[OUTCOME.of(entry), score]].dropna()
    sign = 1.0 if direction == "higher" else -1.0
    happened = known[OUTCOME.of(entry)].astype(str) == POSITIVE.of(entry)
    values = sign * known[score].to_numpy(dtype=float)
    found = percentile_intervals(
        values[happened], values[~happened], RESAMPLES.of(entry), context.plan.seed + place,
        keys.TWO_SIDED_INTERVAL.of(entry).level,
    )  # fmt: skip
    limits = sorted(sign * limit for limit in found.pop("cutoff"))
    rows = {"cutoff": limits, **found}
    return {
        f"{name}_{end}": float(v) for name, pair in rows.items() for end, v in zip(ENDS, pair, strict=True)
    }


def _area(found: Any) -> dict[str, float]:
    at = found.at_cutoff.set_index("measure")
    row = {
        "estimate": found.auc,
        "standard_error": found.standard_error,
        "ci_lower": found.ci_lower,
        "ci_upper": found.ci_upper,
        "cutoff": found.cutoff,
        "positives": found.positives,
        "negatives": found.negatives,
    }
    return {**row, **{measure: float(at.loc[measure, "estimate"]) for measure in MEASURES}}


def draw(shown: Shown, key: str) -> Drawn | None:
    from trialkit.figures.roc import RocCurve, draw_roc

    rows = shown.rows("curve")
    curves, told = [], []
    for area in shown.rows("areas"):
        here = [row for row in rows if row["score"] == area["score"]]
        points = sorted((1 - float(row["specificity"]), float(row["sensitivity"])) for row in here)
        words = f"{area['score']}: {numbers.fixed(area['estimate'], 3)}"
        told.append(words)
        curves.append(
            RocCurve(
                f"{area['score']}\nAUC {numbers.fixed(area['estimate'], 3)}",
                [x for x, _ in points],
                [y for _, y in points],
                (1 - float(area["specificity"]), float(area["sensitivity"])),
            )
        )
    alt = f"ROC curves with their areas. {'; '.join(told)}."
    return Drawn(draw_roc(curves, key, alt), alt, ("Dot: the cutoff with the largest Youden index.",))


def _with_limits(column: str, decimals: int, scale: float = 1, *, sign: bool = False) -> Custom:
    """A number with its percentile limits, which need not contain it; with ``sign`` also on which side of it,
    itself included, the outcome is called."""

    def filled(row: ResultRow) -> Cell:
        columns = (column, f"{column}_ci_lower", f"{column}_ci_upper")
        texts = [numbers.fixed(row[name] * scale, decimals) for name in columns]
        side = {"higher": "≥ ", "lower": "≤ "}[str(row["direction"])] if sign else ""
        return Cell(
            f"{side}{texts[0]} ({texts[1]} to {texts[2]})", tuple(row.reference(name) for name in columns)
        )

    one = places(decimals)
    return Custom((column,), f"{'≥ ' if sign else ''}{one} ({one} to {one})", filled)


def expected(entry: Analysis, _plan: Plan, study: Study) -> dict[str, list[dict[str, Any]]]:
    return {"areas": columns_as(study, "score", SCORES.of(entry))}


METHOD = Method(
    name="roc",
    says="How well scores tell a binary outcome, with Youden's cutoff.",
    keys=(OUTCOME, POSITIVE, SCORES, RESAMPLES, keys.TWO_SIDED_INTERVAL),
    confirmatory=(keys.missing(keys.COMPLETE_CASES),),
    outputs=(
        Listed(
            source="areas",
            title="{title}: areas and cutoffs",
            label=Plain("score"),
            head="Score",
            columns=(
                Col("With / without", Of("positives", "negatives")),
                Col("AUC", Estimate(decimals=3), note="({interval})"),
                Col("Cutoff", _with_limits("cutoff", 2, sign=True), note="({interval})"),
                Col("Sensitivity, %", _with_limits("sensitivity", 1, 100), note="({interval})"),
                Col("Specificity, %", _with_limits("specificity", 1, 100), note="({interval})"),
            ),
        ),
        DeclaredFigure(
            "roc", "curve", "{title}", "Sensitivity against 1 - specificity, cutoffs marked.", draw
        ),
    ),
    expected=expected,
    compute=compute,
    several=Several.DESCRIBED,
)
