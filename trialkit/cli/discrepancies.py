"""``trialkit discrepancies``: the adjudicator's worklist."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from trialkit.cli.door import FILE, Desk, at_desk, is_blinded, refuse_existing
from trialkit.vocabulary import Role

if TYPE_CHECKING:
    from trialkit.operations import Trial

# Typists are not among them: whoever saw the other pass could no longer type an independent one.
READERS = frozenset({Role.ADJUDICATOR, Role.DATA_MANAGER, Role.MONITOR})
COLUMNS = ("subject_id", "visit", "form", "row", "item", "kind", "first", "second", "state")


@click.command("discrepancies")
@at_desk
@click.option("--subject", metavar="NUMBER", help="Only of this subject.")
@click.option("--all", "with_decided", is_flag=True, help="Those decided as well.")
@click.option("--csv", "csv_file", type=FILE, metavar="FILE", help="Write them to a new CSV file.")
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
def command(
    desk: Desk, subject: str | None, with_decided: bool, csv_file: Path | None, as_json: bool
) -> None:
    """List what two passes disagree about: values, and lines that only one pass has."""
    from trialkit.access import AccessError

    refuse_existing(csv_file)
    with desk.open() as (trial, actor):
        if actor.role not in READERS:
            raise AccessError(
                expected=f"one of the roles {', '.join(sorted(READERS))}",
                found=str(actor.role),
                next_step="Let somebody with that role look.",
            )
        rows = _worklist(
            trial, subject, only_open=not with_decided, blinded=is_blinded(trial, actor), site=actor.site
        )
    if csv_file is not None:
        csv_file.write_text(_as_csv(rows), encoding="utf-8", newline="")
    if as_json:
        click.echo(json.dumps(rows, indent=1, ensure_ascii=False))
        return
    for row in rows:
        place = "/".join(row[name] for name in COLUMNS[:5] if row[name])
        first, second = row["first"] or "(blank)", row["second"] or "(blank)"
        click.echo(f"{place}: {row['kind']}: {first} | {second} [{row['state']}]")
    click.echo(f"{len(rows)} in the list.")


def _worklist(
    trial: Trial, subject: str | None, *, only_open: bool, blinded: bool, site: str | None
) -> list[dict[str, str]]:
    """Forms and items that tell an arm are left out for blinded eyes."""
    from trialkit.operations.adjudication import shown
    from trialkit.store.reading.discrepancies import discrepancies, unmatched_rows
    from trialkit.store.reading.subjects import subjects

    wanted = None if subject is None else [subject]
    with trial.store.reading() as reader:
        people = subjects(reader, wanted)
        values = discrepancies(reader, wanted, only_open=only_open)
        lines = unmatched_rows(reader, wanted, only_open=only_open)
    _require_known(subject, people)
    rows = [
        _row(
            (d.subject_id, d.visit, d.form, d.row, d.item),
            str(d.kind),
            shown(d.first) or "",
            shown(d.second) or "",
            d.choice or "open",
        )
        for d in values
        if not (blinded and trial.rules.items[d.item].reveals_allocation)
    ]
    rows += [
        _row(
            (u.subject_id, u.visit, u.form, u.row, ""),
            u.reason,
            "this line" if u.pass_number == 1 else "",
            "this line" if u.pass_number == 2 else "",
            u.decision or "open",
        )
        for u in lines
    ]
    return [
        row
        for row in rows
        if not (blinded and trial.rules.tells_arm(row["form"]))
        and site in (None, people[row["subject_id"]].site)
    ]


def _require_known(subject: str | None, people: object) -> None:
    from trialkit.operations.acting import unknown_subject

    if subject is not None and not people:
        raise unknown_subject(subject)


def _row(place: tuple[str, ...], kind: str, first: str, second: str, state: str) -> dict[str, str]:
    return dict(zip(COLUMNS, (*place, kind, first, second, state), strict=True))


def _as_csv(rows: list[dict[str, str]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
