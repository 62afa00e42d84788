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
    """The study as these eyes have it; to blinded ones nothing that tells an arm was ever part of it."""

    rules: StudyRules = field(repr=False)
    blinded: bool
    hides: bool = False  # whether the study has a form or item that these eyes do not

    def of_form(self, form: str) -> bool:
        return form in self.rules.forms

    def of_item(self, form: str, item: str) -> bool:
        return item in self.rules.form_items.get(form, {})


def sight_of(trial: Trial, reader: Reader, actor: Actor) -> Sight:
    """By the role acted in: one that the study keeps blinded is, until the study is unblinded."""
    kept_blinded = actor.role in trial.study.blinding.blinded_roles
    return sight(trial, blinded=kept_blinded and not study_standing(reader).unblinded)


def sight(trial: Trial, *, blinded: bool) -> Sight:
    if not blinded:
        return Sight(trial.rules, blinded)
    return Sight(trial.rules_without_arms, blinded, trial.hides_from_the_blinded)
