"""``trialkit simulate``: a trial's paper forms and typed passes for any study definition."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from trialkit.simulation import Candidates, Scenario
    from trialkit.simulation.files import SecondTurn
    from trialkit.study import Study


@click.command()
@click.argument("study_folder", type=click.Path(path_type=Path))
@click.option(
    "--into", type=click.Path(path_type=Path), metavar="DIR", required=True, help="A new or empty folder."
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    metavar="N",
    required=True,
    help="The same seed makes the same trial.",
)
@click.option(
    "--n",
    type=click.IntRange(min=1),
    metavar="N",
    help="Eligible candidates; the scenario's number by default.",
)
@click.option(
    "--arms",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="CSV with subject_id and arm, as really allocated (and perhaps randomization_date).",
)
@click.option(
    "--scenario",
    "scenario_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Assumptions; simulation.toml of the study folder by default.",
)
def command(
    study_folder: Path,
    into: Path,
    seed: int,
    n: int | None,
    arms: Path | None,
    scenario_file: Path | None,
) -> None:
    """Make a trial's paper forms and typed passes, with the truth beside them.

    Without --arms it makes candidates only: their arms come from a real allocation, which this command
    never replaces. Allocate them, then run it again with the same seed and --arms.
    """
    from trialkit.simulation import candidates, default_scenario, load_scenario
    from trialkit.simulation.files import check_empty, write_simulation
    from trialkit.study import load_study

    check_empty(into)
    study = load_study(study_folder)
    beside = study_folder / "simulation.toml"
    if scenario_file is not None or beside.exists():
        scenario = load_scenario(scenario_file or beside)
    else:
        scenario = default_scenario(study)
    click.echo(f"Scenario: {scenario.title}.")
    people = candidates(study, scenario, n or scenario.eligible, seed)
    click.echo(f"Screened {len(people.screened)}, eligible {len(people.eligible)}.")
    if arms is None:
        write_simulation(into, study, people, None)
        click.echo(
            f"Wrote turn 1 to {into}: candidates and their single-entry forms. No arm was chosen: "
            "allocate the eligible, then run again with the same seed and --arms FILE."
        )
        return
    second = _second_turn(study, scenario, people, arms, seed)
    write_simulation(into, study, people, second)
    passes = second.passes
    click.echo(
        f"Wrote two passes of {passes.fields} fields to {into}: {len(passes.planted)} typing errors, "
        f"{len(passes.discordant)} fields in which the passes differ, {len(passes.identical_errors)} wrong "
        "alike in both. truth.json lists each."
    )


def _second_turn(study: Study, scenario: Scenario, people: Candidates, arms: Path, seed: int) -> SecondTurn:
    from trialkit.simulation import outcomes, true_effect, true_recurrence, typed_passes
    from trialkit.simulation.files import SecondTurn, read_arms

    arm_of, days = read_arms(arms)
    paper = outcomes(study, scenario, people, arm_of, seed, randomized_on=days)
    effects = [true_effect(study, scenario, estimand.name) for estimand in scenario.estimands]
    return SecondTurn(
        paper=paper,
        passes=typed_passes(study, paper, scenario, seed),
        effects=effects,
        recurrence=true_recurrence(study, scenario) if scenario.recurrence and effects else None,
    )
