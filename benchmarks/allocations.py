"""Allocations a second, as a ratio to one committed insert on the same database.

    python benchmarks/allocations.py [--subjects 200] [--database postgresql+psycopg://...]

SQLite by default; an empty PostgreSQL database where one is named. An allocation checks right, consent,
eligibility, stratum and list, writes the allocation and its audit record in one commit, and leaves an anchor.
The bare insert writes one short row in one commit. Both are ended by the same flush to disk.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from datetime import date
from pathlib import Path

from sqlalchemy import text

from trialkit import operations as op
from trialkit import resources
from trialkit.access import Actor
from trialkit.randomization import RandomizationDesign, load_restriction, make_list, write_list
from trialkit.vocabulary import Role

ADMINISTRATOR = Actor("root", Role.ADMINISTRATOR)
COORDINATOR = Actor("cara", Role.COORDINATOR)
ELIGIBLE = {
    "elig_age_years": "65",
    "elig_lbp_months": "24",
    "elig_odi_percent": "40",
    "elig_goutallier": "2",
    "elig_no_surgery_indicated": "1",
    "elig_able_to_exercise": "1",
    "excl_spinal_pathology": "0",
    "excl_lumbar_surgery": "0",
    "excl_comorbidity": "0",
    "excl_cognitive": "0",
    "excl_other_trial": "0",
}


def found(folder: Path, database: str, subjects: int) -> op.Trial:
    """A study with its list, large enough for all subjects in two strata."""
    definition = resources.folder("sample_data")
    trial = op.create_study(
        folder / "study",
        definition=definition,
        administrator="root",
        person_name="R",
        database_url=database,
    )
    op.add_account(trial, ADMINISTRATOR, login="cara", person_name="C", role=Role.COORDINATOR)
    restriction = load_restriction(definition / "randomization.toml")
    design = RandomizationDesign(
        arms={arm.name: arm.ratio for arm in trial.study.arms},
        factors={factor.name: factor.levels for factor in trial.study.factors},
        block_lengths=restriction.block_lengths,
        subjects_per_stratum=subjects,
    )
    made = make_list(design, restriction_digest=restriction.digest)
    files = write_list(made, folder / "list", "four words make one", cost=14)
    op.load_schedule(
        trial, ADMINISTRATOR, bundle=files.bundle, commitment=files.commitment, allocation_key=files.key
    )
    return trial


def screen(trial: op.Trial, sex: str) -> str:
    subject = op.enrol(trial, COORDINATOR, site="A", consent_date=date(2024, 3, 1)).subject_id
    forms = {"consent": {"consent_given": "1"}, "demographics": {"sex": sex}, "eligibility": ELIGIBLE}
    entries = [
        op.FormEntry(subject, "baseline", form, (op.EnteredRow(values),)) for form, values in forms.items()
    ]
    op.enter_passes(trial, COORDINATOR, entries=entries, confirmed=True)
    return subject


def allocations_a_second(trial: op.Trial, people: list[tuple[str, str]]) -> float:
    begun = time.perf_counter()
    for subject, sex in people:
        op.randomize(trial, COORDINATOR, subject_id=subject, stratum_values={"site": "A", "sex": sex})
    return len(people) / (time.perf_counter() - begun)


def inserts_a_second(trial: op.Trial, count: int) -> float:
    with trial.store.writing() as connection:
        connection.execute(text("CREATE TABLE benchmark_row (id INTEGER PRIMARY KEY, said TEXT)"))
    begun = time.perf_counter()
    for number in range(count):
        with trial.store.writing() as connection:
            connection.execute(text("INSERT INTO benchmark_row VALUES (:n, 'a short text')"), {"n": number})
    return count / (time.perf_counter() - begun)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--subjects", type=int, default=200)
    parser.add_argument("--database", default="sqlite:///trial.sqlite")
    stated = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        found(Path(folder), stated.database, stated.subjects) as trial,
    ):
        sexes = [("female", "male")[n % 2] for n in range(stated.subjects)]
        people = [(screen(trial, sex), sex) for sex in sexes]
        allocated = allocations_a_second(trial, people)
        inserted = inserts_a_second(trial, stated.subjects)
        engine = trial.store.dialect
    print(f"{engine}: {allocated:,.0f} allocations/s, {inserted:,.0f} bare committed inserts/s")
    print(f"{engine}: one allocation costs {inserted / allocated:.1f} committed inserts")


if __name__ == "__main__":
    main()
