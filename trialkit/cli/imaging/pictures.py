"""``trialkit imaging pictures`` and ``trialkit imaging quality``."""

from __future__ import annotations

from pathlib import Path

import click

from trialkit.cli.imaging.telling import FILE


@click.command("pictures", epilog="Exit status: 0 written, 2 the scan cannot be shown.")
@click.argument("image", type=FILE)
@click.argument("segmentation", type=FILE)
@click.option(
    "--water", type=FILE, metavar="IMAGE", help="The water image; the picture is then the fat fraction."
)
@click.option("--labels", type=FILE, metavar="FILE", help="What the label numbers mean: .csv, .tsv or .json.")
@click.option("--name", default="scan", show_default=True, help="The first part of the files' names.")
@click.option("--out", type=FILE, required=True, metavar="DIR", help="Folder for the pictures.")
def pictures(
    image: Path, segmentation: Path, water: Path | None, labels: Path | None, name: str, out: Path
) -> None:
    """Draw the outlines on the image, one picture a level with areas and fat, and a contact sheet."""
    from trialkit.imaging import measure, read_segmentation
    from trialkit.imaging.pictures import write_pictures
    from trialkit.imaging.reading.dixon import read_pair

    masks = read_segmentation(segmentation, labels=labels)
    scanned, wet = read_pair(image, water)
    for path in write_pictures(scanned, masks, measure(scanned, masks, wet), out, name, wet):
        click.echo(str(path))


@click.command("quality", epilog="Exit status: 0 written, 2 a table or an image cannot be read.")
@click.argument("manifest", type=FILE)
@click.argument("measurements", type=FILE)
@click.option("--metric", default="fat_fraction", show_default=True, help="Of the histograms.")
@click.option("--method", default="mean_of_voxels", show_default=True, help="Of the histograms.")
@click.option("--muscle", default="", metavar="NAME", help="Of the histograms; all by default.")
@click.option("--level", default="", metavar="L1..L5", help="Of the histograms; all by default.")
@click.option("--out", type=FILE, required=True, metavar="DIR", help="Folder for tables and picture.")
def quality(
    manifest: Path, measurements: Path, metric: str, method: str, muscle: str, level: str, out: Path
) -> None:
    """Tabulate scanners and sequences, draw the values of each site and scanner, list those that stand apart.

    MANIFEST is that of `imaging batch`, with a column site where there is one; MEASUREMENTS what the batch
    wrote.
    """
    from trialkit.imaging.batch.manifest import read_column, read_manifest
    from trialkit.imaging.files import write_csv
    from trialkit.imaging.quality import (
        acquisition_table,
        draw_by_group,
        outliers_by,
        pooling_notices,
        scanners,
    )
    from trialkit.imaging.readers.pairing import read_values
    from trialkit.imaging.reading.dixon import read_pair

    tasks, values = read_manifest(manifest), read_values(measurements)
    site_of = read_column(manifest, "site", needed=False)
    images = ((task.scan, read_pair(Path(task.image), None)[0]) for task in tasks)
    acquisition = acquisition_table(images, site_of)
    here = (values["muscle"] == muscle) | (not muscle)
    shown = values[here & ((values["level"] == level.upper()) | (not level))]
    groupings = {"site": site_of, "scanner": scanners(acquisition)}
    apart = outliers_by(values, groupings)
    out.mkdir(parents=True, exist_ok=True)
    write_csv(acquisition, out / "acquisition.csv")
    write_csv(apart, out / "outliers.csv")
    for name, group_of in groupings.items():
        draw_by_group(shown, group_of, metric, method, out / f"{metric}_by_{name}.png", name)
    for notice in pooling_notices(acquisition):
        click.echo(f"warning: {notice}", err=True)
    counts = ", ".join(f"{(apart['by'] == name).sum()} in their {name}" for name in groupings)
    click.echo(f"{len(acquisition)} scans; values that stand apart: {counts}: {out}")
