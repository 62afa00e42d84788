"""An array to NIfTI, in the place that its grid says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from trialkit.imaging.grid import Grid
from trialkit.imaging.libraries import library

_LPS_TO_RAS = np.diag([-1.0, -1.0, 1.0])


def write_nifti(array: npt.NDArray[Any], grid: Grid, path: Path) -> None:
    """Write ``(z, y, x)``; reals in single precision, whole numbers as they are."""
    nibabel = library("nibabel")
    affine = np.eye(4)
    affine[:3, :3] = _LPS_TO_RAS @ grid.steps
    affine[:3, 3] = _LPS_TO_RAS @ np.asarray(grid.origin_mm)
    kept = array.astype(np.float32) if np.issubdtype(array.dtype, np.floating) else array
    file = nibabel.Nifti1Image(np.ascontiguousarray(kept.transpose(2, 1, 0)), affine)
    file.header.set_xyzt_units("mm")
    nibabel.save(file, path)
