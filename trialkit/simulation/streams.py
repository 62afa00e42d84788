"""Named random streams: every draw has a name, so that adding a form changes no other draw."""

from __future__ import annotations

import hashlib

import numpy as np

from trialkit.simulation.errors import SimulationError


class Streams:
    """Independent generators under one seed, each reached by its name.

    Parameters
    ----------
    seed
        A whole number, 0 or more.
    path
        The names above; :meth:`under` adds to it.

    A stream depends on the seed and its own full name and on nothing else: not on the order of asking,
    nor on which other streams exist. Within a stream the first k draws are the same for any n >= k.
    """

    def __init__(self, seed: int, path: tuple[str, ...] = ()) -> None:
        if seed < 0:
            raise SimulationError(
                expected="a seed of 0 or more", found=str(seed), next_step="Give another seed."
            )
        self.seed = seed
        self.path = path

    def under(self, *names: str) -> Streams:
        """The streams below a name."""
        return Streams(self.seed, (*self.path, *names))

    def __call__(self, *names: str) -> np.random.Generator:
        """A fresh generator at the start of the named stream."""
        name = "\x1f".join((*self.path, *names))
        digest = hashlib.sha256(name.encode()).digest()
        words = [int.from_bytes(digest[i : i + 4], "big") for i in range(0, 32, 4)]
        return np.random.Generator(np.random.PCG64DXSM(np.random.SeedSequence([self.seed, *words])))
