"""The proof at the end: what was allocated, held against what was promised."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from trialkit.cli.door import FILE, Desk, at_desk, refuse_existing, secret

if TYPE_CHECKING:
    from trialkit.randomization import Commitment, Reveal, Verification

PROVED, NOT_PROVED = 0, 1


@click.command()
@at_desk
@click.option(
    "--out", type=FILE, required=True, metavar="FILE", help="A new CSV file. It tells everybody's arm."
)
def export(desk: Desk, out: Path) -> None:
    """Write every allocation to a file, for `verify`. Only for roles that may know every arm."""
    from trialkit.operations import export_allocations
    from trialkit.operations.allocation_export import COLUMNS

    refuse_existing(out)
    with desk.open() as (trial, actor):
        exported = export_allocations(trial, actor)
    with out.open("x", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(exported.rows)
    click.echo(f"Written: {out}, {len(exported.rows)} allocations. Keep it from whoever is blinded.")


@click.command(epilog="Exit status: 0 proved, 1 not proved (what failed is named), 2 cannot be checked.")
@click.option(
    "--reveal",
    type=FILE,
    required=True,
    metavar="FILE",
    help="The seed file (asks its passphrase), or a reveal.",
)
@click.option("--allocations", type=FILE, required=True, metavar="EXPORT", help="From `randomize export`.")
@click.option(
    "--commitment",
    type=FILE,
    required=True,
    metavar="C",
    help="commitment.json, from where it was published.",
)
@click.option("--passphrase-file", type=FILE, metavar="FILE", help="Of the seed file; asked for otherwise.")
@click.option("--certificate", type=FILE, metavar="FILE", help="Write the answer to a new text file.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
def verify(
    reveal: Path,
    allocations: Path,
    commitment: Path,
    passphrase_file: Path | None,
    certificate: Path | None,
    as_json: bool,
) -> None:
    """Prove, without a database, that the list that was used is the list that was committed to.

    It says as well what this does not prove.
    """
    from trialkit.randomization import Commitment, read_allocations, read_custody_file, verify_reveal

    refuse_existing(certificate)
    promise = Commitment.from_json(read_custody_file(commitment))
    rows = read_allocations(allocations)
    found = verify_reveal(_revealed(reveal, passphrase_file), rows, promise)
    text = _certificate(found, promise)
    if certificate is not None:
        certificate.write_text(text + "\n", encoding="utf-8")
    click.echo(json.dumps(_as_json(found, promise), indent=1) if as_json else text)
    sys.exit(PROVED if found.passed else NOT_PROVED)


def _revealed(path: Path, passphrase_file: Path | None) -> Reveal:
    """A reveal in clear, or a seed file opened with its passphrase."""
    from trialkit.errors import CustodyFileError
    from trialkit.randomization import Reveal, SeedFile, read_custody_file, unlock_seed

    text = read_custody_file(path)
    try:
        closed = SeedFile.from_json(text)
    except CustodyFileError:
        return Reveal.from_json(text)
    return unlock_seed(closed, secret(passphrase_file, "Passphrase of the seed file", "a passphrase"))


def _certificate(found: Verification, promise: Commitment) -> str:
    lines = [
        "CERTIFICATE OF THE RANDOMIZATION LIST",
        f"Schedule    {found.schedule_id}",
        f"Commitment  {promise.value}",
        f"Follows     {promise.previous}" if promise.previous else "Follows     no earlier list",
        f"Checked     {found.allocations_checked} allocations of this schedule; "
        f"{found.allocations_of_other_schedules} of other schedules left out",
        "",
        "PROVED" if found.passed else "NOT PROVED",
    ]
    for check in found.checks:
        lines.append(f"  {'yes' if check.passed else 'NO '}  {check.question}")
        lines += [f"         {problem}" for problem in check.problems]
    lines += ["", "This does not prove"]
    lines += [f"  - {text}" for text in found.not_proved]
    return "\n".join(lines)


def _as_json(found: Verification, promise: Commitment) -> dict[str, object]:
    return {
        "proved": found.passed,
        "schedule_id": found.schedule_id,
        "commitment": promise.value,
        "previous_commitment": promise.previous,
        "allocations_checked": found.allocations_checked,
        "allocations_of_other_schedules": found.allocations_of_other_schedules,
        "checks": [
            {"question": check.question, "passed": check.passed, "problems": list(check.problems)}
            for check in found.checks
        ],
        "not_proved": list(found.not_proved),
    }
