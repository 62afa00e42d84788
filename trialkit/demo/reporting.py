"""Over the wall: the plan is run on the snapshot, and the page is written with the truth beside it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from trialkit import resources
from trialkit.analysis import Results, load_plan
from trialkit.demo.reconcile import Reconciled
from trialkit.demo.telling import Teller
from trialkit.numbers import plain
from trialkit.plan import Plan
from trialkit.report import TrueEffect, Truth, deliver
from trialkit.simulation import Scenario, true_values
from trialkit.snapshot import read_snapshot
from trialkit.study.model import Study

PEOPLE = 250_000
"""Whose truth the report states: its Monte Carlo error is a five-hundredth of the estimate's own."""


@dataclass(frozen=True)
class Reported:
    report: Path
    results: Path


def analyse(
    tell: Teller,
    folder: Path,
    study: Study,
    scenario: Scenario,
    snapshot_folder: Path,
    reconciled: Reconciled,
    *,
    full: bool,
) -> Reported:
    """Run the plan of study A on the unblinded snapshot and write results and report."""
    tell.step("Running the analysis plan")
    plan = load_plan(resources.folder("sap") / "study_a.toml")
    snapshot = read_snapshot(snapshot_folder)
    truth = simulated_truth(study, scenario, reconciled)

    def show(results: Results) -> None:
        _tell_primary(tell, plan, results)
        tell.step("Writing the report")
        _tell_truth(tell, results, truth)

    delivered = deliver(plan, snapshot, folder, truth=truth, computed=show, print_too=full, word_too=full)
    return Reported(delivered.page, folder / "results.json")


def simulated_truth(study: Study, scenario: Scenario, reconciled: Reconciled) -> Truth:
    """What the analyses should have found, from many simulated people under both arms."""
    effect, recurrence = true_values(study, scenario, n=PEOPLE)
    effects = [
        TrueEffect(
            "P1",
            effect.estimate,
            effect.standard_error,
            effect.n,
            definition="mean difference in the change of ODI at 12 months, everybody under both arms, "
            "whatever else was done, nobody missing",
        )
    ]
    if recurrence is not None:
        effects.append(
            TrueEffect(
                "R1",
                recurrence.log_rank_hazard_ratio,
                definition=f"hazard ratio between the arms as a whole, in {PEOPLE:,} simulated people",
                table="hazard_ratios",
            )
        )
    return Truth(
        tuple(effects),
        residual_errors_per_10000=reconciled.known_per_10000,
        measured_errors_per_10000=reconciled.measured_per_10000,
    )


def _tell_primary(tell: Teller, plan: Plan, results: Results) -> None:
    failed = [a for a in results.analyses if a.failure]
    tell.say(
        f"{len(results.analyses) - len(failed)} of {len(results.analyses)} entries of plan {plan.version}."
    )
    primary = results["P1"]
    row = primary.tables["contrasts"].iloc[0]
    tell.say(
        f"{primary.title}: {plain(row['estimate'], 2)} points "
        f"(95 % CI {plain(row['ci_lower'], 2)} to {plain(row['ci_upper'], 2)}), one-sided p = "
        f"{row['p_value']:.2g}."
    )


def _tell_truth(tell: Teller, results: Results, truth: Truth) -> None:
    effect = truth.effects[0]
    row = results["P1"].tables["contrasts"].iloc[0]
    covered = row["ci_lower"] <= effect.value <= row["ci_upper"]
    tell.say(
        f"The simulator's true effect is {plain(effect.value, 2)}: this interval "
        f"{'covers it.' if covered else 'does NOT cover it, as 5 in 100 do not.'}"
    )
