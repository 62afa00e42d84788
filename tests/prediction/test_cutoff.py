"""A cutoff frozen as a rule, in the shape of the kyphoplasty cohort: what it promises is what it keeps."""

from __future__ import annotations

import json
from math import erf, sqrt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result

from trialkit.cli.root import root
from trialkit.errors import PredictionError
from trialkit.prediction.cutoff import develop_cutoff

WITHOUT, WITH = (16.15, 3.71), (13.5, 4.23)  # psoas area, cm2: mean and SD without and with residual pain


def cohort(random: np.random.Generator, n: int = 184, events: int = 29) -> pd.DataFrame:
    area = np.r_[random.normal(*WITHOUT, n), random.normal(*WITH, events)]
    outcome = np.r_[np.zeros(n, int), np.ones(events, int)]
    number = [f"{i:03d}" for i in range(n + events)]
    return pd.DataFrame({"subject_id": number, "area": area, "pain": outcome})


def below(x: float, mean_sd: tuple[float, float]) -> float:
    return 0.5 * (1 + erf((x - mean_sd[0]) / mean_sd[1] / sqrt(2)))


@pytest.mark.analytic
def test_the_corrected_index_is_what_fresh_people_get() -> None:
    """Sixty cohorts of 213; the truth of each frozen cutoff follows from the normal distributions. Fixed
    beforehand: a bias within 3 Monte Carlo errors; the apparent index lies above by more than that."""
    apparent, corrected = [], []
    for seed in np.random.SeedSequence(2).spawn(60):
        random = np.random.default_rng(seed)
        rule = develop_cutoff(cohort(random), "area", "pain", "at_most", bootstraps=60)
        truth = below(rule.cutoff, WITH) - below(rule.cutoff, WITHOUT)
        row = rule.performance.set_index("measure").loc["youden"]
        apparent.append(row["apparent"] - truth)
        corrected.append(row["corrected"] - truth)
    error = np.std(corrected, ddof=1) / sqrt(len(corrected))
    assert abs(np.mean(corrected)) < 3 * error
    assert np.mean(apparent) > 3 * error


@pytest.mark.analytic
def test_the_side_turns_the_sign_and_nothing_else() -> None:
    data = cohort(np.random.default_rng(3))
    low = develop_cutoff(data, "area", "pain", "at_most", bootstraps=20)
    high = develop_cutoff(data.assign(area=-data["area"]), "area", "pain", "at_least", bootstraps=20)
    assert (low.cutoff, low.auc) == (-high.cutoff, high.auc)
    pd.testing.assert_frame_equal(low.performance, high.performance)
    assert low.cutoff_lower <= low.cutoff <= low.cutoff_upper


def run(*words: object) -> Result:
    return CliRunner().invoke(root, ["predict", *map(str, words)])


def test_a_rule_is_frozen_and_applied_as_it_stands(tmp_path: Path) -> None:
    data = cohort(np.random.default_rng(4))
    data.to_csv(tmp_path / "data.csv", index=False)
    rule = tmp_path / "rule.json"
    told = run(
        "cutoff", tmp_path / "data.csv", "--marker", "area", "--outcome", "pain", "--at-most",
        "--unit", "cm2", "--bootstraps", "20", "--out", rule,
    )  # fmt: skip
    assert told.exit_code == 0, told.output
    assert "area <= " in told.output and "corrected" in told.output
    given = run("apply", rule, tmp_path / "data.csv", "--out", tmp_path / "out.csv")
    assert given.exit_code == 0, given.output
    answers = pd.read_csv(tmp_path / "out.csv", dtype={"subject_id": str})
    frozen = json.loads(rule.read_text(encoding="utf-8"))
    assert answers["positive"].tolist() == (data["area"] <= frozen["cutoff"]).astype(int).tolist()
    sensitivity = answers["positive"][data["pain"] == 1].mean()
    by_name = {row["measure"]: row for row in frozen["performance"]}
    assert by_name["sensitivity"]["apparent"] == pytest.approx(sensitivity)
    frozen["cutoff"] += 1
    rule.write_text(json.dumps(frozen), encoding="utf-8")
    assert "hash" in str(run("apply", rule, tmp_path / "data.csv", "--out", tmp_path / "no.csv").exception)
    data.assign(area=[None, *data["area"][1:]]).to_csv(tmp_path / "data.csv", index=False)
    assert not (tmp_path / "no.csv").exists()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d.drop(columns="area"), "a column 'area'"),
        (lambda d: d.assign(area="wide"), "numbers in area"),
        (lambda d: d.assign(pain=2), "0 and 1 in pain"),
        (lambda d: d.assign(pain=0), "at least 10 subjects"),
    ],
)
def test_data_without_a_cutoff_are_refused(change, message) -> None:
    with pytest.raises(PredictionError, match=message):
        develop_cutoff(change(cohort(np.random.default_rng(1))), "area", "pain", bootstraps=10)
