"""Whether a subject may enter the trial, and in which stratum, by the final record; pure."""

from __future__ import annotations

from trialkit.entry.lookup import Texts, lookup_in
from trialkit.entry.rules import StudyRules
from trialkit.expressions import ExpressionError, Name, evaluate, parse
from trialkit.study.model import Criterion


def criteria_met(rules: StudyRules, texts: Texts) -> list[tuple[Criterion, bool | None]]:
    """Each criterion and whether it holds; None where missing values leave it open."""
    met: list[tuple[Criterion, bool | None]] = []
    for criterion in rules.study.criteria:
        try:
            answer = evaluate(parse(criterion.rule), lookup_in(rules, texts))
        except ExpressionError:
            answer = None
        met.append((criterion, None if answer is None else answer is True))
    return met


def failed_criteria(rules: StudyRules, texts: Texts) -> list[str]:
    """Labels of the criteria that do not hold, or that missing values leave open."""
    return [
        criterion.label if holds is False else f"{criterion.label} (not known)"
        for criterion, holds in criteria_met(rules, texts)
        if not holds
    ]


def true_levels(rules: StudyRules, texts: Texts, site: str) -> dict[str, str | None]:
    """Each stratification factor's level on the final record; None where no value is there."""
    look_up = lookup_in(rules, texts)
    levels: dict[str, str | None] = {}
    for factor in rules.study.factors:
        value = site if factor.item is None else look_up(Name(factor.item))
        levels[factor.name] = None if value is None else factor.level_of(str(value))
    return levels
