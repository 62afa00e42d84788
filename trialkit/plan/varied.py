"""A sensitivity analysis that is its main analysis again, or another one of it, under another title."""

from __future__ import annotations

from collections.abc import Iterator

from trialkit.plan.errors import PlanError
from trialkit.plan.model import Analysis, AnalysisRole, Plan
from trialkit.study.model import Study
from trialkit.wording import said


def varies_nothing(entry: Analysis, plan: Plan, _study: Study) -> Iterator[PlanError]:
    """Only title and assumption differ: the same numbers would be printed as a second confirmation."""
    if entry.role is not AnalysisRole.SENSITIVITY or not entry.of:
        return
    earlier = plan.analyses[: plan.analyses.index(entry)]
    others = [one for one in plan.analyses if one.id == entry.of]
    others += [one for one in earlier if one.of == entry.of]
    same = next((one.id for one in others if one is not entry and _done(one) == _done(entry)), None)
    if same is not None:
        yield PlanError(
            expected=said("a sensitivity analysis that varies something of {of}", of=entry.of),
            found=said("the same method, set, endpoint, model and handling of missing data as {id}", id=same),
            where=f"{entry.where} ({entry.id})",
            next_step="Change what its title says it changes, or leave it out.",
        )


def _done(entry: Analysis) -> tuple[object, ...]:
    """What is carried out, whatever it is called."""
    return entry.method, entry.set, dict(entry.keys), entry.arms, entry.contrasts
