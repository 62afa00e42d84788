"""The host operator's door: who acts, in which role, and how that was established."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from trialkit.vocabulary import Role
from trialkit.wording import said

if TYPE_CHECKING:
    from trialkit.access import Act, Actor
    from trialkit.operations import Anchor, Trial

FILE = click.Path(path_type=Path)


@dataclass(frozen=True)
class Desk:
    """What the options of a command say about its study and its actor."""

    study: Path
    login: str
    role: Role | None
    site: str | None
    password_file: Path | None

    @contextmanager
    def open(self) -> Iterator[tuple[Trial, Actor]]:
        """The study, and the actor as far as it was established: by password where the account has one."""
        with opened_study(self.study) as trial:
            yield trial, self._actor(trial)
            _tell_of_an_absent_key(trial)

    def _actor(self, trial: Trial) -> Actor:
        from trialkit.access import Actor, Authentication
        from trialkit.operations import prove_password
        from trialkit.operations.sign_in import here, settled_role, settled_site
        from trialkit.store.reading.accounts import grants_of, password_hash

        with trial.store.reading() as reader:
            grants = grants_of(reader, self.login)
            has_password = password_hash(reader, self.login) is not None
        if has_password or not grants:  # an unknown login is asked and refused as a known one is
            password = secret(self.password_file, f"Password of {self.login}", "a password")
            prove_password(trial, login=self.login, password=password, place=here())
        role = settled_role(grants, self.role)
        site = settled_site(grants, role, self.site)
        how = Authentication.PASSWORD if has_password else Authentication.DECLARED
        return Actor(self.login, role, site, how)


def _tell_of_an_absent_key(trial: Trial) -> None:
    from trialkit.operations.keys import AUDIT_KEY_FILE

    key = trial.keys.path / AUDIT_KEY_FILE
    if not key.is_file():
        words = said(
            "note: {key} is not there: what was recorded now has no code, and never can. Put the key back "
            "before the next act; where it is lost, see docs/how-to/recover-from-a-loss.md.",
            key=key,
        )
        click.echo(words, err=True)


@contextmanager
def opened_study(folder: Path) -> Iterator[Trial]:
    from trialkit.operations import open_trial

    with open_trial(folder) as trial:
        yield trial


def secret(file: Path | None, prompt: str, what: str, *, confirm: bool = False) -> str:
    """A secret from a file's first line, or asked for; never from an argument, which others can list."""
    from trialkit.errors import TrialkitError

    if file is None and sys.stdin.isatty():
        answer: str = click.prompt(prompt, hide_input=True, err=True, confirmation_prompt=confirm)
        return answer
    if file is None:
        raise TrialkitError(
            expected=said("{what}, typed at a terminal or in a file", what=what),
            found="neither",
            next_step="Name a file: its option is in the help of the command.",
        )
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        lines = []
    if not lines or not lines[0]:
        raise TrialkitError(
            expected=said("{what} on the first line, in UTF-8", what=what),
            found="none",
            where=str(file),
            next_step="Check the file.",
        )
    return lines[0]


def performs(*acts: Act, says: str = "") -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Binds a command to the acts it performs; its help begins with what the first of them is.

    What the function says of itself follows: how the command goes about it. ``says`` stands for the act's
    words where another command bears those already.
    """

    def bound(function: Callable[..., Any]) -> Callable[..., Any]:
        function.__doc__ = "\n\n".join(filter(None, [says or acts[0].summary, inspect.getdoc(function)]))
        vars(function)["says"] = says
        vars(function)["acts"] = acts
        return function

    return bound


def study_argument(function: Callable[..., Any]) -> Callable[..., Any]:
    """The study folder; the current one where it is not named."""
    return click.argument("study", type=FILE, default=".")(function)


def at_desk(function: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the study and the options that say who acts, and hands them on as one ``desk``."""
    from functools import wraps

    @study_argument
    @click.option("--as", "acts_as", metavar="LOGIN", required=True, help="The account that acts.")
    @click.option(
        "--role", type=click.Choice([str(role) for role in Role]), metavar="ROLE",
        help="The role it acts in; the only one it has by default.",
    )  # fmt: skip
    @click.option("--site", "at_site", metavar="SITE", help="The site it acts at, where it has several.")
    @click.option("--password-file", type=FILE, metavar="FILE", help="Instead of the prompt.")
    @wraps(function)
    def with_desk(
        study: Path,
        acts_as: str,
        role: str | None,
        at_site: str | None,
        password_file: Path | None,
        **rest: Any,
    ) -> Any:
        desk = Desk(study, acts_as, Role(role) if role else None, at_site, password_file)
        return function(desk=desk, **rest)

    return with_desk


def refuse_existing(path: Path | None) -> None:
    """Before an act: nothing is written over, and what cannot be written is not acted for."""
    if path is not None:
        from trialkit.safe_files import require_place

        require_place(path)


def pairs(texts: tuple[str, ...], option: str) -> dict[str, str]:
    """``name=value`` texts as a mapping."""
    from trialkit.errors import TrialkitError

    found: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name or name in found:
            raise TrialkitError(
                expected=said("{option} NAME=VALUE, each name once", option=option),
                found=repr(text),
                next_step=said("Write {option} sex=female.", option=option),
            )
        found[name] = value
    return found


def anchor_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the two ways to say where the trail stood: a file, or the last lines of a paper."""
    record = click.option(
        "--record", nargs=2, type=(click.IntRange(min=1), str), metavar="NUMBER HASH",
        help="Or from a paper confirmation: its last two lines.",
    )  # fmt: skip
    file = click.option("--anchor", type=FILE, metavar="FILE", help="From `audit anchor`.")
    return file(record(function))


def anchor_said(study_id: str, anchor: Path | None, record: tuple[int, str] | None) -> Anchor | None:
    """The anchor of either option; None where neither was given."""
    from trialkit.errors import TrialkitError
    from trialkit.operations import Anchor, read_anchor

    if record is None:
        return None if anchor is None else read_anchor(anchor)
    number, link = record[0], record[1].lower()
    if anchor is not None or not re.fullmatch("[0-9a-f]{64}", link):
        raise TrialkitError(
            expected="--anchor, or --record with the number and the 64 digits of the hash on the paper",
            found="both" if anchor is not None else "a hash of another form",
            next_step="Compare every digit with the paper.",
        )
    return Anchor(study_id, number, link, "")
