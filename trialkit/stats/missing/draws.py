"""How many imputations, from which seed, and in what portions they are drawn."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from trialkit.stats.errors import DataError
from trialkit.wording import written

PORTION = 50
"""Chains run side by side. The first imputations are the same however many are asked for."""


def check_draws(n: int, seed: int | None) -> None:
    """Refuse fewer than two imputations and a missing seed."""
    if isinstance(n, bool) or not isinstance(n, (int, np.integer)) or n < 2:
        raise DataError(
            expected="n, the number of imputations, to be a whole number of at least 2", found=written(n)
        )
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or seed < 0:
        raise DataError(
            expected="a seed, so that the imputations can be made again",
            found=written(seed),
            next_step="Say seed=... with a whole number written in the analysis plan.",
        )


def portions(n: int, seed: int, part: int) -> Iterator[tuple[int, int, np.random.Generator]]:
    """First and last imputation of each portion, and the stream it is drawn from.

    ``part`` numbers the groups that are imputed apart.
    """
    for k, first in enumerate(range(0, n, PORTION)):
        sequence = np.random.SeedSequence(int(seed), spawn_key=(part, k))
        yield first, min(n, first + PORTION), np.random.Generator(np.random.PCG64(sequence))
