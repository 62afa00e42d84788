"""Who was randomized and is not in an analysis set, and why: counted by arm, and listed by subject."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from trialkit.analysis.context import Context
from trialkit.analysis.method import Answer, Method
from trialkit.analysis.methods.listing import SECTION, section_of
from trialkit.datasets.sets import reasons_against
from trialkit.documents.declared import Chapter, Col, Listed, Listing, Percent, Plain, Words
from trialkit.plan import Analysis, Key, Place, PlanError
from trialkit.plan.references import unknown

if TYPE_CHECKING:
    import pandas as pd


def _check_sets(value: tuple[str, ...], place: Place) -> Iterator[PlanError]:
    for name in value:
        if name not in place.plan.sets:
            yield unknown("an analysis set of the plan", name, place.where, place.plan.sets)


SETS: Key[tuple[str, ...]] = Key(
    "sets", "the analysis sets looked at", "names of [sets]", lambda s, k: s.texts(k), _check_sets
)
MEMBERS = "In the set"


def compute(context: Context, entry: Analysis) -> Answer:
    import pandas as pd

    subjects = context.subjects(entry)
    arm_of = dict(zip(subjects["subject_id"], subjects["arm"].astype(str), strict=True))
    listed: list[dict[str, Any]] = []
    counted: list[dict[str, Any]] = []
    for name in SETS.of(entry):
        analysis_set = context.plan.sets[name]
        reasons = {
            who: why for who, why in reasons_against(context.datasets.subjects, analysis_set) if who in arm_of
        }
        listed += [
            {"subject_id": who, "arm": arm_of[who], "set": analysis_set.label, "why": why}
            for who, why in reasons.items()
        ]
        counted += _counted(context, analysis_set.label, reasons, arm_of)
    decisions = _decisions(context)
    heads = [{"column": "set", "label": "Not in"}, {"column": "why", "label": "Why"}]
    return Answer(
        tables={
            "sets": pd.DataFrame(counted),
            **({"decisions": decisions} if len(decisions) else {}),
            "listing": pd.DataFrame(listed, columns=["subject_id", "arm", "set", "why"]),
            "heads": pd.DataFrame(heads),
            "section": section_of(entry),
        },
        counts=context.counts(subjects, subjects["arm"].notna(), "arm not known"),
        method="The plan's rules and the decisions of the blind data review; a subject with several reasons "
        "is counted at each",
        notes=_unknown_sets(context),
    )


def _decisions(context: Context) -> pd.DataFrame:
    import pandas as pd

    review = context.datasets.review
    if review is None:
        return pd.DataFrame()
    labels = {name: one.label for name, one in context.plan.sets.items()}
    return review.assign(
        analysis_set=review["analysis_set"].map(lambda name: labels.get(name, name)),
        decision=review["decision"].map({"exclude": "left out", "keep": "kept"}),
        decided_at=review["decided_at"].str[:10],
    )


def _unknown_sets(context: Context) -> tuple[str, ...]:
    review = context.datasets.review
    named = [] if review is None else sorted(set(review["analysis_set"]) - set(context.plan.sets))
    return tuple(f"The review decided about {name}, which is no set of this plan." for name in named)


def _counted(
    context: Context, label: str, reasons: dict[str, str], arm_of: dict[str, str]
) -> Iterator[dict[str, Any]]:
    sizes = Counter(arm_of.values())
    out = Counter(arm_of[who] for who in reasons)
    by_reason = Counter((why, arm_of[who]) for who, all_of in reasons.items() for why in all_of.split("; "))
    lines = [MEMBERS, *sorted({why for why, _ in by_reason})]
    for line in lines:
        for arm in context.arms:
            n = sizes[arm] - out[arm] if line == MEMBERS else by_reason[line, arm]
            percent = 100 * n / sizes[arm] if sizes[arm] else None
            yield {"set": label, "line": line, "arm": arm, "count": n, "percent": percent}


METHOD = Method(
    name="exclusions",
    says="Who is not in an analysis set, and why.",
    keys=(SETS,),
    optional=(SECTION,),
    outputs=(
        Listed(
            source="sets",
            title="Analysis sets",
            label=Plain("line"),
            head="Analysis set",
            columns=(Col("n (%)", Percent("count", "percent")),),
            chapter=Chapter.SUBJECTS,
            by_arm=True,
            heads_with_size=True,
            sections="set",
            footnotes=("A subject with several reasons is counted at each.",),
        ),
        Listed(
            source="decisions",
            title="Decisions of the blind data review",
            label=Plain("subject_id"),
            head="Subject",
            columns=(
                Col("Set", Words("analysis_set"), align="left"),
                Col("Decision", Words("decision")),
                Col("Reason", Words("reason"), align="left"),
                Col("By", Words("decided_by")),
                Col("On", Words("decided_at")),
            ),
            chapter=Chapter.SUBJECTS,
        ),
        Listing(),
    ),
    page="participants",
    compute=compute,
    compares=False,
)
