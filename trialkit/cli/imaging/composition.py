"""``trialkit imaging composition``."""

from __future__ import annotations

from pathlib import Path

import click

from trialkit.cli.imaging.telling import FILE, Counter, write_table


@click.command(
    "composition",
    epilog="Exit status: 0 all measured, 1 some not (TABLE_errors.csv says which and why), 2 none.",
)
@click.argument("manifest", type=FILE)
@click.option("--out", type=FILE, required=True, metavar="FILE.csv", help="The table to write.")
def composition(manifest: Path, out: Path) -> None:
    """Whole-body lean muscle and the fat between muscles from label maps, with Z-scores by sex and age.

    MANIFEST is a CSV file with columns scan, segmentation, bmi, sex and age, and labels where the label map
    does not name its segments; these are `lean_muscle` and `intermuscular_fat`. Sex and age may be left out:
    then there are no Z-scores. A row that cannot be used is a row of an error table beside FILE.csv; Z-scores
    are within the others. A sex with too few persons for them has none, and a row there too.
    """
    import pandas as pd

    from trialkit.imaging.batch.work import ERROR_COLUMNS
    from trialkit.imaging.composition import compositions

    table, errors = compositions(manifest, Counter("label maps"))
    told = [
        (scan, type(error).__name__, error.expected, error.found, error.where, error.next_step)
        for scan, error in errors
    ]
    beside = out.with_name(f"{out.stem}_errors.csv")
    beside.unlink(missing_ok=True)  # of an earlier run
    if errors:
        write_table(pd.DataFrame(told, columns=list(ERROR_COLUMNS)), beside)
    write_table(table, out)
    raise SystemExit(1 if errors else 0)
