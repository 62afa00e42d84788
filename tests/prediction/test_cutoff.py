"""A cutoff frozen as a rule, in the shape of the kyphoplasty cohort: what it promises is what it keeps."""

from __future__ import annotations

import ast
import json
from dataclasses import replace
from math import erf, sqrt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result

import trialkit
from trialkit.cli.root import root
from trialkit.errors import PredictionError
from trialkit.prediction.cutoff import Side, develop_cutoff
from trialkit.prediction.cutoff_words import rule_in_words
from trialkit.prediction.marker import OF_A_MARKER

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


def weak(cases: list[float], controls: list[float]) -> pd.DataFrame:
    outcome = [1] * len(cases) + [0] * len(controls)
    who = [f"{i:03d}" for i in range(len(outcome))]
    return pd.DataFrame({"subject_id": who, "area": [*cases, *controls], "pain": outcome})


def gaps(d: pd.DataFrame, n: int) -> pd.DataFrame:
    return d.assign(area=d["area"].where(np.arange(len(d)) >= n))


def changed(d: pd.DataFrame, column: str, row: int, value: object) -> pd.DataFrame:
    return d.assign(**{column: [value if i == row else x for i, x in enumerate(d[column])]})


UNDER_THE_DIAGONAL = weak([*range(14), -1, -1], [*range(16)])  # no cutoff has an index above 0
THE_SAME_IN_BOTH = weak([*range(12)], [*range(12)])
REFUSED = [
    (lambda d: d.drop(columns="area"), "a column 'area'"),
    (lambda d: d.drop(columns="subject_id"), "a column 'subject_id'.*--subject"),
    (lambda d: d.rename(columns={"area": "areas"}), "a column 'area'.*'areas'"),
    (lambda d: d.assign(area="wide"), "numbers in area; found 'wide'"),
    (lambda d: changed(d, "area", 3, np.inf), "line 5: expected finite numbers.*left out and counted"),
    (lambda d: changed(d, "area", 3, "12,5"), "line 5: expected numbers in area; found '12,5'"),
    (lambda d: d.assign(pain=2), "line 2: expected 0 and 1 in pain; found 2"),
    (lambda d: changed(d, "pain", 7, " "), "line 9: expected 0 and 1 in pain; found a blank"),
    (lambda d: d.assign(pain=d["pain"].map({0: "no", 1: "yes"})), "line 2: .* found no"),
    (lambda d: d.assign(pain=0), "at least 10 subjects of either outcome; found 0 of 213"),
    (lambda d: d.assign(area=3.0), "a marker that varies; found a constant"),
    (lambda d: d.assign(area=d["area"].where(d.index != 0).mask(d.index > 0, 3.0)), "found a constant"),
    (lambda d: d.assign(area=d["pain"]), "the outcome under another name.*another marker"),
    (lambda d: d.assign(area=1 - d["pain"]), "the outcome under another name"),
    (lambda d: d.assign(area=5 + 2 * d["pain"]), "the outcome under another name"),
    (lambda d: d.assign(area=100 * d["pain"] + d["area"]), "tells the outcome without an error"),
    (lambda d: d.assign(area=d["area"] - 100 * d["pain"]), "tells the outcome without an error"),
    (lambda d: d.assign(area=range(len(d))), "a running number"),
    (lambda d: d.assign(area=20240101 + np.arange(len(d)) % 28), "found dates"),
    (lambda d: pd.concat([d, d.iloc[[4]]]), "one line a subject.*found 004 twice"),
    (lambda d: pd.concat([d, d.iloc[[4]].assign(area=9.9, pain=1)]), "found 004 twice"),
    (lambda d: changed(d, "subject_id", 2, None), "a subject_id on every line"),
    (lambda d: gaps(d, 100), "at least 80% .* missing for 100 of 213: 0 of 29 with the outcome, 100 of 184"),
    (lambda d: gaps(d, len(d)), "missing for 213 of 213.*--most-missing"),
    (lambda d: gaps(d[d["pain"].cumsum() <= 12].iloc[::-1], 3), "found 9 of 193 with it"),
    (lambda d: d, "high values speak.*the opposite: AUC 0.3.*lower value speaks for the outcome: --at-most"),
    (lambda d: UNDER_THE_DIAGONAL, "calls everybody positive: AUC 0.3.*lower value.*--at-most"),
    (lambda d: THE_SAME_IN_BOTH, "calls everybody positive: AUC 0.500. Take another marker"),
]


