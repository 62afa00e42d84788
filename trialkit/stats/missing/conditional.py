"""The normal distribution of what is missing given what is observed, for many parameter draws at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from trialkit.stats.columns import BoolArray, IntArray
from trialkit.stats.distributions import FloatArray


@dataclass(frozen=True)
class Pattern:
    """Rows in which the same positions are missing."""

    rows: IntArray
    absent: IntArray
    present: IntArray


@dataclass(frozen=True)
class Regression:
    """Of a pattern's absent positions on its present ones: slopes (..., o, m), covariance (..., m, m)."""

    pattern: Pattern
    slopes: FloatArray
    covariance: FloatArray


def patterns_of(missing: BoolArray) -> tuple[Pattern, ...]:
    """Patterns of the rows in which something is missing, in the order of their flags."""
    found, membership = np.unique(missing, axis=0, return_inverse=True)
    membership = membership.reshape(-1)
    return tuple(
        Pattern(np.flatnonzero(membership == i), np.flatnonzero(flags), np.flatnonzero(~flags))
        for i, flags in enumerate(found)
        if flags.any()
    )


def regressions(patterns: tuple[Pattern, ...], covariance: FloatArray) -> Iterator[Regression]:
    """The regression each pattern's missing values follow, under each of a stack of covariances."""
    for pattern in patterns:
        a, p = pattern.absent, pattern.present
        own = covariance[..., a[:, None], a]
        if len(p) == 0:
            yield Regression(pattern, np.empty((*covariance.shape[:-2], 0, len(a))), own)
            continue
        across = covariance[..., p[:, None], a]
        slopes = np.asarray(np.linalg.solve(covariance[..., p[:, None], p], across), dtype=float)
        yield Regression(pattern, slopes, own - across.swapaxes(-1, -2) @ slopes)


def fill(
    values: FloatArray,
    mean: FloatArray,
    covariance: FloatArray,
    patterns: tuple[Pattern, ...],
    generator: np.random.Generator | None = None,
    wide: int = 0,
) -> None:
    """Put into ``values`` (draws, rows, positions) conditional means, or with a generator, draws.

    ``mean`` is shaped as ``values`` and ``covariance`` (draws, positions, positions). The generator is asked
    for ``wide`` draws (0: as many as there are) and the first of them are used.
    """
    for regression in regressions(patterns, covariance):
        pattern = regression.pattern
        rows = pattern.rows[:, None]
        deviation = values[:, rows, pattern.present] - mean[:, rows, pattern.present]
        expected = mean[:, rows, pattern.absent] + deviation @ regression.slopes
        if generator is not None:
            root = np.linalg.cholesky(regression.covariance)
            noise = generator.standard_normal((wide or len(values), *expected.shape[1:]))[: len(values)]
            expected = expected + noise @ root.swapaxes(-1, -2)
        values[:, rows, pattern.absent] = expected


@dataclass(frozen=True)
class AllPatterns:
    """Every pattern at once, for one covariance at a time: a loop over patterns costs more than its algebra.

    A pattern's matrices keep their size, with the unit matrix in place of what is absent.
    """

    rows: IntArray  # in which something is missing
    absent: BoolArray  # those rows x positions
    of_row: IntArray  # the pattern of each of those rows
    flags: BoolArray  # patterns x positions
    counts: FloatArray  # rows of each pattern

    @classmethod
    def of(cls, missing: BoolArray) -> AllPatterns:
        rows = np.flatnonzero(missing.any(axis=1))
        absent = missing[rows]
        flags, of_row, counts = np.unique(absent, axis=0, return_inverse=True, return_counts=True)
        return cls(rows, absent, of_row.reshape(-1), flags, counts.astype(float))

    def expect(self, values: FloatArray, mean: FloatArray, covariance: FloatArray) -> FloatArray:
        """Put conditional means into ``values`` (rows, positions); the sum of the rows' conditional
        covariances."""
        absent, present = self.flags, ~self.flags
        known = present[:, :, None] & present[:, None, :]
        across = np.where(present[:, :, None] & absent[:, None, :], covariance, 0.0)
        slopes = np.linalg.solve(np.where(known, covariance, np.eye(len(covariance))), across)
        own = np.where(absent[:, :, None] & absent[:, None, :], covariance, 0.0)
        deviation = np.where(self.absent, 0.0, values[self.rows] - mean[self.rows])
        expected = mean[self.rows] + (deviation[:, None, :] @ slopes[self.of_row])[:, 0]
        values[self.rows] = np.where(self.absent, expected, values[self.rows])
        left = own - across.swapaxes(1, 2) @ slopes
        return np.asarray(np.tensordot(self.counts, left, axes=1))
