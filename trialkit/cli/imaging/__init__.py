"""``trialkit imaging``: from a segmentation to a number in the analysis."""

from __future__ import annotations

import importlib

import click

# Subcommand -> (module in this package, one line of help), in the order a scan meets them.
_COMMANDS = {
    "deidentify": ("deidentify", "List the DICOM tags that identify a person; write a clean copy."),
    "phantom": ("phantom", "Write synthetic scans with two readers' segmentations, to try things on."),
    "measure": ("measure", "Measure the muscles of one scan: area, volume, fat, grades, asymmetry."),
    "radiomics": ("radiomics", "Extract IBSI features of every region of one scan."),
    "agree": ("agree", "Compare two readers: ICC, limits of agreement, kappa."),
    "overlap": ("agree", "Compare two readers' masks: Dice and distances."),
    "import": ("import_", "Measure a scan and enter it as a reader's own pass of a form."),
    "pictures": ("pictures", "Draw the outlines on the image, level by level, with the values."),
    "quality": ("pictures", "Tabulate scanners, draw each site, list values that stand apart."),
    "composition": ("composition", "Whole-body lean muscle and fat between muscles, with Z-scores."),
    "maps": ("maps", "Map where in a muscle the fat lies: means, differences, correlations."),
    "batch": ("batch", "Measure every scan of a manifest; resumable, on processes or a cluster."),
}


class _Subcommands(click.Group):
    """Names and helps at once; the commands themselves when one is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(f"trialkit.cli.imaging.{_COMMANDS[cmd_name][0]}")
        found: click.Command = getattr(module, "import_" if cmd_name == "import" else cmd_name)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in _COMMANDS.items()])


@click.group("imaging", cls=_Subcommands)
def command() -> None:
    """Measure scans that were segmented in 3D Slicer or elsewhere.

    Needs the libraries of `trialkit[imaging]`; radiomics also z-rad, which is installed with --no-deps.
    """
