"""The one place that knows z-rad: an array and a mask in, IBSI tags and values out.

z-rad's programming interface was changed in 2026: its version is pinned, and a change stops here. What it
cannot
compute (a region too small, one grey level) it raises class by class; that becomes a reason, not a crash.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from trialkit.imaging.grid import BoolArray
from trialkit.imaging.libraries import library
from trialkit.imaging.texture.features import features, split_tag
from trialkit.imaging.texture.settings import Aggregation, FeatureClass, RadiomicsSettings

_FAMILY: dict[FeatureClass, str] = {
    "shape": "morphology",
    "first_order": "intensity_statistics",
    "glcm": "glcm",
    "glrlm": "glrlm",
    "glszm": "glszm",
    "gldm": "ngldm",
    "local_intensity": "local_intensity",
    "intensity_histogram": "intensity_histogram",
    "gldzm": "gldzm",
    "ngtdm": "ngtdm",
}
_HOW: dict[Aggregation, tuple[str, str]] = {
    "3D, averaged": ("3D", "AVER"),
    "3D, merged": ("3D", "MERG"),
    "2D, averaged": ("2D", "AVER"),
    "2D, slice-merged": ("2D", "SLICE_MERG"),
    "2.5D, direction-merged": ("2.5D", "DIR_MERG"),
    "2.5D, merged": ("2.5D", "MERG"),
}
_BY_DIRECTION: tuple[FeatureClass, ...] = ("glcm", "glrlm")
_BY_DIMENSION: tuple[FeatureClass, ...] = ("glszm", "gldm", "gldzm", "ngtdm")


@cache
def version() -> str:
    from importlib.metadata import version as installed

    library("zrad.radiomics")
    return installed("z-rad")


def extract(
    array: npt.NDArray[Any],
    mask: BoolArray,
    spacing_zyx: tuple[float, float, float],
    settings: RadiomicsSettings,
) -> tuple[dict[str, float], dict[str, str]]:
    """Tag -> value, and class and aggregation -> why there is none.

    Parameters
    ----------
    array, mask
        ``(z, y, x)``, cropped to the region's box; the mask is not empty.
    """
    region, empty = _prepared(array, mask, spacing_zyx, settings)
    values: dict[str, float] = {}
    reasons: dict[str, str] = {}
    for aggregation, classes in _work(settings):
        wanted = [name for name in classes if not (empty and name != "shape")]
        reasons |= {f"{name} {aggregation}": empty for name in classes if name not in wanted}
        found, missing = _extract(region, aggregation, wanted)
        values |= found
        reasons |= missing
    return values, reasons


def _work(settings: RadiomicsSettings) -> Iterable[tuple[Aggregation, list[FeatureClass]]]:
    """Which classes each aggregation has still to give: nothing is computed twice."""
    dimensions: set[str] = set()
    for number, aggregation in enumerate(settings.aggregations):
        classes = [name for name in settings.classes if name in _BY_DIRECTION]
        if _HOW[aggregation][0] not in dimensions:
            classes += [name for name in settings.classes if name in _BY_DIMENSION]
        if number == 0:
            classes += [name for name in settings.classes if name not in _BY_DIRECTION + _BY_DIMENSION]
        dimensions.add(_HOW[aggregation][0])
        yield aggregation, classes


def _prepared(
    array: npt.NDArray[Any],
    mask: BoolArray,
    spacing_zyx: tuple[float, float, float],
    settings: RadiomicsSettings,
) -> tuple[Any, str]:
    preprocessing, image = library("zrad.preprocessing"), library("zrad.image").Image

    def of(values: Any) -> Any:
        return image(
            array=values,
            origin=(0.0, 0.0, 0.0),
            spacing=np.array(spacing_zyx[::-1]),
            direction=(1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0),
            shape=values.shape[::-1],
        )

    region = preprocessing.RoiData(
        image=of(array.astype(np.float64)), morphological_mask=of(mask.astype(np.float64))
    )
    region = preprocessing.IntensityMaskBuilder().apply(region)
    if settings.range is not None:
        region = preprocessing.Resegmenter(intensity_range=settings.range).apply(region)
        if not np.isfinite(region.intensity_mask.array).any():
            return region, "no voxel within the range"
    if settings.discretization == "none":
        region.texture_discretized_image = region.intensity_mask.copy()
        return region, ""
    fixed_number = settings.discretization == "fixed_bin_number"
    discretizer = preprocessing.TextureDiscretizer(
        number_of_bins=settings.bins if fixed_number else None,
        bin_size=None if fixed_number else settings.bin_width,
    )
    return discretizer.apply(region), ""


def _extract(
    region: Any, aggregation: Aggregation, classes: list[FeatureClass]
) -> tuple[dict[str, float], dict[str, str]]:
    """All classes in one call, and one by one only where that call fails."""
    if not classes:
        return {}, {}
    dimension, method = _HOW[aggregation]
    extractor = library("zrad.radiomics.extractor").Radiomics(aggr_dim=dimension, aggr_method=method)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its logarithms of zero; what comes out NaN is told by us
        try:
            found = extractor.extract_features(region, families=[_FAMILY[name] for name in classes])
        except Exception as error:  # z-rad's own, and numpy's within it: the region does not allow the class
            if len(classes) == 1:
                return {}, {
                    f"{classes[0]} {aggregation}": " ".join(str(error).split()) or type(error).__name__
                }
            parts = [_extract(region, aggregation, [name]) for name in classes]
            return (
                {tag: value for values, _ in parts for tag, value in values.items()},
                {name: why for _, reasons in parts for name, why in reasons.items()},
            )
    known = features()
    return {tag: float(value) for tag, value in found.items() if split_tag(tag)[0] in known}, {}
