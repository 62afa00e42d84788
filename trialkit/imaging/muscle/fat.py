"""Which voxels of a muscle are fat, where there is no water image: four ways, one interface."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from trialkit.imaging.grid import BoolArray, FloatArray
from trialkit.imaging.libraries import library
from trialkit.imaging.muscle.mixture import fit_mixture
from trialkit.imaging.muscle.settings import FatMethod, MeasureSettings

_OTSU_BINS = 256


@dataclass(frozen=True, eq=False)
class Split:
    """Lean below ``lean_below``, fat from ``fat_from`` on; between them undefined."""

    lean_below: float
    fat_from: float
    note: str = ""

    def lean(self, values: FloatArray) -> BoolArray:
        return values < self.lean_below

    def fat(self, values: FloatArray) -> BoolArray:
        return values >= self.fat_from


def split(
    method: FatMethod, values: FloatArray, settings: MeasureSettings, reference: float | None
) -> Split | None:
    """The thresholds of one method for one muscle; None where it does not apply.

    Parameters
    ----------
    values
        Intensities of the muscle, finite.
    reference
        Mean signal of subcutaneous fat, where it is drawn.

    Degenerate cases
    ----------------
    Intensities all alike cannot be split: None.
    """
    if method == "subcutaneous":
        if reference is None:
            return None
        at = settings.subcutaneous_share * reference
        return Split(at, at, f"threshold {at:.6g}")
    if values.min() == values.max():
        return None
    return _OWN[method](values, settings.clusters)


def _otsu(values: FloatArray, _clusters: int) -> Split:
    # skimage answers with the middle of the last bin below; the classes part at that bin's upper edge.
    at = float(
        library("skimage.filters").threshold_otsu(values, nbins=_OTSU_BINS) + np.ptp(values) / _OTSU_BINS / 2
    )
    return Split(at, at, f"threshold {at:.6g}")


def _kmeans(values: FloatArray, clusters: int) -> Split:
    ordered = np.sort(values)
    centres = kmeans_1d(ordered, clusters)
    label = np.searchsorted((centres[1:] + centres[:-1]) / 2, ordered, side="left")
    return _by_cluster(ordered, label, clusters)


def _gmm(values: FloatArray, clusters: int) -> Split:
    mixture = fit_mixture(values, kmeans_1d(np.sort(values), clusters))
    if not mixture.converged:
        return Split(np.nan, np.nan, f"no convergence in {mixture.iterations} iterations")
    ordered = np.sort(values)
    return _by_cluster(ordered, mixture.most_likely(ordered), clusters)


_OWN: dict[FatMethod, Callable[[FloatArray, int], Split]] = {"otsu": _otsu, "kmeans": _kmeans, "gmm": _gmm}


def _by_cluster(ordered: FloatArray, label: npt.NDArray[np.intp], clusters: int) -> Split:
    """MuscleMap's rule: lean up to the greatest value of the lowest cluster, fat from the least of the
    highest.
    """
    lowest, highest = ordered[label == 0], ordered[label == clusters - 1]
    if not lowest.size or not highest.size:
        return Split(np.nan, np.nan, "a component without voxels")
    fat_from = float(highest.min())
    lean_below = min(float(np.nextafter(lowest.max(), np.inf)), fat_from)
    return Split(lean_below, fat_from, f"lean below {lean_below:.6g}, fat from {fat_from:.6g}")


def kmeans_1d(ordered: FloatArray, clusters: int) -> FloatArray:
    """Centres, rising, of the best of several deterministic starts.

    In one dimension a cluster is an interval: Lloyd's steps need sums up to each cut only.
    """
    sums = np.concatenate([[0.0], np.cumsum(ordered)])
    squares = np.concatenate([[0.0], np.cumsum(ordered**2)])
    best, least = ordered[[0, -1]], np.inf
    for spread in (1.0, 0.5, 0.1):
        shares = 0.5 + spread * (np.arange(clusters) - (clusters - 1) / 2) / clusters
        for start in (np.quantile(ordered, shares), ordered[0] + shares * np.ptp(ordered)):
            centres, inertia = _lloyd(ordered, sums, squares, start)
            if inertia < least:
                best, least = centres, inertia
    return best


def _lloyd(
    ordered: FloatArray, sums: FloatArray, squares: FloatArray, centres: FloatArray
) -> tuple[FloatArray, float]:
    for _ in range(1000):
        cuts = np.searchsorted(ordered, (centres[1:] + centres[:-1]) / 2, side="right")
        ends = np.concatenate([[0], cuts, [len(ordered)]])
        counts = np.diff(ends)
        if (counts == 0).any():
            return centres, np.inf
        moved = np.diff(sums[ends]) / counts
        if np.array_equal(moved, centres):
            break
        centres = moved
    return centres, float((np.diff(squares[ends]) - counts * moved**2).sum())
