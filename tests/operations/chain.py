"""A whole trial through the acts, at any size: what the demonstration does, without its words."""

from __future__ import annotations

import shutil
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from trialkit import operations as op, resources
from trialkit.access import Actor, Authentication
from trialkit.clock import SimulatedClock
from trialkit.entry import AdjudicationChoice, ReasonCode
from trialkit.operations.definitions import Definitions, Version
from trialkit.randomization import (
    AllocationKey,
    RandomizationDesign,
    demonstration_entropy,
    generate_schedule,
    load_restriction,
    make_commitment,
    seal_schedule,
)
from trialkit.simulation import (
    Candidates,
    Decision,
    FormRow,
    TrialPaper,
    TypedPasses,
    adjudicate,
    candidates,
    load_scenario,
    outcomes,
    typed_passes,
)
from trialkit.study.model import Study
from trialkit.vocabulary import Role

SEED = 20260101


def person(login: str, role: Role, site: str | None = None) -> Actor:
    return Actor(login, role, site, Authentication.SIMULATED, os_user="tester", host="desk")


ADMIN = person("admin", Role.ADMINISTRATOR)
COORDINATOR = person("coordinator", Role.COORDINATOR)
FIRST = person("first", Role.FIRST_ENTRY)
SECOND = person("second", Role.SECOND_ENTRY)
ADJUDICATOR = person("adjudicator", Role.ADJUDICATOR)
MANAGER = person("manager", Role.DATA_MANAGER)
STATISTICIAN = person("statistician", Role.STATISTICIAN)
UNBLINDED = person("unblinded", Role.UNBLINDED_STATISTICIAN)
INVESTIGATOR = person("investigator", Role.INVESTIGATOR)
PEOPLE = (COORDINATOR, FIRST, SECOND, ADJUDICATOR, MANAGER, STATISTICIAN, UNBLINDED, INVESTIGATOR)


def found_study(folder: Path, definition: Path, *, database_url: str = "sqlite:///trial.sqlite") -> op.Trial:
    """A founded study with one account a role."""
    trial = op.create_study(
        folder,
        definition=definition,
        administrator="admin",
        person_name="Ada Admin",
        authentication=Authentication.SIMULATED,
        database_url=database_url,
        clock=SimulatedClock(datetime(2024, 1, 1, tzinfo=UTC)),
        entropy=demonstration_entropy(SEED, "audit-key"),
    )
    for one in PEOPLE:
        op.add_account(trial, ADMIN, login=one.account, person_name=one.account.title(), role=one.role)
    return trial


def verifying_definition(folder: Path) -> Path:
    """The sample study, whose second entries are verified against the first."""
    definition = folder / "verifying"
    shutil.copytree(resources.folder("sample_data"), definition)
    path = definition / "study.toml"
    text = path.read_text("utf-8")
    path.write_text(text.replace("[capture]\n", '[capture]\nsecond_pass = "verification"\n'), "utf-8")
    return definition


@dataclass(frozen=True)
class ListFiles:
    """Files of the list maker, and the list itself, which no test may find in the study."""

    bundle: Path
    commitment: Path
    key: Path
    arms: dict[tuple[str, int], str]


def make_list(
    study: Study, folder: Path, definition: Path, *, per_stratum: int = 20, seed: int = SEED
) -> ListFiles:
    restriction = load_restriction(definition / "randomization.toml")
    design = RandomizationDesign(
        arms={arm.name: arm.ratio for arm in study.arms},
        factors={factor.name: factor.levels for factor in study.factors},
        block_lengths=restriction.block_lengths,
        subjects_per_stratum=per_stratum,
    )
    schedule = generate_schedule(design, seed)
    key = AllocationKey.draw(demonstration_entropy(seed, "allocation-key"))
    bundle = seal_schedule(
        schedule,
        key,
        seed=seed,
        restriction_digest=restriction.digest,
        entropy=demonstration_entropy(seed, "nonces"),
    )
    commitment, _ = make_commitment(schedule, seed, bundle)
    folder.mkdir(parents=True, exist_ok=True)
    files = ListFiles(
        folder / "bundle.json",
        folder / "commitment.json",
        folder / "key.json",
        {(slot.stratum, slot.sequence_number): slot.arm for slot in schedule.rows()},
    )
    files.bundle.write_text(bundle.to_json(), encoding="utf-8")
    files.commitment.write_text(commitment.to_json(), encoding="utf-8")
    files.key.write_text(key.to_json(), encoding="utf-8")
    return files


