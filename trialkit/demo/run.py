"""The reference trial from end to end: the order of it, and what is told on the way."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from trialkit import resources
from trialkit.access import Authentication
from trialkit.clock import SimulatedClock
from trialkit.demo.central_reading import enter_readings
from trialkit.demo.closing import Closed, close
from trialkit.demo.data_entry import enter_visits, record_departures
from trialkit.demo.list_maker import make_demonstration_list
from trialkit.demo.people import ADMINISTRATOR, administrator, open_accounts
from trialkit.demo.reconcile import Reconciled, reconcile
from trialkit.demo.reporting import analyse
from trialkit.demo.scans import FORM, read_scans
from trialkit.demo.screening import Recruitment, recruit
from trialkit.demo.telling import Teller
from trialkit.demo.texture import Texture
from trialkit.numbers import plain
from trialkit.operations import Trial, VisitDone, create_study, load_schedule, open_trial, verify_audit
from trialkit.randomization import demonstration_entropy
from trialkit.simulation import (
    Candidates,
    Scenario,
    TrialPaper,
    candidates,
    load_scenario,
    outcomes,
    typed_passes,
)
from trialkit.study import check_study, load_study
from trialkit.study.model import Study

if TYPE_CHECKING:
    from trialkit.demo.risk_model import RiskModel

BEFORE_THE_FIRST_CONSENT = timedelta(days=30)


@dataclass(frozen=True)
class DemoOutcome:
    """Where to look."""

    report: Path
    results: Path
    study_folder: Path
    snapshot: Path
    risk_model: RiskModel | None = None


def run_demo(
    folder: Path | str,
    seed: int = 1,
    teller: Teller | None = None,
    *,
    full: bool = False,
) -> DemoOutcome:
    """Run study A from its definition to its report.

    Parameters
    ----------
    folder
        New or empty. Gets ``study/`` (definition, database, keys), ``list_maker/``, ``snapshots/``,
        ``results.json``, ``report/index.html`` and ``prediction/``.
    seed
        Makes the people, their outcomes, the typing and the list; the same seed gives the same
        ``results.json``.
    full
        Also keep the scans as files, extract radiomic features of them, print the report for Word
        and as PDF and RTF, and develop the prediction model with everything planned, not a try of it.

    Raises
    ------
    TrialkitError
        The folder is in use; or a station did not do what it must.
    """
    folder = Path(folder)
    tell = teller or Teller()
    definition = resources.folder("sample_data")
    study = load_study(definition)
    scenario = load_scenario(definition / "simulation.toml")
    _tell_study(tell, study)
    people = candidates(study, scenario, scenario.eligible, seed)
    clock = SimulatedClock(founding_day(people))
    with _found(tell, folder, definition, study, scenario, clock, seed) as trial:
        recruited = _recruit(tell, trial, clock, people)
        paper = _enter(tell, trial, clock, study, scenario, people, recruited, seed, folder, full=full)
        closed = _close(tell, trial, folder, paper.paper)
    outcome = analyse(tell, folder, study, scenario, closed.snapshot, paper.reconciled, full=full)
    made = _predict(tell, folder, clock, full=full)
    _verify(tell, folder, clock)
    return DemoOutcome(outcome.report, outcome.results, folder / "study", closed.snapshot, made)


def _tell_study(tell: Teller, study: Study) -> None:
    tell.step("Reading the study definition")
    forms, items = len(study.forms), sum(len(form.items) for form in study.forms)
    tell.say(f"{study.title}.")
    tell.say(f"{len(study.sites)} sites, {len(study.visits)} visits, {forms} forms, {items} items.")
    findings = [f for f in check_study(study) if f.severity == "contradiction"]
    tell.say(f"The protocol contradicts itself in {len(findings)} places; the first:")
    tell.say(f"  {findings[0].title}. {' '.join(findings[0].detail.split())}")


def founding_day(people: Candidates) -> datetime:
    first = min(person.consent_date for person in people.screened)
    return datetime.combine(first, time(1), tzinfo=UTC) - BEFORE_THE_FIRST_CONSENT


def _found(
    tell: Teller,
    folder: Path,
    definition: Path,
    study: Study,
    scenario: Scenario,
    clock: SimulatedClock,
    seed: int,
) -> Trial:
    tell.step("Founding the database; making and sealing the randomization list")
    trial = create_study(
        folder / "study",
        definition=definition,
        administrator=ADMINISTRATOR,
        person_name="Administrator",
        authentication=Authentication.SIMULATED,
        clock=clock,
        entropy=demonstration_entropy(seed, "audit key"),
    )
    typing = scenario.typing
    accounts = open_accounts(trial, typing.first_typist, typing.second_typist)
    files = make_demonstration_list(
        study, definition / "randomization.toml", folder / "list_maker", scenario.eligible, seed
    )
    loaded = load_schedule(
        trial,
        administrator(),
        bundle=files.bundle,
        commitment=files.commitment,
        allocation_key=files.key,
    )
    tell.say(
        f"SQLite database with {accounts} accounts; a list over {loaded.strata} strata, each slot sealed."
    )
    tell.say(f"Public commitment to the list: {loaded.commitment[:32]}…")
    return trial


def _recruit(tell: Teller, trial: Trial, clock: SimulatedClock, people: Candidates) -> Recruitment:
    tell.step("Screening and randomizing")
    recruited = recruit(trial, clock, people, tell.progress("screened and randomized"))
    failed = len(people.screened) - len(recruited.arm_of)
    tell.say(
        f"{len(people.screened)} screened, {failed} not eligible, {len(recruited.arm_of)} randomized "
        f"over {len(trial.study.sites)} sites in date order."
    )
    return recruited


@dataclass(frozen=True)
class _Entered:
    paper: TrialPaper
    reconciled: Reconciled


def _read_scans(
    tell: Teller, trial: Trial, drawn: TrialPaper, folder: Path, seed: int, *, full: bool
) -> None:
    tell.step("Reading the baseline scans")
    texture = Texture.of_plan() if full else None
    progress = tell.progress("scans read twice")
    read = read_scans(drawn, folder / "imaging", seed, progress, texture, on_disk=full)
    entered = enter_readings(trial, read)
    tell.say(
        f"{entered.scans} synthetic Dixon scans, each outlined and measured by two imperfect readers, blind "
        "to each other."
    )
    tell.say(
        f"Least ICC(2,1) over muscles and levels: area {plain(read.least_icc['csa'], 2)}, fat fraction "
        f"{plain(read.least_icc['fat_fraction'], 2)}; least kappa of grades {plain(read.least_kappa, 2)}. "
        "The simulator's readers are as steady as it makes them."
    )
    tell.say(
        f"{entered.apart} of {entered.values:,} readings lay further apart than the form allows "
        "and were read by a third; of the others the mean is final."
    )
    if not full:
        tell.say("The scans as files, and radiomic features in the plan's six classes, come with --full.")
    elif texture is None:
        tell.say("No radiomic features: that needs python -m pip install --no-deps z-rad==26.9.0.")
    else:
        tell.say("Radiomic features of multifidus at L4 in all scans, in the plan's six classes.")
    if full and not read.on_disk:
        tell.say('Scans not kept as files: that needs python -m pip install "trialkit[imaging]".')


def _enter(
    tell: Teller,
    trial: Trial,
    clock: SimulatedClock,
    study: Study,
    scenario: Scenario,
    people: Candidates,
    recruited: Recruitment,
    seed: int,
    folder: Path,
    *,
    full: bool,
) -> _Entered:
    drawn = outcomes(study, scenario, people, recruited.arm_of, seed, recruited.randomized_on)
    paper = replace(drawn, rows=tuple(row for row in drawn.rows if row.form != FORM))
    tell.step("Entering the forms twice")
    passes = typed_passes(study, paper, scenario, seed)
    entered = enter_visits(trial, clock, people, paper, passes, tell.progress("visits typed twice"))
    left = record_departures(trial, people, paper)
    tell.say(f"{entered.forms:,} passes by two people; {entered.fields:,} fields to compare.")
    tell.say(f"{left} subjects left early.")
    tell.step("Comparing and adjudicating")
    done = reconcile(trial, study, scenario, paper, passes, seed)
    verdict = "exactly those planted" if done.as_planted else "NOT those planted"
    tell.say(
        f"{done.found} discrepancies found: {verdict}. A third person decided each with the paper in hand."
    )
    tell.say(
        f"Held against paper, {len(done.residue)} wrong values remain "
        f"({plain(done.measured_per_10000[0], 2)} per 10,000 fields): {done.typed_alike} typed alike twice, "
        f"{done.decided_wrongly} decided wrongly. The simulator planted "
        f"{'exactly these.' if done.residue == done.planted_residue else 'OTHERS.'}"
    )
    _read_scans(tell, trial, drawn, folder, seed, full=full)
    return _Entered(paper, done)


def _predict(tell: Teller, folder: Path, clock: SimulatedClock, *, full: bool) -> RiskModel | None:
    from trialkit.demo.risk_model import develop_risk_model  # its libraries take seconds to import

    return develop_risk_model(tell, folder, clock, full=full)


def _verify(tell: Teller, folder: Path, clock: SimulatedClock) -> None:
    tell.step("Checking the audit trail")
    with open_trial(folder / "study", clock=clock) as trial:
        checked = verify_audit(trial)
    checked.require_whole()
    tell.say(f"Audit trail: {checked.records} records, one an act; chain, codes and all rows hold.")


def _close(tell: Teller, trial: Trial, folder: Path, paper: TrialPaper) -> Closed:
    tell.step("Locking, unblinding, and writing the snapshot")
    (folder / "snapshots").mkdir()
    visit = next(record for record in paper.visits if record.date is not None)
    assert visit.date is not None
    late = VisitDone(visit.subject_id, visit.visit, visit.date + timedelta(days=1), "Misread on the form")
    closed = close(trial, folder / "snapshots", late)
    tell.say("Locked. Moving a visit by a day afterwards was refused:")
    tell.say(f"  {closed.refusal}")
    return closed
