"""A synthetic scan as files: fat and water in NIfTI, each reader's segmentation as 3D Slicer writes it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from trialkit.imaging.grid import BoolArray, FloatArray
from trialkit.imaging.libraries import library
from trialkit.imaging.phantom.body import (
    LEVELS,
    MUSCLES,
    READERS,
    SHAPE,
    SPACING_MM,
    Ellipse,
    Muscle,
    ReaderHand,
    dixon,
    masks_of,
    outlines,
    slice_of,
)
from trialkit.imaging.reading.writing import write_nifti
from trialkit.imaging.volumes import Image, Segmentation

ORIGIN_MM = (-SHAPE[2] * SPACING_MM[2] / 2, -80.0, -70.0)
_TYPICAL = {
    "multifidus": ((900, 560, 620, 760, 900), (16, 18, 22, 26, 32)),
    "erector_spinae": ((1900, 1950, 1850, 1650, 1250), (12, 14, 16, 20, 24)),
    "psoas": ((700, 950, 1200, 1400, 1450), (7, 7.5, 8.5, 10, 12)),
}


@dataclass(frozen=True, eq=False)
class PhantomScan:
    """The truth, the images, and what each reader drew."""

    muscles: Mapping[tuple[str, str], Muscle]
    truth: Mapping[str, Ellipse]
    fat: Image
    water: Image
    readings: Mapping[str, Segmentation]


def typical_back() -> dict[tuple[str, str], Muscle]:
    """Areas and fat fractions in the range of a person of 60 to 70 years with low-back pain."""
    return {
        (muscle, level): Muscle(float(area), float(fat))
        for muscle in MUSCLES
        for level, area, fat in zip(LEVELS, *_TYPICAL[muscle], strict=True)
    }


def make_scan(
    muscles: Mapping[tuple[str, str], Muscle], seed: int, readers: Mapping[str, ReaderHand] = READERS
) -> PhantomScan:
    """One scan; the same muscles and seed give the same scan.

    Parameters
    ----------
    muscles
        (muscle, level) -> area in mm2 and fat fraction in percent, the same on both sides.
    readers
        Those who outline it.
    """
    rng = np.random.default_rng([seed, 20250103])
    truth = outlines(muscles)
    fat, water = dixon(masks_of(truth), muscles, rng)
    readings = {name: drawn_by(hand, truth, rng) for name, hand in readers.items()}
    return PhantomScan(muscles, truth, _image(fat), _image(water), readings)


def drawn_by(
    hand: ReaderHand,
    truth: Mapping[str, Ellipse],
    rng: np.random.Generator,
    segments: Collection[str] | None = None,
) -> Segmentation:
    """What one reader makes of the truth: of all of it, or of the ``segments`` asked for."""
    drawn = hand.draw(truth, rng)
    if segments is None:
        return Segmentation(masks_of(drawn), SPACING_MM, ORIGIN_MM)
    slices = {slice_of(name) for name in segments}  # a pixel is claimed on its own slice alone
    masks = masks_of({name: ellipse for name, ellipse in drawn.items() if slice_of(name) in slices})
    return Segmentation({name: masks[name] for name in masks if name in segments}, SPACING_MM, ORIGIN_MM)


def _image(array: FloatArray) -> Image:
    return Image(array.astype(np.int16), SPACING_MM, ORIGIN_MM)


def write_scan(scan: PhantomScan, folder: Path, name: str) -> dict[str, Path]:
    """Write ``NAME_fat.nii.gz``, ``NAME_water.nii.gz`` and ``NAME_reader_N.seg.nrrd``; what -> path."""
    written: dict[str, Path] = {}
    for what, image in (("fat", scan.fat), ("water", scan.water)):
        written[what] = folder / f"{name}_{what}.nii.gz"
        write_nifti(image.array, image.grid, written[what])
    for reader, segmentation in scan.readings.items():
        written[reader] = folder / f"{name}_{reader}.seg.nrrd"
        _write_segmentation(segmentation.segments, written[reader])
    return written


def _write_segmentation(segments: Mapping[str, BoolArray], path: Path) -> None:
    """One layer; a label for each segment."""
    labels = np.zeros(SHAPE, dtype=np.uint8)
    header: dict[str, object] = {
        "type": "uchar",
        "dimension": 3,
        "space": "left-posterior-superior",
        "kinds": ["domain", "domain", "domain"],
        "space directions": np.diag(SPACING_MM[::-1]),
        "space origin": np.array(ORIGIN_MM),
        "encoding": "gzip",
        "Segmentation_ContainedRepresentationNames": "Binary labelmap|",
        "Segmentation_SourceRepresentation": "Binary labelmap",
    }
    for number, (name, mask) in enumerate(segments.items()):
        labels[mask] = number + 1
        header[f"Segment{number}_ID"] = f"Segment_{number + 1}"
        header[f"Segment{number}_Name"] = name
        header[f"Segment{number}_Layer"] = "0"
        header[f"Segment{number}_LabelValue"] = str(number + 1)
    library("nrrd").write(str(path), labels.transpose(2, 1, 0), header, compression_level=1)
