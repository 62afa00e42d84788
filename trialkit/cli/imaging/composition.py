"""``trialkit imaging composition``."""

from __future__ import annotations

from pathlib import Path

import click

from trialkit.cli.imaging.telling import FILE, write_table


@click.command("composition", epilog="Exit status: 0 written, 2 a row or a label map cannot be used.")
@click.argument("manifest", type=FILE)
@click.option("--out", type=FILE, required=True, metavar="FILE.csv", help="The table to write.")
def composition(manifest: Path, out: Path) -> None:
    """Whole-body lean muscle and the fat between muscles from label maps, with Z-scores by sex and age.

    MANIFEST is a CSV file with columns scan, segmentation, bmi, sex and age, and labels where the label map
    does not name its segments; these are `lean_muscle` and `intermuscular_fat`. Sex and age may be left out:
    then there are no Z-scores.
    """
    from trialkit.imaging.composition import composition_table

    write_table(composition_table(manifest), out)
