"""A study folder as the commands find it, and a way to run them as a user does."""

from __future__ import annotations

import contextlib
import csv
import io
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from trialkit import operations as op, resources
from trialkit.access import Actor, Authentication
from trialkit.cli.root import main
from trialkit.randomization import RandomizationDesign, load_restriction, make_list, write_list
from trialkit.vocabulary import Role

PASSWORD = "correct horse battery staple"
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
PEOPLE = (
    ("cara", Role.COORDINATOR, "A"),
    ("bert", Role.COORDINATOR, "B"),
    ("ivan", Role.INVESTIGATOR, "A"),
    ("ines", Role.INVESTIGATOR, "B"),
    ("dm", Role.DATA_MANAGER, None),
    ("boss", Role.DATA_MANAGER, None),
    ("keeper", Role.ADMINISTRATOR, None),
    ("first", Role.FIRST_ENTRY, None),
    ("second", Role.SECOND_ENTRY, None),
    ("adj", Role.ADJUDICATOR, None),
    ("assessor", Role.OUTCOME_ASSESSOR, None),
    ("stat", Role.STATISTICIAN, None),
    ("open", Role.UNBLINDED_STATISTICIAN, None),
)
SIGNERS = {"ivan", "boss", "keeper"}


@dataclass(frozen=True)
class Said:
    """What a command answered."""

    status: int
    out: str
    err: str


def run(*words: object, typed: str = "") -> Said:
    """A command run as a user runs it, in this process."""
    out, err = io.StringIO(), io.StringIO()
    before = sys.argv, sys.stdin
    sys.argv, sys.stdin = ["trialkit", *map(str, words)], io.StringIO(typed)
    status: object = 0
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                main()
            except SystemExit as end:
                status = end.code
    finally:
        sys.argv, sys.stdin = before
    return Said(int(status or 0), out.getvalue(), err.getvalue())  # type: ignore[call-overload]


def coordinator(site: str) -> Actor:
    return Actor("cara" if site == "A" else "bert", Role.COORDINATOR, site)


def screen(
    trial: op.Trial, day: int, site: str, sex: str, actor: Actor | None = None, investigator: str = ""
) -> str:
    """A subject ready to be randomized."""
    actor = actor or coordinator(site)
    subject = op.enrol(trial, actor, site=site, consent_date=date(2024, 3, day)).subject_id
    forms = {
        "consent": {"consent_given": "1", "consent_date": "2024-03-01", "consent_version": "1"},
        "demographics": {"sex": sex, "age_years": "65"},
        "eligibility": ELIGIBLE,
    }
    entries = [
        op.FormEntry(subject, "baseline", form, (op.EnteredRow(values),)) for form, values in forms.items()
    ]
    by = investigator or {"A": "ivan", "B": "ines"}[site]
    op.enter_passes(trial, actor, entries=entries, confirmed=True, confirmed_by=by)
    return subject


@dataclass(frozen=True)
class Bench:
    """A study folder, the list maker's folder beside it, and password files."""

    folder: Path

    @property
    def study(self) -> Path:
        return self.folder / "study"

    @property
    def list_maker(self) -> Path:
        return self.folder / "list_maker"

    @property
    def password(self) -> Path:
        return self.folder / "password"

    def as_(self, login: str) -> list[str]:
        signed = ["--password-file", str(self.password)] if login in SIGNERS else []
        return ["--as", login, *signed]

    def call(self, *words: object) -> Said:
        """A command that needs no study."""
        return run(*words)

    def run(self, command: str, login: str | None = None, *rest: object, typed: str = "") -> Said:
        who = self.as_(login) if login else []
        return run(*command.split(), self.study, *who, *rest, typed=typed)

    def screened(self, day: int = 1, site: str = "A", sex: str = "female") -> str:
        """A subject ready to be randomized."""
        with op.open_trial(self.study) as trial:
            return screen(trial, day, site, sex)

    def screen_at(self, trial: op.Trial, actor: Actor, day: int, sex: str, *, investigator: str) -> str:
        """The same in a study that is open already, at site A."""
        return screen(trial, day, "A", sex, actor, investigator)

    def screen_many(self, sexes: list[str]) -> list[str]:
        with op.open_trial(self.study) as trial:
            return [screen(trial, 1, "A", sex) for sex in sexes]

    def randomized(self, day: int = 1, site: str = "A", sex: str = "female") -> str:
        subject = self.screened(day, site, sex)
        actor = coordinator(site)
        with op.open_trial(self.study) as trial:
            op.randomize(trial, actor, subject_id=subject, stratum_values={"site": site, "sex": sex})
        return subject

    def records(self) -> int:
        """How many acts the study's trail holds: unchanged where nothing was written."""
        with op.open_trial(self.study) as trial:
            return op.present_anchor(trial).number


