"""The metrics of one region, and those that need several regions."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import NamedTuple

import numpy as np

from trialkit.imaging.grid import FloatArray
from trialkit.imaging.muscle.fat import split
from trialkit.imaging.muscle.regions import Region
from trialkit.imaging.muscle.settings import MeasureSettings
from trialkit.imaging.names import Structure

_SCALE = {"fat_fraction_percent": 1.0, "fat_fraction_share": 100.0}
_SHARES = ("fat_fraction", "fat_infiltration")
_ON_SLICE = frozenset({"slice_fat_fraction", "lean_csa"})
"""What of a Dixon pair is measured on the slice of the area alone."""
_OF_SEVERAL = frozenset({"asymmetry", "muscle_to_vertebra_ratio", "muscle_fat_index", "vbq"})


class Value(NamedTuple):
    """One number: of which segment(s), by which metric and method. A tuple: a batch makes millions."""

    segment: str
    structure: Structure
    metric: str
    method: str
    value: float
    slice_index: int | None = None
    voxels: int = 0
    note: str = ""


def values_of(
    regions: Sequence[Region],
    settings: MeasureSettings,
    field_note: str,
    metrics: Collection[str] | None = None,
) -> list[Value]:
    """Every metric that these regions allow, or those of them that are among ``metrics``."""
    reference = _subcutaneous(regions)
    between = metrics is None or not _OF_SEVERAL.isdisjoint(metrics)
    alone = None if between else metrics  # what lies between segments is made of what each is alone
    single: list[Value] = []
    for region in regions:
        single += of_region(region, settings, reference, alone)
    values = [*single, *_between(regions, single, field_note)] if between else single
    return values if metrics is None else [value for value in values if value.metric in metrics]


def _subcutaneous(regions: Sequence[Region]) -> float | None:
    drawn = [region.fat for region in regions if region.structure.muscle == "subcutaneous_fat"]
    return float(np.concatenate(drawn).mean()) if drawn else None


def of_region(
    region: Region,
    settings: MeasureSettings,
    reference: float | None,
    metrics: Collection[str] | None = None,
) -> list[Value]:
    """Area, volume, intensity and fat of one segment; of a Dixon pair's fat no more than ``metrics`` ask."""
    own = _Writer(region, settings.slice_rule)
    one_slice = "one slice" if region.slices == 1 else ""
    values = [
        own.value("csa", f"slice={settings.slice_rule}", region.csa_cm2, on_slice=True),
        own.value("volume", "voxels", len(region.fat) * region.voxel_ml, note=one_slice),
    ]
    if region.structure.is_landmark and region.water is None:
        return [*values, own.value("mean_intensity", "mean", float(region.fat.mean()))]
    if region.structure.is_landmark:
        return values
    fractions = _fractions(region, settings)
    if fractions is not None:
        return [*values, *_of_fractions(own, fractions, settings, metrics)]
    values.append(own.value("mean_intensity", "mean", float(region.fat.mean())))
    return [*values, *_of_intensities(own, settings, reference)]


def _fractions(region: Region, settings: MeasureSettings) -> FloatArray | None:
    """Fat fraction of each voxel, percent; None where the image tells none."""
    if region.water is not None:
        return fat_fraction_percent(region.fat, region.water)
    scale = _SCALE.get(settings.image_is)
    return None if scale is None else region.fat * scale


def fat_fraction_percent(fat: FloatArray, water: FloatArray) -> FloatArray:
    """100 F / (F + W); 0 where both are 0."""
    total = fat + water
    return np.divide(100 * fat, total, out=np.zeros_like(total), where=total > 0)


@dataclass(frozen=True, eq=False)
class _Writer:
    region: Region
    rule: str

    @cached_property
    def on_slice(self) -> int:
        """Voxels on the slice of the area."""
        return int(np.count_nonzero(self.region.on_slice))

    def value(
        self, metric: str, method: str, value: float, *, on_slice: bool = False, note: str = ""
    ) -> Value:
        region = self.region
        voxels = self.on_slice if on_slice else len(region.fat)
        index = region.slice_index if on_slice else None
        return Value(region.segment, region.structure, metric, method, value, index, voxels, note)


def _of_fractions(
    own: _Writer, fractions: FloatArray, settings: MeasureSettings, metrics: Collection[str] | None
) -> Iterator[Value]:
    region = own.region
    note = "" if settings.confounder_corrected else "signal fat fraction, not confounder-corrected"
    summaries = dict(_summaries(fractions, region.fat, region.water))
    for method, value in summaries.items():
        yield own.value("fat_fraction", method, value, note=note)
    if metrics is None or not _ON_SLICE.isdisjoint(metrics):
        yield from _of_the_slice(own, fractions, settings, note)
    yield from _grades(own, "mean_of_voxels", summaries["mean_of_voxels"], settings)


def _of_the_slice(
    own: _Writer, fractions: FloatArray, settings: MeasureSettings, note: str
) -> Iterator[Value]:
    region = own.region
    on = region.on_slice
    there = fractions[on]
    if not len(there):
        return
    water = None if region.water is None else region.water[on]
    for method, value in _summaries(there, region.fat[on], water):
        yield own.value("slice_fat_fraction", method, value, on_slice=True, note=note)
    lean = float(np.count_nonzero(there < settings.lean_below_percent)) * region.pixel_cm2
    yield own.value("lean_csa", f"fat_fraction<{settings.lean_below_percent:g}", lean, on_slice=True)
    weighted = float((1 - there / 100).sum()) * region.pixel_cm2
    yield own.value("lean_csa", "water_weighted", weighted, on_slice=True)


