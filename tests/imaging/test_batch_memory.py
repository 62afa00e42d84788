"""A batch holds few scans at a time, however many there are."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator

import numpy as np
import pytest

from tests.imaging.conftest import sitk_image
from trialkit.imaging import MeasureSettings
from trialkit.imaging.batch.manifest import Task
from trialkit.imaging.batch.pools import on_processes
from trialkit.imaging.batch.run import run_batch
from trialkit.imaging.batch.work import Job

SHAPE, SPACING = (24, 120, 120), (4.0, 1.0, 1.0)
MEGABYTES = float(np.prod(SHAPE)) * 4 / 1e6
JOB = Job(MeasureSettings(fat_methods=("otsu",)))


@pytest.fixture(scope="module")
def scans(tmp_path_factory):
    """One scan under many names: what a batch holds of each is what counts."""
    import SimpleITK as sitk

    folder = tmp_path_factory.mktemp("scans")
    mask = np.zeros(SHAPE, dtype=np.uint8)
    mask[8:16, 40:80, 40:80] = 1
    image = np.random.default_rng(1).gamma(4, 60, SHAPE).astype(np.float32)
    for name, array in (("image", image), ("mask", mask)):
        sitk.WriteImage(sitk_image(array, SPACING[::-1], (0, 0, 0), np.eye(3)), str(folder / f"{name}.nii"))
    (folder / "labels.csv").write_text("index,name\n1,multifidus_L4_left\n")
    files = {"image": "image.nii", "segmentation": "mask.nii", "labels": "labels.csv"}
    paths = {kind: str(folder / name) for kind, name in files.items()}
    return [Task(f"S{number:03d}", **paths) for number in range(40)]


def peak_of(tasks, out):
    tracemalloc.start()
    try:
        run_batch(tasks, out, JOB)
        return tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()


def test_ten_times_the_scans_need_no_more_memory(scans, tmp_path):
    run_batch(scans[:1], tmp_path / "imports", JOB)
    few, many = peak_of(scans[:4], tmp_path / "few"), peak_of(scans, tmp_path / "many")
    assert few > MEGABYTES  # the image itself was seen
    assert many < few + MEGABYTES / 4


def test_no_more_scans_are_in_hand_than_twice_the_workers(scans):
    taken = 0

    def counted() -> Iterator[Task]:
        nonlocal taken
        for task in scans[:9]:
            taken += 1
            yield task

    for done, outcome in enumerate(on_processes(counted(), JOB, 2), start=1):
        assert not outcome.error
        assert taken - done < 2 * 2
    assert taken == 9
