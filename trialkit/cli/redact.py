"""``trialkit redact``: a text that identifies somebody is taken out of the record."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from trialkit.access.acts.redaction import FIND_TEXT, REDACT
from trialkit.cli.door import FILE, Desk, at_desk, performs, secret
from trialkit.cli.second_person import SecondPerson, confirmed_by
from trialkit.free_text import printable

if TYPE_CHECKING:
    from trialkit.operations import TextFound


@click.command("redact", epilog="Exit status: 0 done, 2 refused.")
@at_desk
@click.option("--subject", metavar="NUMBER", help="The subject, to name a field.")
@click.option("--visit", metavar="NAME", help="The field's visit.")
@click.option("--form", metavar="NAME", help="The field's form.")
@click.option("--row", default="", metavar="LINE", help="Its line, on a form with several.")
@click.option("--item", metavar="NAME", help="The field itself: all that ever stood in it goes.")
@click.option("--text", "by_text", is_flag=True, help="A text goes, which is asked for and not shown.")
@click.option(
    "--text-file", type=FILE, metavar="FILE", help="The text, on its first line, instead of the prompt."
)
@click.option("--find", is_flag=True, help="Only list where the text stands.")
@click.option("--reason", default="", help="Why, without the text; it is recorded.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
@confirmed_by
@performs(REDACT, FIND_TEXT)
def command(
    desk: Desk,
    subject: str | None,
    visit: str | None,
    form: str | None,
    row: str,
    item: str | None,
    by_text: bool,
    text_file: Path | None,
    find: bool,
    reason: str,
    as_json: bool,
    confirmer: str | None,
    confirmer_file: Path | None,
) -> None:
    """Name a field (--subject --visit --form --item), a text (--text), or both: then only that part of the
    field goes. The audit trail stays whole, and says what was done. Backups and files written before are
    not reached. A value of a critical item goes with a second person alone. On PostgreSQL, act as the owner
    of the tables (PGUSER), as for an upgrade.
    """
    from trialkit.operations import FieldPlace, find_text, redact

    names = (subject, visit, form, item)
    text = secret(text_file, "The text to take out", "the text") if by_text or text_file else ""
    _require_a_choice(names, text, find=find)
    with desk.open() as (trial, actor):
        if find:
            found = find_text(trial, actor, text=text)
            for one in found:
                click.echo(json.dumps(asdict(one)) if as_json else _said(one))
            click.echo(f"{len(found)} place(s).", err=as_json)
            return
        place = None
        if subject and visit and form and item:
            place = FieldPlace(subject, visit, form, item, row)
        second = SecondPerson(confirmer, confirmer_file).proved(trial, actor)
        done = redact(trial, actor, reason=reason, text=text, place=place, second_person=second)
    if as_json:
        click.echo(json.dumps(asdict(done), indent=1))
        return
    click.echo(
        f"Redacted: {done.places} place(s) in {done.records} record(s), by {desk.login}: values, reasons and "
        "statements in which a text stood. "
        f"Audit record {done.stamp.number}."
    )
    if done.drafts:
        click.echo(f"And {done.drafts} draft(s) of the web application.")
    for one in done.kept:
        click.echo(f"Still there, since lines are found by it: {_said(one)}")
    if not done.file_clean:
        click.echo("The old bytes may still be in the database's files until they are vacuumed.")
    click.echo("Not reached: " + "; ".join(done.not_covered) + ".")


def _said(one: TextFound) -> str:
    where = f"{printable(one.where)}: " if one.where else ""
    return f"{where}{one.what}, record {one.record}{' (a key; it stays)' if one.kept else ''}"


def _require_a_choice(names: tuple[str | None, ...], text: str, *, find: bool) -> None:
    from trialkit.errors import TrialkitError

    if find and not text:
        raise TrialkitError(expected="--text or --text-file with --find", found="neither")
    if any(names) and not all(names):
        raise TrialkitError(
            expected="--subject, --visit, --form and --item together", found="some of them only"
        )
    if not any(names) and not text:
        raise TrialkitError(
            expected="a field (--subject --visit --form --item) or a text (--text)", found="neither"
        )
