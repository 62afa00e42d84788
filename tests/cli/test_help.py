"""Help answers at once, without the heavy imports, and leaves no option unexplained."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import click

from trialkit.cli.root import root

PROGRAM = """
import sys
from click.testing import CliRunner
from trialkit.cli.root import COMMANDS, root
import click

def walk(command, words):
    result = CliRunner().invoke(root, [*words, "--help"])
    assert result.exit_code == 0, (words, result.output, result.exception)
    assert result.output.startswith("Usage:"), words
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            walk(command.get_command(context, name), [*words, name])

walk(root, [])
heavy = {"pandas", "numpy", "scipy", "statsmodels", "matplotlib", "sqlalchemy", "alembic"} & set(sys.modules)
print(sorted(heavy))
"""


def test_every_command_helps_without_a_heavy_import() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"


def _options(command: click.Command, words: str) -> Iterator[tuple[str, click.Option]]:
    yield from ((words, option) for option in command.params if isinstance(option, click.Option))
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None
            yield from _options(found, f"{words} {name}")


def test_every_option_says_what_it_is_for() -> None:
    options = list(_options(root, "trialkit"))
    assert len(options) > 100
    assert [(words, option.name) for words, option in options if not option.help] == []
