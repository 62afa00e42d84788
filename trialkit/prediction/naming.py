"""What a column of the design is called where people read it: labels of the plan, never codes."""

from __future__ import annotations

from trialkit.prediction.plan import Feature, PredictionPlan
from trialkit.prediction.preparation import ARM, Term, columns_of


def arm_feature(plan: PredictionPlan, arms: tuple[str, ...] = ()) -> Feature:
    """The arm as a feature with two levels, the reference first; ``arms`` where the plan lists none."""
    arm = plan.arm
    levels = arm.levels or (arm.reference, *sorted(set(arms) - {arm.reference}))
    return Feature(
        ARM,
        arm.label,
        kind="category",
        levels=levels,
        level_labels=arm.level_labels or levels,
        label_zh=arm.label_zh,
        level_labels_zh=arm.level_labels_zh,
    )


def column_labels(plan: PredictionPlan) -> dict[str, str]:
    """Column of the design -> "Age", "Sex: Male", "Treatment: Exercise × Age"."""
    return {c.name: " × ".join(_term(plan, t) for t in c.terms) for c in columns_of(plan)}


def _term(plan: PredictionPlan, term: Term) -> str:
    if term.feature == ARM:
        levels = arm_feature(plan).level_labels
        return f"{plan.arm.label}: {levels[1]}" if len(levels) == 2 else plan.arm.label
    feature = plan.feature(term.feature)
    if term.curve:
        return f"{feature.label}, curve {term.curve}"
    return feature.label if term.level is None else f"{feature.label}: {feature.level_labels[term.level]}"
