"""``trialkit imaging maps``."""

from __future__ import annotations

from pathlib import Path

import click

from trialkit.cli.imaging.telling import FILE


@click.command("maps", epilog="Exit status: 0 written, 2 a scan, a column or the template cannot be used.")
@click.argument("manifest", type=FILE)
@click.option("--muscle", default="multifidus", show_default=True, metavar="NAME", help="Which muscle.")
@click.option(
    "--side", type=click.Choice(["left", "right"]), default="left", show_default=True, help="Which side."
)
@click.option("--depths", default=3, show_default=True, type=click.IntRange(1), help="Rings of a map.")
@click.option("--sectors", default=8, show_default=True, type=click.IntRange(1), help="Sectors of a map.")
@click.option(
    "--template",
    type=FILE,
    metavar="FILE",
    help="A segmentation of an atlas: maps are then made on its grid, voxel by voxel.",
)
@click.option("--labels", type=FILE, metavar="FILE", help="What the template's label numbers mean.")
@click.option("--compare", metavar="COLUMN", help="Of the manifest: two groups, whose difference is tested.")
@click.option(
    "--control",
    type=click.Choice(["fdr", "clusters"]),
    default="fdr",
    show_default=True,
    help="Of the differences: false discovery rate, or clusters under permutation of the groups.",
)
@click.option(
    "--permutations", default=1000, show_default=True, type=click.IntRange(99), help="Of the groups."
)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Of the permutations.")
@click.option(
    "--correlate",
    multiple=True,
    metavar="COLUMN",
    help="Of the manifest: one number a scan (kinematics, EMG, a biopsy); repeat for several.",
)
@click.option("--out", type=FILE, required=True, metavar="DIR", help="Folder for tables and pictures.")
def maps(
    manifest: Path,
    muscle: str,
    side: str,
    depths: int,
    sectors: int,
    template: Path | None,
    labels: Path | None,
    compare: str | None,
    control: str,
    permutations: int,
    seed: int,
    correlate: tuple[str, ...],
    out: Path,
) -> None:
    """Map where in a muscle the fat lies: the mean of all scans, group differences, correlations.

    MANIFEST is that of `imaging batch`, with water images, and a column for each group or number. Without a
    template a map has cells of level, depth and sector; on a template it has the template's voxels.
    """
    from trialkit.imaging import read_segmentation
    from trialkit.imaging.maps.of_many import Ways, make_maps, numbers_of, two_groups

    atlas = read_segmentation(template, labels=labels) if template else None
    group_of = two_groups(manifest, compare) if compare else None
    numbers = {column: numbers_of(manifest, column) for column in correlate}
    made = make_maps(manifest, Ways(muscle, side, depths, sectors, atlas))
    written = made.write_mean(out)
    if compare and group_of is not None:
        written += made.write_difference(out, compare, group_of, control, permutations, seed)
    for column, number_of in numbers.items():
        written += made.write_correlation(out, column, number_of)
    for path in written:
        click.echo(str(path))
