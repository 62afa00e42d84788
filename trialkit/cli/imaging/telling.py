"""What the imaging commands say on standard error, and how they write a table whole or not at all."""

from __future__ import annotations

import sys
import time
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


class Counter:
    """How far a loop is, on standard error: one line on a terminal, elsewhere one every ten seconds."""

    def __init__(self, what: str) -> None:
        self._what, self._last = what, time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        terminal = sys.stderr.isatty()
        now = time.monotonic()
        if now - self._last < (0.2 if terminal else 10.0) and not (terminal and done == total):
            return
        self._last = now
        text = f"{done} of {total} {self._what}"
        end = done == total or not terminal
        click.echo(f"\r\033[K{text}" if terminal else text, err=True, nl=end)


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
