"""Imaging: the muscle metrics of one subject, and the features of one region; the answer is every value."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np

from benchmarks.measure import Measure, Numbers, PythonPeer
from trialkit.imaging import Image, RadiomicsSettings, Segmentation, measure, radiomics
from trialkit.imaging.libraries import library
from trialkit.imaging.phantom.scan import PhantomScan, make_scan, typical_back

_FAMILIES = ("morphology", "intensity_statistics", "glcm", "glrlm", "glszm", "ngldm")


@dataclass(frozen=True, eq=False)
class Region:
    image: Image
    mask: np.ndarray


def subject(_segments: int) -> PhantomScan:
    """Five levels, three muscles, two sides."""
    return make_scan(typical_back(), 1)


def dixon(scan: PhantomScan) -> Numbers:
    table = measure(scan.fat, scan.readings["reader_1"], scan.water)
    return table.loc[table["method"] == "ratio_of_sums", "value"].to_numpy(dtype=float)


def one_image(scan: PhantomScan) -> Numbers:
    return measure(scan.fat, scan.readings["reader_1"])["value"].to_numpy(dtype=float)


def by_hand(scan: PhantomScan) -> list[float]:
    """Fat fractions of segment and slice alone: a part of what ``measure`` gives."""
    found = []
    for mask in scan.readings["reader_1"].segments.values():
        middle = int(np.median(np.flatnonzero(mask.any(axis=(1, 2)))))
        for part in (mask, mask & (np.arange(len(mask)) == middle)[:, None, None]):
            fat, water = (image.array[part].sum(dtype=float) for image in (scan.fat, scan.water))
            found.append(100 * fat / (fat + water))
    return found


def region(voxels: int) -> Region:
    """An elliptic cylinder of six slices on voxels of 0.7 x 0.8 x 4 mm, noise inside."""
    library("zrad")
    half = np.sqrt(voxels / 6 / np.pi / 0.75)
    z, y, x = np.ogrid[:30, :256, :256]
    mask = (((x - 120) / half) ** 2 + ((y - 130) / (0.75 * half)) ** 2 <= 1) & (z > 7) & (z < 14)
    return Region(Image(np.random.default_rng(1).gamma(4, 60, mask.shape), (4.0, 0.8, 0.7)), mask)


def ours(one: Region) -> Numbers:
    table = radiomics(one.image, Segmentation({"mf": one.mask}, one.image.spacing_mm), RadiomicsSettings())
    return table.sort_values("tag")["value"].to_numpy(dtype=float)


def z_rad(one: Region) -> Numbers:
    from zrad.image import Image as TheirImage
    from zrad.preprocessing import IntensityMaskBuilder, RoiCropper, RoiData, TextureDiscretizer
    from zrad.radiomics.extractor import Radiomics

    def of(values: np.ndarray) -> TheirImage:
        spacing = np.array(one.image.spacing_mm[::-1])
        return TheirImage(values, (0, 0, 0), spacing, (1, 0, 0, 0, 1, 0, 0, 0, 1), one.mask.shape[::-1])

    roi = RoiData(image=of(one.image.array), morphological_mask=of(one.mask.astype(float)))
    roi = TextureDiscretizer(number_of_bins=32).apply(RoiCropper().apply(IntensityMaskBuilder().apply(roi)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = Radiomics("3D", "AVER").extract_features(roi, families=list(_FAMILIES))
    return np.array([found[tag] for tag in sorted(found)], dtype=float)


def pyradiomics(one: Region) -> Numbers:
    """Its six classes; the answer is its time alone, as its features are other ones in part."""
    import SimpleITK
    from radiomics.featureextractor import RadiomicsFeatureExtractor

    image, mask = (
        SimpleITK.GetImageFromArray(array) for array in (one.image.array, one.mask.astype(np.uint8))
    )
    for volume in (image, mask):
        volume.SetSpacing(one.image.spacing_mm[::-1])
    extractor = RadiomicsFeatureExtractor(binCount=32)
    extractor.disableAllFeatures()
    for name in ("shape", "firstorder", "glcm", "glrlm", "glszm", "gldm"):
        extractor.enableFeatureClassByName(name)
    found = extractor.execute(image, mask)
    return np.array([float(found["original_shape_MeshVolume"])])


def mesh_volume(first: Numbers, second: Numbers) -> float:
    return float(np.min(np.abs(first - second[0])) / second[0])


def _peers() -> tuple[PythonPeer, ...]:
    direct = PythonPeer(name="z-rad called directly", work=z_rad, within=1e-12, aim={8_000: 1.0})
    if find_spec("radiomics") is None:  # builds on few machines; see docs/decisions/0009
        return (direct,)
    other = PythonPeer(
        name="pyradiomics; gap in mesh volume",
        work=pyradiomics,
        within=1e-6,
        gap=mesh_volume,
        aim={8_000: 1.0},
    )
    return direct, other


MEASURES = (
    Measure(
        what="metrics of a subject, Dixon pair (345 values)",
        data=subject,
        ours=dixon,
        sizes=(30,),
        quick=30,
        unit="segments",
        peers=(PythonPeer(name="NumPy, 60 fat fractions alone", work=by_hand, within=1e-9),),
    ),
    Measure(
        what="metrics of a subject, one image, four methods",
        data=subject,
        ours=one_image,
        sizes=(30,),
        quick=30,
        unit="segments",
    ),
    Measure(
        what="six feature classes of a region, 32 bins",
        data=region,
        ours=ours,
        sizes=(8_000, 40_000),
        quick=600,
        unit="voxels (about)",
        peers=_peers(),
    ),
)
