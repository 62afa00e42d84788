"""``trialkit study``: look at a study definition, and hold it against itself."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from trialkit.cli import amend, study_from

if TYPE_CHECKING:
    from trialkit.study import Finding, Study

FOLDER = click.Path(path_type=Path)


@click.group(
    "study",
    help="Draft, check and show a study definition (a folder with study.toml and dictionary.csv); amend a "
    "running one, site by site.",
)
def command() -> None:
    pass


command.add_command(study_from.init)
command.add_command(study_from.from_redcap)
command.add_command(study_from.from_epidata)
command.add_command(study_from.template)
command.add_command(study_from.crf)
command.add_command(amend.amend_check)
command.add_command(amend.amend)
command.add_command(amend.activate)
command.add_command(amend.versions)


@command.command(
    "check", epilog="Exit status: 0 read, 1 findings with --strict, 2 the definition cannot be read."
)
@click.argument("folder", type=FOLDER, required=False)
@click.option("--strict", is_flag=True, help="Exit with status 1 where anything but a note is found.")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def check(folder: Path | None, strict: bool, as_json: bool) -> None:
    """Report what a study definition contradicts and what it leaves open.

    FOLDER is the reference trial where it is not named. Nothing is corrected: findings are for the people who
    wrote the protocol.
    """
    from trialkit.study import Severity, check_study

    study = _study(folder)
    findings = check_study(study)
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], indent=1, ensure_ascii=False))
    else:
        click.echo(_headline(study))
        for number, finding in enumerate(findings, start=1):
            click.echo(_as_text(number, finding))
        click.echo(_summary(findings))
    if strict and any(finding.severity is not Severity.NOTE for finding in findings):
        raise SystemExit(1)


@command.command("show", epilog="Exit status: 0 shown, 2 the definition cannot be read.")
@click.argument("folder", type=FOLDER, required=False)
def show(folder: Path | None) -> None:
    """Show arms, sites, visits, and which form is filled in at which visit.

    FOLDER is the reference trial where it is not named.
    """
    from trialkit.study.schedule import schedule_text

    study = _study(folder)
    click.echo(_headline(study))
    click.echo(schedule_text(study))


def _study(folder: Path | None) -> Study:
    from trialkit import resources
    from trialkit.study import load_study

    return load_study(folder if folder is not None else resources.folder("sample_data"))


def _headline(study: Study) -> str:
    protocol = f", protocol {study.protocol}" if study.protocol else ""
    return f"Study {study.id}, definition {study.version}{protocol}\n{study.title}\n"


def _as_text(number: int, finding: Finding) -> str:
    where = ", ".join(finding.where)
    lines = [
        f"{number}. {finding.severity}: {finding.title}",
        _wrapped(finding.detail),
        _wrapped(f"where: {where} [{finding.code}]"),
        _wrapped(f"next:  {finding.next_step}"),
    ]
    return "\n".join(lines) + "\n"


def _wrapped(text: str) -> str:
    return click.wrap_text(text, width=100, initial_indent="   ", subsequent_indent="   ")


def _summary(findings: tuple[Finding, ...]) -> str:
    from trialkit.study import Severity

    counts = [(kind, sum(finding.severity is kind for finding in findings)) for kind in Severity]
    said = ", ".join(f"{count} {kind}{'s' if count != 1 else ''}" for kind, count in counts if count)
    return said + "." if said else "Nothing found."
