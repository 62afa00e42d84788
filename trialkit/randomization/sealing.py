"""One slot, closed so that only the holder of the allocation key can read it.

AES-256-GCM with a fresh nonce a slot; schedule, stratum and sequence number are bound in, so that a slot
moved elsewhere no longer opens; the plaintext has one length, so that size tells nothing.
"""

from __future__ import annotations

import hashlib
import os
import struct
from collections.abc import Callable
from dataclasses import dataclass, field

from trialkit.randomization.canonical import canonical_json, domain
from trialkit.randomization.errors import AllocationKeyError, TamperedBundleError
from trialkit.randomization.files import custody_content, custody_text, hex_bytes
from trialkit.randomization.schedule import Slot
from trialkit.wording import said

KEY_BYTES = 32
NONCE_BYTES = 12
PLAINTEXT_BYTES = 128
SEALED_BYTES = PLAINTEXT_BYTES + 16  # AES-GCM adds its tag
_NUMBERS = struct.Struct(">IHB")  # block, block length, length of the arm's name in UTF-8

Entropy = Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class AllocationKey:
    """The key that opens the slots of one bundle; it never shows itself."""

    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if not isinstance(self.secret, bytes) or len(self.secret) != KEY_BYTES:
            raise AllocationKeyError(
                expected=said("an allocation key of {key_bytes} bytes", key_bytes=KEY_BYTES),
                found="something else",
                next_step="Load the key file that belongs to the bundle.",
            )

    @classmethod
    def draw(cls, entropy: Entropy = os.urandom) -> AllocationKey:
        """A new key, from the operating system unless a demonstration brings its own entropy."""
        return cls(entropy(KEY_BYTES))

    @property
    def key_id(self) -> str:
        """A public name of the key, from which the key cannot be found."""
        return hashlib.sha256(domain("key-id") + self.secret).hexdigest()[:16]

    def to_json(self) -> str:
        return custody_text("allocation-key", {"key": self.secret.hex(), "key_id": self.key_id})

    @classmethod
    def from_json(cls, text: str) -> AllocationKey:
        """The key of a key file.

        Raises
        ------
        CustodyFileError, AllocationKeyError
            Not a key file; a key that does not bear its own name.
        """
        content = custody_content(text, "allocation-key", {"key": str, "key_id": str})
        key = cls(hex_bytes(content["key"], "allocation-key", KEY_BYTES))
        if key.key_id != content["key_id"]:
            raise AllocationKeyError(
                expected="a key that matches its own key id",
                found="another one",
                next_step="The file is damaged: fetch it again from the list maker.",
            )
        return key


@dataclass(frozen=True, slots=True)
class SealedSlot:
    """One closed slot, as it lies in the bundle and in the database."""

    stratum: str
    sequence_number: int
    nonce: bytes
    sealed: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, repr=False)
class SlotContent:
    """What a slot holds. Hand it to the answer of the allocation and to nothing else."""

    arm: str
    block: int
    block_length: int

    def __repr__(self) -> str:
        return "SlotContent(not shown)"


def seal_slot(slot: Slot, key: AllocationKey, schedule_id: str, entropy: Entropy = os.urandom) -> SealedSlot:
    """Close one slot of a list under ``key``, with a nonce taken from ``entropy``."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    name = slot.arm.encode("utf-8")
    plain = _NUMBERS.pack(slot.block, slot.block_length, len(name)) + name
    nonce = entropy(NONCE_BYTES)
    bound = _bound_to(schedule_id, slot.stratum, slot.sequence_number)
    sealed = AESGCM(key.secret).encrypt(nonce, plain.ljust(PLAINTEXT_BYTES, b"\x00"), bound)
    return SealedSlot(slot.stratum, slot.sequence_number, nonce, sealed)


def open_slot(slot: SealedSlot, key: AllocationKey, schedule_id: str) -> SlotContent:
    """Open one slot.

    Parameters
    ----------
    slot
        As loaded: :class:`SealedSlot` (stratum, sequence_number, nonce, sealed).
    key
        The allocation key of its bundle.
    schedule_id
        The schedule it is said to belong to.

    Returns
    -------
    SlotContent
        Arm, block and block length; its ``repr`` shows none of them.

    Raises
    ------
    TamperedBundleError
        The slot was changed or moved, or the key is not the one it was sealed with.
    """
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    bound = _bound_to(schedule_id, slot.stratum, slot.sequence_number)
    try:
        if len(slot.nonce) != NONCE_BYTES:
            raise InvalidTag
        plain = AESGCM(key.secret).decrypt(slot.nonce, slot.sealed, bound)
    except InvalidTag as problem:
        raise TamperedBundleError(
            expected="a slot as it was sealed, and the key it was sealed with",
            found="a slot that does not open",
            where=f"{slot.stratum}/{slot.sequence_number}",
            next_step="Allocate nothing; check the key, then compare the bundle with its digest.",
        ) from problem
    block, block_length, name_bytes = _NUMBERS.unpack_from(plain)
    name = plain[_NUMBERS.size : _NUMBERS.size + name_bytes]
    return SlotContent(name.decode("utf-8"), block, block_length)


def _bound_to(schedule_id: str, stratum: str, sequence_number: int) -> bytes:
    place = {"schedule_id": schedule_id, "sequence_number": sequence_number, "stratum": stratum}
    return domain("slot") + canonical_json(place)
