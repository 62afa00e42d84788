"""One list of acts: the registry, what operations perform, and what commands bind to, are the same."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import click

import trialkit.operations
from trialkit.access import ACTS, Act, acts as registry
from trialkit.cli.root import COMMANDS, root

NO_COMMAND = {
    "look_at_test_set": "part of `predict develop --study`",
    "record_external_allocations": "a library call, for a study whose arms come from another system",
    "tell_allocation": "the page shows it; at the desk `randomize enrol` is asked again",
    "withdraw_role": "a page of the administrator",
    "close_account": "a page of the administrator",
    "reopen_account": "a page of the administrator",
    "change_own_password": "a page of everybody's own account; at the desk `account password` sets it",
    "set_second_factor": "a page of everybody's own account",
    "remove_second_factor": "a page of the administrator",
    "view_custody": "a page of the administrator; `audit verify` and `randomize supply` look closer",
    "list_unblindings": "a page; at the desk they stand in `audit trail`",
    "list_mistakes": "a page; at the desk they stand in `audit trail`",
    "issue_token": "a page of everybody's own account",
    "revoke_token": "a page of everybody's own account",
    "list_tokens": "a page of everybody's own account",
    "confirm_critical": "with correct, adjudicate, enter and import: --confirmed-by",
    "list_analyses": "pages; at the desk a run is a folder of files",
    "view_masked_analysis": "pages; at the desk a run is a folder of files",
    "view_closed_analysis": "pages; at the desk a run is a folder of files",
    "view_unblinded_analysis": "pages; at the desk a run is a folder of files",
    "list_forms": "shown by the pages and lists that are made of it",
}
OPERATIONS = Path(trialkit.operations.__file__).parent


def _leaves(command: click.Command) -> Iterator[click.Command]:
    if not isinstance(command, click.Group):
        yield command
        return
    for name in command.list_commands(click.Context(command)):
        found = command.get_command(click.Context(command), name)
        assert found is not None
        yield from _leaves(found)


def _bound(command: click.Command) -> tuple[Act, ...]:
    found: tuple[Act, ...] = getattr(command.callback, "acts", ())
    return found


def _performed() -> set[str]:
    """Names of the constants that the files of ``operations`` import from the registry."""
    found = set()
    for path in OPERATIONS.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(registry.__name__):
                found |= {alias.name for alias in node.names}
    return found


def test_a_constant_is_the_name_of_its_act() -> None:
    for topic in registry._TOPICS:
        for name, act in vars(topic).items():
            if isinstance(act, Act):
                assert act.name == name.lower()
                assert ACTS[act.name] is act


def test_operations_perform_every_act_and_no_other() -> None:
    assert _performed() == {name.upper() for name in ACTS}


def test_every_act_has_its_command_or_a_reason_why_not() -> None:
    bound = {act.name for command in _leaves(root) for act in _bound(command)}
    assert bound.isdisjoint(NO_COMMAND)
    assert bound | set(NO_COMMAND) == set(ACTS)


def test_no_two_commands_begin_their_help_alike() -> None:
    said = [(command.help or "").split("\n\n")[0] for command in _leaves(root)]
    assert len(set(said)) == len(said)


def test_a_command_takes_its_help_from_its_act() -> None:
    for command in _leaves(root):
        for act in _bound(command)[:1]:
            says = vars(command.callback)["says"] if command.callback else ""
            assert (command.help or "").startswith(says or act.summary)
    context = click.Context(root)
    for name, line in COMMANDS.items():
        command = root.get_command(context, name)
        assert command is not None
        if acts := _bound(command):
            assert line == acts[0].summary
