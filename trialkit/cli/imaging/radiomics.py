"""``trialkit imaging radiomics``."""

from __future__ import annotations

from pathlib import Path

import click

from trialkit.cli.imaging.telling import FILE, tell_notices, tell_oddities, write_table


@click.command("radiomics", epilog="Exit status: 0 written, 2 nothing can be extracted (nothing is written).")
@click.argument("image", type=FILE)
@click.argument("segmentation", type=FILE)
@click.option("--settings", type=FILE, required=True, metavar="FILE.toml", help="How features are extracted.")
@click.option(
    "--water", type=FILE, metavar="IMAGE", help='The water image, where the settings say of = "fat_fraction".'
)
@click.option("--labels", type=FILE, metavar="FILE", help="What the label numbers mean: .csv, .tsv or .json.")
@click.option("--scan", default="", metavar="NAME", help="What the scan is called in the table.")
@click.option("--out", type=FILE, required=True, metavar="FILE.csv", help="The table to write.")
def radiomics(
    image: Path,
    segmentation: Path,
    settings: Path,
    water: Path | None,
    labels: Path | None,
    scan: str,
    out: Path,
) -> None:
    """Extract the features of every segment: shape, first order, GLCM, GLRLM, GLSZM, GLDM by IBSI's
    definitions.

    The settings file states what must not be left to a default: `discretization`, `bins` or `bin_width` and
    `range`, `intensities`, `aggregations`, `classes`, `of`. They stand beside every value.
    """
    from trialkit.imaging import radiomics as extract, read_image, read_segmentation
    from trialkit.imaging.identity.places import oddities
    from trialkit.imaging.reading.dixon import read_pair
    from trialkit.imaging.texture.radiomics import notices_of
    from trialkit.imaging.texture.settings import read_settings

    chosen = read_settings(settings)
    masks = read_segmentation(segmentation, labels=labels)
    wet = None
    if chosen.of == "fat_fraction":
        scanned, wet = read_pair(image, water)
    else:
        scanned = read_image(image, modality=None if chosen.intensities == "calibrated" else "MR")
    table = extract(scanned, masks, chosen, scan or image.name, wet)
    tell_notices(scanned, wet, masks)
    tell_oddities(segmentation, [*oddities(masks), *notices_of(table)])
    write_table(table, out)
