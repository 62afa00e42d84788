"""``trialkit imaging measure``."""

from __future__ import annotations

from pathlib import Path

import click

from trialkit.cli.imaging.measuring import (
    confounder_corrected_option,
    image_is_option,
    measure_settings,
    slice_option,
    trust_grid_option,
)
from trialkit.cli.imaging.telling import FILE, tell_notices, tell_oddities, write_table


@click.command(
    "measure", epilog="Exit status: 0 written, 2 the scan cannot be measured (nothing is written)."
)
@click.argument("image", type=FILE)
@click.argument("segmentation", type=FILE)
@click.option(
    "--water", type=FILE, metavar="IMAGE", help="The water image; IMAGE is then the fat image (Dixon)."
)
@click.option("--labels", type=FILE, metavar="FILE", help="What the label numbers mean: .csv, .tsv or .json.")
@click.option(
    "--grades", type=FILE, metavar="FILE", help="Grades as read: muscle,level,side,goutallier,kjaer."
)
@slice_option
@image_is_option
@confounder_corrected_option
@trust_grid_option
@click.option("--scan", default="", metavar="NAME", help="What the scan is called in the table.")
@click.option("--out", type=FILE, required=True, metavar="FILE.csv", help="The table to write.")
def measure(
    image: Path,
    segmentation: Path,
    water: Path | None,
    labels: Path | None,
    grades: Path | None,
    slice_rule: str,
    image_is: str,
    confounder_corrected: bool,
    trust_grid: bool,
    scan: str,
    out: Path,
) -> None:
    """Measure every segment of SEGMENTATION on IMAGE: one row a value, each with its formula and sources.

    IMAGE is NIfTI, NRRD or a folder with one DICOM series; SEGMENTATION a Slicer .seg.nrrd, a DICOM SEG or a
    label map with a labels file. Segments are known by names such as multifidus_L4_left.
    """
    from trialkit.imaging import measure, read_segmentation
    from trialkit.imaging.identity.places import oddities
    from trialkit.imaging.muscle.grades import read_grades
    from trialkit.imaging.reading.dixon import read_pair

    settings = measure_settings(slice_rule, image_is, confounder_corrected, trust_grid)
    masks = read_segmentation(segmentation, labels=labels)
    fat, wet = read_pair(image, water)
    read = read_grades(grades) if grades else ()
    table = measure(fat, masks, wet, settings, scan or image.name, read)
    tell_notices(fat, wet, masks)
    tell_oddities(segmentation, oddities(masks))
    write_table(table, out)
