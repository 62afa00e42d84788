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


def column_labels(plan: PredictionPlan, language: str = "en") -> dict[str, str]:
    """Column of the design -> "Age", "Sex: Male", "Treatment: Exercise × Age"; in Chinese what the plan
    states in it."""
    return {c.name: " × ".join(_term(plan, t, language) for t in c.terms) for c in columns_of(plan)}


def _term(plan: PredictionPlan, term: Term, language: str) -> str:
    zh = language == "zh"
    feature = arm_feature(plan) if term.feature == ARM else plan.feature(term.feature)
    label = (zh and feature.label_zh) or feature.label
    levels = (zh and feature.level_labels_zh) or feature.level_labels
    of = "：" if zh else ": "
    if term.feature == ARM:
        return f"{label}{of}{levels[1]}" if len(levels) == 2 else label
    if term.curve:
        return f"{label}，曲线 {term.curve}" if zh else f"{label}, curve {term.curve}"
    return label if term.level is None else f"{label}{of}{levels[term.level]}"
