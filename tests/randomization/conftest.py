"""The reference trial's design, and one list with its whole custody chain."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from trialkit.randomization import (
    AllocationKey,
    Commitment,
    RandomizationDesign,
    Reveal,
    Schedule,
    SealedBundle,
    demonstration_entropy,
    generate_schedule,
    make_commitment,
    seal_schedule,
)

REFERENCE = Path(__file__).resolve().parents[1] / "reference" / "randomization"


@dataclass(frozen=True)
class Custody:
    """What the list maker has made for one trial."""

    schedule: Schedule
    key: AllocationKey
    bundle: SealedBundle
    commitment: Commitment
    reveal: Reveal


@pytest.fixture(scope="session")
def reference_folder() -> Path:
    return REFERENCE


@pytest.fixture(scope="session")
def golden() -> dict[str, dict[str, object]]:
    return json.loads((REFERENCE / "golden.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def design() -> RandomizationDesign:
    return RandomizationDesign(
        arms={"exercise": 1, "control": 1},
        factors={"site": ["A", "B", "C", "D", "E"], "sex": ["female", "male"]},
        block_lengths=(4, 6),
        subjects_per_stratum=20,
    )


@pytest.fixture(scope="session")
def custody(design: RandomizationDesign) -> Custody:
    schedule = generate_schedule(design, seed=11)
    key = AllocationKey.draw(demonstration_entropy(11, "key"))
    bundle = seal_schedule(schedule, key, seed=11, entropy=demonstration_entropy(11, "nonces"))
    commitment, reveal = make_commitment(schedule, 11, bundle)
    return Custody(schedule, key, bundle, commitment, reveal)