def _summaries(
    fractions: FloatArray, fat: FloatArray, water: FloatArray | None
) -> Iterator[tuple[str, float]]:
    yield "mean_of_voxels", float(fractions.mean())
    if water is not None:
        signal = float((fat + water).sum())
        yield "ratio_of_sums", 100 * float(fat.sum()) / signal if signal else 0.0


def _of_intensities(own: _Writer, settings: MeasureSettings, reference: float | None) -> Iterator[Value]:
    region, on = own.region, own.region.on_slice
    for method in settings.fat_methods:
        cut = split(method, region.fat, settings, reference)
        if cut is None:
            continue
        if np.isnan(cut.fat_from):
            yield own.value("fat_infiltration", method, np.nan, note=cut.note)
            continue
        fat, lean = cut.fat(region.fat), cut.lean(region.fat)
        share = 100 * float(fat.mean())
        yield own.value("fat_infiltration", method, share, note=cut.note)
        if not (fat | lean).all():
            yield own.value("undefined_share", method, 100 * float((~(fat | lean)).mean()))
        if on.any():
            yield own.value("slice_fat_infiltration", method, 100 * float(fat[on].mean()), on_slice=True)
            area = float(np.count_nonzero(lean[on])) * region.pixel_cm2
            yield own.value("lean_csa", method, area, on_slice=True, note=cut.note)
        yield from _grades(own, method, share, settings)


def _grades(own: _Writer, method: str, percent: float, settings: MeasureSettings) -> Iterator[Value]:
    for metric, cuts in (
        ("goutallier_grade", settings.goutallier_cuts_percent),
        ("kjaer_grade", settings.kjaer_cuts_percent),
    ):
        yield own.value(metric, f"from {method}", float(bisect_right(cuts, percent)))


def _between(regions: Sequence[Region], single: Sequence[Value], field_note: str) -> Iterator[Value]:
    yield from _asymmetries(single)
    yield from _to_vertebra(single)
    yield from _muscle_fat_index(regions)
    yield from _bone_quality(regions, field_note)


def _asymmetries(single: Sequence[Value]) -> Iterator[Value]:
    """Of areas and fat shares, where both sides are there once."""
    compared = [v for v in single if v.structure.side and (v.metric == "csa" or v.metric in _SHARES)]
    key = lambda v: (v.structure.muscle, v.structure.level, v.metric, v.method)  # noqa: E731
    for (muscle, level, metric, method), group in groupby(sorted(compared, key=key), key=key):
        sides = {value.structure.side: value for value in group}
        if len(sides) < 2:
            continue
        larger = max(value.value for value in sides.values())
        smaller = min(value.value for value in sides.values())
        percent = 100 * (larger - smaller) / larger if larger else np.nan
        segments = "+".join(sides[side].segment for side in ("left", "right"))
        how = f"{metric} {method}; denominator=larger"
        yield Value(segments, Structure(muscle, level), "asymmetry", how, percent)


def _to_vertebra(single: Sequence[Value]) -> Iterator[Value]:
    areas = [value for value in single if value.metric == "csa"]
    vertebrae = {v.structure.level: v for v in areas if v.structure.muscle == "vertebra" and v.value}
    for area in areas:
        vertebra = vertebrae.get(area.structure.level)
        if vertebra is None or area.structure.is_landmark:
            continue
        segments = f"{area.segment}+{vertebra.segment}"
        how = f"csa {area.method}"
        yield Value(segments, area.structure, "muscle_to_vertebra_ratio", how, area.value / vertebra.value)


def _muscle_fat_index(regions: Sequence[Region]) -> Iterator[Value]:
    """Both sides together, per level; only of plain intensities."""
    muscles = {"psoas", "multifidus", "erector_spinae", "erector_spinae_multifidus"}
    used = [r for r in regions if r.water is None and r.structure.muscle in muscles]
    for level in sorted({region.structure.level for region in used}):
        here = [region for region in used if region.structure.level == level]
        front = [region.fat for region in here if region.structure.muscle == "psoas"]
        back = [region.fat for region in here if region.structure.muscle != "psoas"]
        if front and back and float(np.concatenate(back).mean()):
            ratio = float(np.concatenate(front).mean() / np.concatenate(back).mean())
            names = "+".join(region.segment for region in here)
            yield Value(
                names, Structure("psoas/paraspinal", level), "muscle_fat_index", "mean intensities", ratio
            )


def _bone_quality(regions: Sequence[Region], field_note: str) -> Iterator[Value]:
    bones = {r.structure.level: r for r in regions if r.structure.muscle == "vertebra" and r.water is None}
    fluid = [r for r in regions if r.structure.muscle == "csf" and r.structure.level in ("L3", "")]
    levels = ("L1", "L2", "L3", "L4")
    if len(fluid) != 1 or any(level not in bones for level in levels) or not fluid[0].fat.mean():
        return
    signal = float(np.median([bones[level].fat.mean() for level in levels]))
    segments = "+".join([*(bones[level].segment for level in levels), fluid[0].segment])
    ratio = signal / float(fluid[0].fat.mean())
    yield Value(
        segments, Structure("vertebra", "L1-L4"), "vbq", "median of means / CSF", ratio, note=field_note
    )
