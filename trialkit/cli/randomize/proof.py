"""The proof at the end: what was allocated, held against what was promised."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from trialkit.access.acts.reading import EXPORT_ALLOCATIONS
from trialkit.cli.door import FILE, Desk, at_desk, performs, refuse_existing, secret
from trialkit.cli.randomize.proof_text import proof_json, proof_text
from trialkit.safe_files import write_new
from trialkit.wording import said

if TYPE_CHECKING:
    from trialkit.randomization import Reveal

PROVED, NOT_PROVED = 0, 1


@click.command()
@at_desk
@click.option(
    "--out", type=FILE, required=True, metavar="FILE", help="A new CSV file. It tells everybody's arm."
)
@performs(EXPORT_ALLOCATIONS)
def export(desk: Desk, out: Path) -> None:
    """For `verify`, and only for roles that may know every arm."""
    from trialkit.operations import export_allocations
    from trialkit.operations.allocation_export import COLUMNS
    from trialkit.randomization import write_custody_file

    refuse_existing(out)
    with desk.open() as (trial, actor):
        exported = export_allocations(trial, actor)
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([COLUMNS, *exported.rows])
    write_custody_file(out, text.getvalue(), private=True)
    click.echo(f"Written: {out}, {len(exported.rows)} allocations. Keep it from whoever is blinded.")


@click.command(epilog="Exit status: 0 every allocation proved, 1 not (it says which), 2 cannot be checked.")
@click.option(
    "--reveal", "reveals", type=FILE, required=True, multiple=True, metavar="FILE",
    help="The seed file (asks its passphrase), or a reveal. Repeat it, with --commitment, for an extension.",
)  # fmt: skip
@click.option("--allocations", type=FILE, required=True, metavar="EXPORT", help="From `randomize export`.")
@click.option(
    "--commitment", "commitments", type=FILE, required=True, multiple=True, metavar="C",
    help="commitment.json, from where it was published; one for each --reveal, in the same order.",
)  # fmt: skip
@click.option(
    "--passphrase-file", "passphrases", type=FILE, multiple=True, metavar="FILE",
    help="Of the seed file, one for all or one each; asked for otherwise.",
)  # fmt: skip
@click.option(
    "--bundle", "bundles", type=FILE, multiple=True, metavar="FILE",
    help="A bundle.json, as loaded or as sealed again after a lost key: is it this list?",
)  # fmt: skip
@click.option("--certificate", type=FILE, metavar="FILE", help="Write the answer to a new text file.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
def verify(
    reveals: tuple[Path, ...],
    allocations: Path,
    commitments: tuple[Path, ...],
    passphrases: tuple[Path, ...],
    bundles: tuple[Path, ...],
    certificate: Path | None,
    as_json: bool,
) -> None:
    """Prove, without a database, that the list that was used is the list that was committed to.

    Allocations from a list that was not given are counted and not covered. It says as well what this does
    not prove.
    """
    from trialkit.randomization import (
        Commitment,
        SealedBundle,
        about_file,
        read_allocations,
        read_custody_file,
    )
    from trialkit.randomization.proof import prove

    refuse_existing(certificate)
    _require_pairs(reveals, commitments, passphrases)
    promises = []
    for path in commitments:
        with about_file(path):
            promises.append(Commitment.from_json(read_custody_file(path)))
    sealed = []
    for path in bundles:
        with about_file(path):
            sealed.append(SealedBundle.from_json(read_custody_file(path)))
    rows = read_allocations(allocations)
    secrets = [None] * len(reveals) if not passphrases else list(passphrases) * len(reveals)
    revealed = [open_reveal(path, file) for path, file in zip(reveals, secrets, strict=False)]
    found = prove(revealed, promises, rows, sealed)
    export = hashlib.sha256(allocations.read_bytes()).hexdigest()
    text = proof_text(found, export)
    if certificate is not None:
        write_new(certificate, text + "\n")
    click.echo(json.dumps(proof_json(found, export), indent=1) if as_json else text)
    sys.exit(PROVED if found.passed else NOT_PROVED)


def _require_pairs(
    reveals: tuple[Path, ...], commitments: tuple[Path, ...], passphrases: tuple[Path, ...]
) -> None:
    from trialkit.errors import TrialkitError

    if len(reveals) != len(commitments) or len(passphrases) not in (0, 1, len(reveals)):
        raise TrialkitError(
            expected="one --commitment for each --reveal, and one --passphrase-file for all or one each",
            found=said(
                "{n_reveals} --reveal, {n_commitments} --commitment, {n_passphrases} --passphrase-file",
                n_reveals=len(reveals),
                n_commitments=len(commitments),
                n_passphrases=len(passphrases),
            ),
            next_step="Give them in the order of the lists.",
        )


def open_reveal(path: Path, passphrase_file: Path | None) -> Reveal:
    """A reveal in clear, or a seed file opened with its passphrase."""
    from trialkit.errors import CustodyFileError
    from trialkit.randomization import Reveal, SeedFile, about_file, read_custody_file, unlock_seed

    with about_file(path):
        text = read_custody_file(path)
        try:
            closed = SeedFile.from_json(text)
        except CustodyFileError:
            return Reveal.from_json(text)
        return unlock_seed(closed, secret(passphrase_file, f"Passphrase of {path}", "a passphrase"))
