"""Small synthetic scans on disk, with masks whose areas and fat fractions are known."""

from __future__ import annotations

import csv
import zlib
from pathlib import Path

import numpy as np

from tests.imaging.conftest import ellipse, sitk_image

SHAPE, SPACING = (5, 40, 44), (4.0, 1.0, 0.9)
NAMES = {1: "multifidus_L4_left", 2: "multifidus_L4_right"}


def write_scan(folder: Path, scan: str, fat_percent: float = 20.0) -> dict[str, str]:
    """Fat, water and a label map, as NIfTI; the row of a manifest."""
    import SimpleITK as sitk

    labels = np.zeros(SHAPE, dtype=np.uint8)
    labels[ellipse(SHAPE, SPACING, (10.0, 20.0), (7.0, 6.0), slice(1, 4))] = 1
    labels[ellipse(SHAPE, SPACING, (28.0, 20.0), (7.5, 6.0), slice(1, 4))] = 2
    fat = np.full(SHAPE, fat_percent, dtype=np.float32)
    noise = np.random.default_rng(zlib.crc32(scan.encode())).normal(0, 1, SHAPE).astype(np.float32)
    for name, array in (("fat", fat + noise), ("water", 100 - fat), ("seg", labels)):
        sitk.WriteImage(
            sitk_image(array, SPACING[::-1], (0, 0, 0), np.eye(3)), str(folder / f"{scan}_{name}.nii.gz")
        )
    return {
        "scan": scan, "image": f"{scan}_fat.nii.gz", "segmentation": f"{scan}_seg.nii.gz",
        "water": f"{scan}_water.nii.gz", "labels": "labels.csv",
    }  # fmt: skip


def write_manifest(folder: Path, scans: int) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "labels.csv").write_text("index,name\n" + "".join(f"{k},{v}\n" for k, v in NAMES.items()))
    rows = [write_scan(folder, f"S{number:03d}", 10.0 + number) for number in range(scans)]
    path = folder / "manifest.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)
    return path
