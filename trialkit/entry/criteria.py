"""Whether a subject may enter the trial, and in which stratum, by the final record; pure."""

from __future__ import annotations

from trialkit.entry.lookup import Texts, lookup_in
from trialkit.entry.rules import StudyRules
from trialkit.expressions import ExpressionError, Name, evaluate, parse


def failed_criteria(rules: StudyRules, texts: Texts) -> list[str]:
    """Labels of the criteria that do not hold, or that missing values leave open."""
    failed = []
    for criterion in rules.study.criteria:
        try:
            answer = evaluate(parse(criterion.rule), lookup_in(rules, texts))
        except ExpressionError:
            answer = None
        if answer is None:
            failed.append(f"{criterion.label} (not known)")
        elif answer is not True:
            failed.append(criterion.label)
    return failed


def true_levels(rules: StudyRules, texts: Texts, site: str) -> dict[str, str | None]:
    """Each stratification factor's level on the final record; None where no value is there."""
    look_up = lookup_in(rules, texts)
    levels: dict[str, str | None] = {}
    for factor in rules.study.factors:
        value = site if factor.item is None else look_up(Name(factor.item))
        levels[factor.name] = None if value is None else factor.level_of(str(value))
    return levels