@pytest.mark.parametrize(("change", "message"), REFUSED)
def test_data_without_a_cutoff_are_refused(change, message) -> None:
    with pytest.raises(PredictionError, match=message):
        develop_cutoff(change(cohort(np.random.default_rng(1))), "area", "pain", bootstraps=10)


@pytest.mark.parametrize(
    ("marker", "message"), [("pain", "the outcome itself"), ("subject_id", "an identifier")]
)
def test_outcome_and_identifier_are_no_markers(marker: str, message: str) -> None:
    with pytest.raises(PredictionError, match=message):
        develop_cutoff(cohort(np.random.default_rng(1)), marker, "pain", bootstraps=10)


def test_the_other_direction_is_named_from_the_low_side_too() -> None:
    data = cohort(np.random.default_rng(1))
    with pytest.raises(PredictionError, match=r"low values speak.*A higher value.*: --at-least"):
        develop_cutoff(data.assign(area=-data["area"]), "area", "pain", "at_most", bootstraps=10)
    with pytest.raises(PredictionError, match=r"everybody positive: AUC 0\.3.*A higher value.*--at-least"):
        turned = UNDER_THE_DIAGONAL.assign(area=-UNDER_THE_DIAGONAL["area"])
        develop_cutoff(turned, "area", "pain", "at_most", bootstraps=10)


ROC = Path(__file__).parent.parent / "reference/roc"


@pytest.mark.external_reference
@pytest.mark.parametrize(("marker", "side"), [("fat_fraction", "at_least"), ("muscle_area", "at_most")])
def test_area_interval_and_measures_are_those_of_proc(marker: str, side: Side) -> None:
    """pROC's cutoffs lie between neighbouring values, so the measures and who is positive are compared."""
    data = pd.read_csv(ROC / "trial.csv").assign(subject_id=lambda d: d.index.astype(str))
    told = json.loads((ROC / "output.json").read_text(encoding="utf-8"))[marker]
    rule = develop_cutoff(data, marker, "recurred", side, bootstraps=10)
    assert (rule.auc, rule.auc_lower, rule.auc_upper) == pytest.approx((told["auc"], *told["ci"]), abs=1e-12)
    best = told["youden"][0]
    apparent = rule.performance.set_index("measure")["apparent"]
    names = ["sensitivity", "specificity", "ppv", "npv"]
    assert apparent[names].tolist() == pytest.approx([best[name] for name in names], abs=1e-12)
    beyond = data[marker] >= best["threshold"] if side == "at_least" else data[marker] <= best["threshold"]
    kept = data[marker] >= rule.cutoff if side == "at_least" else data[marker] <= rule.cutoff
    assert kept.tolist() == beyond.tolist()


def test_the_order_of_the_lines_decides_nothing() -> None:
    data = cohort(np.random.default_rng(3))
    turned = develop_cutoff(data.sample(frac=1, random_state=1), "area", "pain", "at_most", bootstraps=20)
    assert turned.document() == develop_cutoff(data, "area", "pain", "at_most", bootstraps=20).document()


@pytest.mark.parametrize("seed", range(6))
def test_a_marker_of_no_worth_has_a_caution_and_measures_that_can_be(tmp_path: Path, seed: int) -> None:
    """Weak markers are where samples call everybody positive: no NPV there, and corrections below nothing."""
    random = np.random.default_rng(seed)
    data = cohort(random, 30, 11).assign(area=random.normal(size=41).round(1))
    side: Side = "at_least" if metrics_auc(data) >= 0.5 else "at_most"
    rule = develop_cutoff(data, "area", "pain", side, bootstraps=60)
    table = rule.performance
    floor = np.where(table["measure"] == "youden", -1.0, 0.0)
    for name in ("corrected", "ci_lower", "ci_upper"):
        assert ((floor <= table[name]) & (table[name] <= 1)).all()
    assert (table["ci_lower"] <= table["ci_upper"]).all()
    assert rule.auc_lower < 0.5 and "AUC holds 0.5" in rule.cautions[0]
    assert 0 <= rule.auc_lower <= rule.auc <= rule.auc_upper <= 1
    text = json.dumps(rule.document(), allow_nan=False)
    assert json.loads(text)["cautions"] == list(rule.cautions)
    words = "\n".join(rule_in_words(rule))
    assert "nan" not in words and rule.cautions[0] in words


def metrics_auc(data: pd.DataFrame) -> float:
    with_it, without = (data["area"][data["pain"] == value].to_numpy() for value in (1, 0))
    return float(np.mean(with_it[:, None] > without) + 0.5 * np.mean(with_it[:, None] == without))


