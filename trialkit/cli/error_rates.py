"""``trialkit error-rates``: how often the passes differ, and each clerk from the final record."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from trialkit.access.acts.reading import VIEW_ERROR_RATES
from trialkit.cli.door import FILE, Desk, at_desk, performs, refuse_existing
from trialkit.numbers import plain

if TYPE_CHECKING:
    from trialkit.entry.error_rates import EpiDataTable
    from trialkit.operations.rates import ErrorRates


@click.command("error-rates")
@at_desk
@click.option(
    "--level", type=click.FloatRange(0, 1, min_open=True, max_open=True), default=0.95, show_default=True,
    help="Of the exact intervals.",
)  # fmt: skip
@click.option("--xlsx", "xlsx_file", type=FILE, metavar="FILE", help="Write them to a new workbook.")
@click.option("--html", "html_file", type=FILE, metavar="FILE", help="Write a new page, with a picture.")
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON, at full precision.")
@performs(VIEW_ERROR_RATES)
def command(desk: Desk, level: float, xlsx_file: Path | None, html_file: Path | None, as_json: bool) -> None:
    """By form, item, site, month and clerk, with exact intervals; EpiData's table beside them."""
    from trialkit.operations import error_rates

    for path in (xlsx_file, html_file):
        refuse_existing(path)
    with desk.open() as (trial, actor):
        found = error_rates(trial, actor, confidence_level=level)
        study_id = trial.study.id
    from trialkit.report.error_rates import (
        independence,
        rates_json,
        verified_note,
        write_rates_html,
        write_rates_xlsx,
    )

    if xlsx_file is not None:
        write_rates_xlsx(found, xlsx_file)
    if html_file is not None:
        write_rates_html(found, study_id, html_file)
    if as_json:
        click.echo(json.dumps(rates_json(found), indent=1, ensure_ascii=False))
        return
    for title, rates in (("Between the entries", found.between), ("Against the final record", found.clerks)):
        click.echo(title)
        for rate in rates:
            if rate.by in ("all", "form", "mode", "clerks"):
                clerk = _clerk(found, rate.clerk)
                name = "/".join(part for part in (clerk, rate.group or rate.by) if part)
                click.echo(
                    f"  {name}: {rate.errors} of {rate.fields}, {plain(rate.per_10000, 1)} per 10,000 "
                    f"({plain(rate.ci_lower, 1)} to {plain(rate.ci_upper, 1)})"
                )
    click.echo("As EpiData prints it (first | second entry)")
    for table in found.epidata:
        if table.common_records or table.missing_in_first or table.missing_in_second:
            click.echo(_epidata_line(table))
    lines = f", and {found.undecided_lines} lines that one entry alone has" if found.undecided_lines else ""
    click.echo(f"{found.undecided} discrepancies are undecided{lines}.")
    for line in independence(found):
        click.echo(line)
    if found.verified_lines:
        click.echo(verified_note(found))


def _clerk(found: ErrorRates, login: str) -> str:
    """The name, with the login that identifies its person."""
    name = found.person(login)
    return name if login in name else f"{name} ({login})"


def _epidata_line(table: EpiDataTable) -> str:
    records, entries = (
        "" if percent is None else f" ({plain(percent, 2)} %)"
        for percent in (table.percent_records, table.percent_fields)
    )
    return (
        f"  {table.form}: missing {table.missing_in_first} | {table.missing_in_second}, non-unique "
        f"{table.not_unique_in_first} | {table.not_unique_in_second}, fields checked {table.fields_checked}, "
        f"common records {table.common_records}, with errors {table.records_with_errors}{records}, "
        f"field entries with errors {table.field_entries_with_errors}{entries}"
    )
