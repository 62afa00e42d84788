"""The list maker's work in one go: generate, seal, promise, and write the files that go separate ways."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from trialkit.randomization.bundle import SealedBundle, seal_schedule
from trialkit.randomization.commitment import Commitment, Reveal, make_commitment, reseal
from trialkit.randomization.design import RandomizationDesign
from trialkit.randomization.errors import CustodyFileError, RestrictionError
from trialkit.randomization.files import write_custody_file
from trialkit.randomization.restriction import Restriction
from trialkit.randomization.schedule import generate_schedule
from trialkit.randomization.sealing import AllocationKey, Entropy
from trialkit.randomization.seedfile import SeedFile, lock_seed
from trialkit.randomization.stream import SEED_BYTES

BUNDLE_FILE, KEY_FILE = "bundle.json", "allocation-key.json"
COMMITMENT_FILE, SEED_FILE = "commitment.json", "seed.json"


@dataclass(frozen=True)
class MadeList:
    """A sealed list and what belongs to it; its ``repr`` shows only what is public."""

    bundle: SealedBundle
    commitment: Commitment
    key: AllocationKey = field(repr=False)
    reveal: Reveal = field(repr=False)


@dataclass(frozen=True, slots=True)
class ListFiles:
    """``bundle`` and ``commitment`` go to the server, ``key`` by another way; ``seed`` stays."""

    bundle: Path
    key: Path
    commitment: Path
    seed: Path


def make_list(
    design: RandomizationDesign,
    *,
    seed: bytes | int | None = None,
    restriction_digest: str = "",
    previous: Commitment | None = None,
    entropy: Entropy = os.urandom,
) -> MadeList:
    """Generate a list, seal it under a new key, and commit to it.

    Parameters
    ----------
    design
        Arms, factors, block lengths.
    seed
        None: 32 bytes from ``entropy``. 32 bytes, or an integer for demonstrations.
    restriction_digest
        Digest of the ``randomization.toml`` the block lengths came from.
    previous
        For an extension: the commitment of the list that runs out.
    entropy
        The operating system's, unless a demonstration brings its own.

    Raises
    ------
    SeedError
        A seed of another length or kind.
    """
    secret = entropy(SEED_BYTES) if seed is None else seed
    schedule = generate_schedule(design, secret)
    key = AllocationKey.draw(entropy)
    bundle = seal_schedule(schedule, key, seed=secret, restriction_digest=restriction_digest, entropy=entropy)
    commitment, reveal = make_commitment(schedule, secret, bundle, previous)
    return MadeList(bundle, commitment, key, reveal)


def write_list(
    made: MadeList, folder: Path | str, passphrase: str, *, cost: int = 17, entropy: Entropy = os.urandom
) -> ListFiles:
    """Write a list's four files into a new or empty folder.

    Parameters
    ----------
    made
        From :func:`make_list`.
    folder
        New or empty; only its owner may enter it.
    passphrase, cost
        As in :func:`lock_seed`.

    Raises
    ------
    CustodyFileError
        Something is in the folder.
    PassphraseError
        The passphrase is too short.
    """
    folder = Path(folder)
    seed_file = lock_seed(made.reveal, passphrase, cost=cost, entropy=entropy)
    _make_empty(folder)
    files = ListFiles(folder / BUNDLE_FILE, folder / KEY_FILE, folder / COMMITMENT_FILE, folder / SEED_FILE)
    _write(files, made, seed_file)
    return files


def reseal_list(
    reveal: Reveal,
    commitment: Commitment,
    restriction: Restriction,
    folder: Path | str,
    *,
    entropy: Entropy = os.urandom,
) -> tuple[Path, Path]:
    """Seal a list again under a new key, and write bundle and key into a new or empty folder.

    Parameters
    ----------
    reveal, commitment
        The opened seed file, and the public commitment it was made with.
    restriction
        The ``randomization.toml`` of the list.

    Returns
    -------
    (Path, Path)
        The bundle and the key; they go to the server by separate ways, as the first did.

    Raises
    ------
    CommitmentError, RestrictionError
        The seed is of another list; the restriction has other block lengths.
    CustodyFileError
        Something is in the folder.
    """
    folder = Path(folder)
    if _in_order(restriction.block_lengths) != _in_order(reveal.design.block_lengths):
        raise RestrictionError(
            expected="the randomization.toml that the list was made with",
            found="one with other block lengths",
            next_step="Use the file that was kept beside the seed.",
        )
    key = AllocationKey.draw(entropy)
    bundle = reseal(reveal, commitment, key, restriction_digest=restriction.digest, entropy=entropy)
    _make_empty(folder)
    write_custody_file(folder / KEY_FILE, key.to_json(), private=True)
    write_custody_file(folder / BUNDLE_FILE, bundle.to_json())
    return folder / BUNDLE_FILE, folder / KEY_FILE


def _in_order(lengths: Sequence[int] | None) -> list[int] | None:
    return None if lengths is None else sorted(lengths)


def _make_empty(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise CustodyFileError(
            expected="a new or empty folder",
            found="one in use",
            where=str(folder),
            next_step="Name another folder; a list is never written over.",
        )
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def _write(files: ListFiles, made: MadeList, seed_file: SeedFile) -> None:
    write_custody_file(files.seed, seed_file.to_json(), private=True)
    write_custody_file(files.key, made.key.to_json(), private=True)
    write_custody_file(files.bundle, made.bundle.to_json())
    write_custody_file(files.commitment, made.commitment.to_json())
