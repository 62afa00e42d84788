"""Who acts, and how that was established."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass, field
from enum import StrEnum

from trialkit.vocabulary import Role


class Authentication(StrEnum):
    """How the account was established. Only the first three prove anything; the audit says which it was.

    ``declared``: the host operator said so (whoever runs the command line holds the database anyway).
    ``simulated``: a demonstration acts for people who do not exist.
    """

    PASSWORD = "password"
    SESSION = "session"
    TOKEN = "token"
    DECLARED = "declared"
    SIMULATED = "simulated"

    @property
    def signs(self) -> bool:
        """Whether it can stand as a signature: the password given for the act itself, or a made-up one."""
        return self in (Authentication.PASSWORD, Authentication.SIMULATED)


def this_os_user() -> str:
    """The operating-system user, empty where the system knows none.

    As the system has it, not as the environment says: variables such as ``LOGNAME`` are anybody's to set.
    """
    try:
        import pwd

        return pwd.getpwuid(os.getuid()).pw_name
    except ImportError:  # Windows
        try:
            return os.getlogin()
        except OSError:
            return ""
    except KeyError:
        return f"uid {os.getuid()}"


def this_host() -> str:
    return socket.gethostname()


@dataclass(frozen=True, slots=True)
class Actor:
    """An account acting in one of its roles.

    Parameters
    ----------
    account
        The login.
    role
        The role it acts in; an account may hold several and uses one at a time.
    site
        The site it acts at; None for a role held at all sites.
    authentication
        How the account was established.
    os_user, host
        Recorded with every act.
    scopes
        The names of the acts that it is confined to, as a token is; None: to none but its role's.
    """

    account: str
    role: Role
    site: str | None = None
    authentication: Authentication = Authentication.DECLARED
    os_user: str = field(default_factory=this_os_user)
    host: str = field(default_factory=this_host)
    scopes: frozenset[str] | None = None

    @property
    def types_blindly(self) -> bool:
        """Whether it must learn nothing of the other entry of a form, not even that it is there."""
        return self.role in (Role.FIRST_ENTRY, Role.SECOND_ENTRY)
