"""The second person at the desk: who confirms what somebody says of a critical item."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from trialkit.cli.door import FILE, secret

if TYPE_CHECKING:
    from trialkit.access import Actor
    from trialkit.operations import Trial

password_of_confirmer = click.option(
    "--confirmed-by-password-file",
    "confirmer_file",
    type=FILE,
    metavar="FILE",
    help="That person's password, instead of the prompt: proves the second person of a critical item.",
)


def confirmed_by(function: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options that say who confirms a value of a critical item."""
    login = click.option(
        "--confirmed-by",
        "confirmer",
        metavar="LOGIN",
        help="The second person, who confirms the value of a critical item: investigator, adjudicator or "
        "data manager, and not the author of the earlier value.",
    )
    return login(password_of_confirmer(function))


@dataclass(frozen=True)
class SecondPerson:
    """What the options say of the second person, until a study is open to prove it in."""

    login: str | None
    password_file: Path | None

    def proved(self, trial: Trial, actor: Actor) -> Actor | None:
        return proved(trial, actor, self.login, self.password_file)


def proved(trial: Trial, actor: Actor, login: str | None, password_file: Path | None) -> Actor | None:
    """The second person, by password, in a role that may confirm; None where nobody is named."""
    from trialkit.access.acts.capture import CONFIRM_CRITICAL
    from trialkit.operations import log_in
    from trialkit.store.reading.accounts import grants_of
    from trialkit.vocabulary import Role

    if login is None:
        return None
    password = secret(password_file, f"Password of {login}", "a password")
    with trial.store.reading() as reader:
        grants = grants_of(reader, login)
    held = [grant for grant in grants if grant.role in CONFIRM_CRITICAL.allowed_roles]
    near = [grant for grant in held if grant.site in (None, actor.site)]
    chosen = next(iter(near or held or grants), None)
    role, site = (chosen.role, chosen.site) if chosen else (Role.INVESTIGATOR, None)
    return log_in(trial, login=login, password=password, role=role, site=site)


def enters_critical(trial: Trial, form: str | None) -> bool:
    """Whether a form that is entered once, this one or any, needs a second person for a critical item."""
    from trialkit.vocabulary import EntryMode

    return trial.study.capture.second_person_at_entry and any(
        item.critical
        for one in trial.study.forms
        if one.entry is EntryMode.SINGLE and form in (None, one.name)
        for item in one.items
    )
