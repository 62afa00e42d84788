"""``trialkit imaging agree`` and ``trialkit imaging overlap``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from trialkit.cli.imaging.telling import FILE, write_table

if TYPE_CHECKING:
    from trialkit.imaging.readers.agree import ReaderAgreement


@click.command("agree", epilog="Exit status: 0 compared, 2 the tables cannot be compared.")
@click.argument("first", type=FILE)
@click.argument("second", type=FILE)
@click.option(
    "--allow",
    "allowed",
    multiple=True,
    metavar="METRIC=DIFFERENCE",
    help="List values that differ by more, for a third reader; repeat for several, e.g. --allow csa=0.5.",
)
@click.option(
    "--robust", default=0.75, show_default=True, help="Lower limit of ICC2 that makes a value robust."
)
@click.option("--out", type=FILE, metavar="FILE.csv", help="Write every statistic.")
@click.option("--third-reader", type=FILE, metavar="FILE.csv", help="Write the values for a third reader.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
def agree(
    first: Path,
    second: Path,
    allowed: tuple[str, ...],
    robust: float,
    out: Path | None,
    third_reader: Path | None,
    as_json: bool,
) -> None:
    """Compare two readers' tables: ICC (six forms), limits of agreement, weighted kappa for grades.

    FIRST and SECOND are tables written by `imaging measure` or `imaging radiomics`, joined over scans.
    Sides are targets of one analysis; muscles, levels, metrics and methods each have one of their own.
    """
    from trialkit.imaging import agree as compare
    from trialkit.imaging.readers.pairing import read_values

    compared = compare(read_values(first), read_values(second), _thresholds(allowed), robust_from=robust)
    for table, place in ((compared.third_reader, third_reader), (compared.as_table(), out)):
        if place is not None:  # before anything is printed: a pipe that closes early costs no file
            write_table(table, place, err=as_json)
    if as_json:
        click.echo(_as_json(compared))
    else:
        _print(compared)


def _thresholds(allowed: tuple[str, ...]) -> dict[str, float]:
    from trialkit.imaging.errors import MeasurementError

    found = {}
    for text in allowed:
        name, _, number = text.partition("=")
        try:
            found[name] = float(number)
        except ValueError:
            raise MeasurementError(
                expected="METRIC=DIFFERENCE with a number, e.g. csa=0.5", found=repr(text), where="--allow"
            ) from None
    return found


def _as_json(compared: ReaderAgreement) -> str:
    tables = {
        name: json.loads(getattr(compared, name).to_json(orient="records", double_precision=15))
        for name in ("icc", "limits", "kappa", "robust", "third_reader", "not_computed")
    }
    pairs = compared.pairs
    counts = {
        "pairs": len(pairs.table),
        "only_in_first": pairs.only_first,
        "only_in_second": pairs.only_second,
        "without_number": pairs.without_number,
    }
    return json.dumps({"counts": counts, **tables}, indent=1)


def _print(compared: ReaderAgreement) -> None:
    pairs = compared.pairs
    click.echo(
        f"{len(pairs.table)} values of both readers; {pairs.only_first} of the first only, "
        f"{pairs.only_second} of the second only, {pairs.without_number} without a number."
    )
    for title, table in (
        ("Intraclass correlation", compared.icc),
        ("Limits of agreement (first - second)", compared.limits),
        ("Weighted kappa", compared.kappa),
        ("For a third reader", compared.third_reader),
        ("Not computed", compared.not_computed),
    ):
        if len(table):
            click.echo(f"\n{title}")
            click.echo(table.to_string(index=False, float_format="{:.4g}".format, max_colwidth=60))
    robust = int(compared.robust["robust"].sum())
    click.echo(f"\nRobust (lower limit of ICC2): {robust} of {len(compared.robust)}.")


@click.command("overlap", epilog="Exit status: 0 compared, 2 the segmentations cannot be compared.")
@click.argument("first", type=FILE)
@click.argument("second", type=FILE)
@click.option("--labels", type=FILE, metavar="FILE", help="What the label numbers mean, in both files.")
@click.option("--out", type=FILE, metavar="FILE.csv", help="Write the table.")
def overlap(first: Path, second: Path, labels: Path | None, out: Path | None) -> None:
    """Compare two readers' masks of one image: Dice, Hausdorff 95 and mean surface distance of each
    segment.
    """
    from trialkit.imaging import overlap as compare, read_segmentation

    table = compare(read_segmentation(first, labels=labels), read_segmentation(second, labels=labels))
    if out is not None:
        write_table(table, out)
    click.echo(table.to_string(index=False, float_format="{:.4g}".format))
