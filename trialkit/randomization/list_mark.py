"""A public mark of what a list holds, by which a list sealed again shows itself to be the same list.

The mark is a digest over all slots and a secret opening. The opening follows from the seed and lies in the
bundle under the allocation key: whoever lacks the key learns nothing from the mark, whoever opens the slots
can hold them against it, and nobody can find another list with the same mark.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable

from trialkit.randomization.canonical import canonical_json, domain, tagged_digest
from trialkit.randomization.errors import TamperedBundleError
from trialkit.randomization.files import hex_bytes
from trialkit.randomization.schedule import Slot
from trialkit.randomization.sealing import NONCE_BYTES, AllocationKey, Entropy


def list_opening(seed: bytes, schedule_id: str) -> bytes:
    """The opening of a list's mark: 32 bytes that follow from seed and schedule."""
    return hmac.digest(seed, domain("list-opening") + schedule_id.encode("ascii"), "sha256")


def list_mark(opening: bytes, slots: Iterable[Slot]) -> str:
    """SHA-256 (hex) over the opening and every slot, by stratum and sequence number."""
    rows = sorted(
        [slot.stratum, slot.sequence_number, slot.block, slot.block_length, slot.arm] for slot in slots
    )
    return tagged_digest("list-mark", {"opening": opening.hex(), "slots": rows})


def close_opening(opening: bytes, key: AllocationKey, schedule_id: str, entropy: Entropy) -> str:
    """The opening under the allocation key: nonce and ciphertext in hexadecimal."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = entropy(NONCE_BYTES)
    return (nonce + AESGCM(key.secret).encrypt(nonce, opening, _bound_to(schedule_id))).hex()


def open_opening(closed: str, key: AllocationKey, schedule_id: str) -> bytes:
    """The opening again.

    Raises
    ------
    TamperedBundleError
        It was changed, or is of another schedule or key.
    """
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    data = hex_bytes(closed, "sealed-bundle")
    try:
        return AESGCM(key.secret).decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], _bound_to(schedule_id))
    except (InvalidTag, ValueError) as problem:
        raise TamperedBundleError(
            expected="the opening of the list's mark as it was sealed",
            found="one that does not open",
            next_step="Do not load this bundle; ask the list maker for it again.",
        ) from problem


def _bound_to(schedule_id: str) -> bytes:
    return domain("opening") + canonical_json({"schedule_id": schedule_id})
