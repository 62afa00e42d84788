"""Masked outputs of many simulated trials, read by who knows everything but the outcomes' direction."""

from __future__ import annotations

import bisect
import csv
import hashlib
import json
import math
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import lxml.html
import pytest
from scipy import stats

from tests.analysis.conftest import ARMS, snapshot_content
from trialkit import resources
from trialkit.analysis import Mode
from trialkit.analysis.context import Context
from trialkit.analysis.modes import prepare
from trialkit.analysis.results import Results
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
    sizes: tuple[tuple[int, int, int], ...]  # of the arms, and responders in both; of each sex too


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
    seen = data[data["chg"].notna()]
    groups = [seen, *(seen[seen["sex"] == sex] for sex in seen["sex"].cat.categories)]
    sizes = tuple(
        (*(int((one["arm"] == arm).sum()) for arm in ARMS), int((one["chg"] <= -10).sum())) for one in groups
    )
    for arm in ARMS:
        here = data[data["arm"] == arm]
        observed = int(here["chg"].notna().sum())
        numbers = {len(here), observed, len(here) - observed, float(here["base"].mean())}
        counts[arm] = {repr(number) for number in numbers}
    return Known({arm: counts[arm] - counts[ARMS[1 - i]] for i, arm in enumerate(ARMS)}, sizes)


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


def by_whole_counts(folder: Path, known: Known) -> str:
    """Which labels let a signed difference be one of two whole counts over the sizes that are known."""
    score = 0
    for row in lines(folder):
        value = _number(row["value"])
        if row["statistic"] == "estimate" and isinstance(value, float) and abs(value) < 1:
            for first, second, total in known.sizes:
                score += could_be_counts(value, first, second, total)
                score -= could_be_counts(value, second, first, total)
    return _say(score, folder)


def could_be_counts(difference: float, first: int, second: int, total: int) -> bool:
    """Whether x / first - y / second is the difference for whole x and y that are the total together.

    Without the total nothing follows: whoever did not respond, counted the other way round, gives the same.
    """
    counts = ((x, total - x) for x in range(max(0, total - second), min(first, total) + 1))
    return any(abs(x / first - y / second - difference) < 1e-9 for x, y in counts if first and second)


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
    "whole counts": by_whole_counts,
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
    """Sizes of files, every number of the results and of every table printed, and how long each is."""
    found = {
        f"size {path.name}": float(path.stat().st_size) for path in folder.rglob("*.*") if path.is_file()
    }
    for row in lines(folder):
        value = _number(row["value"])
        if isinstance(value, float) and math.isfinite(value):  # the df of a Wald z are infinite
            place = " ".join(row[name] for name in ("analysis", "table", "row", "statistic"))
            found |= {place: value, f"length {place}": float(len(row["value"]))}
    for table, cell, text in printed_cells(folder):
        for position, token in enumerate(NUMBER.findall(text)):
            value = float(token.replace("−", "-").replace(",", ""))
            found[f"printed {table} {cell} {position}"] = value
    return found


NUMBER = re.compile(r"−?\d[\d,]*(?:\.\d+)?")


def printed_cells(folder: Path) -> list[tuple[int, int, str]]:
    """Every cell of every table of the page, and what stands around it, by its place."""
    page = lxml.html.parse(str(folder / "report" / "index.html")).getroot()
    found = [(-1, i, one.text_content()) for i, one in enumerate(page.xpath("//figcaption | //p | //li"))]
    for place, table in enumerate(page.xpath("//table")):
        found += [(place, i, cell.text_content()) for i, cell in enumerate(table.xpath(".//td | .//th"))]
    return found


def of_one_arm(results: Results) -> dict[str, float]:
    """Every number of an unblinded run that belongs to one arm alone, with enough digits to be known by."""
    found = {}
    for result in results.analyses:
        for name, table in {"counts": result.counts, **result.tables}.items():
            if "arm" not in table:
                continue
            for place, row in enumerate(table[table["arm"].isin(ARMS)].to_dict("records")):
                for column, value in row.items():
                    if isinstance(value, float) and math.isfinite(value) and len(repr(value)) > DIGITS:
                        found[f"{result.id} {name} {place} {row['arm']} {column}"] = abs(value)
    return found


DIGITS = 8


def test_no_number_of_one_arm_stands_anywhere_in_what_is_masked(plan: Plan, study: Study, tmp_path: Path):
    """Whole tables: every number of results, page, workbook and notes, under whatever name."""
    snapshot = simulated(study, tmp_path / "snapshot", seed=1000)
    chosen = few(plan)
    own = of_one_arm(prepared_run(chosen, snapshot, mode=Mode.UNBLINDED)[0])
    assert len(own) > 100
    out = tmp_path / "masked"
    deliver(chosen, snapshot, out, mode=Mode.MASKED, print_too=False)
    texts = [path.read_text(encoding="utf-8") for path in (out / "results.csv", out / "results.json")]
    texts.append((out / "report" / "index.html").read_text(encoding="utf-8"))
    with zipfile.ZipFile(out / "report" / "tables.xlsx") as book:
        texts += [book.read(name).decode() for name in book.namelist() if name.endswith(".xml")]
    there = sorted({float(token) for text in texts for token in re.findall(r"\d+\.\d{4,}", text)})
    told = {where: value for where, value in own.items() if near(value, there)}
    assert told == {}


def near(value: float, among: list[float]) -> bool:
    """Whether a number, its complement or its reciprocal is among those shown."""
    forms = (value, 1 - value, 100 * value, 100 - value, 1 / value if value else value)
    for form in forms:
        slack = 1e-9 * max(1.0, abs(form))
        place = bisect.bisect_left(among, form - slack)
        if place < len(among) and among[place] <= form + slack:
            return True
    return False


def test_a_difference_of_whole_counts_is_withheld_from_masked_groups(
    plan: Plan, study: Study, tmp_path: Path
):
    """An item of four levels as a mean, by subgroup: the counts, and so the labels, would follow."""
    snapshot = simulated(study, tmp_path / "snapshot", seed=1000)
    of_few = {"endpoint": "satisfaction", "formula": "value ~ arm + sex"}
    kept, few_values = plan.analysis("G1"), plan.analysis("G1").saying(**of_few, by={"sex": "levels"})
    chosen = replace(plan, analyses=(kept, replace(few_values, id="G9")))
    masking = dict(zip("AB", ARMS, strict=True))
    results, _ = prepared_run(chosen, snapshot, mode=Mode.MASKED, masking=masking)
    assert (results["G1"].withheld, results["G9"].withheld) == (False, True)
    assert results["G9"].tables == {}
    opened, _ = prepared_run(chosen, snapshot, mode=Mode.UNBLINDED)
    assert opened["G9"].failure is None


@pytest.mark.analytic
def test_the_reader_of_whole_counts_knows_a_difference_of_proportions():
    """Of 23 and 37 people, 10 and 9: only one way round is it a difference of whole counts, 19 together."""
    difference = 10 / 23 - 9 / 37
    assert could_be_counts(difference, 23, 37, 19)
    assert not could_be_counts(difference, 37, 23, 19)
    assert could_be_counts(difference, 37, 23, 60 - 19)  # the others, counted the other way round
