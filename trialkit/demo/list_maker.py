"""The list maker of the demonstration: the real list, from a seed that only a demonstration may choose."""

from __future__ import annotations

from pathlib import Path

from trialkit.randomization import demonstration_entropy, load_restriction, make_list, write_list
from trialkit.randomization.list_making import ListFiles
from trialkit.study.list_design import list_design
from trialkit.study.model import Study

FASTEST_COST = 14
PASSPHRASE = "a demonstration keeps no secrets"


def make_demonstration_list(
    study: Study, restriction_file: Path, folder: Path, subjects: int, seed: int
) -> ListFiles:
    """Generate, seal and promise a list, the same for the same seed."""
    restriction = load_restriction(restriction_file)
    entropy = demonstration_entropy(seed, "list maker")
    made = make_list(
        list_design(study, restriction, subjects),
        seed=seed,
        restriction_digest=restriction.digest,
        entropy=entropy,
    )
    return write_list(made, folder, PASSPHRASE, cost=FASTEST_COST, entropy=entropy)
