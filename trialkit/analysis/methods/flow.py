"""Participant flow (CONSORT 2025), counted from the status of every person screened."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trialkit.analysis.context import Context
from trialkit.analysis.covariates import factors_of
from trialkit.analysis.linear import used_rows
from trialkit.analysis.method import Answer, Method
from trialkit.analysis.methods.exposure import recorded
from trialkit.analysis.modes import Mode
from trialkit.documents.declared import Chapter, DeclaredFigure, Shown
from trialkit.documents.declared.output import Drawn
from trialkit.plan import Analysis, AnalysisRole, Place, PlanError, keys

if TYPE_CHECKING:
    import pandas as pd

ALL_ARMS = ""
NO_REASON = ""  # the total of a stage
NO_OUTCOME = "no outcome in the data file"
OTHER_TREATMENT = "given the treatment of another arm"
NO_TREATMENT = "treatment not recorded"

COUNTED = "Counted from the status of every person screened"
BY_EXPOSURE = (
    "; received: the arm that stands as received, with a record of treatment as delivered ({entries}). "
    "Whoever has none is counted apart: such a subject may have been treated or not"
)
BY_ARM = (
    "; received: the arm that stands as received, which is the list's unless another was recorded "
    "(the plan has no entry on treatment as delivered)"
)
COUNTED_OUTSIDE = "Counted from the imported data, which say nothing of screening or of treatment received"


def check(place: Place) -> Iterator[PlanError]:
    if not keys.OPTIONAL_RECORDS.of(place.entry) and place.study.import_mapping is None:
        yield PlanError(
            expected="a flow to name the records of who stopped treatment",
            found="none",
            where=place.where,
            next_step="Add `records`.",
        )


def compute(context: Context, entry: Analysis) -> Answer:
    """Every stage with its reasons; of a trial run elsewhere only the stages its data file speaks of."""
    data = context.assessments(entry)
    analysed = _analysed(context, entry, data)
    if context.mode is Mode.BLINDED:
        table, method = pooled_flow_table(context, data, analysed), COUNTED
    elif context.study.import_mapping is not None:
        table, method = outside_flow_table(context, data, analysed), COUNTED_OUTSIDE
    else:
        stops = context.datasets.records[keys.OPTIONAL_RECORDS.of(entry)].drop_duplicates("subject_id")
        stopped = stops.set_index("subject_id")["category"]
        by = [one for one in context.plan.analyses if one.method == "exposure"]
        names = ", ".join(one.id for one in by)
        table = flow_table(context, data, analysed, stopped, recorded(context, by, data) if by else None)
        method = COUNTED + (BY_EXPOSURE.format(entries=names) if by else BY_ARM)
    counts = context.counts(data, analysed.observed, "outcome or covariate missing", imputed=analysed.imputed)
    return Answer(tables={"flow": table}, counts=counts, method=method)


@dataclass(frozen=True)
class Analysed:
    """How each subject of the full analysis set enters the primary analysis of the outcome."""

    has_outcome: pd.Series
    observed: pd.Series
    imputed: pd.Series

    @property
    def all(self) -> pd.Series:
        return self.observed | self.imputed


def _analysed(context: Context, entry: Analysis, data: pd.DataFrame) -> Analysed:
    """As the plan's primary analysis of this endpoint and visit says that missing data enter; without one,
    whoever has the outcome."""
    outcome = data[context.endpoint(entry).column].notna()
    primary = _primary_of(context, entry)
    if primary is None:
        return Analysed(outcome, outcome, outcome & ~outcome)
    formula = keys.FORMULA.of(primary)
    if not getattr(primary.keys.get("missing"), "imputes", False):
        used = used_rows(formula, data)
        return Analysed(outcome, used, used & ~used)
    levels = [name for name in factors_of(formula) if name in data and data[name].dtype.kind != "f"]
    known = data[levels].notna().all(axis=1)  # a missing number of baseline is a mean, a level is not
    return Analysed(outcome, outcome & known, ~outcome & known)


def _primary_of(context: Context, entry: Analysis) -> Analysis | None:
    for one in context.plan.analyses:
        mine = all(one.keys.get(key.name) == key.of(entry) for key in (keys.ENDPOINT, keys.VISIT))
        if one.role is AnalysisRole.PRIMARY and mine and "formula" in one.keys and one.set == entry.set:
            return one
    return None


def flow_table(
    context: Context,
    data: pd.DataFrame,
    analysed: Analysed,
    stopped_treatment: pd.Series,
    recorded: pd.Series | None = None,
) -> pd.DataFrame:
    """Count every stage of the flow.

    Parameters
    ----------
    data
        The full analysis set with ``arm``.
    analysed
        How each enters the primary analysis.
    stopped_treatment
        Reason by subject_id, of those who stopped treatment early.
    recorded
        Whether each has any record of treatment as delivered; None where the plan does not say what that is.

    Returns
    -------
    DataFrame
        ``stage arm n reason``: each stage's total (reason "") and, below it, its reasons. A person who was
        randomized under two numbers counts once, under the first; how many such second numbers there are, and
        how many stay in although ineligible or in a wrong stratum, stands below the number randomized.
        ``allocated`` is ``received``, ``not_received`` and ``no_record`` together.
    """
    import pandas as pd

    numbers = context.datasets.subjects
    everyone = numbers[numbers["duplicate_of"].isna()]
    failed = everyone[~everyone["randomized"]]
    rows = _stage("assessed", ALL_ARMS, everyone)
    rows += _stage("excluded", ALL_ARMS, failed, failed["status_reason"])
    rows += _stage("randomized", ALL_ARMS, everyone[everyone["randomized"]])
    rows += _mistakes(numbers)
    for arm in context.arms:
        here = data[data["arm"] == arm]
        as_listed = here[here["actual_arm"] == arm]
        received = as_listed if recorded is None else as_listed[recorded[as_listed.index]]
        not_received = here[here["actual_arm"] != arm]
        stopped = here[here["subject_id"].isin(stopped_treatment.index)]
        lost = here[here["status"] == "withdrawn"]
        rows += _stage("allocated", arm, here)
        rows += _stage("received", arm, received)
        rows += _stage("not_received", arm, not_received, _what_instead(not_received))
        if recorded is not None:
            rows += _stage("no_record", arm, as_listed[~recorded[as_listed.index]])
        rows += _stage("discontinued", arm, stopped, stopped["subject_id"].map(stopped_treatment))
        rows += _stage("lost", arm, lost, lost["status_reason"])
        rows += _analysis(arm, here, analysed)
    return pd.DataFrame(rows)


def _analysis(
    arm: str, here: pd.DataFrame, analysed: Analysed, why_missing: str = ""
) -> list[dict[str, Any]]:
    """Who is in the primary analysis, who of them with an imputed outcome and why, and who is not."""
    inside, outside = here[analysed.all[here.index]], here[~analysed.all[here.index]]
    reasons = _all(why_missing, here) if why_missing else _why_missing(here)
    drawn = inside[analysed.imputed[inside.index]]
    rows = _stage("analysed", arm, inside)
    if len(drawn):
        observed = inside.drop(drawn.index)
        rows += _stage("analysed", arm, observed, _all("outcome observed", observed))[1:]
        rows += _stage("analysed", arm, drawn, "outcome imputed: " + reasons[drawn.index])[1:]
    why = reasons[outside.index].where(~analysed.has_outcome[outside.index], "a covariate missing")
    return rows + _stage("not_analysed", arm, outside, why)


def _all(words: str, here: pd.DataFrame) -> pd.Series:
    import pandas as pd

    return pd.Series(words, index=here.index, dtype=object)


def outside_flow_table(context: Context, data: pd.DataFrame, analysed: Analysed) -> pd.DataFrame:
    """The stages a trial's imported data speak of: randomized, allocated, analysed.

    ``stage arm n reason`` as :func:`flow_table`. Such a file holds nobody who was screened but not randomized
    and does not say who received the treatment: zeros there would be claims.
    """
    import pandas as pd

    rows = _stage("randomized", ALL_ARMS, data)
    for arm in context.arms:
        here = data["arm"] == arm
        rows += _stage("allocated", arm, data[here])
        rows += _analysis(arm, data[here], analysed, NO_OUTCOME)
    return pd.DataFrame(rows)


def pooled_flow_table(context: Context, data: pd.DataFrame, analysed: Analysed) -> pd.DataFrame:
    """The stages that a run without arms can tell: nothing of what was allocated, received or stopped."""
    import pandas as pd

    numbers = context.datasets.subjects
    everyone = numbers[numbers["duplicate_of"].isna()]
    failed = everyone[~everyone["randomized"]]
    rows = _stage("assessed", ALL_ARMS, everyone)
    rows += _stage("excluded", ALL_ARMS, failed, failed["status_reason"])
    rows += _stage("randomized", ALL_ARMS, everyone[everyone["randomized"]])
    rows += _mistakes(numbers)
    for arm in context.arms:
        lost = data[data["status"] == "withdrawn"]
        rows += _stage("lost", arm, lost, lost["status_reason"])
        rows += _analysis(arm, data, analysed)
    return pd.DataFrame(rows)


def _mistakes(numbers: pd.DataFrame) -> list[dict[str, Any]]:
    """What went wrong at randomization and is kept; nothing where nothing did."""
    here = numbers[numbers["randomized"]]
    found = {
        "found ineligible afterwards, kept": int(here["ineligible"].sum()),
        "stratum used was not the true one": int(here["wrong_stratum"].sum()),
        "not counted: a second number of the same person": int(numbers["duplicate_of"].notna().sum()),
    }
    return [
        {"stage": "randomized", "arm": ALL_ARMS, "n": n, "reason": what} for what, n in found.items() if n
    ]


def _what_instead(not_received: pd.DataFrame) -> pd.Series:
    return not_received["actual_arm"].notna().map({True: OTHER_TREATMENT, False: NO_TREATMENT})


def _why_missing(missing: pd.DataFrame) -> pd.Series:
    import numpy as np
    import pandas as pd

    reasons = np.where(
        missing["status"] == "withdrawn", "left the study", "outcome not assessed in the window"
    )
    return pd.Series(reasons, index=missing.index, dtype=object)


def _stage(
    stage: str, arm: str, here: pd.DataFrame, reasons: pd.Series | None = None
) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = [{"stage": stage, "arm": arm, "n": len(here), "reason": NO_REASON}]
    if reasons is not None:
        counts = reasons.replace("", "reason not stated").fillna("reason not stated").value_counts()
        ordered = sorted(counts.items(), key=lambda pair: (-pair[1], str(pair[0])))
        rows += [{"stage": stage, "arm": arm, "n": int(n), "reason": str(reason)} for reason, n in ordered]
    return rows


def draw(shown: Shown, key: str) -> Drawn:
    from trialkit.figures.flow import draw_flow
    from trialkit.figures.flow_layout import FlowCount, flow_boxes

    counts = [
        FlowCount(str(row["stage"]), str(row["arm"]), row["n"], str(row["reason"] or ""))
        for row in shown.rows("flow")
    ]
    boxes = flow_boxes(counts, {arm: shown.label(arm) for arm in shown.arms})
    alt = "Participant flow. " + " ".join(" ".join(box.text) + "." for box in boxes)
    return Drawn(draw_flow(boxes, key, alt), alt)


METHOD = Method(
    name="flow",
    says="The participant flow of CONSORT, with reasons.",
    keys=(keys.ENDPOINT, keys.VISIT),
    optional=(keys.OPTIONAL_RECORDS,),
    outputs=(
        DeclaredFigure(
            "flow",
            "flow",
            "Participant flow (CONSORT 2025)",
            "Boxes from assessed for eligibility to analysed, by arm, with reasons for every loss.",
            draw,
            Chapter.SUBJECTS,
        ),
    ),
    page="participants",
    check=check,
    compute=compute,
    compares=False,
    pooled=True,
    before_recruitment=True,
)
