"""What an actor may see of the data: the one place that hides from the blinded what tells an arm."""

from __future__ import annotations

from dataclasses import dataclass, field

from trialkit.access import Actor
from trialkit.entry.rules import StudyRules
from trialkit.operations.trial import Trial
from trialkit.store.engine import Reader
from trialkit.store.reading.study import study_standing


@dataclass(frozen=True, slots=True)
class Sight:
    """Forms and items that are shown; to blinded eyes none that tells an arm, not even that it exists."""

    rules: StudyRules = field(repr=False)
    blinded: bool

    def of_form(self, form: str) -> bool:
        return not (self.blinded and self.rules.tells_arm(form))

    def of_item(self, form: str, item: str) -> bool:
        return self.of_form(form) and not (self.blinded and self.rules.items[item].reveals_allocation)


def sight_of(trial: Trial, reader: Reader, actor: Actor) -> Sight:
    """By the role acted in: one that the study keeps blinded is, until the study is unblinded."""
    kept_blinded = actor.role in trial.study.blinding.blinded_roles
    return Sight(trial.rules, kept_blinded and not study_standing(reader).unblinded)
