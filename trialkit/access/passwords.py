"""Passwords: argon2id, and the shortest length accepted."""

from __future__ import annotations

from trialkit.access.errors import AccessError

SHORTEST_PASSWORD = 12


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
            expected=f"a password of at least {SHORTEST_PASSWORD} characters",
            found=f"one of {len(password)}",
            next_step="Use a phrase of several words.",
        )
    return PasswordHasher().hash(password)


def password_matches(password: str, argon2: str) -> bool:
    from argon2 import PasswordHasher
    from argon2.exceptions import VerificationError

    try:
        return PasswordHasher().verify(argon2, password)
    except VerificationError:
        return False
