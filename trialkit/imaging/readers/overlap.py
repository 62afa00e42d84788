"""How two readers' masks agree: Dice, Hausdorff 95 and mean surface distance, segment by segment."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from trialkit.imaging.errors import SegmentationError
from trialkit.imaging.grid import BoolArray, FloatArray, Grid
from trialkit.imaging.volumes import Segmentation
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    "segment",
    "first_ml",
    "second_ml",
    "dice",
    "hausdorff95_mm",
    "mean_surface_distance_mm",
    "note",
)


def overlap(first: Segmentation, second: Segmentation, grid: Grid | None = None) -> pd.DataFrame:
    """Compare two segmentations of one image.

    Parameters
    ----------
    first, second
        Parts of one lattice; segments are paired by name.
    grid
        The image's; None: the smallest box that holds both.

    Returns
    -------
    DataFrame
        segment first_ml second_ml dice hausdorff95_mm mean_surface_distance_mm note; one row a segment of
        either.

    Raises
    ------
    GeometryError
        The two are not parts of one lattice.
    SegmentationError
        No segment in common.

    Degenerate cases
    ----------------
    A segment that both left empty has Dice NaN, one that a single reader drew Dice 0; both have no distances.
    The surface is made of the voxels of a mask that touch one outside by a face, the image's edge counting as
    outside; distances are between their centres. Hausdorff 95 is the greater of the two directions' 95th
    percentiles, the mean surface distance the mean of the two directions' means.

    References
    ----------
    Dice (1945), Ecology 26:297-302. Taha & Hanbury (2015), BMC Medical Imaging 15:29.
    """
    import pandas as pd

    common = set(first.segments) & set(second.segments)
    if not common:
        raise SegmentationError(
            expected="segments of the same names",
            found=said(
                "{segments}; and {segments_2}",
                segments=", ".join(first.segments),
                segments_2=", ".join(second.segments),
            ),
            where="two readers",
            next_step="Call them the same in both files.",
        )
    where = grid or _around(first.grid, second.grid)
    placed_first, placed_second = first.on(where), second.on(where)
    nothing = np.zeros(where.shape, dtype=bool)
    names = dict.fromkeys([*first.segments, *second.segments])
    rows = [
        (name, *_compared(placed_first.get(name, nothing), placed_second.get(name, nothing), where))
        for name in names
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _around(first: Grid, second: Grid) -> Grid:
    """The box of ``first``'s lattice that holds both grids."""
    from trialkit.imaging.grid import placement

    how = placement(second, first, "the two segmentations")
    lengths = [second.shape[axis] for axis in how.order]
    low = [min(0, offset) for offset in how.offset]
    high = [max(own, offset + n) for own, offset, n in zip(first.shape, how.offset, lengths, strict=True)]
    z, y, x = (top - bottom for top, bottom in zip(high, low, strict=True))
    left, posterior, superior = first.position(low[::-1])
    return Grid((z, y, x), first.spacing_mm, (left, posterior, superior), first.direction)


def _compared(a: BoolArray, b: BoolArray, grid: Grid) -> tuple[float, float, float, float, float, str]:
    ml = grid.voxel_mm3 / 1000
    sizes = int(np.count_nonzero(a)), int(np.count_nonzero(b))
    volumes = sizes[0] * ml, sizes[1] * ml
    if 0 in sizes:
        note = "both are empty" if sizes == (0, 0) else "drawn by one reader only"
        return (*volumes, math.nan if sizes == (0, 0) else 0.0, math.nan, math.nan, note)
    box = tuple(slice(int(axis.min()), int(axis.max()) + 1) for axis in np.nonzero(a | b))
    dice = 2 * float(np.count_nonzero(a & b)) / sum(sizes)
    there, back = _surface_distances(a[box], b[box], grid.spacing_mm)
    hausdorff = max(float(np.percentile(there, 95)), float(np.percentile(back, 95)))
    return (*volumes, dice, hausdorff, (float(there.mean()) + float(back.mean())) / 2, "")


def _surface_distances(
    a: BoolArray, b: BoolArray, spacing_mm: tuple[float, float, float]
) -> tuple[FloatArray, FloatArray]:
    from scipy.ndimage import distance_transform_edt

    surfaces = [_surface(a), _surface(b)]
    far = [distance_transform_edt(~surface, sampling=spacing_mm) for surface in surfaces]
    return far[1][surfaces[0]], far[0][surfaces[1]]


def _surface(mask: BoolArray) -> BoolArray:
    from scipy.ndimage import binary_erosion

    return np.asarray(mask & ~binary_erosion(mask))
