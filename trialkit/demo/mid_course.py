"""The reference trial in the middle of its course, to be served: people at work, and accounts to work as."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, replace
from pathlib import Path

from trialkit import resources
from trialkit.access import Authentication
from trialkit.clock import SimulatedClock
from trialkit.demo.list_maker import make_demonstration_list
from trialkit.demo.mid_course_events import enliven
from trialkit.demo.people import (
    ADMINISTRATOR,
    administrator,
    coordinator,
    investigator,
    open_accounts,
    typist,
)
from trialkit.demo.run import founding_day
from trialkit.demo.screening import as_entries, recruit
from trialkit.demo.telling import Teller
from trialkit.operations import Trial, add_account, create_study, enrol, enter_passes, load_schedule
from trialkit.randomization import demonstration_entropy
from trialkit.safe_files import write_new
from trialkit.simulation import Candidates, Scenario, candidates, load_scenario, outcomes, typed_passes
from trialkit.study import load_study
from trialkit.study.model import Study
from trialkit.vocabulary import EntryMode, Role

ACCOUNTS_FILE = "accounts.csv"
COLUMNS = ("login", "password", "role", "site")
_ELIGIBLE = 18
_AT_A_SITE = frozenset({Role.COORDINATOR, Role.INVESTIGATOR, Role.OUTCOME_ASSESSOR})


@dataclass(frozen=True)
class MidCourse:
    """``accounts`` holds a row of ``COLUMNS`` a role: of people who do not exist."""

    study_folder: Path
    accounts_file: Path
    accounts: tuple[tuple[str, str, str, str], ...]


def prepare_mid_course(folder: Path | str, seed: int = 1, teller: Teller | None = None) -> MidCourse:
    """Found the reference trial and bring it to the middle of its course.

    Some people are randomized and one is eligible and waits; of the double forms some were entered twice,
    with the typing errors people make, some once, some not at all. Queries, corrections, an adverse event
    and a serious one, signatures, a verification and a freeze stand at the first site.

    Parameters
    ----------
    folder
        New or empty. Gets ``study/``, ``list_maker/`` and ``accounts.csv``.
    seed
        Makes the people, the typing and the list.
    """
    folder = Path(folder)
    tell = teller or Teller(steps=2)
    definition = resources.folder("sample_data")
    study = load_study(definition)
    scenario = load_scenario(definition / "simulation.toml")
    people = candidates(study, scenario, _ELIGIBLE, seed)
    clock = SimulatedClock(founding_day(people))
    tell.step("Founding the study, with one account a role")
    with _found(folder, definition, study, scenario, clock, seed) as trial:
        accounts = _open_accounts(trial)
        tell.step("Screening and randomizing; typing the first forms")
        _live(trial, clock, study, scenario, people, seed, tell)
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([COLUMNS, *accounts])
    write_new(folder / ACCOUNTS_FILE, text.getvalue(), private=True)
    return MidCourse(folder / "study", folder / ACCOUNTS_FILE, accounts)


def _found(
    folder: Path, definition: Path, study: Study, scenario: Scenario, clock: SimulatedClock, seed: int
) -> Trial:
    trial = create_study(
        folder / "study",
        definition=definition,
        administrator=ADMINISTRATOR,
        person_name="Administrator",
        authentication=Authentication.SIMULATED,
        clock=clock,
        entropy=demonstration_entropy(seed, "audit key"),
    )
    open_accounts(trial, scenario.typing.first_typist, scenario.typing.second_typist)
    files = make_demonstration_list(
        study, definition / "randomization.toml", folder / "list_maker", scenario.eligible, seed
    )
    load_schedule(
        trial,
        administrator(),
        bundle=files.bundle,
        commitment=files.commitment,
        allocation_key=files.key,
    )
    return trial


def _open_accounts(trial: Trial) -> tuple[tuple[str, str, str, str], ...]:
    """One account a role with a password that anybody may know: of a demonstration."""
    rows = []
    site = trial.study.sites[0].code
    for role in Role:
        login, at_site = f"demo_{role}", site if role in _AT_A_SITE else None
        password = f"demonstration {role}"
        name = f"Demonstration {role}".replace("_", " ")
        add_account(
            trial,
            administrator(),
            login=login,
            person_name=name,
            role=role,
            site=at_site,
            password=password,
        )
        rows.append((login, password, str(role), at_site or ""))
    return tuple(rows)


def _live(
    trial: Trial,
    clock: SimulatedClock,
    study: Study,
    scenario: Scenario,
    people: Candidates,
    seed: int,
    tell: Teller,
) -> None:
    recruited = recruit(trial, clock, people, tell.progress("screened and randomized"))
    _screen_one_more(trial, people)
    paper = outcomes(study, scenario, people, recruited.arm_of, seed, recruited.randomized_on)
    passes = typed_passes(study, paper, scenario, seed)
    subjects = sorted(recruited.arm_of)
    first_visit = study.visits[0].name
    once, twice = subjects[: len(subjects) * 2 // 3], subjects[: len(subjects) // 2]
    for number, login, rows, whose in (
        (1, passes.first_typist, passes.first, once),
        (2, passes.second_typist, passes.second, twice),
    ):
        here = [row for row in rows if row.visit == first_visit and row.subject_id in whose]
        enter_passes(trial, typist(login, number), entries=as_entries(here))
    enliven(trial, clock, (passes.first_typist, passes.second_typist))


def _screen_one_more(trial: Trial, people: Candidates) -> None:
    """Somebody eligible who waits to be randomized by whoever plays, with the forms of a person before."""
    like = next(one for one in people.screened if one.eligible and one.site == trial.study.sites[0].code)
    actor = coordinator(like.site)
    number = enrol(trial, actor, site=like.site, consent_date=like.consent_date).subject_id
    single = {form.name for form in trial.study.forms if form.entry is EntryMode.SINGLE}
    rows = [row for row in people.rows if row.subject_id == like.subject_id and row.form in single]
    entries = [replace(entry, subject_id=number) for entry in as_entries(rows)]
    enter_passes(trial, actor, entries=entries, confirmed=True, confirmed_by=investigator(like.site))
