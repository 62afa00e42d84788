"""``trialkit imaging phantom``."""

from __future__ import annotations

from pathlib import Path

import click

from trialkit.cli.imaging.telling import FILE


@click.command("phantom", epilog="Exit status: 0 written, 2 cannot be written.")
@click.option("--into", type=FILE, required=True, metavar="DIR", help="Folder for the files.")
@click.option("--scans", default=1, show_default=True, type=click.IntRange(1, 9999), help="How many.")
@click.option(
    "--seed", type=click.IntRange(0), default=1, show_default=True, help="The same seed gives the same scans."
)
def phantom(into: Path, scans: int, seed: int) -> None:
    """Write synthetic Dixon scans of the lumbar muscles, each segmented by two imperfect readers, to try
    things on.

    Areas and fat fractions are known: they stand in truth.csv. manifest_reader_1.csv and
    manifest_reader_2.csv are manifests for `imaging batch`.
    """
    import numpy as np
    import pandas as pd

    from trialkit.imaging.files import write_csv
    from trialkit.imaging.phantom.body import READERS, Muscle
    from trialkit.imaging.phantom.scan import make_scan, typical_back, write_scan

    into.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    truth, manifests = [], {reader: [] for reader in READERS}  # type: ignore[var-annotated]
    for number in range(1, scans + 1):
        name = f"scan_{number:04d}"
        size, fatter = (rng.normal(1, 0.12), rng.normal(1, 0.2)) if scans > 1 else (1.0, 1.0)
        back = {
            at: Muscle(muscle.area_mm2 * max(size, 0.6), min(muscle.fat_percent * max(fatter, 0.2), 70.0))
            for at, muscle in typical_back().items()
        }
        files = write_scan(make_scan(back, seed * 10_000 + number), into, name)
        truth += [
            (name, muscle, level, one.area_mm2 / 100, one.fat_percent)
            for (muscle, level), one in back.items()
        ]
        for reader, rows in manifests.items():
            rows.append((name, files["fat"].name, files[reader].name, files["water"].name))
    write_csv(
        pd.DataFrame(truth, columns=["scan", "muscle", "level", "csa_cm2", "fat_percent"]), into / "truth.csv"
    )
    for reader, rows in manifests.items():
        table = pd.DataFrame(rows, columns=["scan", "image", "segmentation", "water"])
        write_csv(table, into / f"manifest_{reader}.csv")
    click.echo(f"{scans} scans, each read by {len(manifests)} readers: {into}")
