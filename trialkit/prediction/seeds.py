"""Children of a seed, the same however often they are asked for: ``SeedSequence.spawn`` counts its calls."""

from __future__ import annotations

import numpy as np


def children(seed: np.random.SeedSequence, n: int) -> list[np.random.SeedSequence]:
    """The first ``n``: a task that is computed a second time, on another machine say, gives the same."""
    return [
        np.random.SeedSequence(seed.entropy, spawn_key=(*seed.spawn_key, place), pool_size=seed.pool_size)
        for place in range(n)
    ]
