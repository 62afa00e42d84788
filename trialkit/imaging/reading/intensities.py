"""A look over the intensities of an image just read: missing, negative, saturated."""

from __future__ import annotations

import numpy as np

from trialkit.imaging.reading.found import Found
from trialkit.imaging.volumes import Image, Notice

_SATURATED_SHARE = 1e-4
_SATURATED_FEWEST = 10
_FULL_SCALES = {float(2**bits - 1) for bits in range(8, 17)}


def looked_over(found: Found, source: str) -> Image:
    """The image, with a notice for each oddity of its intensities."""
    array = found.array
    notices = list(found.notices)
    if np.issubdtype(array.dtype, np.floating):
        missing = int(np.count_nonzero(~np.isfinite(array)))
        if missing:
            notices.append(Notice("not_finite", f"{missing} of {array.size} voxels hold no finite number"))
    with np.errstate(invalid="ignore"):
        negative = int(np.count_nonzero(array < 0)) if np.issubdtype(array.dtype, np.signedinteger) or (
            np.issubdtype(array.dtype, np.floating)
        ) else 0  # fmt: skip
    if negative:
        notices.append(Notice("negative", f"{negative} of {array.size} voxels are negative"))
    at_limit = _saturated(found)
    if at_limit:
        notices.append(
            Notice("saturated", f"{at_limit} of {array.size} voxels are at the greatest possible value")
        )
    return Image(
        array=array,
        spacing_mm=found.placed.spacing_mm,
        origin_mm=found.placed.origin_mm,
        direction=found.placed.direction,
        source=source,
        sha256=found.sha256,
        acquisition=found.acquisition,
        notices=tuple(notices),
    )


def _saturated(found: Found) -> int:
    """Voxels at the greatest value the pixel can take, where there are too many for chance.

    A converter forgets how many bits the scanner stored: an image whose greatest value is the greatest whole
    number of 8 to 16 bits is taken at its word.
    """
    if not found.array.size:
        return 0
    greatest = float(np.nanmax(found.array)) if np.isfinite(found.array).any() else 0.0
    if greatest not in _FULL_SCALES and (found.full_scale is None or greatest < found.full_scale):
        return 0
    count = int(np.count_nonzero(found.array >= greatest))
    return count if count >= max(_SATURATED_FEWEST, _SATURATED_SHARE * found.array.size) else 0