def as_entries(rows: list[FormRow] | tuple[FormRow, ...]) -> list[op.FormEntry]:
    """Rows of the simulator as forms to enter."""
    by_form: dict[tuple[str, str, str], list[op.EnteredRow]] = defaultdict(list)
    for row in rows:
        by_form[row.subject_id, row.visit, row.form].append(op.EnteredRow(row.values, row.row))
    return [op.FormEntry(*key, tuple(lines)) for key, lines in by_form.items()]


@dataclass
class ChainRun:
    """A trial after it ran, with what the simulator knows of it."""

    trial: op.Trial
    people: Candidates
    arm_of: dict[str, str]
    paper: TrialPaper
    passes: TypedPasses
    decisions: tuple[Decision, ...]


def screen_and_randomize(trial: op.Trial, people: Candidates) -> dict[str, str]:
    """Everybody screened: enrolled, single forms entered and confirmed, randomized or failed."""
    study, clock = trial.study, trial.clock
    assert isinstance(clock, SimulatedClock)
    single = {form.name for form in study.forms if form.entry == "single"}
    rows: dict[str, list[FormRow]] = defaultdict(list)
    for row in people.rows:
        if row.form in single:
            rows[row.subject_id].append(row)
    arm_of = {}
    for one in people.screened:
        clock.advance_to(datetime.combine(one.consent_date, time(2), UTC))
        op.enrol(trial, COORDINATOR, site=one.site, consent_date=one.consent_date, subject_id=one.subject_id)
        op.enter_passes(
            trial,
            COORDINATOR,
            entries=as_entries(rows[one.subject_id]),
            confirmed=True,
            confirmed_by="investigator",
        )
        if one.eligible:
            assert one.ready_on is not None
            clock.advance_to(datetime.combine(one.ready_on, time(2), UTC))
            answer = op.randomize(trial, COORDINATOR, subject_id=one.subject_id, stratum_values=one.factors)
            arm_of[one.subject_id] = answer.arm
        else:
            op.screen_fail(
                trial, COORDINATOR, subject_id=one.subject_id, date=one.consent_date, reason=one.failure
            )
    return arm_of


def run_chain(trial: op.Trial, definition: Path, files: ListFiles, n: int) -> ChainRun:
    """From a founded study to a complete one, everything adjudicated, not yet locked."""
    study = trial.study
    scenario = load_scenario(definition / "simulation.toml")
    op.load_schedule(trial, ADMIN, bundle=files.bundle, commitment=files.commitment, allocation_key=files.key)
    people = candidates(study, scenario, n, SEED)
    arm_of = screen_and_randomize(trial, people)
    with trial.store.reading() as reader:
        from trialkit.operations.visits_expected import day_of_randomization
        from trialkit.store.reading.subjects import subjects

        days = {
            who: day
            for who, state in subjects(reader).items()
            if (day := day_of_randomization(trial, state)) is not None
        }
    paper = outcomes(study, scenario, people, arm_of, SEED, days)
    passes = typed_passes(study, paper, scenario, SEED)
    clock = trial.clock
    assert isinstance(clock, SimulatedClock)
    clock.advance(timedelta(days=800))
    op.record_visits(
        trial,
        COORDINATOR,
        visits_done=[op.VisitDone(v.subject_id, v.visit, v.date) for v in paper.visits if v.date is not None],
    )
    op.mark_not_done(
        trial,
        MANAGER,
        entries=[
            *(
                op.NotDone(v.subject_id, v.visit, v.reason or "not seen")
                for v in paper.visits
                if v.status == "not_done"
            ),
            *(op.NotDone(f.subject_id, f.visit, f.reason, f.form) for f in paper.not_done),
        ],
    )
    op.enter_passes(trial, FIRST, entries=as_entries(passes.first))
    op.enter_passes(trial, SECOND, entries=as_entries(passes.second))
    for course in paper.courses:
        left = course.withdrawal_date or course.death_date
        if left is not None:
            reason = "death" if course.death_date else "withdrew"
            op.withdraw(trial, MANAGER, subject_id=course.subject_id, date=left, reason=reason)
    decisions = adjudicate(study, paper, passes, scenario, SEED)
    verdicts = [
        op.Verdict(
            d.field.subject_id,
            d.field.visit,
            d.field.form,
            d.field.row,
            d.field.item,
            AdjudicationChoice(d.choice),
            ReasonCode.TYPING_ERROR,
            d.value if d.choice == "new_value" else None,
        )
        for d in decisions
    ]
    if verdicts:
        op.adjudicate(trial, ADJUDICATOR, verdicts=verdicts, second_person=MANAGER)
    return ChainRun(trial, people, arm_of, paper, passes, decisions)


def with_study(trial: op.Trial, study: Study) -> op.Trial:
    """The same trial under another definition, as if it had been founded on it."""
    return replace(trial, definitions=Definitions([Version(trial.version_number, study)], []))
