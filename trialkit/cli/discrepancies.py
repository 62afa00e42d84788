"""``trialkit discrepancies``: the adjudicator's worklist."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from trialkit.access.acts.reading import LIST_DISCREPANCIES
from trialkit.cli.door import FILE, Desk, at_desk, performs, refuse_existing
from trialkit.cli.listing import IDENTIFIERS
from trialkit.free_text import for_spreadsheet, printable
from trialkit.safe_files import write_new

if TYPE_CHECKING:
    from trialkit.access import Actor
    from trialkit.operations import Trial


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
@IDENTIFIERS
@performs(LIST_DISCREPANCIES)
def command(
    desk: Desk,
    subject: str | None,
    with_decided: bool,
    csv_file: Path | None,
    xlsx_file: Path | None,
    as_json: bool,
    identifiers: tuple[str, ...],
) -> None:
    """Values, and lines that only one pass has. Files and JSON hold no values of identifiers."""
    from trialkit.operations.kept_back import KEPT_BACK, kept_back
    from trialkit.operations.same_files import files_as_both_entries
    from trialkit.operations.worklist import COLUMNS, discrepancy_worklist

    refuse_existing(csv_file)
    refuse_existing(xlsx_file)
    with desk.open() as (trial, actor):
        same_files = files_as_both_entries(trial, actor)
        rows = discrepancy_worklist(trial, actor, subject_id=subject, only_open=not with_decided)
        items = trial.rules.items
        hidden = kept_back(trial.study, identifiers)
        if xlsx_file is not None:
            to_decide = _write_workbook(trial, actor, xlsx_file, subject, hidden)
    leaving = [
        {**row, "first": KEPT_BACK, "second": KEPT_BACK} if row["item"] in hidden else row for row in rows
    ]
    if csv_file is not None:
        write_new(csv_file, _as_csv(leaving), private=True)
    if xlsx_file is not None:
        click.echo(to_decide)
        return
    if as_json:
        click.echo(json.dumps(leaving, indent=1, ensure_ascii=False))
        return
    for row in rows:
        place = "/".join(row[name] for name in COLUMNS[:5] if row[name])
        item = items.get(row["item"])
        first, second = (
            (item.shown(row[side]) if item else row[side]) or "(blank)" for side in ("first", "second")
        )
        click.echo(printable(f"{place}: {row['kind']}: {first} | {second} [{row['state']}]"))
    for one in same_files:
        files = f"{one.first_file} by {one.first_typist}, {one.second_file} by {one.second_typist}"
        click.echo(printable(f"Both entries of {one.forms} form(s) have exactly the same bytes: {files}."))
    click.echo(f"{len(rows)} in the list.")


def _write_workbook(
    trial: Trial, actor: Actor, path: Path, subject: str | None, hidden: frozenset[str]
) -> str:
    """Written with the values; of the lines it says where they are decided."""
    from trialkit.operations import leftover_rows, reconciliation_rows
    from trialkit.report.reconciliation import reconciliation_workbook

    found = [row for row in reconciliation_rows(trial, actor) if subject in (None, row.subject_id)]
    rows = [row for row in found if row.item not in hidden]
    lines = [one for one in leftover_rows(trial, actor) if subject in (None, one.subject_id)]
    write_new(path, reconciliation_workbook(rows), private=True)
    left_out = ", ".join(sorted({row.item for row in found if row.item in hidden}))
    written = f"Written: {path}, {len(rows)} to decide."
    written += f" Left out as identifiers: {left_out}." if left_out else ""
    beside = f" Not in it: {len(lines)} lines that one pass alone has (trialkit decide-rows --list)."
    return written + (beside if lines else "")


def _as_csv(rows: list[dict[str, str]]) -> str:
    from trialkit.operations.worklist import COLUMNS

    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: for_spreadsheet(cell) for name, cell in row.items()} for row in rows)
    return text.getvalue()
