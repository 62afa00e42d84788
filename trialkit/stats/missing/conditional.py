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
) -> None:
    """Put into ``values`` (draws, rows, positions) conditional means, or with a generator, draws.

    ``mean`` is shaped as ``values`` and ``covariance`` (draws, positions, positions).
    """
    for regression in regressions(patterns, covariance):
        pattern = regression.pattern
        rows = pattern.rows[:, None]
        deviation = values[:, rows, pattern.present] - mean[:, rows, pattern.present]
        expected = mean[:, rows, pattern.absent] + deviation @ regression.slopes
        if generator is not None:
            root = np.linalg.cholesky(regression.covariance)
            expected = expected + generator.standard_normal(expected.shape) @ root.swapaxes(-1, -2)
        values[:, rows, pattern.absent] = expected