def found(
    folder: Path,
    *,
    seed: int = 7,
    slots: int = 4,
    database_url: str = "sqlite:///trial.sqlite",
    definition: Path | None = None,
) -> Bench:
    definition = definition or resources.folder("sample_data")
    bench = Bench(folder)
    folder.mkdir(parents=True, exist_ok=True)
    bench.password.write_text(PASSWORD + "\n")
    restriction = load_restriction(definition / "randomization.toml")
    with op.create_study(
        bench.study,
        definition=definition,
        administrator="root",
        person_name="Ruth",
        database_url=database_url,
    ) as trial:
        root = Actor("root", Role.ADMINISTRATOR, authentication=Authentication.DECLARED)
        for login, role, site in PEOPLE:
            password = PASSWORD if login in SIGNERS else None
            op.add_account(
                trial, root, login=login, person_name=login, role=role, site=site, password=password
            )
        design = RandomizationDesign(
            arms={arm.name: arm.ratio for arm in trial.study.arms},
            factors={factor.name: factor.levels for factor in trial.study.factors},
            block_lengths=restriction.block_lengths,
            subjects_per_stratum=slots,
        )
        made = make_list(design, seed=seed, restriction_digest=restriction.digest)
        files = write_list(made, bench.list_maker, PASSWORD, cost=14)
        op.load_schedule(
            trial, root, bundle=files.bundle, commitment=files.commitment, allocation_key=files.key
        )
    return bench


@pytest.fixture(scope="session")
def _founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return found(tmp_path_factory.mktemp("founded")).folder


@pytest.fixture
def bench(_founded: Path, tmp_path: Path) -> Bench:
    """A founded study with its people and a list of a few slots a stratum, and nobody in it."""
    shutil.copytree(_founded, tmp_path / "bench")
    return Bench(tmp_path / "bench")


@pytest.fixture(params=["sqlite", "postgresql"])
def crowd(request: pytest.FixtureRequest, tmp_path: Path) -> Bench:
    """A founded study on each engine in turn, with slots for many."""
    url = "sqlite:///trial.sqlite"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url")
    return found(tmp_path / "crowd", slots=40, database_url=url)


@pytest.fixture
def double_blind(tmp_path: Path) -> Bench:
    """A founded study that keeps its investigators blinded."""
    source = tmp_path / "definition"
    shutil.copytree(resources.folder("sample_data"), source)
    text = (source / "study.toml").read_text(encoding="utf-8")
    changed = text.replace(
        'blinded_roles = ["outcome_assessor"', 'blinded_roles = ["investigator", "outcome_assessor"'
    )
    assert changed != text
    (source / "study.toml").write_text(changed, encoding="utf-8")
    return found(tmp_path / "double-blind", definition=source)


@pytest.fixture(scope="session")
def identifying(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """A study with two items marked as identifiers; of each something stands in every list there is."""
    folder = tmp_path_factory.mktemp("identifying")
    source = folder / "definition"
    shutil.copytree(resources.folder("sample_data"), source)
    with (source / "dictionary.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    column = rows[0].index("Identifier?")
    for row in rows[1:]:
        row[column] = "y" if row[0] in {"vas_mm", "ae_term"} else row[column]
    with (source / "dictionary.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    text = (source / "study.toml").read_text(encoding="utf-8")
    allowed = text.replace("[capture]\n", '[capture]\nallow_identifiers = ["vas_mm", "ae_term"]\n', 1)
    (source / "study.toml").write_text(allowed, encoding="utf-8")
    bench = found(folder / "bench", definition=source)
    subject = bench.randomized()
    for login, value in (("first", "151"), ("second", "152")):
        where = ["--subject", subject, "--visit", "baseline", "--form"]
        assert bench.run("enter", login, *where, "vas", "--value", f"vas_mm={value}").status == 0
        place = ["--subject", subject, "--visit", "week_6", "--form", "adverse_events"]
        line = ["--value", f"ae_line={value[-1]}", "--value", "ae_term=Fell at home"]
        assert bench.run("enter", login, *place, *line).status == 0
    other = bench.randomized(2)
    for login in ("first", "second"):
        where = ["--subject", other, "--visit", "baseline", "--form"]
        assert bench.run("enter", login, *where, "vas", "--value", "vas_mm=153").status == 0
    assert "Raised: 5." in bench.run("query raise", "dm").out
    return bench


@pytest.fixture
def trialkit() -> Callable[..., Said]:
    """Run a command without a study."""
    return run


@pytest.fixture(scope="session")
def definition() -> Path:
    return resources.folder("sample_data")
