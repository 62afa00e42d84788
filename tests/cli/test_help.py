"""Help answers at once: without pandas, the statistics stack or the database."""

from __future__ import annotations

import subprocess
import sys

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
