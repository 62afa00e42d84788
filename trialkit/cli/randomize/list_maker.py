"""The list maker's commands; they need no database and should not run on the machine that has it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click
from click.termui import progressbar

from trialkit.cli.door import FILE, refuse_existing, secret


@click.command()
@click.argument("study_folder", type=FILE, required=False)
@click.option(
    "--block-length", "lengths", type=click.IntRange(min=1), metavar="N", multiple=True,
    help="A length in use; repeat for several, each equally likely. None at all: simple randomization.",
)  # fmt: skip
@click.option(
    "--per-stratum",
    type=click.IntRange(min=1),
    metavar="N",
    help="Slots a stratum; the trial's total by default.",
)
@click.option("--out", type=FILE, required=True, metavar="FILE", help="The new randomization.toml.")
def restriction(
    study_folder: Path | None, lengths: tuple[int, ...], per_stratum: int | None, out: Path
) -> None:
    """Write a new randomization.toml and print the digest that the study definition holds.

    Where the study (a folder with study.toml) is named, the lengths must go with its ratio.
    """
    from trialkit.randomization import (
        Restriction,
        load_restriction,
        restriction_text,
        write_custody_file,
    )
    from trialkit.study import load_study
    from trialkit.study.list_design import list_design

    if len(set(lengths)) < len(lengths):
        raise click.UsageError("A --block-length is given twice. Give each once: all are equally likely.")
    if study_folder is not None:
        study = load_study(study_folder)
        if per_stratum is None and study.sample_size is None:
            raise click.UsageError(
                "The study states no [sample_size] total. Give --per-stratum N, the slots of each stratum."
            )
        list_design(study, Restriction(lengths or None, "", per_stratum))
    write_custody_file(out, restriction_text(lengths or None, per_stratum), private=True)
    click.echo(f"Written: {out}. Keep it with the list maker: never on the server, never with the sites.")
    if not lengths:
        click.echo("No --block-length was given: this is simple randomization, without blocks.")
    click.echo("For study.toml, under [randomization]:")
    click.echo(f'restriction_sha256 = "{load_restriction(out).digest}"')


@click.command()
@click.argument("study_folder", type=FILE)
@click.option(
    "--restriction", "restriction_file", type=FILE, required=True, metavar="FILE", help="randomization.toml."
)
@click.option("--out", type=FILE, required=True, metavar="DIR", help="A new or empty folder for the files.")
@click.option("--passphrase-file", type=FILE, metavar="FILE", help="For the seed file; asked for otherwise.")
@click.option(
    "--subjects",
    type=click.IntRange(min=1),
    metavar="N",
    help="The trial's total; that of the study by default.",
)
@click.option(
    "--previous", type=FILE, metavar="FILE", help="For an extension: commitment.json of the list before."
)
@click.option(
    "--seed", type=click.IntRange(min=0), metavar="N", help="Only for a study marked as a demonstration."
)
def generate(
    study_folder: Path,
    restriction_file: Path,
    out: Path,
    passphrase_file: Path | None,
    subjects: int | None,
    previous: Path | None,
    seed: int | None,
) -> None:
    """Make the sealed list of a study (a folder with study.toml), away from its server.

    The seed is 32 bytes from the operating system and never leaves this desk but under a passphrase. Send
    the bundle and the allocation key to the server separately, and publish the commitment.
    """
    from trialkit.randomization import (
        Commitment,
        load_restriction,
        make_list,
        read_custody_file,
        write_list,
    )
    from trialkit.study import load_study
    from trialkit.study.list_design import list_design, refuse_chosen_seed, require_stated_restriction

    study = load_study(study_folder)
    refuse_chosen_seed(study, seed)
    limits = load_restriction(restriction_file)
    require_stated_restriction(study, limits, str(restriction_file))
    before = Commitment.from_json(read_custody_file(previous)) if previous else None
    made = make_list(
        list_design(study, limits, subjects), seed=seed, restriction_digest=limits.digest, previous=before
    )
    passphrase = secret(passphrase_file, "Passphrase for the seed file", "a passphrase", confirm=True)
    files = write_list(made, out, passphrase)
    strata = len({slot.stratum for slot in made.bundle.slots})
    click.echo(f"A list over {strata} strata, {len(made.bundle.slots)} slots, each sealed.")
    click.echo(f"Schedule {made.commitment.schedule_id}, public commitment {made.commitment.value}")
    click.echo(f"To the server:             {files.bundle}")
    click.echo(f"                           {files.commitment} (public: publish it, or have it dated)")
    click.echo(f"To the server, separately: {files.key}")
    click.echo(f"Stays here, in two places: {files.seed} and its passphrase, apart from each other.")


@click.command()
@click.argument("study_folder", type=FILE)
@click.option(
    "--restriction", "restriction_file", type=FILE, required=True, metavar="FILE", help="randomization.toml."
)
@click.option(
    "--subjects",
    type=click.IntRange(min=1),
    metavar="N",
    help="The trial's size; that of the study by default.",
)
@click.option(
    "--simulations",
    type=click.IntRange(min=2),
    metavar="N",
    default=10_000,
    show_default=True,
    help="Simulated trials.",
)
@click.option(
    "--by-target", is_flag=True, help="Sites as unequal as their targets; else strata as equal as can be."
)
@click.option("--picture", type=FILE, metavar="FILE", help="A new .png, .svg or .pdf file.")
@click.option("--json", "as_json", is_flag=True, help="Print the numbers as JSON.")
def properties(
    study_folder: Path,
    restriction_file: Path,
    subjects: int | None,
    simulations: int,
    by_target: bool,
    picture: Path | None,
    as_json: bool,
) -> None:
    """Say what a reviewer asks: how often can the next arm be guessed, how far can the arms drift apart."""
    from trialkit.randomization import assess_design, load_restriction
    from trialkit.randomization.properties_text import properties_json
    from trialkit.study import load_study
    from trialkit.study.list_design import list_design, site_targets

    _check_picture(picture)
    study = load_study(study_folder)
    design = list_design(study, load_restriction(restriction_file), subjects)
    weights = site_targets(study) if by_target else None
    with progressbar(length=simulations, label="Simulating trials", file=sys.stderr) as bar:
        found = assess_design(
            design,
            simulations=simulations,
            subjects=subjects,
            weights=weights,
            progress=lambda done, _: bar.update(done - bar.pos),
        )
    if picture is not None:
        found.figure().savefig(picture, dpi=150)
    click.echo(json.dumps(properties_json(found), indent=1) if as_json else str(found))
    if picture is not None and not as_json:
        click.echo(f"\nPicture: {picture}")


@click.command()
@click.option("--reveal", type=FILE, required=True, metavar="FILE", help="seed.json (asks its passphrase).")
@click.option("--commitment", type=FILE, required=True, metavar="FILE", help="commitment.json, as published.")
@click.option(
    "--restriction", "restriction_file", type=FILE, required=True, metavar="FILE", help="randomization.toml."
)
@click.option("--out", type=FILE, required=True, metavar="DIR", help="A new or empty folder for the files.")
@click.option("--passphrase-file", type=FILE, metavar="FILE", help="Of the seed file; asked for otherwise.")
def reseal(
    reveal: Path, commitment: Path, restriction_file: Path, out: Path, passphrase_file: Path | None
) -> None:
    """Seal the same list again under a new key, where the study lost its allocation key.

    Away from the server, like `generate`. Seed, list and commitment stay what they are; every allocation
    keeps its slot. A key that was lost to somebody is another matter: that somebody may know the list.
    """
    from trialkit.cli.randomize.proof import open_reveal
    from trialkit.randomization import (
        Commitment,
        about_file,
        load_restriction,
        read_custody_file,
        reseal_list,
    )

    with about_file(commitment):
        promise = Commitment.from_json(read_custody_file(commitment))
    limits = load_restriction(restriction_file)
    bundle, key = reseal_list(open_reveal(reveal, passphrase_file), promise, limits, out)
    click.echo(f"The list of schedule {promise.schedule_id}, sealed again under a new key.")
    click.echo(f"Its commitment stays {promise.value}")
    click.echo(f"To the server:             {bundle}")
    click.echo(f"To the server, separately: {key}")
    click.echo("There: trialkit randomize load-resealed. The seed stays here, as before.")


def _check_picture(picture: Path | None) -> None:
    from trialkit.errors import TrialkitError

    refuse_existing(picture)
    if picture is not None and picture.suffix.lower() not in (".png", ".svg", ".pdf"):
        raise TrialkitError(
            expected="a picture file ending in .png, .svg or .pdf",
            found=repr(picture.name),
            next_step="Name it differently.",
        )
