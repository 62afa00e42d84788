"""A batch measures every scan once, whatever happens on the way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from tests.imaging.scans import write_manifest
from trialkit.cli.root import root
from trialkit.errors import ImageFileError, ImagingError
from trialkit.imaging import MeasureSettings
from trialkit.imaging.batch.manifest import read_manifest
from trialkit.imaging.batch.run import run_batch
from trialkit.imaging.batch.work import Job

JOB = Job(MeasureSettings())


def test_a_bad_file_is_a_row_of_the_error_table_and_not_the_end(tmp_path):
    manifest = write_manifest(tmp_path / "scans", 4)
    (tmp_path / "scans" / "S001_fat.nii.gz").write_bytes(b"not an image")
    (tmp_path / "scans" / "S002_seg.nii.gz").unlink()
    out = tmp_path / "out"
    run = CliRunner().invoke(
        root, ["imaging", "batch", str(manifest), "--out", str(out)], catch_exceptions=False
    )
    assert run.exit_code == 1
    errors = pd.read_csv(out / "errors.csv")
    assert errors["scan"].tolist() == ["S001", "S002"]
    assert list(errors.columns) == ["scan", "kind", "expected", "found", "where", "next_step"]
    measured = pd.read_csv(out / "measurements.csv")
    assert measured["scan"].unique().tolist() == ["S000", "S003"]
    fractions = measured[(measured["metric"] == "fat_fraction") & (measured["method"] == "ratio_of_sums")]
    assert fractions.groupby("scan")["value"].mean().tolist() == pytest.approx([10.0, 13.0], abs=0.2)


def test_run_again_it_goes_on_where_it_was_and_measures_what_changed(tmp_path):
    manifest = write_manifest(tmp_path / "scans", 4)
    tasks, out = read_manifest(manifest), tmp_path / "out"
    with pytest.raises(RuntimeError):
        run_batch(tasks, out, JOB, tell=stop_after(2))
    assert not (out / "measurements.csv").exists()
    assert run_batch(tasks, out, JOB).resumed == 2
    whole = (out / "measurements.csv").read_text()
    assert run_batch(tasks, out, JOB).resumed == 4
    assert (out / "measurements.csv").read_text() == whole
    os.utime(tmp_path / "scans" / "S002_seg.nii.gz", (1, 1))
    assert run_batch(tasks, out, JOB).resumed == 3
    assert run_batch(tasks, out, Job(MeasureSettings(slice_rule="largest"))).resumed == 0


def stop_after(scans):
    def tell(progress):
        if progress.done == scans:
            raise RuntimeError

    return tell


def test_a_half_written_part_is_measured_again(tmp_path):
    manifest = write_manifest(tmp_path / "scans", 2)
    run_batch(read_manifest(manifest), tmp_path / "out", JOB)
    part = sorted((tmp_path / "out" / "parts").glob("*.json"))[0]
    part.write_bytes(part.read_bytes()[:100])
    assert run_batch(read_manifest(manifest), tmp_path / "out", JOB).resumed == 1


def test_a_batch_killed_at_any_moment_leaves_nothing_half(tmp_path):
    manifest, out = write_manifest(tmp_path / "scans", 30), tmp_path / "out"
    command = [sys.executable, "-m", "trialkit", "imaging", "batch", str(manifest), "--out", str(out)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while len(list((out / "parts").glob("*.json"))) < 3 and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    done = len(list((out / "parts").glob("*.json")))
    assert 3 <= done < 30
    result = run_batch(read_manifest(manifest), out, JOB)
    assert result.resumed >= done - 1
    measured = pd.read_csv(out / "measurements.csv")
    assert measured["scan"].nunique() == 30
    assert not measured.duplicated(["scan", "segment", "metric", "method", "level", "side"]).any()


def test_workers_of_a_killed_batch_end_with_it(tmp_path):
    manifest, out = write_manifest(tmp_path / "scans", 30), tmp_path / "out"
    command = [
        sys.executable,
        "-m",
        "trialkit",
        "imaging",
        "batch",
        str(manifest),
        "--out",
        str(out),
        "--workers",
        "2",
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_until(lambda: list((out / "parts").glob("*.json")))
    children = children_of(process.pid)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert len(children) >= 2
    wait_until(lambda: not any(runs(child) for child in children))


def runs(process):
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def children_of(process):
    return Path(f"/proc/{process}/task/{process}/children").read_text().split()


def wait_until(true, seconds=60):
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_processes_give_the_same_table_as_one(tmp_path):
    manifest = write_manifest(tmp_path / "scans", 3)
    tasks = read_manifest(manifest)
    run_batch(tasks, tmp_path / "one", JOB)
    run_batch(tasks, tmp_path / "two", JOB, workers=2)
    assert (tmp_path / "two" / "measurements.csv").read_text() == (
        tmp_path / "one" / "measurements.csv"
    ).read_text()


@pytest.mark.long
def test_a_dask_cluster_gives_the_same_table_as_one_process(tmp_path):
    distributed = pytest.importorskip("distributed")
    manifest = write_manifest(tmp_path / "scans", 6)
    (tmp_path / "scans" / "S001_fat.nii.gz").write_bytes(b"not an image")
    tasks = read_manifest(manifest)
    run_batch(tasks, tmp_path / "one", JOB)
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        result = run_batch(tasks, tmp_path / "dask", JOB, scheduler=cluster.scheduler_address)
    assert result.errors == 1
    for table in ("measurements.csv", "errors.csv"):
        assert (tmp_path / "dask" / table).read_text() == (tmp_path / "one" / table).read_text()


@pytest.mark.long
def test_a_cluster_that_ends_midway_is_one_line_and_no_traceback(tmp_path):
    distributed = pytest.importorskip("distributed")
    manifest, out = write_manifest(tmp_path / "scans", 60), tmp_path / "out"
    command = [sys.executable, "-m", "trialkit", "imaging", "batch", str(manifest), "--out", str(out)]
    with distributed.LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None) as cluster:
        batch = subprocess.Popen(
            [*command, "--scheduler", cluster.scheduler_address], stderr=subprocess.PIPE, text=True
        )
        wait_until(lambda: list((out / "parts").glob("*.json")))
    told = batch.communicate(timeout=60)[1]
    assert batch.returncode == 2
    assert told.splitlines()[-1].startswith("trialkit: tcp://")
    assert "Traceback" not in told
    assert 0 < len(list((out / "parts").glob("*.json"))) < 60


def test_a_scheduler_that_does_not_answer_is_one_error(tmp_path):
    pytest.importorskip("distributed")
    manifest = write_manifest(tmp_path / "scans", 1)
    with pytest.raises(ImagingError, match="Dask scheduler"):
        run_batch(read_manifest(manifest), tmp_path / "out", JOB, scheduler="nowhere")


def test_two_batches_do_not_write_to_one_folder(tmp_path):
    manifest = write_manifest(tmp_path / "scans", 1)
    tasks = read_manifest(manifest)

    def another(_progress):
        with pytest.raises(ImagingError, match="in use"):
            run_batch(tasks, tmp_path / "out", JOB)

    run_batch(tasks, tmp_path / "out", JOB, tell=another)


def test_features_come_with_the_measurements_where_they_are_asked_for(tmp_path):
    manifest = write_manifest(tmp_path / "scans", 2)
    (tmp_path / "r.toml").write_text('classes = ["first_order", "glcm"]\nbins = 16\n')
    out = tmp_path / "out"
    arguments = [
        "imaging",
        "batch",
        str(manifest),
        "--out",
        str(out),
        "--radiomics",
        str(tmp_path / "r.toml"),
    ]
    assert CliRunner().invoke(root, arguments, catch_exceptions=False).exit_code == 0
    features = pd.read_csv(out / "features.csv")
    assert set(features["class"]) == {"first_order", "glcm"}
    assert (out / features["settings"].iloc[0]).is_file()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("scan,image\nS1,a.nii\n", "columns scan, image, segmentation"),
        ("scan,image,segmentation\n", "at least one scan"),
        ("scan,image,segmentation\nS1,a.nii,b.nii\nS1,c.nii,d.nii\n", "S1 again"),
        ("scan,image,segmentation\nS1,,b.nii\n", "image empty"),
    ],
)
def test_a_manifest_that_cannot_be_followed_is_one_error(tmp_path, text, told):
    (tmp_path / "m.csv").write_text(text)
    with pytest.raises(ImageFileError, match=told):
        read_manifest(tmp_path / "m.csv")


def test_a_full_disk_is_named_and_the_next_run_goes_on(tmp_path, monkeypatch):
    import errno

    from trialkit.imaging.batch import run

    tasks, out = read_manifest(write_manifest(tmp_path / "s", 3)), tmp_path / "out"
    keep = run._keep

    def until_full(part, outcome):
        if len(list(part.parent.iterdir())) == 1:
            raise OSError(errno.ENOSPC, "No space left on device")
        keep(part, outcome)

    monkeypatch.setattr(run, "_keep", until_full)
    with pytest.raises(ImagingError, match="No space left") as refused:
        run_batch(tasks, out, Job(MeasureSettings()))
    assert refused.value.where == str(out)
    assert not (out / "measurements.csv").exists()
    monkeypatch.setattr(run, "_keep", keep)
    assert run_batch(tasks, out, Job(MeasureSettings())).resumed == 1


def test_a_cluster_that_is_lost_midway_is_one_error_and_no_row(tmp_path):
    from concurrent.futures import Future
    from types import SimpleNamespace

    from trialkit.imaging.batch.pools import _on_client

    class Lost:
        status, loop = "closed", None

        def submit(self, *_: object, **__: object) -> Future[object]:
            future: Future[object] = Future()
            future.set_exception(RuntimeError("connection closed"))
            return future

    distributed = SimpleNamespace(as_completed=lambda futures, loop: iter(futures))
    tasks = read_manifest(write_manifest(tmp_path / "s", 2))
    with pytest.raises(ImagingError, match="no longer answers"):
        list(_on_client(Lost(), iter(tasks), Job(MeasureSettings()), 2, distributed, "tcp://host:8786"))
