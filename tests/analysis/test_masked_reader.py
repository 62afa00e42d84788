"""Masked outputs of many simulated trials, read by who knows everything but the outcomes' direction."""

from __future__ import annotations

import csv
import hashlib
import json
import math
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

ENTRIES = ("D2", "P1", "P2", "S1", "R1", "I1", "A1")
TRIALS = 120
SUBJECTS = 60


@dataclass(frozen=True)
class Known:
    """What the reader knows of a trial: each arm's own numbers, but no outcome's direction."""

    counts: dict[str, set[str]]  # arm -> sizes, numbers observed and missing, baseline means


def simulated(study: Study, folder: Path, seed: int) -> Snapshot:
    """Arms of unequal size and unequal losses: there is something to recognise.

    Each arm does better in half of the trials: which one in this, that alone the reader does not know.
    """
    scenario = load_scenario(resources.folder("sample_data") / "simulation.toml")
    screened = candidates(study, scenario, n=SUBJECTS, seed=seed)
    arm_of = {
        person.subject_id: ARMS[(i % 5) in (1, 3)] for i, person in enumerate(screened.eligible)
    }  # three to two
    fares_as = arm_of
    if seed % 2:
        fares_as = {who: ARMS[1 - ARMS.index(arm)] for who, arm in arm_of.items()}
    paper = outcomes(study, scenario, screened, fares_as, seed=seed)
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
    """Longer numbers, more digits, a larger interval on one side."""
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
    """Some entries of each kind; of the imputed one two draws are enough to look at."""
    entries = []
    for entry in plan.analyses:
        if entry.id == "P1":
            drawn = replace(entry.keys["missing"], m=2)
            entry = replace(entry, keys={**entry.keys, "missing": drawn})
        if entry.id in ENTRIES:
            entries.append(entry)
    return replace(plan, analyses=tuple(entries))


def read_all(
    plan: Plan, study: Study, folder: Path, trials: int
) -> tuple[list[dict[str, float]], list[str], dict[str, int]]:
    """What was given out of each trial, which arm is A, and how often each reader named it right."""
    right = dict.fromkeys(READERS, 0)
    outputs, truths = [], []
    for trial in range(trials):
        snapshot = simulated(study, folder / f"snapshot-{trial}", seed=1000 + trial)
        known = knowledge(plan, study, snapshot)
        out = folder / f"masked-{trial}"
        delivered = deliver(few(plan), snapshot, out, mode=Mode.MASKED, print_too=False)
        assert delivered.masking_key is not None
        assert out not in delivered.masking_key.parents
        assert not (out / "datasets").exists()
        truths.append(json.loads(delivered.masking_key.read_text(encoding="utf-8"))["groups"]["A"])
        outputs.append(measured(out))
        for name, reader in READERS.items():
            right[name] += reader(out, known) == truths[-1]
    return outputs, truths, right


def judge(right: dict[str, int], trials: int) -> None:
    for name, n in right.items():
        p = stats.binomtest(n, trials, 0.5).pvalue
        assert p > 0.01 / len(right), f"{name}: {n} of {trials} right"


MIRRORED = {
    "estimate": ("estimate", -1), "statistic": ("statistic", -1),
    "ci_lower": ("ci_upper", -1), "ci_upper": ("ci_lower", -1),
}  # fmt: skip
SQUARED = {"log_rank", "proportional_hazards", "interactions", "test"}  # a statistic without a sign


def mirrored(rows: list[dict[str, str]]) -> dict[tuple[str, ...], float | str]:
    """What the same trial prints when A and B change places: signs turned, ratios upside down."""
    found: dict[tuple[str, ...], float | str] = {}
    for row in rows:
        statistic, value = row["statistic"], _number(row["value"])
        if isinstance(value, float) and statistic in MIRRORED and row["table"] not in SQUARED:
            ratio = row["table"] == "hazard_ratios" and statistic != "statistic"
            statistic, value = MIRRORED[statistic][0], 1 / value if ratio else -value
        found[(row["analysis"], row["table"], row["row"], row["group"], row["variable"], statistic)] = value
    return found


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def test_what_masked_groups_show_is_its_own_mirror_image_when_they_change_places(
    plan: Plan, study: Study, tmp_path: Path
):
    """So nothing but a sign tells A from B, and a sign tells nothing to who does not know which is better."""
    snapshot = simulated(study, tmp_path / "snapshot", seed=1000)
    known, shown, said = knowledge(plan, study, snapshot), [], []
    for first in (0, 1):
        masking = {"A": ARMS[first], "B": ARMS[1 - first]}
        results, _ = prepared_run(few(plan), snapshot, mode=Mode.MASKED, masking=masking)
        folder = tmp_path / f"masked-{first}"
        folder.mkdir()
        write_results_csv(results, folder / "results.csv")
        shown.append(lines(folder))
        said.append(by_order(folder, known))
    there = {tuple(list(row.values())[:6]): _number(row["value"]) for row in shown[0]}
    back = mirrored(shown[1])
    assert set(there) == set(back)
    for place, value in there.items():
        assert back[place] == (
            pytest.approx(value, rel=1e-9, abs=1e-12) if isinstance(value, float) else value
        )
    assert sum(place[5] in MIRRORED for place in there) > 20
    assert said[0] == said[1]


@pytest.mark.long
def test_no_reader_of_many_trials_labels_the_groups_better_than_a_coin(
    plan: Plan, study: Study, tmp_path: Path
):
    outputs, truths, right = read_all(plan, study, tmp_path, TRIALS)
    right["learned"] = learned(outputs, truths)
    print(right)
    judge(right, TRIALS)


def learned(outputs: list[dict[str, float]], truths: list[str]) -> int:
    """A reader taught on other trials, whose labels it was given, by everything that can be measured."""
    import pandas as pd
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    table = pd.DataFrame(outputs).dropna(axis="columns")
    labels = [truth == ARMS[0] for truth in truths]
    reader = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=1000))
    return int((cross_val_predict(reader, table, labels, cv=10) == labels).sum())


def measured(folder: Path) -> dict[str, float]:
    """Sizes of files, every number, and how long each is when printed."""
    found = {
        f"size {path.name}": float(path.stat().st_size) for path in folder.rglob("*.*") if path.is_file()
    }
    for row in lines(folder):
        value = _number(row["value"])
        if isinstance(value, float) and math.isfinite(value):  # the df of a Wald z are infinite
            place = " ".join(row[name] for name in ("analysis", "table", "row", "statistic"))
            found |= {place: value, f"length {place}": float(len(row["value"]))}
    return found


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
