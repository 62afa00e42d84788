"""A day in an option that never was, or is written otherwise, is refused in words."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from trialkit.cli.days import DAY
from trialkit.cli.root import root
from trialkit.cli.sae import MOMENT


@click.command()
@click.option("--date", type=DAY)
@click.option("--onset", type=MOMENT)
def command(date: object, onset: object) -> None:
    click.echo(f"{date} {onset}")


@pytest.mark.parametrize(
    ("option", "text", "said"),
    [
        ("--date", "2024-06-31", "'2024-06-31' is no such day: that month has 30 days. Look at the form."),
        ("--date", "2023-02-29", "that month has 28 days"),
        ("--date", "2024/6/31", "that month has 30 days"),
        ("--date", "2024-13-01", "there is no month 13"),
        ("--date", "31.6.2024", "'31.6.2024' is not written as 2024-06-30 (year, month, day)."),
        ("--onset", "2024-06-31T10:00", "that month has 30 days"),
        ("--onset", "2024-06-30T25:00", "is not written as 2024-06-30T14:05"),
    ],
)
def test_a_day_that_never_was_is_refused_in_words(option: str, text: str, said: str) -> None:
    told = CliRunner().invoke(command, [option, text])
    assert told.exit_code == 2
    assert said in " ".join(told.output.split())
    assert "%" not in told.output


def test_a_day_that_was_is_read() -> None:
    told = CliRunner().invoke(command, ["--date", "2024-02-29", "--onset", "2024-06-30 14:05"])
    assert told.output == "2024-02-29 00:00:00 2024-06-30 14:05:00\n"


def test_a_day_is_read_as_on_the_pages() -> None:
    told = CliRunner().invoke(command, ["--date", "2024年2月29日", "--onset", "2024/6/30 8:05"])
    assert told.output == "2024-02-29 00:00:00 2024-06-30 08:05:00\n"


def test_no_option_of_the_program_tells_a_day_as_a_format() -> None:
    def options(command: click.Command) -> list[click.Parameter]:
        found = list(command.params)
        if isinstance(command, click.Group):
            context = click.Context(command)
            below = [command.get_command(context, name) for name in command.list_commands(context)]
            found += [option for one in below if one is not None for option in options(one)]
        return found

    every = options(root)
    days = [option for option in every if isinstance(option.type, click.DateTime)]
    assert len(days) > 5
    assert {type(option.type).__name__ for option in days} == {"Written"}
