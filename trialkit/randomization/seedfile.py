"""The list maker's secret under a passphrase: scrypt makes guessing slow, AES-256-GCM shows tampering."""

from __future__ import annotations

import os
import unicodedata
from dataclasses import dataclass, field
from typing import Any

from trialkit.randomization.canonical import canonical_json, domain
from trialkit.randomization.commitment import Reveal
from trialkit.randomization.errors import CustodyFileError, PassphraseError
from trialkit.randomization.files import custody_content, custody_text, hex_bytes
from trialkit.randomization.sealing import NONCE_BYTES, Entropy
from trialkit.wording import said

SHORTEST_PASSPHRASE = 12
_SALT_BYTES = 16
_BLOCK_SIZE = 8
_COSTS = range(14, 22)  # log2 of scrypt's n: 16 MiB to 2 GiB of memory


@dataclass(frozen=True, slots=True)
class SeedFile:
    """A :class:`Reveal` that only its passphrase opens."""

    schedule_id: str
    cost: int
    salt: bytes
    nonce: bytes
    sealed: bytes = field(repr=False)

    def _public(self) -> dict[str, Any]:
        return {"schedule_id": self.schedule_id, "scrypt_log2_n": self.cost, "salt": self.salt.hex()}

    def to_json(self) -> str:
        secret = {"nonce": self.nonce.hex(), "sealed": self.sealed.hex()}
        return custody_text("seed", {**self._public(), **secret})

    @classmethod
    def from_json(cls, text: str) -> SeedFile:
        fields: dict[str, type | tuple[type, ...]] = {
            "schedule_id": str,
            "scrypt_log2_n": int,
            "salt": str,
            "nonce": str,
            "sealed": str,
        }
        content = custody_content(text, "seed", fields)
        if content["scrypt_log2_n"] not in _COSTS:
            raise CustodyFileError(
                expected=said(
                    "a scrypt cost from {lowest} to {highest}", lowest=_COSTS[0], highest=_COSTS[-1]
                ),
                found=str(content["scrypt_log2_n"]),
                next_step="Check that this is the seed file you kept.",
            )
        return cls(
            content["schedule_id"],
            content["scrypt_log2_n"],
            hex_bytes(content["salt"], "seed", _SALT_BYTES),
            hex_bytes(content["nonce"], "seed", NONCE_BYTES),
            hex_bytes(content["sealed"], "seed"),
        )


def lock_seed(reveal: Reveal, passphrase: str, *, cost: int = 17, entropy: Entropy = os.urandom) -> SeedFile:
    """Close a reveal under a passphrase.

    Parameters
    ----------
    reveal
        From :func:`make_commitment`.
    passphrase
        At least 12 characters; compared in Unicode NFC.
    cost
        Log2 of scrypt's work factor, 14 to 21; 17 takes 128 MiB and under a second.
    entropy
        ``os.urandom``; the demonstration passes :func:`demonstration_entropy`.

    Raises
    ------
    PassphraseError
        The passphrase is shorter, or the cost is outside its range.
    """
    if cost not in _COSTS:
        raise PassphraseError(
            expected=said("a scrypt cost from {lowest} to {highest}", lowest=_COSTS[0], highest=_COSTS[-1]),
            found=str(cost),
            next_step="Leave the cost at its default.",
        )
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise PassphraseError(
            expected=said(
                "a passphrase of at least {shortest_passphrase} characters",
                shortest_passphrase=SHORTEST_PASSPHRASE,
            ),
            found="a shorter one",
            next_step="Choose a longer one, and keep it away from the file.",
        )
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    schedule_id = reveal.commitment().schedule_id
    salt, nonce = entropy(_SALT_BYTES), entropy(NONCE_BYTES)
    empty = SeedFile(schedule_id, cost, salt, nonce, b"")
    cipher = AESGCM(_key_from(passphrase, salt, cost))
    sealed = cipher.encrypt(nonce, reveal.to_json().encode("utf-8"), _bound_to(empty))
    return SeedFile(schedule_id, cost, salt, nonce, sealed)


def unlock_seed(seed_file: SeedFile, passphrase: str) -> Reveal:
    """The reveal of a seed file.

    Raises
    ------
    PassphraseError
        The passphrase is wrong, or the file was changed: which of the two cannot be told.
    """
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    cipher = AESGCM(_key_from(passphrase, seed_file.salt, seed_file.cost))
    try:
        plain = cipher.decrypt(seed_file.nonce, seed_file.sealed, _bound_to(seed_file))
    except InvalidTag as problem:
        raise PassphraseError(
            expected="the passphrase of this seed file, and the file as it was written",
            found="a passphrase that does not open it",
            next_step="Try again; if you are sure of the passphrase, fetch the file from its backup.",
        ) from problem
    return Reveal.from_json(plain.decode("utf-8"))


def _key_from(passphrase: str, salt: bytes, cost: int) -> bytes:
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    text = unicodedata.normalize("NFC", passphrase).encode("utf-8")
    return Scrypt(salt=salt, length=32, n=2**cost, r=_BLOCK_SIZE, p=1).derive(text)


def _bound_to(seed_file: SeedFile) -> bytes:
    return domain("seed-file") + canonical_json(seed_file._public())
