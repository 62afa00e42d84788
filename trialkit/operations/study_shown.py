"""The study as somebody has it: for forms to be printed, for lists to choose from."""

from __future__ import annotations

from trialkit.access import Actor
from trialkit.access.acts.versions import LIST_VERSIONS
from trialkit.operations.gate import reading
from trialkit.operations.trial import Trial
from trialkit.study.model import Study


def study_shown(trial: Trial, actor: Actor) -> Study:
    """The newest version in force; to the blinded without the forms and items that tell an arm.

    Raises
    ------
    AccessError
        The account does not hold the role.
    """
    with reading(trial, actor, LIST_VERSIONS) as gate:
        return gate.rules.study
