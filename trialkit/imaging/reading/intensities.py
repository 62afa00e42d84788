"""A look over the intensities of an image just read: missing, negative, saturated."""

from __future__ import annotations

import numpy as np

from trialkit.imaging.reading.found import Found
from trialkit.imaging.volumes import Image, Notice

_SATURATED_SHARE = 1e-4
_SATURATED_FEWEST = 10


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
    """Voxels at the greatest value the pixel can take, where there are too many for chance."""
    if found.full_scale is None or not found.array.size:
        return 0
    count = int(np.count_nonzero(found.array >= found.full_scale))
    return count if count >= max(_SATURATED_FEWEST, _SATURATED_SHARE * found.array.size) else 0
