"""``trialkit query``: questions about the record, and their answers."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from trialkit.access.acts.queries import (
    ANSWER_QUERY,
    CLOSE_QUERY,
    LIST_QUERIES,
    OPEN_QUERY,
    RAISE_QUERIES,
    REOPEN_QUERY,
)
from trialkit.cli.door import FILE, Desk, at_desk, performs, refuse_existing
from trialkit.cli.listing import IDENTIFIERS
from trialkit.free_text import printable

if TYPE_CHECKING:
    from trialkit.operations import QueryListed, QueryMoved

COLUMNS = (
    "number",
    "site",
    "subject_id",
    "visit",
    "form",
    "row",
    "item",
    "status",
    "owner",
    "age_days",
    "check",
)
STATES = click.Choice(["open", "answered", "closed", "reopened"])


@click.group("query", help="Ask a site about the record, answer, close, ask again; list what is open.")
def command() -> None:
    pass


@command.command("open")
@at_desk
@click.option("--subject", required=True, metavar="NUMBER", help="The subject's number.")
@click.option("--visit", required=True, metavar="NAME", help="As in the study definition.")
@click.option("--form", default="", metavar="NAME", help="As in the study; left out: about the visit.")
@click.option("--row", default="", metavar="LINE", help="Printed line number, on a form with several lines.")
@click.option("--item", default="", metavar="NAME", help="As in the dictionary; left out: about the form.")
@click.option("--text", required=True, help="The question, in words that name no treatment.")
@performs(OPEN_QUERY)
def open_(desk: Desk, subject: str, visit: str, form: str, row: str, item: str, text: str) -> None:
    """The site answers; the value is corrected by an act of its own, which cites the query."""
    from trialkit.operations import open_query

    with desk.open() as (trial, actor):
        done = open_query(
            trial, actor, subject_id=subject, visit=visit, form=form, row=row, item=item, text=text
        )
    _tell(done)


@command.command("raise")
@at_desk
@click.option("--subject", "subjects", multiple=True, metavar="NUMBER", help="Only of these; all otherwise.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
@performs(RAISE_QUERIES)
def raise_(desk: Desk, subjects: tuple[str, ...], as_json: bool) -> None:
    """Ranges, required items, reference ranges, the study's own checks, and visits out of their windows.

    Run it as often as you like: what was asked about is asked again only where other values fail.
    """
    from trialkit.operations import raise_queries

    with desk.open() as (trial, actor):
        done = raise_queries(trial, actor, subject_ids=subjects or None)
    if as_json:
        told = {
            "raised": done.raised,
            "reopened": done.reopened,
            "standing": done.standing,
            "settled": done.settled,
            "audit_record": done.stamp.number if done.stamp else None,
        }
        click.echo(json.dumps(told))
        return
    click.echo(f"Raised: {len(done.raised)}. Reopened: {len(done.reopened)}. Asked before: {done.standing}.")
    if done.settled:
        numbers = ", ".join(map(str, done.settled))
        click.echo(f"The check of these open queries fails no more; close them where settled: {numbers}.")
    if done.stamp:
        click.echo(f"Audit record {done.stamp.number}.")


@command.command("answer")
@at_desk
@click.option("--number", type=click.IntRange(min=1), required=True, metavar="N", help="Of the query.")
@click.option("--text", required=True, help="The answer, in words that name no treatment.")
@performs(ANSWER_QUERY)
def answer(desk: Desk, number: int, text: str) -> None:
    """For the site: coordinator or investigator."""
    from trialkit.operations import answer_query

    with desk.open() as (trial, actor):
        _tell(answer_query(trial, actor, number=number, text=text))


@command.command("close")
@at_desk
@click.option("--number", type=click.IntRange(min=1), required=True, metavar="N", help="Of the query.")
@click.option("--text", default="", help="What settled it.")
@performs(CLOSE_QUERY)
def close(desk: Desk, number: int, text: str) -> None:
    """For data manager and monitor."""
    from trialkit.operations import close_query

    with desk.open() as (trial, actor):
        _tell(close_query(trial, actor, number=number, text=text))


@command.command("reopen")
@at_desk
@click.option("--number", type=click.IntRange(min=1), required=True, metavar="N", help="Of the query.")
@click.option("--text", required=True, help="What is still not clear.")
@performs(REOPEN_QUERY)
def reopen(desk: Desk, number: int, text: str) -> None:
    """For data manager and monitor."""
    from trialkit.operations import reopen_query

    with desk.open() as (trial, actor):
        _tell(reopen_query(trial, actor, number=number, text=text))


@command.command("list")
@at_desk
@click.option("--status", "states", type=STATES, multiple=True, help="Only these; all but closed otherwise.")
@click.option("--form", metavar="NAME", help="Only about this form.")
@click.option("--subject", metavar="NUMBER", help="Only about this subject.")
@click.option("--of-site", metavar="SITE", help="Only of this site, where the account sees several.")
@click.option("--check", metavar="NAME", help="Only those that this check raised, such as range.")
@click.option("--older-than", type=click.IntRange(min=0), default=0, metavar="DAYS", help="By age.")
@click.option("--csv", "csv_file", type=FILE, metavar="FILE", help="Write them to a new CSV file.")
@click.option("--xlsx", "xlsx_file", type=FILE, metavar="FILE", help="Write them to a new workbook.")
@click.option("--html", "html_file", type=FILE, metavar="FILE", help="Write them to a new page.")
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
@IDENTIFIERS
@performs(LIST_QUERIES)
def list_(
    desk: Desk,
    states: tuple[str, ...],
    form: str | None,
    subject: str | None,
    of_site: str | None,
    check: str | None,
    older_than: int,
    csv_file: Path | None,
    xlsx_file: Path | None,
    html_file: Path | None,
    as_json: bool,
    identifiers: tuple[str, ...],
) -> None:
    """At the sites of the account, oldest first."""
    from trialkit.entry import QueryStatus
    from trialkit.operations import list_queries
    from trialkit.operations.kept_back import KEPT_BACK, kept_back

    for path in (csv_file, xlsx_file, html_file):
        refuse_existing(path)
    with desk.open() as (trial, actor):
        found = list_queries(
            trial,
            actor,
            status=[QueryStatus(state) for state in states],
            form=form,
            subject_id=subject,
            older_than_days=older_than,
            check=check,
            site=of_site,
        )
        study_id = trial.study.id
        hidden = kept_back(trial.study, identifiers)
    leaving = [replace(one, thread=(KEPT_BACK,)) if one.item in hidden else one for one in found]
    if csv_file is not None:
        _write_csv(leaving, csv_file)
    if xlsx_file is not None or html_file is not None:
        from trialkit.report.queries import write_query_html, write_query_xlsx

        if xlsx_file is not None:
            write_query_xlsx(leaving, xlsx_file)
        if html_file is not None:
            write_query_html(leaving, study_id, html_file)
    if as_json:
        click.echo(json.dumps([_as_json(query) for query in leaving], indent=1, ensure_ascii=False))
        return
    for query in found:
        owner = f", {query.owner}" if query.owner else ""
        click.echo(f"{query.number:>5}  {query.where} [{query.status}{owner}, {query.age_days} d]")
        for step in query.thread:
            click.echo(f"       {printable(step)}")
    click.echo(f"{len(found)} in the list.")


def _as_json(query: QueryListed) -> dict[str, Any]:
    return {**{name: getattr(query, name) for name in COLUMNS}, "thread": list(query.thread)}


def _write_csv(found: list[QueryListed], path: Path) -> None:
    from trialkit.report.list_files import ListTable, write_list_csv

    rows = [[*(str(getattr(one, name)) for name in COLUMNS), " | ".join(one.thread)] for one in found]
    write_list_csv(ListTable("Queries", (), rows, (*COLUMNS, "thread")), path)


def _tell(done: QueryMoved) -> None:
    click.echo(f"Query {done.number}: {done.status}. Audit record {done.stamp.number}.")
