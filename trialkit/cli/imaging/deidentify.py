"""``trialkit imaging deidentify``."""

from __future__ import annotations

from pathlib import Path

import click

from trialkit.cli.imaging.telling import FILE, write_table


@click.command("deidentify", epilog="Exit status: 0 done, 2 cannot be done (no clean copy is written).")
@click.argument("series", type=FILE)
@click.option(
    "--report", type=FILE, metavar="FILE.csv", help="List the identifying tags (never their values)."
)
@click.option("--out", type=FILE, metavar="DIR", help="Write a clean copy here.")
@click.option("--subject", metavar="ID", help="The subject's number, which the copy carries.")
def deidentify(series: Path, report: Path | None, out: Path | None, subject: str | None) -> None:
    """List the tags of a DICOM series that identify a person, and write a copy without them.

    The copy keeps geometry, pixels and acquisition and nothing else; UIDs are replaced, the same by the
    same. Text burnt into the picture, and a face in it, are not found.
    """
    from trialkit.imaging.errors import ImagingError
    from trialkit.imaging.identity.tags import deidentify as clean, identifying_tags

    if report is None and out is None:
        raise ImagingError(expected="--report or --out", found="neither", next_step="Say what to write.")
    if out is not None and not subject:
        raise ImagingError(expected="--subject with --out", found="no subject's number", next_step="Add it.")
    if report is not None:
        write_table(identifying_tags(series), report)
    if out is not None and subject:
        click.echo(f"{clean(series, out, subject)} clean files: {out}")
