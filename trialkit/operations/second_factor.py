"""A second factor: a time-based code (RFC 6238) from a device, besides the password."""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trialkit.access import AccessError, Actor
from trialkit.access.acts.accounts import REMOVE_SECOND_FACTOR, SET_SECOND_FACTOR
from trialkit.operations.errors import OperationError, TrialError
from trialkit.operations.gate import acting
from trialkit.operations.trial import Trial
from trialkit.store import models as m
from trialkit.store.audit_chain import AuditStamp
from trialkit.store.desk_file import DeskFile
from trialkit.store.reading.accounts import sealed_factor

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

SECONDS = 30
_FEWEST_BYTES, _MOST_BYTES = 16, 64
_NONCE = 12  # bytes, as AES-GCM wants them


@dataclass(frozen=True, slots=True)
class FactorSet:
    login: str
    stamp: AuditStamp


def new_factor_secret() -> str:
    """A secret for a device: 160 random bits in base 32, as authenticators take it."""
    return base64.b32encode(os.urandom(20)).decode()


def is_factor_secret(text: str) -> bool:
    """Whether a text can be the secret of a device, as :func:`new_factor_secret` gives it."""
    try:
        return _FEWEST_BYTES <= len(base64.b32decode(text)) <= _MOST_BYTES
    except ValueError:
        return False


def step_of_code(trial: Trial, secret: str, code: str) -> int | None:
    """The half minute that a code belongs to: the present one or its neighbours; None for any other."""
    from pyotp import TOTP

    present = int(trial.clock.now().timestamp()) // SECONDS
    typed = "".join(code.split())
    for step in (present, present - 1, present + 1):
        if len(typed) == 6 and typed.isascii() and TOTP(secret).verify(typed, for_time=step * SECONDS):
            return step
    return None


def set_second_factor(trial: Trial, desk: DeskFile, actor: Actor, *, secret: str, code: str) -> FactorSet:
    """Set the second factor of one's own account; the one before counts no longer, and the code is used up.

    Parameters
    ----------
    secret
        From :func:`new_factor_secret`; kept sealed under the audit key.
    code
        What the device shows now, to prove that it holds the secret.

    Raises
    ------
    AccessError, OperationError
        No right; a code of another secret or time, or no secret.
    """
    step = step_of_code(trial, secret, code) if is_factor_secret(secret) else None
    if step is None:
        raise OperationError(
            expected="the six digits that the device shows now",
            found="others",
            next_step="Set the device's clock, and type the code that it shows.",
        )
    with acting(trial, actor, SET_SECOND_FACTOR) as progress:
        number = next(progress.next_ids(m.SecondFactor))
        progress.add(
            m.SecondFactor, id=number, login=actor.account, sealed=_sealed(trial, secret, actor.account)
        )
        progress.state(login=actor.account)
        desk.use_step(actor.account, step)
    return FactorSet(actor.account, progress.stamp)


def remove_second_factor(trial: Trial, actor: Actor, *, login: str, reason: str) -> FactorSet:
    """Take a lost second factor from an account; its person sets a new one at the next sign-in.

    Raises
    ------
    AccessError, OperationError
        No right; an account without one.
    """
    with acting(trial, actor, REMOVE_SECOND_FACTOR, reason=reason) as progress:
        if sealed_factor(progress.reader, login) is None:
            raise OperationError(expected="an account with a second factor", found=repr(login))
        number = next(progress.next_ids(m.SecondFactor))
        progress.add(m.SecondFactor, id=number, login=login, sealed=None)
        progress.state(login=login)
    return FactorSet(login, progress.stamp)


def factor_secret(trial: Trial, login: str) -> str | None:
    """The secret of an account's second factor; None where it has none.

    Raises
    ------
    AccessError
        It was sealed under another audit key.
    """
    from cryptography.exceptions import InvalidTag

    with trial.store.reading() as reader:
        sealed = sealed_factor(reader, login)
    if sealed is None:
        return None
    whole = base64.b64decode(sealed)
    try:
        return _cipher(trial).decrypt(whole[:_NONCE], whole[_NONCE:], login.encode()).decode()
    except InvalidTag:
        raise AccessError(
            expected="a second factor sealed under this study's audit key",
            found="another",
            next_step="Let the administrator remove it, and set a new one.",
        ) from None


def _sealed(trial: Trial, secret: str, login: str) -> str:
    nonce = os.urandom(_NONCE)
    return base64.b64encode(nonce + _cipher(trial).encrypt(nonce, secret.encode(), login.encode())).decode()


def _cipher(trial: Trial) -> AESGCM:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    key = trial.keys.audit_key
    if key is None:
        raise TrialError(
            expected="the study's audit key", found="none on this machine", next_step="Bring the key folder."
        )
    return AESGCM(HKDF(SHA256(), 32, salt=None, info=b"trialkit second factor").derive(key))
