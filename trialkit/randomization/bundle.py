"""The sealed list as it travels to the server: a public header and the closed slots."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from trialkit.randomization.canonical import tagged_digest
from trialkit.randomization.design import label_of_values
from trialkit.randomization.errors import (
    AllocationKeyError,
    BlockLengthError,
    CustodyFileError,
    TamperedBundleError,
)
from trialkit.randomization.files import custody_content, custody_text, hex_bytes
from trialkit.randomization.list_mark import close_opening, list_mark, list_opening, open_opening
from trialkit.randomization.schedule import Schedule, Slot
from trialkit.randomization.sealing import (
    NONCE_BYTES,
    SEALED_BYTES,
    AllocationKey,
    Entropy,
    SealedSlot,
    open_slot,
    seal_slot,
)
from trialkit.randomization.stream import seed_bytes
from trialkit.wording import said

_LOW_SUPPLY = 20  # weeks of recruitment at one site: time to generate an extension

_HEADER_FIELDS: dict[str, type | tuple[type, ...]] = {
    "schedule_id": str,
    "key_id": str,
    "restriction_digest": str,
    "arms": list,
    "factors": list,
    "list_mark": str,
    "opening": str,
}


@dataclass(frozen=True)
class BundleHeader:
    """The public part of a bundle: no block length, nothing of the seed.

    ``factors`` is factor -> levels as in the design; ``restriction_digest`` that of the list maker's
    ``randomization.toml`` (empty where the list was not made from one). ``list_mark`` is a digest over
    what the slots hold, the same however often the list is sealed; ``opening`` is what it needs, sealed.
    """

    schedule_id: str
    key_id: str
    restriction_digest: str
    arms: tuple[str, ...]
    factors: tuple[tuple[str, tuple[str, ...]], ...]
    list_mark: str
    opening: str

    def stratum_of(self, values: Mapping[str, str]) -> str:
        """The stratum that a subject's values name; UnknownLevelError where there is none."""
        return label_of_values(dict(self.factors), values)

    def canonical(self) -> dict[str, Any]:
        return {
            "schedule_id": self.schedule_id,
            "key_id": self.key_id,
            "restriction_digest": self.restriction_digest,
            "arms": sorted(self.arms),
            "factors": [[name, sorted(levels)] for name, levels in sorted(self.factors)],
            "list_mark": self.list_mark,
            "opening": self.opening,
        }

    def to_json(self) -> str:
        """One text, to be kept with the slots so that the bundle's digest can be checked at any time."""
        return custody_text("bundle-header", self.canonical())

    @classmethod
    def from_json(cls, text: str) -> BundleHeader:
        return cls._from_content(custody_content(text, "bundle-header", _HEADER_FIELDS))

    @classmethod
    def _from_content(cls, content: Mapping[str, Any]) -> BundleHeader:
        try:
            factors = tuple((str(name), tuple(map(str, levels))) for name, levels in content["factors"])
        except (TypeError, ValueError) as problem:
            raise _not_a_bundle() from problem
        return cls(
            content["schedule_id"],
            content["key_id"],
            content["restriction_digest"],
            tuple(map(str, content["arms"])),
            factors,
            content["list_mark"],
            content["opening"],
        )


@dataclass(frozen=True)
class SealedBundle:
    """Header and closed slots; two bundles with the same slots in another order are the same bundle."""

    header: BundleHeader
    slots: tuple[SealedSlot, ...] = field(repr=False)

    def __post_init__(self) -> None:
        ordered = tuple(sorted(self.slots, key=lambda slot: (slot.stratum, slot.sequence_number)))
        object.__setattr__(self, "slots", ordered)

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hex) over header and slots; public, and part of the commitment."""
        return tagged_digest("sealed-bundle", self._content())

    def slots_of(self, stratum: str) -> tuple[SealedSlot, ...]:
        return tuple(slot for slot in self.slots if slot.stratum == stratum)

    def _content(self) -> dict[str, Any]:
        slots = [[s.stratum, s.sequence_number, s.nonce.hex(), s.sealed.hex()] for s in self.slots]
        return {**self.header.canonical(), "slots": slots}

    def to_json(self) -> str:
        return custody_text("sealed-bundle", self._content())

    @classmethod
    def from_json(cls, text: str) -> SealedBundle:
        """The bundle of a file; CustodyFileError where it is not one."""
        content = custody_content(text, "sealed-bundle", {**_HEADER_FIELDS, "slots": list})
        header = BundleHeader._from_content(content)
        return cls(header, tuple(_slot_from(row) for row in content["slots"]))


def seal_schedule(
    schedule: Schedule,
    key: AllocationKey,
    *,
    seed: bytes | int,
    restriction_digest: str = "",
    entropy: Entropy = os.urandom,
) -> SealedBundle:
    """Close every slot of a list under one key.

    Parameters
    ----------
    schedule
        From :func:`generate_schedule`.
    key
        From :meth:`AllocationKey.draw`; used for this bundle only.
    seed
        That the list was generated from: the opening of the list's mark follows from it.
    restriction_digest
        Digest of the ``randomization.toml`` the block lengths came from.
    entropy
        ``os.urandom``; the demonstration passes :func:`demonstration_entropy`.

    Returns
    -------
    SealedBundle
        With a nonce of its own for each slot.

    Raises
    ------
    AllocationKeyError
        The entropy gave one nonce twice: it must not be used.
    """
    slots = tuple(seal_slot(slot, key, schedule.schedule_id, entropy) for slot in schedule.rows())
    if len({slot.nonce for slot in slots}) < len(slots):
        raise AllocationKeyError(
            expected="a fresh nonce for each slot",
            found="one nonce twice",
            next_step="Seal again with the operating system's random numbers.",
        )
    opening = list_opening(seed_bytes(seed), schedule.schedule_id)
    header = BundleHeader(
        schedule.schedule_id,
        key.key_id,
        restriction_digest,
        tuple(sorted(schedule.design.arms)),
        tuple(sorted((name, tuple(sorted(levels))) for name, levels in schedule.design.factors.items())),
        list_mark(opening, schedule.rows()),
        close_opening(opening, key, schedule.schedule_id, entropy),
    )
    return SealedBundle(header, slots)


def bundle_digest(header_json: str, slots: Iterable[SealedSlot]) -> str:
    """The digest of a bundle kept as rows: compare it with the digest on the schedule's commitment."""
    return SealedBundle(BundleHeader.from_json(header_json), tuple(slots)).digest


