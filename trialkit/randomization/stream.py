"""Random numbers that are the same for ever: HMAC-SHA256 in counter mode, and what is drawn from it.

No library generator is used, because none promises the same bytes in its next version.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from typing import TypeVar

from trialkit.randomization.canonical import domain
from trialkit.randomization.errors import SeedError
from trialkit.wording import said

SEED_BYTES = 32
_WORD_BYTES = 4
_WORDS = 2 ** (8 * _WORD_BYTES)

Item = TypeVar("Item")


def seed_bytes(seed: bytes | int) -> bytes:
    """A seed as 32 bytes; an integer (demonstrations, tests) is hashed to that length.

    Raises
    ------
    SeedError
        Bytes of another length, a negative integer, or another type.
    """
    if isinstance(seed, bytes) and len(seed) == SEED_BYTES:
        return seed
    if isinstance(seed, int) and not isinstance(seed, bool) and seed >= 0:
        return hashlib.sha256(domain("integer-seed") + str(seed).encode("ascii")).digest()
    kind = (
        said("{n_seed} bytes", n_seed=len(seed))
        if isinstance(seed, bytes)
        else said("a value of type {name}", name=type(seed).__name__)
    )
    raise SeedError(
        expected=said("a seed of {seed_bytes} bytes, or an integer of at least 0", seed_bytes=SEED_BYTES),
        found=kind if not isinstance(seed, int) or isinstance(seed, bool) else "a negative integer",
        next_step=said("Take {seed_bytes} bytes from the operating system.", seed_bytes=SEED_BYTES),
    )


class Stream:
    """The random numbers of one stratum; they depend on the seed and the stratum's label alone."""

    def __init__(self, seed: bytes, label: str, tag: str = "stratum") -> None:
        self._seed = seed
        self._prefix = domain(tag) + label.encode("utf-8") + b"\x00"
        self._counter = 0
        self._unused = b""

    def take(self, size: int) -> bytes:
        """The next ``size`` bytes."""
        while len(self._unused) < size:
            message = self._prefix + self._counter.to_bytes(8, "big")
            self._unused += hmac.digest(self._seed, message, "sha256")
            self._counter += 1
        taken, self._unused = self._unused[:size], self._unused[size:]
        return taken

    def below(self, bound: int) -> int:
        """A whole number from 0 to ``bound - 1``, each equally likely; a bound of 1 takes nothing.

        Words at or above the largest multiple of ``bound`` are thrown away: taking them modulo
        ``bound`` would favour small numbers.
        """
        if bound == 1:
            return 0
        limit = _WORDS - _WORDS % bound
        while True:
            word = int.from_bytes(self.take(_WORD_BYTES), "big")
            if word < limit:
                return word % bound

    def shuffle(self, items: list[Item]) -> list[Item]:
        """Fisher-Yates from the last place down; changes and returns ``items``."""
        for last in range(len(items) - 1, 0, -1):
            chosen = self.below(last + 1)
            items[last], items[chosen] = items[chosen], items[last]
        return items


def demonstration_entropy(seed: int, purpose: str) -> Callable[[int], bytes]:
    """Bytes that look random and are the same each time: for the demonstration and for tests only.

    Use it in place of ``os.urandom`` wherever this room takes ``entropy``, with a ``purpose`` of its own
    for each thing made, so that no key or nonce is drawn twice.
    """
    return Stream(seed_bytes(seed), purpose, tag="demonstration-entropy").take
