"""The prepared list: for each stratum its slots, in whole blocks."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING, Any, NamedTuple

from trialkit.randomization.canonical import GENERATOR_VERSION, domain, tagged_digest
from trialkit.randomization.design import RandomizationDesign, Stratum
from trialkit.randomization.stream import Stream, seed_bytes

if TYPE_CHECKING:
    import pandas as pd


class Slot(NamedTuple):
    """One line of the list. It names an arm: never print it, log it or keep it."""

    stratum: str
    sequence_number: int
    block: int
    block_length: int
    arm: str

    def __repr__(self) -> str:
        return f"Slot({self.stratum!r}, {self.sequence_number}, arm not shown)"


@dataclass(frozen=True)
class Schedule:
    """A generated list; ``repr`` and ``str`` show its public name, never its content.

    ``blocks`` has one entry a stratum, in the order of ``design.strata()``: its blocks, each a tuple of
    arms. ``slots`` is the table, ``digest`` its fingerprint. ``schedule_id`` is public: it follows from
    seed and design, but nobody can go back from it.
    """

    design: RandomizationDesign = field(repr=False)
    schedule_id: str
    blocks: tuple[tuple[tuple[str, ...], ...], ...] = field(repr=False)

    def rows(self) -> Iterator[Slot]:
        """The slots one by one, by stratum and sequence number; numbers and blocks count from 1."""
        for stratum, blocks in zip(self.design.strata(), self.blocks, strict=True):
            starts = accumulate((len(block) for block in blocks), initial=1)
            for number, (start, block) in enumerate(zip(starts, blocks, strict=False), start=1):
                for place, arm in enumerate(block):
                    yield Slot(stratum.label, start + place, number, len(block), arm)

    @property
    def slots(self) -> pd.DataFrame:
        """``stratum``, one column a factor, ``sequence_number block block_length arm``; a new table each."""
        import pandas as pd

        levels = {stratum.label: stratum.levels for stratum in self.design.strata()}
        rows = [(slot.stratum, *levels[slot.stratum].values(), *slot[1:]) for slot in self.rows()]
        factors = list(self.design.factors)
        columns = ["stratum", *factors, "sequence_number", "block", "block_length", "arm"]
        return pd.DataFrame(rows, columns=columns)

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hex) of the canonical serialization; it stays secret until the reveal."""
        return tagged_digest("schedule", self.canonical())

    def canonical(self) -> dict[str, Any]:
        strata = [
            {"blocks": [list(block) for block in blocks], "stratum": stratum.label}
            for stratum, blocks in zip(self.design.strata(), self.blocks, strict=True)
        ]
        return {"design": self.design.canonical(), "generator": GENERATOR_VERSION, "strata": strata}


def generate_schedule(design: RandomizationDesign, seed: bytes | int) -> Schedule:
    """The list that this design and seed give, the same on every machine and in every version.

    Parameters
    ----------
    design
        A :class:`RandomizationDesign`.
    seed
        32 bytes; or an integer of at least 0, for demonstrations and tests.

    Returns
    -------
    Schedule
        At least ``design.subjects_per_stratum`` slots a stratum, in whole blocks.

    Raises
    ------
    SeedError
        The seed is of another length or kind.

    Degenerate cases
    ----------------
    A longer list begins with the shorter one; a site added later changes no other stratum.
    Simple randomization counts each slot as a block of length 1.

    References
    ----------
    docs/methods/randomization.md, sections 3 and 4.
    """
    key = seed_bytes(seed)
    blocks = tuple(_blocks_of(design, stratum, key) for stratum in design.strata())
    return Schedule(design, schedule_id(design, key), blocks)


def schedule_id(design: RandomizationDesign, seed: bytes) -> str:
    """The public name of the list: 16 hexadecimal digits that follow from design and seed."""
    message = domain("schedule-id") + design.digest.encode("ascii")
    return hmac.digest(seed, message, "sha256")[:8].hex()


def _blocks_of(design: RandomizationDesign, stratum: Stratum, seed: bytes) -> tuple[tuple[str, ...], ...]:
    stream = Stream(seed, stratum.label)
    blocks: list[tuple[str, ...]] = []
    slots = 0
    while slots < (design.subjects_per_stratum or 0):
        block = _simple_slot(design, stream) if design.block_lengths is None else _block(design, stream)
        blocks.append(tuple(block))
        slots += len(block)
    return tuple(blocks)


def _block(design: RandomizationDesign, stream: Stream) -> list[str]:
    assert design.block_lengths is not None
    length = design.block_lengths[stream.below(len(design.block_lengths))]
    repeats = length // sum(design.arms.values())
    ordered = [arm for arm in sorted(design.arms) for _ in range(design.arms[arm] * repeats)]
    return stream.shuffle(ordered)


def _simple_slot(design: RandomizationDesign, stream: Stream) -> list[str]:
    shares = [arm for arm in sorted(design.arms) for _ in range(design.arms[arm])]
    return [shares[stream.below(len(shares))]]
