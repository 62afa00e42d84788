"""A back in cross-section: ellipses of known area, filled with fat and water in known shares."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from trialkit.imaging.grid import BoolArray, FloatArray

LEVELS = ("L1", "L2", "L3", "L4", "L5")
MUSCLES = ("multifidus", "erector_spinae", "psoas")
SIDES = ("left", "right")
SPACING_MM = (35.0, 2.0, 2.0)
"""One axial slice a level; pixels of 2 mm keep a scan under 100 kB."""
SHAPE = (5, 76, 124)
_ROW_CENTRES_MM = (np.arange(SHAPE[1]) + 0.5) * SPACING_MM[1]
_COLUMN_CENTRES_MM = (np.arange(SHAPE[2]) + 0.5) * SPACING_MM[2]
_MIDLINE_MM = SHAPE[2] * SPACING_MM[2] / 2
_ASPECT = {"multifidus": 1.45, "erector_spinae": 1.2, "psoas": 1.15}  # height over width
_SIGNAL = 1000.0


@dataclass(frozen=True)
class Muscle:
    """One muscle at one level, mean of both sides: area in mm2, fat fraction in percent."""

    area_mm2: float
    fat_percent: float


@dataclass(frozen=True)
class Ellipse:
    """Centre and half axes in mm from the image's corner (x, y)."""

    x: float
    y: float
    half_x: float
    half_y: float

    def window(self) -> tuple[slice, slice]:
        """Rows and columns outside of which no pixel's centre lies inside."""
        return (
            _window(self.y, self.half_y, SPACING_MM[1], SHAPE[1]),
            _window(self.x, self.half_x, SPACING_MM[2], SHAPE[2]),
        )

    def pixels(self, rows: slice, columns: slice) -> BoolArray:
        """``(y, x)`` of the window: pixels whose centre lies inside."""
        y, x = _ROW_CENTRES_MM[rows, None], _COLUMN_CENTRES_MM[None, columns]
        return np.asarray(((x - self.x) / self.half_x) ** 2 + ((y - self.y) / self.half_y) ** 2 <= 1)


def _window(centre: float, half: float, spacing: float, pixels: int) -> slice:
    first, last = math.floor((centre - half) / spacing) - 1, math.ceil((centre + half) / spacing) + 1
    return slice(min(max(first, 0), pixels), min(max(last, 0), pixels))


def segment_names() -> list[str]:
    return [f"{muscle}_{level}_{side}" for level in LEVELS for muscle in MUSCLES for side in SIDES]


def outlines(muscles: Mapping[tuple[str, str], Muscle]) -> dict[str, Ellipse]:
    """Segment -> its ellipse. Sides lie mirrored; the erector spinae lies outside the multifidus."""
    found: dict[str, Ellipse] = {}
    for level in LEVELS:
        half = {name: _half_axes(name, muscles[name, level].area_mm2) for name in MUSCLES}
        away = {
            "multifidus": 3.0 + half["multifidus"][0],
            "erector_spinae": 5.0 + 2 * half["multifidus"][0] + half["erector_spinae"][0],
            "psoas": 26.0 + half["psoas"][0],
        }
        depth = {"multifidus": 104.0, "erector_spinae": 104.0, "psoas": 46.0}
        for name in MUSCLES:
            for side, sign in (("left", 1.0), ("right", -1.0)):
                found[f"{name}_{level}_{side}"] = Ellipse(
                    _MIDLINE_MM + sign * away[name], depth[name], *half[name]
                )
    return found


def _half_axes(muscle: str, area_mm2: float) -> tuple[float, float]:
    half_x = math.sqrt(area_mm2 / math.pi / _ASPECT[muscle])
    return half_x, half_x * _ASPECT[muscle]


def masks_of(ellipses: Mapping[str, Ellipse]) -> dict[str, BoolArray]:
    """Segment -> mask ``(z, y, x)``; a pixel goes to the first segment that claims it."""
    taken = np.zeros(SHAPE, dtype=bool)
    masks: dict[str, BoolArray] = {}
    for name, ellipse in ellipses.items():
        here = (slice_of(name), *ellipse.window())
        masks[name] = np.zeros(SHAPE, dtype=bool)
        masks[name][here] = ellipse.pixels(*here[1:]) & ~taken[here]
        taken[here] |= masks[name][here]
    return masks


@cache
def slice_of(segment: str) -> int:
    level = next(level for level in LEVELS if f"_{level}_" in segment)
    return len(LEVELS) - 1 - LEVELS.index(level)  # the array's z grows towards the head


def dixon(
    masks: Mapping[str, BoolArray], muscles: Mapping[tuple[str, str], Muscle], rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """Fat and water images. In every muscle the voxels scatter and their ratio of sums is as stated.

    Around the muscles lies half fat (50 %); the signal is 1000 everywhere, so that mean of voxels and ratio
    of sums agree but for rounding.
    """
    image = np.full(SHAPE, 50.0) + rng.normal(0, 3, SHAPE)
    percent = image.reshape(-1)
    for name, mask in masks.items():
        places = np.flatnonzero(mask)
        if not len(places):
            continue
        muscle, level = name.rsplit("_", 2)[0], name.rsplit("_", 2)[1]
        wanted = muscles[muscle, level].fat_percent
        scatter = rng.normal(0, 1, len(places))
        spread = min(6.0, wanted / 3, (100 - wanted) / 3)
        scattered = wanted + spread * np.clip(scatter - scatter.mean(), -3, 3)
        percent[places] = scattered + (wanted - scattered.mean())
    fat = np.rint(_SIGNAL * np.clip(image, 0, 100) / 100)
    return fat, _SIGNAL - fat


@dataclass(frozen=True)
class ReaderHand:
    """How a reader draws: half axes times ``scale``, and at random larger or smaller and off the centre."""

    scale: float = 1.0
    size_sd: float = 0.0
    shift_sd_mm: float = 0.0

    def draw(self, truth: Mapping[str, Ellipse], rng: np.random.Generator) -> dict[str, Ellipse]:
        drawn: dict[str, Ellipse] = {}
        for name, ellipse in truth.items():
            size = self.scale * math.exp(rng.normal(0, self.size_sd))
            along_x, along_y = rng.normal(0, self.shift_sd_mm, 2) if self.shift_sd_mm else (0.0, 0.0)
            drawn[name] = Ellipse(
                ellipse.x + float(along_x),
                ellipse.y + float(along_y),
                ellipse.half_x * size,
                ellipse.half_y * size,
            )
        return drawn


READERS = {
    "reader_1": ReaderHand(scale=0.995, size_sd=0.012, shift_sd_mm=0.3),
    "reader_2": ReaderHand(scale=1.01, size_sd=0.02, shift_sd_mm=0.5),
}
"""The second draws a little wider, into the fat around the muscle, and less steadily."""
