"""``radiomics``: features of every region of a segmentation, one value a row."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from trialkit import __version__
from trialkit.imaging.errors import RadiomicsError
from trialkit.imaging.grid import BoolArray, Grid
from trialkit.imaging.muscle.regions import check_pair
from trialkit.imaging.muscle.values import fat_fraction_percent
from trialkit.imaging.texture.features import Feature, features, split_tag
from trialkit.imaging.texture.settings import RadiomicsSettings
from trialkit.imaging.texture.shape2d import FEATURES_2D, shape_2d
from trialkit.imaging.volumes import Image, Notice, Segmentation
from trialkit.numbers import plain
from trialkit.wording import said

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("scan", "segment", "class", "feature", "tag", "aggregation", "value")
PROVENANCE = (
    "code",
    "note",
    "voxels",
    "settings",
    "software",
    "image_sha256",
    "water_sha256",
    "segmentation_sha256",
)
_ANISOTROPIC = 1.5

Row = tuple[object, ...]


def radiomics(
    image: Image,
    segmentation: Segmentation,
    settings: RadiomicsSettings | None = None,
    scan: str = "",
    water: Image | None = None,
) -> pd.DataFrame:
    """Extract the features of every segment that has voxels.

    Parameters
    ----------
    image, segmentation
        On parts of one lattice.
    settings
        None: the six classes, 32 bins, 3D averaged.
    scan
        What the scan is called in the table.
    water
        The water image of a Dixon pair, where the settings ask for features ``of`` the fat fraction.

    Returns
    -------
    DataFrame
        scan segment class feature tag aggregation value, then code note voxels settings software image_sha256
        water_sha256 segmentation_sha256. ``tag`` is IBSI's. What a region does not allow is a row without a
        tag, value NaN, with the reason in ``note``.

    Raises
    ------
    RadiomicsError
        A region holds values that are no numbers; no region allows any feature; features of the fat fraction
        without a water image.
    MissingLibraryError
        z-rad is not installed; the error names the line that brings it.
    GeometryError, SegmentationError
        The segmentation does not lie in the image.

    Degenerate cases
    ----------------
    A region of one slice gets the 2D shape and needs a 2D aggregation. One grey level has no GLCM
    correlation.
    3D textures on voxels longer than 1.5 times their width are computed, and ``note`` says so: IBSI's
    textures are the same in all directions only on isotropic voxels.

    Equivalent elsewhere: z-rad ``Radiomics.extract_features``; the values are its own. 2D shape: PyRadiomics.

    References
    ----------
    Zwanenburg et al. (2020), Radiology 295:328-338, the IBSI reference manual.
    """
    import pandas as pd

    from trialkit.imaging.texture import engine

    chosen = settings or RadiomicsSettings()
    software = f"trialkit {__version__}, z-rad {engine.version()}"
    wet = water.sha256 if water is not None and chosen.of == "fat_fraction" else ""
    provenance = (chosen.as_text(), software, image.sha256, wet, segmentation.sha256)
    seen = _fat_fractions(image, water) if chosen.of == "fat_fraction" else image
    rows: list[Row] = []
    for name, mask in segmentation.on(image.grid).items():
        if mask.any():
            rows += [(scan, *row, *provenance) for row in _of_region(name, mask, seen, chosen)]
    if not any(math.isfinite(float(row[6])) for row in rows):  # type: ignore[arg-type]
        raise RadiomicsError(
            expected="a region that allows at least one feature",
            found=str(rows[0][8]) if rows else "only empty segments",
            where=segmentation.source or "segmentation",
            next_step="For regions of one slice choose a 2D aggregation.",
        )
    return pd.DataFrame(rows, columns=[*COLUMNS, *PROVENANCE])


def _fat_fractions(fat: Image, water: Image | None) -> Image:
    """The map in percent, on the pair's grid."""
    if water is None:
        raise RadiomicsError(
            expected="the water image, for features of the fat fraction",
            found="none",
            where=fat.source or "image",
            next_step='Give it with --water, or say of = "image" in the settings.',
        )
    check_pair(fat, water)
    percent = fat_fraction_percent(np.asarray(fat.array, dtype=float), np.asarray(water.array, dtype=float))
    return replace(fat, array=percent)


def notices_of(table: pd.DataFrame) -> list[Notice]:
    """What could not be computed, once a reason, for whoever reads the table."""
    missing = table[(table["tag"] == "") & (table["note"] != "")]
    return [
        Notice(
            "not_computed", f"{row['segment']}, {row['class']} {row['aggregation']}: {row['note']}".strip()
        )
        for row in missing.to_dict("records")
    ]


def _of_region(name: str, mask: BoolArray, image: Image, settings: RadiomicsSettings) -> list[Row]:
    from trialkit.imaging.texture import engine

    box = tuple(slice(int(axis.min()), int(axis.max()) + 1) for axis in np.nonzero(mask))
    array, inside = image.array[box], mask[box]
    voxels = int(np.count_nonzero(inside))
    if not np.isfinite(array[inside]).all():
        raise RadiomicsError(
            expected="a number in every voxel of a region",
            found=said(
                "{count_nonzero} of {voxels} without one",
                count_nonzero=int(np.count_nonzero(~np.isfinite(array[inside]))),
                voxels=voxels,
            ),
            where=said("segment {name}", name=name),
            next_step="Draw around them, or export the image again.",
        )
    spacing = image.spacing_mm
    flat = 1 in inside.shape
    values: dict[str, float] = {}
    if flat and "shape" in settings.classes:
        axis = inside.shape.index(1)
        plane = [spacing[other] for other in range(3) if other != axis]
        flattened: BoolArray = inside.squeeze(axis=axis)
        values |= shape_2d(flattened, (plane[0], plane[1]))
    found, reasons = engine.extract(array, inside, spacing, settings)
    if flat:
        reasons = {key: why for key, why in reasons.items() if not key.startswith("shape ")}
    known = features() | FEATURES_2D
    note = _note(image.grid, settings)
    rows = [_row(name, tag, value, known, note, voxels) for tag, value in (values | found).items()]
    for key, why in reasons.items():
        which, _, aggregation = key.partition(" ")
        rows.append((name, which, "", "", aggregation, math.nan, "", why, voxels))
    return rows


def _row(name: str, tag: str, value: float, known: dict[str, Feature], note: str, voxels: int) -> Row:
    bare, aggregation = split_tag(tag)
    feature = known[bare]
    told = note if aggregation.startswith("3D") else ""
    if not math.isfinite(value):
        told = "; ".join(filter(None, (told, "not defined for this region")))
    return (name, feature.feature_class, feature.name, tag, aggregation, value, feature.code, told, voxels)


def _note(grid: Grid, settings: RadiomicsSettings) -> str:
    uneven = max(grid.spacing_mm) / min(grid.spacing_mm)
    if uneven <= _ANISOTROPIC or not any(how.startswith("3D") for how in settings.aggregations):
        return ""
    return f"3D texture on voxels {plain(uneven, 1)} times as long as wide"
