"""``trialkit randomize``: from the list maker's desk to the auditor's proof."""

from __future__ import annotations

import importlib

import click

# Subcommand -> (module in this package, one line of help), in the order a trial meets them.
_COMMANDS = {
    "restriction": ("list_maker", "Write a new randomization.toml: the block lengths, with a fresh salt."),
    "generate": ("list_maker", "Make the sealed list, its key, its seed file and its public commitment."),
    "properties": ("list_maker", "Say how guessable and how balanced the design is, with a picture."),
    "load": ("server", "Load a sealed list into the study."),
    "reseal": ("list_maker", "After a lost key: seal the same list again under a new one."),
    "load-resealed": ("server", "After a lost key: load the list that its maker sealed again."),
    "pause": ("server", "Open, pause or close recruitment of the study, a site or a stratum."),
    "enrol": ("clinic", "Randomize one screened and eligible subject."),
    "show": ("server", "Show the lists and their supply, as far as the role may know."),
    "mistake": ("clinic", "Record what went wrong at a randomization; nothing is undone."),
    "unblind": ("clinic", "Open one subject's arm in an emergency, or the locked study for its analysis."),
    "suspend": ("restore", "Hold an anchor against the database; suspend where it is behind."),
    "reenter": ("restore", "After a restore: enter an allocation again from its paper."),
    "resume": ("restore", "After a restore: declare that every paper is in again."),
    "report": ("reports", "Recruitment against target, balance for those who may see it, the certificate."),
    "export": ("proof", "Write the allocations, for the proof at the end."),
    "verify": ("proof", "Prove, without a database, that the list used is the list committed to."),
}


class _Subcommands(click.Group):
    """Names and helps at once; the commands themselves when one is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(f"trialkit.cli.randomize.{_COMMANDS[cmd_name][0]}")
        found: click.Command = getattr(module, cmd_name.replace("-", "_"))
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in _COMMANDS.items()])


@click.group("randomize", cls=_Subcommands)
def command() -> None:
    """Randomize with a sealed list: make it, load it, allocate from it, prove it.

    The list maker works with `restriction`, `generate`, `properties` and `reseal` away from the server; the
    seed never comes to the study.
    """
