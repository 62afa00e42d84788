"""``trialkit discrepancies``: the adjudicator's worklist."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import click

from trialkit.access.acts.reading import LIST_DISCREPANCIES
from trialkit.cli.door import FILE, Desk, at_desk, performs, refuse_existing
from trialkit.free_text import for_spreadsheet, printable
from trialkit.safe_files import write_new


@click.command("discrepancies")
@at_desk
@click.option("--subject", metavar="NUMBER", help="Only of this subject.")
@click.option("--all", "with_decided", is_flag=True, help="Those decided as well.")
@click.option("--csv", "csv_file", type=FILE, metavar="FILE", help="Write them to a new CSV file.")
@click.option(
    "--xlsx", "xlsx_file", type=FILE, metavar="FILE",
    help="Write the open values to a new workbook to decide in; `adjudicate --file` takes it back.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
@performs(LIST_DISCREPANCIES)
def command(
    desk: Desk,
    subject: str | None,
    with_decided: bool,
    csv_file: Path | None,
    xlsx_file: Path | None,
    as_json: bool,
) -> None:
    """Values, and lines that only one pass has."""
    from trialkit.operations.worklist import COLUMNS, discrepancy_worklist

    refuse_existing(csv_file)
    refuse_existing(xlsx_file)
    if xlsx_file is not None:
        _write_workbook(desk, xlsx_file)
        return
    with desk.open() as (trial, actor):
        rows = discrepancy_worklist(trial, actor, subject_id=subject, only_open=not with_decided)
        items = trial.rules.items
    if csv_file is not None:
        write_new(csv_file, _as_csv(rows), private=True)
    if as_json:
        click.echo(json.dumps(rows, indent=1, ensure_ascii=False))
        return
    for row in rows:
        place = "/".join(row[name] for name in COLUMNS[:5] if row[name])
        item = items.get(row["item"])
        first, second = (
            (item.shown(row[side]) if item else row[side]) or "(blank)" for side in ("first", "second")
        )
        click.echo(printable(f"{place}: {row['kind']}: {first} | {second} [{row['state']}]"))
    click.echo(f"{len(rows)} in the list.")


def _write_workbook(desk: Desk, path: Path) -> None:
    from trialkit.operations import reconciliation_rows
    from trialkit.report.reconciliation import reconciliation_workbook

    with desk.open() as (trial, actor):
        rows = reconciliation_rows(trial, actor)
    write_new(path, reconciliation_workbook(rows), private=True)
    click.echo(f"Written: {path}, {len(rows)} to decide.")


def _as_csv(rows: list[dict[str, str]]) -> str:
    from trialkit.operations.worklist import COLUMNS

    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: for_spreadsheet(cell) for name, cell in row.items()} for row in rows)
    return text.getvalue()
