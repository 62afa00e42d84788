"""Maps of groups: means, differences and correlations, with the false discoveries or the clusters
controlled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from trialkit.imaging.errors import MeasurementError
from trialkit.imaging.grid import BoolArray, FloatArray
from trialkit.imaging.maps.normalized import FatMap
from trialkit.imaging.maps.template import TemplateMap
from trialkit.wording import said

_FEWEST = 3
Maps = Sequence[FatMap] | Sequence[TemplateMap]


@dataclass(frozen=True, eq=False)
class MapTest:
    """One number a cell ``(level, depth, sector)``, or a voxel of the template; NaN where too few have it.

    ``estimate`` is the difference of means in points (first minus second) or Spearman's correlation;
    ``p_value`` is not adjusted, ``adjusted`` is, by ``method``.
    """

    estimate: FloatArray
    statistic: FloatArray
    p_value: FloatArray
    adjusted: FloatArray
    n: tuple[int, ...]
    method: str


def mean_map(maps: Maps) -> FloatArray:
    """The mean of each cell over the maps that have it."""
    stacked = _stacked(maps)
    return _mean(stacked)


def difference_map(
    first: Maps,
    second: Maps,
    control: Literal["fdr", "clusters"] = "fdr",
    permutations: int = 1000,
    threshold_p: float = 0.01,
    seed: int = 1,
) -> MapTest:
    """Welch's t test in every cell.

    Parameters
    ----------
    control
        ``fdr``: Benjamini-Hochberg over all cells. ``clusters``: neighbouring cells beyond ``threshold_p``
        of one
        sign make a cluster, its mass is the sum of t, and the greatest mass under permutation of the groups
        judges it; sectors are neighbours round the circle, voxels of a template by their faces.

    Raises
    ------
    MeasurementError
        Maps of different shape, or fewer than three in a group.

    References
    ----------
    Benjamini & Hochberg (1995), JRSS B 57:289-300. Maris & Oostenveld (2007), J Neurosci Methods 164:177-190.
    """
    a, b = _stacked(first), _stacked(second)
    if a.shape[1:] != b.shape[1:] or min(len(a), len(b)) < _FEWEST:
        raise MeasurementError(
            expected="maps of one shape, at least three in each group",
            found=said(
                "{n_a} and {n_b} maps of {shape} and {shape_2} cells",
                n_a=len(a),
                n_b=len(b),
                shape=a.shape[1:],
                shape_2=b.shape[1:],
            ),
            where="difference map",
        )
    statistic, df = _welch(a, b)
    p = _two_sided(statistic, df)
    if control == "fdr":
        adjusted = _benjamini_hochberg(p)
    else:
        adjusted = _clusters(a, b, threshold_p, permutations, seed, circular=first[0].circular)
    with np.errstate(invalid="ignore"):
        estimate = np.where(np.isfinite(statistic), _mean(a) - _mean(b), np.nan)
    return MapTest(estimate, statistic, p, adjusted, (len(a), len(b)), control)


def correlation_map(maps: Maps, values: Sequence[float]) -> MapTest:
    """Spearman's correlation of every cell with one number a person (kinematics, EMG, a marker); adjusted
    by FDR.

    Raises
    ------
    MeasurementError
        Not one value a map, or fewer than four persons with both.
    """
    from scipy.stats import spearmanr

    stacked, numbers = _stacked(maps), np.asarray(values, dtype=float)
    if len(stacked) != len(numbers) or int(np.isfinite(numbers).sum()) < _FEWEST + 1:
        raise MeasurementError(
            expected="one number a map, at least four",
            found=said("{n_numbers} for {n_stacked} maps", n_numbers=len(numbers), n_stacked=len(stacked)),
            where="values",
        )
    estimate, p = np.full(stacked.shape[1:], np.nan), np.full(stacked.shape[1:], np.nan)
    enough = (np.isfinite(stacked) & np.isfinite(numbers)[:, None, None, None]).sum(axis=0) > _FEWEST
    for cell in map(tuple, np.argwhere(enough)):
        column = stacked[(slice(None), *cell)]
        both = np.isfinite(column) & np.isfinite(numbers)
        if np.ptp(column[both]) > 0 and np.ptp(numbers[both]) > 0:
            found = spearmanr(column[both], numbers[both])
            estimate[cell], p[cell] = float(found.statistic), float(found.pvalue)
    return MapTest(estimate, estimate, p, _benjamini_hochberg(p), (len(stacked),), "fdr")


def _stacked(maps: Maps) -> FloatArray:
    if len({one.percent.shape for one in maps}) != 1:
        raise MeasurementError(expected="maps of one shape", found="none, or several shapes", where="maps")
    return np.stack([one.percent for one in maps])


def _mean(values: FloatArray) -> FloatArray:
    counts = np.isfinite(values).sum(axis=0)
    mean: FloatArray = np.full(counts.shape, np.nan)
    np.divide(np.nansum(values, axis=0), counts, out=mean, where=counts > 0)
    return mean


def _welch(a: FloatArray, b: FloatArray) -> tuple[FloatArray, FloatArray]:
    parts = []
    for values in (a, b):
        n, mean = np.isfinite(values).sum(axis=0), _mean(values)
        squares = np.nansum((values - mean) ** 2, axis=0)
        variance = np.divide(squares, n - 1, out=np.full(n.shape, np.nan), where=n >= _FEWEST)
        parts.append((n, mean, variance / np.maximum(n, 1)))
    (n_a, mean_a, se_a), (n_b, mean_b, se_b) = parts
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = (mean_a - mean_b) / np.sqrt(se_a + se_b)
        df = (se_a + se_b) ** 2 / (se_a**2 / (n_a - 1) + se_b**2 / (n_b - 1))
    return np.where(np.isfinite(statistic), statistic, np.nan), df


def _two_sided(statistic: FloatArray, df: FloatArray) -> FloatArray:
    from scipy.special import stdtr

    return np.asarray(2 * stdtr(df, -np.abs(statistic)))


def _benjamini_hochberg(p: FloatArray) -> FloatArray:
    from scipy.stats import false_discovery_control

    adjusted, told = np.full(p.shape, np.nan), np.isfinite(p)
    if told.any():
        adjusted[told] = false_discovery_control(p[told])
    return adjusted


def _clusters(
    a: FloatArray, b: FloatArray, threshold_p: float, permutations: int, seed: int, *, circular: bool
) -> FloatArray:
    """The p value of each cell's cluster; 1 outside clusters, NaN without a test."""
    statistic, df = _welch(a, b)
    labels, masses = _masses(statistic, _two_sided(statistic, df) < threshold_p, circular=circular)
    both, rng = np.concatenate([a, b]), np.random.default_rng(seed)
    greatest = np.zeros(permutations)
    for number in range(permutations):
        order = rng.permutation(len(both))
        other, other_df = _welch(both[order[: len(a)]], both[order[len(a) :]])
        beyond = _two_sided(other, other_df) < threshold_p
        greatest[number] = max(_masses(other, beyond, circular=circular)[1], default=0.0)
    adjusted = np.where(np.isfinite(statistic), 1.0, np.nan)
    for label, mass in enumerate(masses, start=1):
        adjusted[labels == label] = (1 + np.count_nonzero(greatest >= mass)) / (1 + permutations)
    return adjusted


def _masses(
    statistic: FloatArray, beyond: BoolArray, *, circular: bool
) -> tuple[npt.NDArray[np.intp], list[float]]:
    """Labels of clusters and their masses; positive and negative cells never join."""
    from scipy.ndimage import label

    labels, masses = np.zeros(statistic.shape, dtype=np.intp), []
    for sign in (1, -1):
        found, count = label(beyond & (np.sign(statistic) == sign))
        if circular:
            for first, last in zip(found[..., 0].ravel(), found[..., -1].ravel(), strict=True):
                if first and last and first != last:
                    found[found == last] = first  # the last sector lies beside the first
        sizes = np.bincount(found.ravel(), np.abs(np.nan_to_num(statistic)).ravel(), count + 1)
        for number in np.unique(found[found > 0]):
            masses.append(float(sizes[number]))
            labels[found == number] = len(masses)
    return labels, masses
