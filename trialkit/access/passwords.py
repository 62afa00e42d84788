"""Passwords: argon2id, and the shortest length accepted."""

from __future__ import annotations

import secrets
from functools import cache
from threading import BoundedSemaphore

from trialkit.access.errors import AccessError
from trialkit.wording import said

SHORTEST_PASSWORD = 12
PASSWORDS_AT_ONCE = 4
"""Looked at together, wherever: each takes 64 MB and a core, which strangers must not use up."""
_AT_ONCE = BoundedSemaphore(PASSWORDS_AT_ONCE)


def hash_password(password: str) -> str:
    """The argon2id hash of a password, with its salt and parameters.

    Raises
    ------
    AccessError
        The password is shorter than 12 characters.
    """
    from argon2 import PasswordHasher

    if len(password) < SHORTEST_PASSWORD:
        raise AccessError(
            expected=said(
                "a password of at least {shortest_password} characters", shortest_password=SHORTEST_PASSWORD
            ),
            found=said("one of {n_password}", n_password=len(password)),
            next_step="Use a phrase of several words.",
        )
    with _AT_ONCE:
        return PasswordHasher().hash(password)


@cache
def unknown_password() -> str:
    """The hash of a password that nobody has: to be held against where there is none.

    Made with the parameters of all others, so that looking takes the same time.
    """
    return hash_password(secrets.token_urlsafe(2 * SHORTEST_PASSWORD))


def password_matches(password: str, argon2: str) -> bool:
    from argon2 import PasswordHasher
    from argon2.exceptions import VerificationError

    try:
        with _AT_ONCE:
            return PasswordHasher().verify(argon2, password)
    except VerificationError:
        return False
