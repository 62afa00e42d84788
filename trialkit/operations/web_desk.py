"""The web application's desk: who is signed in, what is half typed, and which requests were answered."""

from __future__ import annotations

from trialkit.access import Actor, Authentication, Grant
from trialkit.operations.trial import Trial
from trialkit.store.desk_file import DeskFile, RequestState, SessionState, draft_version
from trialkit.store.reading.accounts import grants_of
from trialkit.vocabulary import Role

__all__ = [
    "DeskFile",
    "RequestState",
    "SessionState",
    "act_in_session",
    "draft_version",
    "open_web_desk",
]

FILE = "web_desk.sqlite"


def open_web_desk(trial: Trial) -> DeskFile:
    """The desk of this study's web application; one folder, one desk."""
    return DeskFile(trial.folder / FILE)


def roles_held(trial: Trial, login: str) -> tuple[Grant, ...]:
    """The roles an account holds now: a session does not outlive a role that was taken away."""
    with trial.store.reading() as reader:
        return tuple(grants_of(reader, login))


def act_in_session(login: str, role: Role, site: str | None, host: str) -> Actor:
    """An account that proved itself at sign-in. It acts, and never signs: that needs the password again."""
    return Actor(login, role, site, Authentication.SESSION, os_user="", host=host)
