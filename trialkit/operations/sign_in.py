"""Proving that one is who one says: one message and one time for whatever is wrong, and slower each time."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from trialkit.access import AccessError, Actor, Authentication, Grant, this_host, this_os_user
from trialkit.access.acts.reading import LIST_SIGN_INS
from trialkit.access.passwords import password_matches, unknown_password
from trialkit.access.throttle import LOOKED_BACK, may_try_from
from trialkit.operations.errors import OperationError
from trialkit.operations.gate import reading
from trialkit.operations.trial import Trial
from trialkit.store.desk import AttemptState, attempts, record_attempt
from trialkit.store.engine import Reader
from trialkit.store.reading.accounts import account_closed, grants_of, password_hash, password_set_at
from trialkit.vocabulary import Role
from trialkit.wording import said

_DEVICE = "device "
_ONE_AFTER_ANOTHER = Lock()
"""Held from looking at earlier attempts until this one is kept: of many at once none goes uncounted."""
LONGEST_LOOK_BACK_DAYS = 36_500


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody signs in: for a web application the client's address, and no system user."""

    host: str
    os_user: str
    device: str = (
        ""  # of a browser in which the login has signed in before: what throttles it instead of host
    )


def here() -> Place:
    return Place(this_host(), this_os_user())


def log_in(
    trial: Trial,
    *,
    login: str,
    password: str,
    role: Role,
    site: str | None = None,
    host: str | None = None,
    os_user: str | None = None,
    device: str = "",
) -> Actor:
    """The actor that a password proves.

    Parameters
    ----------
    host, os_user
        For a web application: the client's address, and an empty text. None: those of this machine.
    device
        The short name of a browser in which the login has signed in before.

    Raises
    ------
    AccessError
        As :func:`prove_password`; or the role is not held, or the password is older than the study permits.
    """
    place = here() if host is None else Place(host, os_user or "", device)
    prove_password(trial, login=login, password=password, place=place)
    with trial.store.reading() as reader:
        held = grants_of(reader, login)
        _require_a_password_that_holds(trial, reader, login)
    if not any(grant.role is role and grant.site in (None, site) for grant in held):
        raise AccessError(
            expected=said("a role of {login}", login=login),
            found=str(role),
            next_step="Choose a role of this account.",
        )
    return Actor(login, role, site, Authentication.PASSWORD, place.os_user, place.host)


def password_expired(trial: Trial, reader: Reader, login: str) -> bool:
    """Whether the password in force is older than the study permits ([sign_in] password_days)."""
    days = trial.study.sign_in.password_days
    since = password_set_at(reader, login) if days else None
    return since is not None and trial.clock.now() - since >= timedelta(days=days)


def _require_a_password_that_holds(trial: Trial, reader: Reader, login: str) -> None:
    if password_expired(trial, reader, login):
        raise AccessError(
            expected=said("a password set within {days} days", days=trial.study.sign_in.password_days),
            found="an older one",
            next_step="Change it at the pages' sign-in, or let the administrator set a new one.",
        )


def prove_password(
    trial: Trial,
    *,
    login: str,
    password: str,
    place: Place,
    besides: Callable[[], bool] | None = None,
) -> None:
    """Hold a password against its account's; every attempt is kept, and wrong ones slow the next.

    Wrong ones from a browser in which the login has signed in before slow that browser alone, and it is
    slowed by no other: nobody keeps a person out of a computer of theirs.

    Parameters
    ----------
    besides
        Whether the code of a second factor holds; asked only where the password is right. Given for every
        login or for none, as the study has it: the words of a refusal tell nothing of one account.

    Raises
    ------
    AccessError
        A login that nobody has, one without a password, a wrong password, or one given before the wait
        after several wrong ones was over: in the same words and after the same work.
    """
    now = trial.clock.now()
    with trial.store.reading() as reader:
        known = None if account_closed(reader, login) else password_hash(reader, login)
    matches = password_matches(password, known or unknown_password()) and known is not None
    with _ONE_AFTER_ANOTHER:
        with trial.store.reading() as reader:
            wait = _wait(attempts(reader, since=now - LOOKED_BACK, login=login), place)
        too_soon = wait is not None and now < wait
        if matches and not too_soon and besides is not None:
            matches = besides()
        outcome = "too_soon" if too_soon else "right" if matches else "wrong"
        who = f"{_DEVICE}{place.device}" if place.device else place.os_user
        record_attempt(trial.store, at=now, login=login, host=place.host, os_user=who, outcome=outcome)
    if outcome != "right":
        raise AccessError(
            expected="a login and its password"
            if besides is None
            else "a login, its password and the code that the second factor shows now",
            found="another combination",
            next_step="Try again; after five wrong ones a wait of up to 15 minutes comes before each try.",
        )


def _wait(earlier: list[AttemptState], place: Place) -> datetime | None:
    if place.device:
        mine = [attempt for attempt in earlier if attempt.os_user == f"{_DEVICE}{place.device}"]
        return may_try_from(_wrong(mine, None), ())
    others = [attempt for attempt in earlier if not attempt.os_user.startswith(_DEVICE)]
    return may_try_from(_wrong(others, place.host), _wrong(others, None))


def _wrong(earlier: list[AttemptState], host: str | None) -> list[datetime]:
    """Times of wrong passwords since the last right one: from one place, or from all."""
    wrong: list[datetime] = []
    for attempt in earlier:
        if host in (None, attempt.host) and attempt.outcome == "wrong":
            wrong.append(attempt.at)
        elif attempt.outcome == "right" and (host == attempt.host or attempt.os_user.startswith(_DEVICE)):
            wrong.clear()
    return wrong


def list_sign_ins(trial: Trial, actor: Actor, *, days: int = 30) -> list[AttemptState]:
    """Sign-in attempts of the last days, in order.

    Raises
    ------
    AccessError, OperationError
        No right; a number of days that is none.
    """
    if not 0 <= days <= LONGEST_LOOK_BACK_DAYS:
        raise OperationError(
            expected=said("0 to {most} days", most=LONGEST_LOOK_BACK_DAYS),
            found=str(days),
            next_step="Say how many days to look back.",
        )
    with reading(trial, actor, LIST_SIGN_INS) as gate:
        return attempts(gate.reader, since=trial.clock.now() - timedelta(days=days))


def settled_role(grants: Collection[Grant], wanted: Role | None) -> Role:
    """The role acted in: as said, or the only one the account has.

    Raises
    ------
    AccessError
        Another than one it holds, or several and none was said.
    """
    held = sorted({grant.role for grant in grants})
    if wanted is None and len(held) == 1:
        return held[0]
    if wanted in held:
        return wanted
    raise AccessError(
        expected=said("the role to act in, one of {held}", held=", ".join(held)),
        found=repr(str(wanted)) if wanted else "none",
        next_step="Say in which role the account acts.",
    )


def settled_site(grants: Collection[Grant], role: Role, wanted: str | None) -> str | None:
    """The site acted at: as said, or the only one the role is held at; None where it is held at all.

    Raises
    ------
    AccessError
        Several, and none was said.
    """
    sites = {grant.site for grant in grants if grant.role is role}
    if wanted is not None or None in sites:
        return wanted
    if len(sites) == 1:
        return sites.pop()
    raise AccessError(
        expected=said(
            "the site to act at, one of {sites}", sites=", ".join(sorted(str(site) for site in sites))
        ),
        found="none",
        next_step="Say at which site the account acts.",
    )