def test_samples_without_anybody_negative_are_counted_and_said() -> None:
    """Two values, the cutoff's index barely above 0: in many samples everybody is called positive."""
    data = weak([1.0] * 19 + [0.0], [1.0] * 18 + [0.0] * 2)
    rule = develop_cutoff(data, "area", "pain", "at_least", bootstraps=50)
    npv = rule.performance.set_index("measure").loc["npv"]
    assert 0 < npv["samples"] < 50
    without = 50 - int(npv["samples"])
    assert f"no one negative, so no NPV in {without} of 50 samples" in "\n".join(rule_in_words(rule))


def test_a_measure_that_no_sample_has_is_said_in_words() -> None:
    rule = develop_cutoff(cohort(np.random.default_rng(3)), "area", "pain", "at_most", bootstraps=10)
    table = rule.performance.copy()
    table.loc[table["measure"] == "npv", ["optimism", "corrected", "ci_lower", "ci_upper"]] = np.nan
    bare = replace(rule, performance=table)
    assert any("npv" in line and "not corrected: no one negative" in line for line in rule_in_words(bare))
    assert json.loads(json.dumps(bare.document(), allow_nan=False))["performance"][3]["corrected"] is None


def test_the_command_says_direction_people_gaps_and_cautions(tmp_path: Path) -> None:
    data = changed(gaps(cohort(np.random.default_rng(4)), 20), "pain", 100, None)
    data.to_csv(tmp_path / "data.csv", index=False)
    words = ["cutoff", tmp_path / "data.csv", "--marker", "area", "--outcome", "pain", "--bootstraps", "20"]
    told = run(*words, "--at-most", "--out", tmp_path / "rule.json")
    assert told.exit_code == 0, told.output
    assert "Positive: low values of area, as stated (--at-most)." in told.output
    assert "192 of 213 subjects have marker and outcome, 29 of them the outcome." in told.output
    assert "area: 20 of 212 missing" in told.output and "1 subjects without outcome left out" in told.output
    frozen = json.loads((tmp_path / "rule.json").read_text(encoding="utf-8"))
    counted = ("n", "lines", "without_outcome", "without_marker", "stated", "side")
    assert [frozen[name] for name in counted] == [192, 213, 1, 20, True, "at_most"]
    assert frozen["cautions"] == []
    refused = run(*words, "--out", tmp_path / "no.json")
    assert "--at-most" in str(refused.exception) and not (tmp_path / "no.json").exists()
    gaps(data, 100).to_csv(tmp_path / "data.csv", index=False)
    assert "--most-missing" in str(run(*words, "--at-most", "--out", tmp_path / "no.json").exception)
    allowed = run(*words, "--at-most", "--most-missing", "0.5", "--out", tmp_path / "rule.json")
    assert allowed.exit_code == 0 and "missing" in allowed.output


def test_a_rule_to_beware_of_says_so_where_it_is_applied(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    data = cohort(random).assign(area=random.normal(size=213))
    data.to_csv(tmp_path / "data.csv", index=False)
    rule = tmp_path / "rule.json"
    told = run(
        "cutoff", tmp_path / "data.csv", "--marker", "area", "--outcome", "pain", "--bootstraps", "20",
        "--out", rule,
    )  # fmt: skip
    assert told.exit_code == 0, told.exception
    assert "Positive: high values of area, as nothing else was said (--at-most: low ones)." in told.output
    given = run("apply", rule, tmp_path / "data.csv", "--out", tmp_path / "out.csv")
    assert "Not to be used: The interval of its AUC holds 0.5" in told.output
    assert "Not to be used: The interval of its AUC holds 0.5" in given.output


@pytest.mark.parametrize(("scale", "shown"), [(1e-5, "area <= 0.0001"), (1e6, "area <= 1")])
def test_small_markers_are_printed_with_digits_that_tell(scale: float, shown: str) -> None:
    data = cohort(np.random.default_rng(3))
    rule = develop_cutoff(data.assign(area=scale * data["area"]), "area", "pain", "at_most", bootstraps=10)
    assert next(rule_in_words(rule)).startswith(shown)


def test_what_is_said_otherwise_of_a_marker_is_what_is_said_of_a_feature() -> None:
    here = Path(trialkit.__file__).parent / "prediction"
    others = (path for path in here.glob("*.py") if path.name != "marker.py")
    texts = [path.read_text(encoding="utf-8") for path in others]
    said = {
        node.value
        for text in texts
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert set(OF_A_MARKER) - said == set()
