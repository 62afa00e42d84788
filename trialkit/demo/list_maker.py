"""The list maker's desk: away from the trial's server, a sealed list, its key, and a public promise."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from trialkit.randomization import (
    AllocationKey,
    RandomizationDesign,
    Restriction,
    demonstration_entropy,
    generate_schedule,
    load_restriction,
    lock_seed,
    make_commitment,
    seal_schedule,
    write_custody_file,
)
from trialkit.study.model import Study

FASTEST_COST = 14
PASSPHRASE = "a demonstration keeps no secrets"


@dataclass(frozen=True)
class ListFiles:
    """What leaves the desk: bundle, key and promise, each its own way; the seed never does."""

    bundle: Path
    key: Path
    commitment: Path
    seed: Path


def design_of(study: Study, restriction: Restriction, subjects: int) -> RandomizationDesign:
    """The study's arms and factors, with block lengths that only the list maker knows."""
    return RandomizationDesign(
        arms={arm.name: arm.ratio for arm in study.arms},
        factors={factor.name: list(factor.levels) for factor in study.factors},
        block_lengths=restriction.block_lengths,
        subjects=subjects,
    )


def make_list(study: Study, restriction_file: Path, folder: Path, subjects: int, seed: int) -> ListFiles:
    """Generate, seal and promise a list, from a seed that only a demonstration may choose."""
    folder.mkdir(parents=True)
    restriction = load_restriction(restriction_file)
    schedule = generate_schedule(design_of(study, restriction, subjects), seed)
    key = AllocationKey.draw(demonstration_entropy(seed, "allocation key"))
    bundle = seal_schedule(
        schedule,
        key,
        seed=seed,
        restriction_digest=restriction.digest,
        entropy=demonstration_entropy(seed, "bundle nonces"),
    )
    commitment, reveal = make_commitment(schedule, seed, bundle)
    locked = lock_seed(
        reveal, PASSPHRASE, cost=FASTEST_COST, entropy=demonstration_entropy(seed, "seed file")
    )
    files = ListFiles(
        bundle=folder / "bundle.json",
        key=folder / "allocation-key.json",
        commitment=folder / "commitment.json",
        seed=folder / "seed.json",
    )
    write_custody_file(files.bundle, bundle.to_json())
    write_custody_file(files.key, key.to_json(), private=True)
    write_custody_file(files.commitment, commitment.to_json())
    write_custody_file(files.seed, locked.to_json(), private=True)
    return files
