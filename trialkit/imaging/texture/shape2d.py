"""Shape of a region of one slice, which IBSI leaves open and z-rad refuses.

The definitions are PyRadiomics' (shape2D): the outline runs through the middles between pixels in and out
of the region (marching squares at one half).
"""

from __future__ import annotations

import math

import numpy as np

from trialkit.imaging.errors import RadiomicsError
from trialkit.imaging.grid import BoolArray, FloatArray
from trialkit.imaging.libraries import library
from trialkit.imaging.texture.features import Feature

FEATURES_2D = {
    name: Feature(name, "shape", text, "")
    for name, text in (
        ("shape2d_mesh_area", "Area inside the outline (mm2)"),
        ("shape2d_pixel_area", "Pixels x pixel area (mm2)"),
        ("shape2d_perimeter", "Length of the outline (mm)"),
        ("shape2d_perimeter_area_ratio", "Perimeter / area (1/mm)"),
        ("shape2d_sphericity", "Perimeter of the circle of that area / perimeter"),
        ("shape2d_maximum_diameter", "Greatest distance between two points of the outline (mm)"),
        ("shape2d_major_axis", "4 sqrt(greater eigenvalue) of the pixel centres (mm)"),
        ("shape2d_minor_axis", "4 sqrt(smaller eigenvalue) of the pixel centres (mm)"),
        ("shape2d_elongation", "sqrt(smaller / greater eigenvalue)"),
    )
}


def shape_2d(mask: BoolArray, spacing_yx: tuple[float, float]) -> dict[str, float]:
    """The nine features of a 2D mask ``(y, x)``; spacing in mm.

    Raises
    ------
    RadiomicsError
        An empty mask.

    Degenerate cases
    ----------------
    One pixel has axes of length 0 and elongation NaN. Holes count: their outline adds to the perimeter and
    their area is taken off.

    Equivalent elsewhere: PyRadiomics ``RadiomicsShape2D``.
    """
    if not mask.any():
        raise RadiomicsError(expected="a region with pixels", found="an empty one", where="shape")
    outlines = [
        line * spacing_yx
        for line in library("skimage.measure").find_contours(np.pad(mask, 1).astype(float), 0.5)
    ]
    area = abs(sum(_signed_area(line) for line in outlines))
    perimeter = sum(float(np.linalg.norm(np.diff(line, axis=0), axis=1).sum()) for line in outlines)
    major, minor = _axes(mask, spacing_yx)
    return {
        "shape2d_mesh_area": area,
        "shape2d_pixel_area": float(np.count_nonzero(mask)) * spacing_yx[0] * spacing_yx[1],
        "shape2d_perimeter": perimeter,
        "shape2d_perimeter_area_ratio": perimeter / area,
        "shape2d_sphericity": 2 * math.sqrt(math.pi * area) / perimeter,
        "shape2d_maximum_diameter": _diameter(np.concatenate(outlines)),
        "shape2d_major_axis": 4 * math.sqrt(major),
        "shape2d_minor_axis": 4 * math.sqrt(minor),
        "shape2d_elongation": math.sqrt(minor / major) if major else math.nan,
    }


def _signed_area(line: FloatArray) -> float:
    y, x = line[:, 0], line[:, 1]
    return float((x[:-1] * y[1:] - x[1:] * y[:-1]).sum() / 2)


def _axes(mask: BoolArray, spacing_yx: tuple[float, float]) -> tuple[float, float]:
    points = np.argwhere(mask) * np.asarray(spacing_yx)
    centred = points - points.mean(axis=0)
    smaller, greater = np.linalg.eigvalsh(centred.T @ centred / len(points))
    return max(float(greater), 0.0), max(float(smaller), 0.0)


def _diameter(points: FloatArray) -> float:
    if len(points) > 3:
        from scipy.spatial import ConvexHull

        points = points[ConvexHull(points).vertices]
    apart = points[:, None, :] - points[None, :, :]
    return float(np.sqrt((apart**2).sum(axis=-1)).max())
