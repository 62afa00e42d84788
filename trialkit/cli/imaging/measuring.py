"""The options that say how a scan is measured: alike wherever one is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from trialkit.imaging import MeasureSettings

slice_option = click.option(
    "--slice",
    "slice_rule",
    default="middle",
    show_default=True,
    metavar="middle|mid_disc|superior_endplate|largest",
    help="The slice of the cross-sectional area.",
)
image_is_option = click.option(
    "--image-is",
    default="intensity",
    show_default=True,
    metavar="intensity|fat_fraction_percent|fat_fraction_share",
    help="What the image's numbers are.",
)
confounder_corrected_option = click.option(
    "--confounder-corrected", is_flag=True, help="The fractions are proton density fat fractions."
)
trust_grid_option = click.option(
    "--trust-grid", is_flag=True, help="Take fat and water voxel on voxel though headers disagree."
)


def measure_settings(
    slice_rule: str, image_is: str, confounder_corrected: bool, trust_grid: bool
) -> MeasureSettings:
    """The settings that these options state; what they do not permit is refused there."""
    from trialkit.imaging import MeasureSettings

    return MeasureSettings(
        slice_rule=slice_rule,  # type: ignore[arg-type]
        image_is=image_is,  # type: ignore[arg-type]
        confounder_corrected=confounder_corrected,
        trust_grid=trust_grid,
    )
