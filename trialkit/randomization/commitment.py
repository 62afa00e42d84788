"""The promise made before the first participant, and the secret that redeems it.

The :class:`Commitment` is public from the start. The :class:`Reveal` stays with the list maker, under a
passphrase, until the trial is over.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from trialkit.randomization.bundle import BundleHeader, SealedBundle, seal_schedule
from trialkit.randomization.canonical import GENERATOR_VERSION, tagged_digest
from trialkit.randomization.design import RandomizationDesign
from trialkit.randomization.errors import CommitmentError, CustodyFileError, TamperedBundleError
from trialkit.randomization.files import custody_content, custody_text, hex_bytes
from trialkit.randomization.schedule import Schedule, generate_schedule, schedule_id
from trialkit.randomization.sealing import AllocationKey, Entropy
from trialkit.randomization.stream import SEED_BYTES, seed_bytes
from trialkit.wording import said


@dataclass(frozen=True, slots=True)
class Commitment:
    """The public promise: ``value`` binds design, seed, list, bundle and the commitment before it."""

    value: str
    schedule_id: str
    bundle_digest: str
    previous: str | None = None

    def to_json(self) -> str:
        content = {
            "commitment": self.value,
            "schedule_id": self.schedule_id,
            "bundle_digest": self.bundle_digest,
            "previous_commitment": self.previous,
        }
        return custody_text("commitment", content)

    @classmethod
    def from_json(cls, text: str) -> Commitment:
        optional = (str, type(None))
        fields: dict[str, type | tuple[type, ...]] = {
            "commitment": str,
            "schedule_id": str,
            "bundle_digest": str,
            "previous_commitment": optional,
        }
        content = custody_content(text, "commitment", fields)
        return cls(
            content["commitment"],
            content["schedule_id"],
            content["bundle_digest"],
            content["previous_commitment"],
        )


@dataclass(frozen=True, slots=True)
class Reveal:
    """All that is needed to make the list again; whoever holds it knows every arm, past and future."""

    design: RandomizationDesign = field(repr=False)
    seed: bytes = field(repr=False)
    schedule_digest: str = field(repr=False)
    bundle_digest: str
    previous: str | None = None

    def commitment(self) -> Commitment:
        """The commitment that this reveal redeems, computed from its own content."""
        content = {
            "bundle_digest": self.bundle_digest,
            "design": self.design.canonical(),
            "generator": GENERATOR_VERSION,
            "previous_commitment": self.previous,
            "schedule_digest": self.schedule_digest,
            "seed": self.seed.hex(),
        }
        value = tagged_digest("commitment", content)
        return Commitment(value, schedule_id(self.design, self.seed), self.bundle_digest, self.previous)

    def to_json(self) -> str:
        content = {
            "bundle_digest": self.bundle_digest,
            "design": self.design.canonical(),
            "previous_commitment": self.previous,
            "schedule_digest": self.schedule_digest,
            "seed": self.seed.hex(),
        }
        return custody_text("reveal", content)

    @classmethod
    def from_json(cls, text: str) -> Reveal:
        fields: dict[str, type | tuple[type, ...]] = {
            "bundle_digest": str,
            "design": dict,
            "previous_commitment": (str, type(None)),
            "schedule_digest": str,
            "seed": str,
        }
        content = custody_content(text, "reveal", fields)
        return cls(
            _design_from(content["design"]),
            hex_bytes(content["seed"], "reveal", SEED_BYTES),
            content["schedule_digest"],
            content["bundle_digest"],
            content["previous_commitment"],
        )


def make_commitment(
    schedule: Schedule,
    seed: bytes | int,
    bundle: SealedBundle,
    previous: str | Commitment | None = None,
) -> tuple[Commitment, Reveal]:
    """The public promise for a list, and the secret that will redeem it.

    Parameters
    ----------
    schedule, seed
        The list and the seed it was generated from.
    bundle
        The sealed list, as it goes to the server.
    previous
        For an extension: the commitment of the schedule that ran out.

    Returns
    -------
    (Commitment, Reveal)
        The first is published and loaded with the bundle; the second goes into the seed file only.

    Raises
    ------
    CommitmentError
        The list does not come from this seed, or the bundle is not of this list.
    """
    key = seed_bytes(seed)
    again = generate_schedule(schedule.design, key)
    if again.digest != schedule.digest or bundle.header.schedule_id != again.schedule_id:
        raise CommitmentError(
            expected="a list, its seed and its bundle",
            found="parts that do not belong together",
            next_step="Generate, seal and commit in one go.",
        )
    before = previous.value if isinstance(previous, Commitment) else previous
    reveal = Reveal(schedule.design, key, schedule.digest, bundle.digest, before)
    return reveal.commitment(), reveal


def check_bundle(bundle: SealedBundle, commitment: Commitment) -> None:
    """The bundle is the one committed to.

    Raises
    ------
    TamperedBundleError
        Its digest or schedule is another one.
    """
    if (bundle.digest, bundle.header.schedule_id) != (commitment.bundle_digest, commitment.schedule_id):
        raise TamperedBundleError(
            expected=said("the bundle with digest {bundle_digest}", bundle_digest=commitment.bundle_digest),
            found=said("one with digest {digest}", digest=bundle.digest),
            next_step="Randomize nobody; find out who changed the bundle.",
        )


def reseal(
    reveal: Reveal,
    commitment: Commitment,
    key: AllocationKey,
    *,
    restriction_digest: str = "",
    entropy: Entropy = os.urandom,
) -> SealedBundle:
    """Close the same list under a new key, after the old key was lost.

    The commitment stays as it was: it names the first bundle, whose mark the new bundle bears.

    Raises
    ------
    CommitmentError
        The reveal does not redeem this commitment, or its list does not follow from its seed.
    """
    schedule = generate_schedule(reveal.design, reveal.seed)
    if reveal.commitment() != commitment or schedule.digest != reveal.schedule_digest:
        raise CommitmentError(
            expected=said("the seed of commitment {commitment}", commitment=commitment.value),
            found="the seed of another list",
            next_step="Use the seed file that was made together with this commitment.",
        )
    return seal_schedule(
        schedule, key, seed=reveal.seed, restriction_digest=restriction_digest, entropy=entropy
    )


def check_resealed(resealed: SealedBundle, first: BundleHeader) -> None:
    """The bundle is the list of ``first``, sealed again; needs neither the seed nor the old key.

    Both bear the same mark, and the commitment covers that of the first. That the slots really hold what the
    mark says is for :func:`check_key`, with the new key.

    Raises
    ------
    CommitmentError
        It is another list, or was made under another restriction.
    """
    header = resealed.header
    if header.restriction_digest != first.restriction_digest:
        raise CommitmentError(
            expected=said(
                "a list under the restriction with digest {restriction_digest}",
                restriction_digest=first.restriction_digest[:12],
            ),
            found=said(
                "one under {restriction_digest}", restriction_digest=header.restriction_digest[:12] or "none"
            ),
            next_step="Reseal with the randomization.toml that the list was made with.",
        )
    if replace(header, key_id=first.key_id, opening=first.opening) != first:
        raise CommitmentError(
            expected=said(
                "the list of schedule {schedule_id} that was committed to, sealed again",
                schedule_id=first.schedule_id,
            ),
            found="another list",
            next_step="Reseal from the seed file that belongs to the commitment of this list.",
        )


def _design_from(form: Mapping[str, Any]) -> RandomizationDesign:
    try:
        design = RandomizationDesign.from_canonical(form)
        unchanged = design.canonical() == form
    except (KeyError, TypeError, ValueError):
        unchanged = False
    if not unchanged:
        raise CustodyFileError(
            expected="a design in canonical form",
            found="another form",
            next_step="Use the reveal as trialkit wrote it.",
        )
    return design
