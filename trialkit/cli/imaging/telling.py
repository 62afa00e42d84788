"""What the imaging commands say on standard error, and how they write a table whole or not at all."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    import pandas as pd

    from trialkit.imaging import Image, Notice, Segmentation

FILE = click.Path(path_type=Path)


def tell_notices(*volumes: Image | Segmentation | None) -> None:
    """One line a notice, with the file it is about."""
    for volume in volumes:
        for notice in volume.notices if volume is not None else ():
            click.echo(f"{volume.source if volume else ''}: warning: {notice}", err=True)


def tell_oddities(place: Path, notices: Iterable[Notice]) -> None:
    """One line a notice about one file."""
    for notice in notices:
        click.echo(f"{place}: warning: {notice}", err=True)


def write_table(table: pd.DataFrame, out: Path, *, err: bool = False) -> None:
    """Write the CSV beside its place and move it there: never half a file.

    ``err``: say so on standard error, where standard output is for a program.
    """
    from trialkit.imaging.files import write_csv

    write_csv(table, out)
    click.echo(f"{len(table)} values written: {out}", err=err)
