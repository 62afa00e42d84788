"""``trialkit audit``: is the trail whole, where did it stand, what does it say."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from trialkit.access import ACTS
from trialkit.access.acts.reading import READ_HISTORY, READ_TRAIL, READ_TRAIL_DETAILS, READ_TRAIL_OF
from trialkit.cli.door import (
    FILE,
    Desk,
    anchor_options,
    anchor_said,
    at_desk,
    opened_study,
    performs,
    study_argument,
)
from trialkit.free_text import printable

if TYPE_CHECKING:
    from trialkit.operations.auditing import AuditVerification
    from trialkit.operations.trail import TrailLine

WHOLE, BROKEN = 0, 1
DETAILS = ("reason", "facts", "hash", "written", "changes", "confirmed_by", "redacted_by")
_LONGEST_ACT = max(map(len, ACTS))


@click.group("audit", help="Verify the audit trail, anchor it, and read it.")
def command() -> None:
    pass


@command.command(
    "verify", epilog="Exit status: 0 whole, 1 broken (the first broken record is named), 2 cannot be read."
)
@study_argument
@anchor_options
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
def verify(study: Path, anchor: Path | None, record: tuple[int, str] | None, as_json: bool) -> None:
    """Check every record of a study's audit trail, and replay it against tables and sealed list.

    STUDY is the study folder, the current one where it is not named. Where an anchor is given, the trail
    must hold it.
    """
    from trialkit.operations import opened_for_audit, verify_opened

    with opened_for_audit(study) as audited:
        found = verify_opened(audited, anchor=anchor_said(audited.study_id, anchor, record))
    if as_json:
        click.echo(json.dumps(_as_json(found), indent=1))
    else:
        click.echo(_as_text(found))
    if not found.whole:
        click.echo(f"trialkit: the audit trail is broken: {found.problems[0]}", err=True)
    sys.exit(WHOLE if found.whole else BROKEN)


@command.command("anchor")
@study_argument
@click.option("--out", type=FILE, required=True, metavar="FILE", help="A new file; name it by its day.")
def anchor(study: Path, out: Path) -> None:
    """Write where the trail stands now to a file, to be kept away from the database."""
    from trialkit.operations import write_anchor

    with opened_study(study) as trial:
        written = write_anchor(trial, out)
    click.echo(f"Record {written.number}, {written.at}\n{written.hash}")
    click.echo(f"Written: {out}. Send it to somebody who cannot reach the database.")


@command.command("show")
@at_desk
@click.option("--from", "first", type=click.IntRange(min=1), metavar="N", default=1, help="The first record.")
@click.option("--last", type=click.IntRange(min=1), metavar="N", help="Only the last N.")
@click.option("--operation", metavar="NAME", help="Only records of this act, e.g. randomize.")
@click.option("--account", metavar="LOGIN", help="Only records of this account.")
@click.option("--subject", metavar="NUMBER", help="Only records about this subject.")
@click.option("--form", metavar="NAME", help="Only records about this form.")
@click.option("--item", metavar="NAME", help="Only records about this item, with what each pass typed.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@performs(READ_TRAIL, READ_TRAIL_OF, READ_HISTORY, READ_TRAIL_DETAILS)
def show(
    desk: Desk,
    first: int,
    last: int | None,
    operation: str | None,
    account: str | None,
    subject: str | None,
    form: str | None,
    item: str | None,
    as_json: bool,
) -> None:
    """Details as far as the role may read them.

    Reasons and facts are for administrator, data manager and monitor, unless the role is blinded. An
    account of one site sees the records of that site, and of its subjects, asked for, what others did too.
    """
    from trialkit.operations import read_trail

    with desk.open() as (trial, actor):
        lines = read_trail(
            trial,
            actor,
            first=first,
            last=last,
            operation=operation,
            account=account,
            subject_id=subject,
            form=form,
            item=item,
        )
    for line in lines:
        click.echo(_record_json(line) if as_json else _record_text(line))


def _as_text(found: AuditVerification) -> str:
    lines = [f"{found.records} records checked, and {found.rows} rows against them."]
    if found.codes_checked is None:
        lines.append("The audit key is not on this machine: codes not checked.")
    else:
        lines.append(f"{found.codes_checked} codes checked with the audit key.")
    if not found.anchored:
        lines.append("No anchor was given: a cut tail or an older copy cannot be told.")
    elif found.whole:
        lines.append("The trail holds the anchor.")
    lines += [f"{redaction}." for redaction in found.redactions]
    lines += [f"Look at this: {warning}." for warning in found.warnings]
    if found.whole:
        lines.append(f"Whole. Head: {found.head_hash}")
        lines.append("Not detected by any such check: " + "; ".join(found.not_detected) + ".")
    else:
        lines.append(f"BROKEN, {len(found.problems)} problem(s):")
        lines += [f"  {problem}" for problem in found.problems]
    return "\n".join(lines)


def _as_json(found: AuditVerification) -> dict[str, object]:
    return {
        "whole": found.whole,
        "records": found.records,
        "rows": found.rows,
        "head_hash": found.head_hash,
        "codes_checked": found.codes_checked,
        "anchored": found.anchored,
        "problems": list(found.problems),
        "redactions": list(found.redactions),
        "warnings": list(found.warnings),
        "not_detected": list(found.not_detected),
    }


def _record_json(line: TrailLine) -> str:
    shown = {name: value for name, value in asdict(line).items() if line.detailed or name not in DETAILS}
    return json.dumps(shown, ensure_ascii=False)


def _record_text(line: TrailLine) -> str:
    place = f" at {line.site}" if line.site else ""
    text = (
        f"{line.number:>6}  {line.at[:19]}  {line.operation:<{_LONGEST_ACT}} "
        f"{line.account} ({line.role}{place}, {line.authentication})"
    )
    text += f"  {printable(line.reason)}" if line.reason else ""
    text += "".join(f"\n        text taken out by record {number}" for number in line.redacted_by)
    is_void = any(write.what == "void" for write in line.written)
    for write in line.written:
        said = f": {printable(write.text)}" if write.text else ""
        if write.what == "pass" and line.confirmed_by:
            said += f", confirmed by {printable(line.confirmed_by)}"
        kept = "standing " if is_void and write.what.startswith("pass") else ""  # what a void wrote anew
        text += f"\n        {write.where} {kept}{write.what.replace('_', ' ')}{said}"
    if line.written:
        return text + "".join(f"\n        {printable(more)}" for more in (*_changes(line), *_beside(line)))
    if line.confirmed_by:
        text += f"\n        confirmed by {printable(line.confirmed_by)}"
    if not line.facts:
        return text
    return text + f"\n        {printable(json.dumps(line.facts, ensure_ascii=False))}"


def _changes(line: TrailLine) -> list[str]:
    """Old and new of what the record changed at the places it is listed for; of a discrepancy both sides."""
    return [f"{change['field']}: {_before(change)} {_after(change)}" for change in line.changes]


def _beside(line: TrailLine) -> list[str]:
    """What else the record states of the places it is listed for, to whoever is told its facts."""
    facts = line.facts or {}
    lines = [f"voided: pass {' and '.join(map(str, facts['voided']))}"] if facts.get("voided") else []
    if line.changes and "query" in facts:
        lines.append(f"by the answer to query {facts['query']}")
    if "second_person" in facts:
        lines.append(f"confirmed by {facts['second_person']['account']}")
    return lines


def _before(change: Mapping[str, object]) -> str:
    if "first" in change:
        return f"{_or_blank(change['first'])} or {_or_blank(change.get('second'))}"
    return _or_blank(change.get("old"))


def _after(change: Mapping[str, object]) -> str:
    if change.get("reason_code") == "cannot_decide":
        return "was not decided"
    return f"became {_or_blank(change.get('new'))}"


def _or_blank(value: object) -> str:
    return "a blank" if value in (None, "") else repr(value)
