"""A score back into items: integers within their ranges that add up to the total."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def spread_over_items(
    total: NDArray[np.int64],
    lowest: NDArray[np.int64],
    highest: NDArray[np.int64],
    scatter: float,
    random: np.random.Generator,
) -> NDArray[np.int64]:
    """Item points that add up to each person's total.

    Parameters
    ----------
    total
        Sum of the items, one for each person; between the sums of ``lowest`` and ``highest``.
    lowest, highest
        Range of each item.
    scatter
        SD of an item around the person's mean item, in points.

    Returns
    -------
    array, people x items
        Each row within the ranges, its sum exactly the total.

    Raises
    ------
    ValueError
        For a total that the items cannot add up to.
    """
    if (total < lowest.sum()).any() or (total > highest.sum()).any():
        raise ValueError("a total that the items cannot add up to")
    width = (highest - lowest).astype(float)
    share = (total - lowest.sum()) / max(width.sum(), 1)
    wanted = lowest + share[:, None] * width
    wanted = wanted + scatter * random.standard_normal(wanted.shape) * (width > 0)
    points = np.asarray(np.clip(np.round(wanted), lowest, highest), dtype=np.int64)
    while (gap := np.asarray(total - points.sum(axis=1), dtype=np.int64)).any():
        _move_one(points, gap, wanted, lowest, highest)
    return points


def _move_one(
    points: NDArray[np.int64],
    gap: NDArray[np.int64],
    wanted: NDArray[np.float64],
    lowest: NDArray[np.int64],
    highest: NDArray[np.int64],
) -> None:
    """Move, for each person off the total, the item that lies furthest on the wrong side by one point."""
    direction = np.sign(gap)
    room = np.where(direction[:, None] > 0, points < highest, points > lowest)
    pull = np.where(room, (wanted - points) * direction[:, None], -np.inf)
    rows = np.flatnonzero(direction)
    points[rows, pull[rows].argmax(axis=1)] += direction[rows]