def remaining_supply(slots_left: int) -> Literal["enough", "low"]:
    """All that blinded eyes are told of how many slots a stratum has left: fewer than 20 is ``low``."""
    return "low" if slots_left < _LOW_SUPPLY else "enough"


def check_key(bundle: SealedBundle, key: AllocationKey, ratio: Mapping[str, int] | None = None) -> None:
    """Every slot of the bundle opens with this key and holds one of the bundle's arms.

    Parameters
    ----------
    ratio
        Arm -> ratio of the study, where the list is to be held against it as well: every block must have
        the arms in this ratio. A list of simple randomization has no blocks and cannot be held against it.

    Raises
    ------
    AllocationKeyError
        The key belongs to another bundle.
    TamperedBundleError
        A slot does not open, is there twice, is missing from its sequence, or holds no arm of the header; or
        the slots together are not the list that the header's mark names.
    BlockLengthError
        A block has the arms in another ratio; which one is not told.
    """
    if key.key_id != bundle.header.key_id:
        raise AllocationKeyError(
            expected=said("the key {key_id}", key_id=bundle.header.key_id),
            found=said("the key {key_id}", key_id=key.key_id),
            next_step="Load the key file that came with this bundle.",
        )
    slots = _opened(bundle, key)
    opening = open_opening(bundle.header.opening, key, bundle.header.schedule_id)
    if list_mark(opening, slots) != bundle.header.list_mark:
        raise TamperedBundleError(
            expected="slots that hold the list of the bundle's mark",
            found="another list",
            next_step="Do not load this bundle; ask the list maker for it again.",
        )
    blocks: defaultdict[tuple[str, int], Counter[str]] = defaultdict(Counter)
    for slot in slots:
        if slot.block_length > 1:
            blocks[slot.stratum, slot.block][slot.arm] += 1
    if ratio is not None and any(_differ(found, ratio) for found in blocks.values()):
        raise BlockLengthError(
            expected="a list with the arms in the study's ratio in every block",
            found="another ratio",
            next_step="Ask the list maker for a list made from this version of the study.",
        )


def _opened(bundle: SealedBundle, key: AllocationKey) -> list[Slot]:
    expected_next: dict[str, int] = {}
    opened = []
    for slot in bundle.slots:
        if slot.sequence_number != expected_next.get(slot.stratum, 1):
            raise _tampered(slot, "a sequence without gap or repetition", "another sequence number")
        expected_next[slot.stratum] = slot.sequence_number + 1
        content = open_slot(slot, key, bundle.header.schedule_id)
        if content.arm not in bundle.header.arms:
            raise _tampered(slot, "a slot with an arm of this bundle", "another content")
        place = slot.stratum, slot.sequence_number
        opened.append(Slot(*place, content.block, content.block_length, content.arm))
    return opened


def _differ(found: Mapping[str, int], ratio: Mapping[str, int]) -> bool:
    """Whether a whole block has the arms in another ratio."""
    repeats, rest = divmod(sum(found.values()), sum(ratio.values()))
    return bool(rest) or any(found.get(arm, 0) != repeats * share for arm, share in ratio.items())


def _slot_from(row: Any) -> SealedSlot:
    if not (isinstance(row, list) and len(row) == 4 and isinstance(row[0], str) and type(row[1]) is int):
        raise _not_a_bundle()
    nonce = hex_bytes(row[2], "sealed-bundle", NONCE_BYTES)
    return SealedSlot(row[0], row[1], nonce, hex_bytes(row[3], "sealed-bundle", SEALED_BYTES))


def _tampered(slot: SealedSlot, expected: str, found: str) -> TamperedBundleError:
    return TamperedBundleError(
        expected=expected,
        found=found,
        where=f"{slot.stratum}/{slot.sequence_number}",
        next_step="Do not load this bundle; ask the list maker for it again.",
    )


def _not_a_bundle() -> CustodyFileError:
    return CustodyFileError(
        expected="a trialkit sealed-bundle file",
        found="fields of another shape",
        next_step="Check that this is the file you were sent.",
    )
