"""Whether a subject may enter the trial, and in which stratum, by the final record; pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from trialkit.entry.lookup import Texts, found_at, lookup_in
from trialkit.entry.rules import StudyRules
from trialkit.entry.values import text_of
from trialkit.expressions import ExpressionError, Name, evaluate, parse
from trialkit.study.model import Criterion


@dataclass(frozen=True, slots=True)
class ValueRead:
    """What a criterion reads of the final record: an item or score, and where its value stands.

    ``text`` is None where no value is there; ``visit`` is then the one that it is asked at first.
    """

    name: str
    form: str
    visit: str
    text: str | None


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


def values_read(rules: StudyRules, texts: Texts, criterion: Criterion) -> Iterator[ValueRead]:
    """What a criterion was judged by, in the order of its rule."""
    scores = {score.name: score for score in rules.study.scores}
    for name in parse(criterion.rule).names:
        asked = scores[name.item].items[0] if name.item in scores else name.item
        if asked not in rules.items:
            continue
        form = rules.forms[rules.items[asked].form]
        value, visit = found_at(rules, texts, name)
        yield ValueRead(name.item, form.name, visit or name.visit or form.visits[0], text_of(value))


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
