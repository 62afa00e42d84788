"""``trialkit init``: found a study."""

from __future__ import annotations

from pathlib import Path

import click

from trialkit.access.acts.accounts import CREATE_STUDY
from trialkit.cli.door import FILE, performs, secret


@click.command("init")
@click.argument("study", type=FILE)
@click.option(
    "--definition",
    type=FILE,
    required=True,
    metavar="DIR",
    help="A folder with study.toml and dictionary.csv.",
)
@click.option("--administrator", metavar="LOGIN", required=True, help="The first account.")
@click.option("--name", "person_name", metavar="NAME", required=True, help="The administrator's name.")
@click.option(
    "--password-file", type=FILE, metavar="FILE", help="The administrator's password; asked for otherwise."
)
@click.option("--no-password", is_flag=True, help="An account that acts only as the host operator declares.")
@click.option(
    "--database", default="sqlite:///trial.sqlite", show_default=True, metavar="URL",
    help="Or postgresql://HOST/NAME; leave its password to PGPASSFILE.",
)  # fmt: skip
@click.option(
    "--keys", "key_folder", default="keys", show_default=True, metavar="DIR", help="Where keys are kept."
)
@click.option(
    "--anchors", "anchor_folder", metavar="DIR",
    help="With several servers: a folder that all of them reach, where anchors are kept. It must be there.",
)  # fmt: skip
@click.option(
    "--training", is_flag=True, help="A copy to practise in: its own name, database and a title that says so."
)
@performs(CREATE_STUDY)
def command(
    study: Path,
    definition: Path,
    administrator: str,
    person_name: str,
    password_file: Path | None,
    no_password: bool,
    database: str,
    key_folder: str,
    anchor_folder: str | None,
    training: bool,
) -> None:
    """In a new folder, from its definition."""
    from trialkit.operations import create_study, create_training_copy

    password = None
    if not no_password:
        password = secret(password_file, f"Password for {administrator}", "a password", confirm=True)
    found = create_training_copy if training else create_study
    with found(
        study,
        definition=definition,
        administrator=administrator,
        person_name=person_name,
        password=password,
        database_url=database,
        key_folder=key_folder,
        anchor_folder=anchor_folder,
    ) as trial:
        click.echo(f"Founded: study {trial.study.id}, definition {trial.study.version}, in {study}")
        click.echo(f"Keys: {trial.keys.path} (back them up, apart from the database).")
