"""``trialkit account``: who works in the study, and in which roles."""

from __future__ import annotations

from pathlib import Path

import click

from trialkit.access.acts.accounts import ADD_ACCOUNT, GRANT_ROLE, SET_PASSWORD
from trialkit.access.acts.reading import LIST_ACCOUNTS, LIST_SIGN_INS
from trialkit.cli.door import FILE, Desk, at_desk, performs, secret
from trialkit.vocabulary import Role

ROLE = click.Choice([str(role) for role in Role])


@click.group("account", help="Open accounts, give them roles, set passwords.")
def command() -> None:
    pass


@command.command("add")
@at_desk
@click.option("--login", required=True, metavar="LOGIN", help="Never in use before, never another person's.")
@click.option(
    "--name", "person_name", required=True, metavar="NAME", help="The person's name, shown with signatures."
)
@click.option("--gets", type=ROLE, metavar="ROLE", required=True, help="The first role.")
@click.option("--gets-site", metavar="SITE", help="The role's site; all sites by default.")
@click.option("--new-password-file", type=FILE, metavar="FILE", help="The new account's password.")
@click.option("--no-password", is_flag=True, help="An account that acts only as the host operator declares.")
@performs(ADD_ACCOUNT)
def add(
    desk: Desk,
    login: str,
    person_name: str,
    gets: str,
    gets_site: str | None,
    new_password_file: Path | None,
    no_password: bool,
) -> None:
    """One account a person, never handed on."""
    from trialkit.operations import add_account

    password = None
    if not no_password:
        password = secret(new_password_file, f"Password for {login}", "a password", confirm=True)
    with desk.open() as (trial, actor):
        add_account(
            trial,
            actor,
            login=login,
            person_name=person_name,
            role=Role(gets),
            site=gets_site,
            password=password,
        )
    click.echo(f"Opened: {login}, {gets}{_place(gets_site)}.")


@command.command("grant")
@at_desk
@click.option("--login", required=True, metavar="LOGIN", help="The account.")
@click.option("--gets", type=ROLE, metavar="ROLE", required=True, help="The further role.")
@click.option("--gets-site", metavar="SITE", help="The role's site; all sites by default.")
@performs(GRANT_ROLE)
def grant(desk: Desk, login: str, gets: str, gets_site: str | None) -> None:
    """It keeps those it has."""
    from trialkit.operations import grant_role

    with desk.open() as (trial, actor):
        grant_role(trial, actor, login=login, role=Role(gets), site=gets_site)
    click.echo(f"Granted: {login}, {gets}{_place(gets_site)}.")


@command.command("password")
@at_desk
@click.option("--login", required=True, metavar="LOGIN", help="The account.")
@click.option("--new-password-file", type=FILE, metavar="FILE", help="The new password; asked for otherwise.")
@performs(SET_PASSWORD)
def password(desk: Desk, login: str, new_password_file: Path | None) -> None:
    """The old one counts no longer."""
    from trialkit.operations import set_password

    new = secret(new_password_file, f"New password for {login}", "a password", confirm=True)
    with desk.open() as (trial, actor):
        set_password(trial, actor, login=login, password=new)
    click.echo(f"Set: the password of {login}.")


@command.command("list")
@at_desk
@performs(LIST_ACCOUNTS)
def list_(desk: Desk) -> None:
    """And whether each has a password."""
    from trialkit.operations import list_accounts

    with desk.open() as (trial, actor):
        listed = list_accounts(trial, actor)
    for account in listed:
        held = ", ".join(f"{grant.role}{_place(grant.site)}" for grant in account.grants)
        click.echo(f"{account.login:<24} {'password' if account.has_password else 'declared':<9} {held}")


@command.command("attempts")
@at_desk
@click.option("--days", type=click.IntRange(min=1), default=30, show_default=True, help="How far back.")
@click.option("--all", "with_right", is_flag=True, help="Those with the right password as well.")
@performs(LIST_SIGN_INS)
def attempts(desk: Desk, days: int, with_right: bool) -> None:
    """When, for which login, from where; those with the right password only with --all."""
    from trialkit.free_text import printable
    from trialkit.operations import list_sign_ins

    with desk.open() as (trial, actor):
        found = list_sign_ins(trial, actor, days=days)
    shown = [attempt for attempt in found if with_right or attempt.outcome != "right"]
    for attempt in shown:
        place = printable(f"{attempt.os_user}@{attempt.host}")
        outcome = attempt.outcome.replace("_", " ")
        click.echo(f"{attempt.at:%Y-%m-%d %H:%M:%S}  {printable(attempt.login):<24} {outcome:<9} {place}")
    click.echo(f"{len(shown)} in the last {days} day(s).")


def _place(site: str | None) -> str:
    return f" at {site}" if site else ""
