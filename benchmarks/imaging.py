"""What imaging costs: one subject's metrics, and radiomics beside z-rad called directly. `python -m
benchmarks.imaging`.
"""

from __future__ import annotations

import statistics
import time
import warnings
from collections.abc import Callable

import numpy as np

from trialkit.imaging import Image, RadiomicsSettings, Segmentation, measure, radiomics
from trialkit.imaging.phantom.scan import make_scan, typical_back

REPEATS = 5


def cpu_seconds(work: Callable[[], object]) -> float:
    """The median of some runs after one that warms up."""
    work()
    times = []
    for _ in range(REPEATS):
        begun = time.process_time()
        work()
        times.append(time.process_time() - begun)
    return statistics.median(times)


def main() -> None:
    scan = make_scan(typical_back(), 1)
    drawn, whole = scan.readings["reader_1"], RadiomicsSettings()
    pair = cpu_seconds(lambda: measure(scan.fat, drawn, scan.water))
    alone = cpu_seconds(lambda: measure(scan.fat, drawn))
    print(f"metrics of one subject, Dixon pair, 30 segments: {pair:.3f} CPU s")
    print(f"metrics of one subject, one image, four methods: {alone:.3f} CPU s")
    image, mask = _region()
    segmentation = Segmentation({"mf": mask}, image.spacing_mm)
    ours = cpu_seconds(lambda: radiomics(image, segmentation, whole))
    theirs = cpu_seconds(lambda: _z_rad(image, mask))
    print(f"radiomics of one region of {int(mask.sum()):,} voxels: {ours:.3f} CPU s")
    print(f"z-rad called directly: {theirs:.3f} CPU s; ratio {ours / theirs:.2f}")


def _region() -> tuple[Image, np.ndarray]:
    z, y, x = np.ogrid[:30, :256, :256]
    mask = (((x - 120) / 24) ** 2 + ((y - 130) / 18) ** 2 <= 1) & (z > 7) & (z < 14)
    return Image(np.random.default_rng(1).gamma(4, 60, mask.shape), (4.0, 0.8, 0.7)), mask


def _z_rad(image: Image, mask: np.ndarray) -> dict[str, float]:
    from zrad.image import Image as TheirImage
    from zrad.preprocessing import IntensityMaskBuilder, RoiCropper, RoiData, TextureDiscretizer
    from zrad.radiomics.extractor import Radiomics

    def of(values: np.ndarray) -> TheirImage:
        return TheirImage(
            values, (0, 0, 0), np.array(image.spacing_mm[::-1]), (1, 0, 0, 0, 1, 0, 0, 0, 1), mask.shape[::-1]
        )

    region = IntensityMaskBuilder().apply(
        RoiData(image=of(image.array), morphological_mask=of(mask.astype(float)))
    )
    region = TextureDiscretizer(number_of_bins=32).apply(RoiCropper().apply(region))
    families = ["morphology", "intensity_statistics", "glcm", "glrlm", "glszm", "ngldm"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found: dict[str, float] = Radiomics("3D", "AVER").extract_features(region, families=families)
    return found


if __name__ == "__main__":
    main()
