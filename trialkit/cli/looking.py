"""Options of a command that may put its look at a test set into a study's audit trail."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from trialkit.cli.door import FILE, Desk
from trialkit.vocabulary import Role

if TYPE_CHECKING:
    from trialkit.prediction.looks import Trail


def looking_study(function: Callable[..., Any]) -> Callable[..., Any]:
    """Adds a study that may be left out, and who acts in it, and hands them on as ``desk``."""

    @click.option("--study", type=FILE, metavar="DIR", help="The study whose audit trail tells of the look.")
    @click.option("--as", "acts_as", metavar="LOGIN", help="With --study: the account that looks.")
    @click.option(
        "--role", type=click.Choice([str(role) for role in Role]), metavar="ROLE",
        help="The role it acts in; the only one it has by default.",
    )  # fmt: skip
    @click.option("--password-file", type=FILE, metavar="FILE", help="Instead of the prompt.")
    @wraps(function)
    def with_study(
        study: Path | None, acts_as: str | None, role: str | None, password_file: Path | None, **rest: Any
    ) -> Any:
        if (study is None) != (acts_as is None):
            raise click.UsageError("--study and --as go together.", click.get_current_context())
        desk = None
        if study is not None and acts_as is not None:
            desk = Desk(study, acts_as, Role(role) if role else None, None, password_file)
        return function(desk=desk, **rest)

    return with_study


@contextmanager
def study_looks(desk: Desk, reason: str | None) -> Iterator[Trail]:
    """The study's audit trail, as a register of looks."""
    from trialkit.operations import look_at_test_set, require_unseen_test_set
    from trialkit.prediction.looks import Trail

    with desk.open() as (trial, actor):
        yield Trail(
            lambda plan, people: require_unseen_test_set(
                trial,
                actor,
                plan_id=plan.id,
                people_sha256=people,
                outcome=", ".join(plan.outcome.columns),
                reason=reason or "",
            ),
            lambda look: look_at_test_set(
                trial,
                actor,
                plan_id=look.plan.id,
                plan_sha256=look.plan.sha256,
                data_sha256=look.data_sha256,
                chosen=look.chosen,
                subjects=look.subjects,
                people_sha256=look.people_sha256,
                outcome=", ".join(look.plan.outcome.columns),
                reason=reason or "",
            ),
            simulated=trial.study.demonstration,
        )
