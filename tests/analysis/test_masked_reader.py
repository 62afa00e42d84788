"""Masked outputs of many simulated trials, read by who knows everything but the outcomes' direction."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from scipy import stats

from tests.analysis.conftest import ARMS, snapshot_content
from trialkit import resources
from trialkit.analysis import Mode
from trialkit.analysis.context import Context
from trialkit.analysis.modes import prepare
from trialkit.analysis.results_csv import write_results_csv
from trialkit.analysis.run import prepared_run
from trialkit.plan import Plan
from trialkit.report.delivery import deliver
from trialkit.simulation import candidates, load_scenario, outcomes
from trialkit.snapshot import Snapshot, read_snapshot, write_snapshot
from trialkit.study.model import Study

ENTRIES = ("D2", "P2", "S1", "R1", "A1")
SHORT, LONG = 5, 120
SUBJECTS = 60


@dataclass(frozen=True)
class Known:
    """What the reader knows of a trial: each arm's own numbers, but no outcome's direction."""

    counts: dict[str, set[str]]  # arm -> sizes, numbers observed and missing, baseline means


def simulated(study: Study, folder: Path, seed: int) -> Snapshot:
    """Arms of unequal size and unequal losses: there is something to recognise."""
    scenario = load_scenario(resources.folder("sample_data") / "simulation.toml")
    screened = candidates(study, scenario, n=SUBJECTS, seed=seed)
    arm_of = {
        person.subject_id: ARMS[(i % 5) in (1, 3)] for i, person in enumerate(screened.eligible)
    }  # three to two
    paper = outcomes(study, scenario, screened, arm_of, seed=seed)
    write_snapshot(folder, snapshot_content(study, screened, paper, arm_of))
    return read_snapshot(folder)


def knowledge(plan: Plan, study: Study, snapshot: Snapshot) -> Known:
    context = Context(plan, study, prepare(Mode.UNBLINDED, plan, study, snapshot).datasets)
    data = context.assessments(plan.analysis("P2"))
    counts: dict[str, set[str]] = {}
    for arm in ARMS:
        here = data[data["arm"] == arm]
        observed = int(here["chg"].notna().sum())
        numbers = {len(here), observed, len(here) - observed, float(here["base"].mean())}
        counts[arm] = {repr(number) for number in numbers}
    return Known({arm: counts[arm] - counts[ARMS[1 - i]] for i, arm in enumerate(ARMS)})


def lines(folder: Path) -> list[dict[str, str]]:
    with (folder / "results.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def by_numbers(folder: Path, known: Known) -> str:
    """Which arm's own numbers stand in rows of group A, or in any row where nothing is said of a group."""
    score = 0
    for row in lines(folder):
        weight = {"A": 1, "B": -1}.get(row["group"], 0)
        score += weight * ((row["value"] in known.counts[ARMS[0]]) - (row["value"] in known.counts[ARMS[1]]))
    return _say(score, folder)


def by_order(folder: Path, _known: Known) -> str:
    text = (folder / "results.csv").read_text(encoding="utf-8")
    return ARMS[0] if text.find(",A,") <= text.find(",B,") else ARMS[1]


def by_hash(folder: Path, _known: Known) -> str:
    return _say(0, folder)


def by_names_and_sizes(folder: Path, _known: Known) -> str:
    facts = sorted((path.name, path.stat().st_size) for path in folder.rglob("*") if path.is_file())
    return ARMS[sum(size for _, size in facts) % 2]


def by_precision(folder: Path, _known: Known) -> str:
    """Longer numbers, more digits, a larger interval on one side: anything that is no sign."""
    longer = 0
    for row in lines(folder):
        if row["table"] == "contrasts" and row["statistic"] in ("ci_lower", "ci_upper"):
            longer += len(row["value"].lstrip("-")) * (1 if row["statistic"] == "ci_lower" else -1)
    return _say(longer, folder)


def _say(score: int, folder: Path) -> str:
    """An arm for group A; where nothing speaks, whatever the bytes say."""
    if score:
        return ARMS[0] if score > 0 else ARMS[1]
    return ARMS[hashlib.sha256((folder / "results.csv").read_bytes()).digest()[0] % 2]


READERS: dict[str, Callable[[Path, Known], str]] = {
    "numbers": by_numbers,
    "order": by_order,
    "hash": by_hash,
    "names and sizes": by_names_and_sizes,
    "precision": by_precision,
}


def few(plan: Plan) -> Plan:
    return replace(plan, analyses=tuple(e for e in plan.analyses if e.id in ENTRIES))


def read_all(plan: Plan, study: Study, folder: Path, trials: int) -> dict[str, int]:
    """How often each reader named group A right."""
    right = dict.fromkeys(READERS, 0)
    for trial in range(trials):
        snapshot = simulated(study, folder / f"snapshot-{trial}", seed=1000 + trial)
        known = knowledge(plan, study, snapshot)
        out = folder / f"masked-{trial}"
        delivered = deliver(few(plan), snapshot, out, mode=Mode.MASKED, print_too=False)
        assert delivered.masking_key is not None
        assert out not in delivered.masking_key.parents
        assert not (out / "datasets").exists()
        truth = json.loads(delivered.masking_key.read_text(encoding="utf-8"))["groups"]["A"]
        for name, reader in READERS.items():
            right[name] += reader(out, known) == truth
    return right


def judge(right: dict[str, int], trials: int) -> None:
    for name, n in right.items():
        p = stats.binomtest(n, trials, 0.5).pvalue
        assert p > 0.01 / len(READERS), f"{name}: {n} of {trials} right"


def test_no_reader_labels_the_groups_better_than_a_coin(plan: Plan, study: Study, tmp_path: Path):
    judge(read_all(plan, study, tmp_path, SHORT), SHORT)


@pytest.mark.long
def test_no_reader_of_many_trials_labels_the_groups_better_than_a_coin(
    plan: Plan, study: Study, tmp_path: Path
):
    judge(read_all(plan, study, tmp_path, LONG), LONG)


def test_the_same_reader_names_every_group_whose_own_numbers_are_shown(
    plan: Plan, study: Study, tmp_path: Path
):
    """So that a coin's result above is the masking's doing and not the reader's dullness."""
    snapshot = simulated(study, tmp_path / "snapshot", seed=1000)
    known = knowledge(plan, study, snapshot)
    for first in (0, 1):
        masking = {"A": ARMS[first], "B": ARMS[1 - first]}
        results, _ = prepared_run(few(plan), snapshot, mode=Mode.CODED, masking=masking)
        folder = tmp_path / f"coded-{first}"
        folder.mkdir()
        write_results_csv(results, folder / "results.csv")
        assert by_numbers(folder, known) == ARMS[first]
