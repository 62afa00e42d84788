"""NIfTI: array order and axes turned to ours (RAS to LPS); a header with two truths is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from trialkit.imaging.errors import GeometryError, ImageFileError
from trialkit.imaging.grid import FloatArray
from trialkit.imaging.libraries import library
from trialkit.imaging.reading.acquisition import of_bids
from trialkit.imaging.reading.beside import sidecar_content
from trialkit.imaging.reading.found import Found, Placed, digest_of_file
from trialkit.numbers import plain
from trialkit.wording import said

_RAS_TO_LPS = np.diag([-1.0, -1.0, 1.0])
_SAME_MM = 1e-3


def read_nifti(path: Path) -> Found:
    """Read a 3D NIfTI file.

    Raises
    ------
    ImageFileError
        Not NIfTI, truncated, 4D or more.
    GeometryError
        Neither sform nor qform is stated, or both and they differ by more than 0.001 mm anywhere.
    """
    nibabel = library("nibabel")
    try:
        file = nibabel.load(path)
        array = np.asanyarray(file.dataobj)
    except Exception as error:  # a damaged file makes the library stop in a hundred ways
        raise ImageFileError(
            expected="a NIfTI file",
            found=said("one that does not open ({name})", name=type(error).__name__),
            where=str(path),
            next_step="Copy it again from its source.",
        ) from None
    if array.ndim > 3 and set(array.shape[3:]) == {1}:
        array = array.reshape(array.shape[:3])
    if array.ndim != 3 or array.dtype.fields is not None:
        raise ImageFileError(
            expected="a 3D image of one value a voxel",
            found=said("{ndim}D, {shape}", ndim=array.ndim, shape=" x ".join(map(str, array.shape))),
            where=str(path),
            next_step="Save one volume of it (one echo, one contrast) as a file of its own.",
        )
    affine = _affine(file, path)
    stored = file.get_data_dtype()
    scaled = file.dataobj.slope != 1 or file.dataobj.inter != 0
    return Found(
        array=array.transpose(2, 1, 0),
        placed=Placed.of_steps(_RAS_TO_LPS @ affine[:3, :3], _RAS_TO_LPS @ affine[:3, 3]),
        path=path,
        sha256=digest_of_file(path),
        acquisition=of_bids(sidecar_content(path)),
        full_scale=None if scaled or not np.issubdtype(stored, np.integer) else float(np.iinfo(stored).max),
    )


def _affine(file: Any, path: Path) -> FloatArray:
    sform, sform_code = file.header.get_sform(coded=True)
    qform, qform_code = file.header.get_qform(coded=True)
    if not sform_code and not qform_code:
        raise GeometryError(
            expected="a stated orientation (sform or qform)",
            found="neither",
            where=str(path),
            next_step="Convert the image again from DICOM; left and right cannot be told otherwise.",
        )
    if sform_code and qform_code:
        corners = np.array(np.meshgrid(*[(0, n - 1) for n in file.shape[:3]])).reshape(3, -1)
        apart = np.abs((sform - qform)[:3, :3] @ corners + (sform - qform)[:3, 3:]).max()
        if apart > _SAME_MM:
            raise GeometryError(
                expected="sform and qform that agree",
                found=said("{apart} mm between them", apart=plain(apart, 3)),
                where=str(path),
                next_step="Open it in 3D Slicer, check left and right, and save it again.",
            )
    affine: FloatArray = np.asarray(sform if sform_code else qform, dtype=float)
    return affine
