"""``trialkit imaging batch``."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from trialkit.cli.imaging.measuring import (
    confounder_corrected_option,
    image_is_option,
    measure_settings,
    slice_option,
    trust_grid_option,
)
from trialkit.cli.imaging.telling import FILE
from trialkit.numbers import plain

if TYPE_CHECKING:
    from trialkit.imaging.batch.run import Progress

_SECONDS_BETWEEN_LINES = 10.0


@click.command(
    "batch", epilog="Exit status: 0 all measured, 1 some not (errors.csv says which and why), 2 not begun."
)
@click.argument("manifest", type=FILE)
@click.option(
    "--out", type=FILE, required=True, metavar="DIR", help="Folder for measurements.csv and errors.csv."
)
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1), help="Processes.")
@click.option(
    "--scheduler", metavar="ADDRESS", help="A Dask scheduler to work on instead, e.g. tcp://host:8786."
)
@click.option("--radiomics", type=FILE, metavar="FILE.toml", help="Extract features too, into features.csv.")
@slice_option
@image_is_option
@confounder_corrected_option
@trust_grid_option
def batch(
    manifest: Path,
    out: Path,
    workers: int,
    scheduler: str | None,
    radiomics: Path | None,
    slice_rule: str,
    image_is: str,
    confounder_corrected: bool,
    trust_grid: bool,
) -> None:
    """Measure every scan of MANIFEST; run again, it goes on where it was.

    MANIFEST is a CSV file with columns scan, image and segmentation, and water and labels where there are
    any; paths
    are relative to it. A scan that cannot be measured is a row of errors.csv and not the end; it is tried
    again the next time.
    """
    from trialkit.imaging.batch.manifest import read_manifest
    from trialkit.imaging.batch.run import run_batch
    from trialkit.imaging.batch.work import Job
    from trialkit.imaging.texture.settings import read_settings

    settings = measure_settings(slice_rule, image_is, confounder_corrected, trust_grid)
    job = Job(settings, read_settings(radiomics) if radiomics else None)
    result = run_batch(read_manifest(manifest), out, job, workers, scheduler, _Teller())
    click.echo(
        f"{result.scans} scans, {result.resumed} of them from an earlier run, {result.errors} with an error: "
        f"{result.folder / 'measurements.csv'}"
        + (f", {result.folder / 'errors.csv'}" if result.errors else "")
    )
    raise SystemExit(1 if result.errors else 0)


class _Teller:
    """A line that is written over on a terminal; elsewhere a new one every ten seconds."""

    def __init__(self) -> None:
        self._last = 0.0

    def __call__(self, progress: Progress) -> None:
        at_end = progress.done == progress.total
        terminal = sys.stderr.isatty()
        now = time.monotonic()
        if not at_end and now - self._last < (0.2 if terminal else _SECONDS_BETWEEN_LINES):
            return
        self._last = now
        text = f"{progress.done} of {progress.total} scans, {progress.errors} errors"
        if not at_end and progress.seconds_left is not None:
            text += f", {_duration(progress.seconds_left)} left"
        click.echo(f"\r\033[K{text}" if terminal else text, err=True, nl=at_end or not terminal)


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{plain(seconds, 0)} s"
    return f"{plain(seconds / 60, 0)} min" if seconds < 5400 else f"{plain(seconds / 3600, 1)} h"
