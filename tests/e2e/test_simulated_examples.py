"""The observational studies on simulated data: estimated, said to be simulated, the same bytes twice."""

from __future__ import annotations

import json
import math
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner
from scipy import stats

from trialkit.analysis import load_plan
from trialkit.analysis.files import results_text
from trialkit.analysis.observational import read_subjects, run_observational
from trialkit.cli.example import command
from trialkit.demo.simulated import SIMULATORS
from trialkit.errors import TrialkitError
from trialkit.report.observational import observational_page
from trialkit.study.observational import load_observational

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Results of an example by name, once for the whole module, and its data with columns typed."""

    @cache
    def once(name: str) -> tuple[Any, pd.DataFrame, Any]:
        import importlib

        folder = ROOT / "examples" / name
        observational, plan = load_observational(folder), load_plan(folder / "plan.toml")
        module = importlib.import_module(f"trialkit.simulation.observational.{SIMULATORS[name]}")
        data = tmp_path_factory.mktemp(name) / "data.csv"
        module.simulate(plan.seed).to_csv(data, index=False, lineterminator="\n")
        results = run_observational(plan, observational.study, data, simulated=True)
        return results, read_subjects(data, observational.study), (plan, observational, data)

    return once


@pytest.mark.parametrize("name", sorted(SIMULATORS))
def test_every_entry_of_the_plan_is_estimated_the_same_way_twice(name: str, run: Any) -> None:
    results, _, (plan, observational, data) = run(name)
    assert [one.failure for one in results.analyses] == [None] * len(plan.analyses)
    assert not any(one.warnings for one in results.analyses)
    again = run_observational(plan, observational.study, data, simulated=True)
    assert results_text(again) == results_text(results)


@pytest.mark.parametrize("name", sorted(SIMULATORS))
def test_the_page_says_on_every_sheet_that_its_data_are_simulated(name: str, run: Any) -> None:
    results, _, (plan, observational, _) = run(name)
    page = observational_page(results, plan, observational)
    assert page.watermark == "SIMULATED DATA"
    assert "all numbers are assumptions" in page.state
    assert "assumption" in observational.simulated
    printed = {
        block.number for s in page.sections for e in s.entries for block in e.blocks if hasattr(block, "rows")
    }
    assert len(printed) >= len(plan.analyses)


def texts_of(block: Any) -> list[str]:
    """Every word of a block that a reader sees."""
    said = [getattr(block, name, "") for name in ("title", "population", "method", "text", "alt")]
    said += list(getattr(block, "footnotes", ()))
    for row in getattr(block, "rows", ()):
        said += [row.label, *(cell.text for cell in row.cells)]
    return [*said, *(f"{one.label} {one.note}" for one in getattr(block, "columns", ()))]


@pytest.mark.parametrize("name", sorted(SIMULATORS))
def test_a_reader_meets_labels_and_no_name_of_a_column(name: str, run: Any) -> None:
    results, data, (plan, observational, _) = run(name)
    page = observational_page(results, plan, observational)
    blocks = [b for s in page.sections[:-1] for e in s.entries for b in e.blocks]
    words = "\n".join(text for block in blocks for text in texts_of(block))
    raw = [
        one
        for one in (*data.columns, "rcs(", "benjamini-hochberg", "interMAT")
        if "_" in one or one not in data
    ]
    assert [one for one in raw if one in words] == []
    assert "nothing to show" not in words  # what the plan does not ask for has no number either
    assert page.highlight is None or "Draft." not in dict(page.highlight.remarks)  # no database to lock


def test_the_key_result_of_the_cohort_is_the_planned_contrast(run: Any) -> None:
    results, _, (plan, observational, _) = run("cohort")
    box = observational_page(results, plan, observational).highlight
    first = results["P1"].tables["contrasts_of_columns"].iloc[0]
    assert box.statement.text.startswith(f"{first['estimate']:.2f}")
    assert str(box.statement.references[0]) == "P1/contrasts_of_columns/0/estimate"
    assert box.caption == "Odds ratio of chronic back pain: InterMAT, Z: +2 against 0; above 1: more often."


def test_the_key_result_of_the_fat_maps_is_each_difference_and_none_before_the_others(run: Any) -> None:
    results, _, (plan, observational, _) = run("fat-maps")
    box = observational_page(results, plan, observational).highlight
    found = results["M1"].tables["differences"]
    assert [label for label, _ in box.facts] == list(found["variable"])
    assert not any(char.isdigit() for char in box.statement.text)
    for place, (_, cell) in enumerate(box.facts):
        where = [
            f"M1/differences/{place}/{c}" for c in ("estimate", "ci_lower", "ci_upper", "adjusted_p_value")
        ]
        assert [str(one) for one in cell.references] == where
    assert box.caption.endswith("with 95% CI and adjusted p.")


@pytest.mark.independent_reimplementation
def test_the_cohort_after_kyphoplasty_is_compared_as_scipy_compares_it(run: Any) -> None:
    results, data, _ = run("kyphoplasty")
    tests = results["P1"].tables["tests"].set_index("variable")
    groups = [part for _, part in data.groupby("residual_pain", observed=True)]
    assert set(tests["test"]) >= {"t", "chi-square", "mann-whitney", "fisher"}
    for variable, row in tests.iterrows():
        parts = [part[variable] for part in groups]
        if row["test"] == "t":
            expected = stats.ttest_ind(*parts).pvalue
        elif row["test"] == "chi-square":
            table = pd.crosstab(data[variable], data["residual_pain"])
            expected = stats.chi2_contingency(table, correction=False).pvalue
        else:
            continue  # ranks and Fisher's exact test are held against R where they are tested
        assert row["p_value"] == pytest.approx(expected, rel=1e-6), variable


@pytest.mark.independent_reimplementation
def test_the_odds_ratios_after_kyphoplasty_are_those_of_statsmodels(run: Any) -> None:
    import statsmodels.api as sm

    results, data, _ = run("kyphoplasty")
    names = ["vbq", "kyphosis_deg", "ps_area_cm2", "fi_es_mf_percent"]
    outcome = (data["residual_pain"] == "Residual pain").astype(float)
    fit = sm.Logit(outcome, sm.add_constant(data[names])).fit(disp=0, tol=1e-12)
    ours = results["L1"].tables["odds_ratios"].set_index("term")
    for name in names:
        assert math.log(ours.loc[name, "estimate"]) == pytest.approx(fit.params[name], rel=1e-6)
        assert ours.loc[name, "log_standard_error"] == pytest.approx(fit.bse[name], rel=1e-6)
        assert ours.loc[name, "wald"] == pytest.approx(fit.tvalues[name] ** 2, rel=1e-6)


@pytest.mark.independent_reimplementation
def test_the_areas_and_cutoffs_are_those_of_scikit_learn(run: Any) -> None:
    from sklearn.metrics import roc_auc_score, roc_curve

    results, data, _ = run("kyphoplasty")
    happened = data["residual_pain"] == "Residual pain"
    for (_, row), (name, sign) in zip(
        results["R1"].tables["areas"].iterrows(), (("ps_area_cm2", -1), ("fi_es_mf_percent", 1)), strict=True
    ):
        assert row["estimate"] == pytest.approx(roc_auc_score(happened, sign * data[name]), rel=1e-12)
        false_positive, true_positive, _ = roc_curve(happened, sign * data[name])
        youden = (true_positive - false_positive).max()
        assert row["sensitivity"] + row["specificity"] - 1 == pytest.approx(youden, rel=1e-12)
        assert row["cutoff_ci_lower"] <= row["cutoff"] <= row["cutoff_ci_upper"]
        assert row["auc_ci_lower"] < row["estimate"] < row["auc_ci_upper"]
        assert row["auc_ci_upper"] - row["auc_ci_lower"] == pytest.approx(
            row["ci_upper"] - row["ci_lower"], rel=0.25
        )


@pytest.mark.independent_reimplementation
def test_the_readers_agree_as_pingouin_finds(run: Any) -> None:
    import pingouin

    results, data, _ = run("kyphoplasty")
    long = data.melt("subject_id", ["ps_area_cm2_r1", "ps_area_cm2_r2"], var_name="reader", value_name="v")
    theirs = pingouin.intraclass_corr(long, "subject_id", "reader", "v")
    theirs = theirs.set_index("Type")["ICC"]
    ours = results["A1"].tables["icc"].set_index(["measurement", "form"])["estimate"]
    assert ours["Psoas total area, cm²", "ICC2"] == pytest.approx(_agreement(theirs, "single"), abs=1e-3)


def _agreement(theirs: Any, which: str) -> float:
    names = {"single": ("ICC2", "ICC(A,1)"), "mean": ("ICC2k", "ICC(A,k)")}[which]
    return float(next(theirs[name] for name in names if name in theirs.index))


def test_the_command_writes_results_and_reports(tmp_path: Path) -> None:
    done = CliRunner().invoke(command, ["kyphoplasty", "--into", str(tmp_path / "k")], catch_exceptions=False)
    assert done.exit_code == 0
    assert "assumptions" in done.output
    written = {path.name for path in (tmp_path / "k" / "report").iterdir()}
    assert written == {"index.html", "report.docx", "report.rtf", "report.pdf", "tables.xlsx"}
    written_numbers = pd.read_csv(tmp_path / "k" / "results.csv")
    assert {"P1", "L1", "R1", "A1"} == set(written_numbers["analysis"])
    assert json.loads((tmp_path / "k" / "results.json").read_text(encoding="utf-8"))["analyses"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["cohorts"], "acupuncture"),
        (["acupuncture"], "--data FILE"),
        (["kyphoplasty", "--data", "x.csv"], "simulated"),
    ],
)
def test_a_wrong_example_is_refused_in_words(arguments: list[str], said: str, tmp_path: Path) -> None:
    with pytest.raises(TrialkitError, match=said):
        CliRunner().invoke(
            command,
            [*arguments, "--into", str(tmp_path / "x")],
            catch_exceptions=False,
            standalone_mode=False,
        )
    assert not (tmp_path / "x").exists()


@pytest.mark.independent_reimplementation
def test_the_odds_ratios_of_the_cohort_follow_from_the_coefficients(run: Any) -> None:
    """Ratios of +2 Z, the heatmap and the nomogram are algebra on the printed coefficients."""
    results, _, _ = run("cohort")
    coefficient = results["P1"].tables["odds_ratios"].set_index("term")["coefficient"]
    contrasts = results["P1"].tables["contrasts_of_columns"].set_index("column")
    for column in ("intermat_z", "lmm_z"):
        assert math.log(contrasts.loc[column, "estimate"]) == pytest.approx(2 * coefficient[column], rel=1e-9)
    product = coefficient["intermat_z:lmm_z"]
    for cell in results["P1"].tables["grid"].itertuples():
        expected = (
            coefficient["intermat_z"] * cell.first_value
            + coefficient["lmm_z"] * cell.second_value
            + product * cell.first_value * cell.second_value
        )
        assert math.log(cell.estimate) == pytest.approx(expected, abs=1e-9)


@pytest.mark.analytic
def test_what_was_put_into_the_cohort_comes_out(run: Any) -> None:
    """The published ratios the simulator was given lie in their intervals, and the U-shape has its bottom."""
    results, _, _ = run("cohort")
    contrasts = results["P1"].tables["contrasts_of_columns"].set_index("column")
    for column, planted in (("intermat_z", 1.22), ("lmm_z", 0.87)):
        row = contrasts.loc[column]
        assert abs(math.log(row["estimate"] / planted)) < 3 * row["log_standard_error"]
    curve = results["P1"].tables["along"]
    bottom = curve.loc[curve["estimate"].idxmin(), "value"]
    assert 25 < bottom < 55
    assert curve["estimate"].iloc[0] > 1.1
    assert curve["estimate"].iloc[-1] > 1.5


@pytest.mark.independent_reimplementation
def test_the_nomogram_gives_back_the_probability_of_the_model(run: Any) -> None:
    from trialkit.stats import mixed_logistic

    results, data, (plan, _, _) = run("cohort")
    formula = plan.analysis("N1").keys["formula"]
    fit = mixed_logistic(formula, data, random="1 | site", quadrature_points=1)
    person = {
        "intermat_z": 2.0, "lmm_z": -1.0, "age_years": 60.0, "sex": "Female", "activity_met_h": 20.0,
        "osteoarthritis": "Yes", "osteoporosis": "No",
    }  # fmt: skip
    probability = float(fit.predict(pd.DataFrame([person]))["estimate"].iloc[0])
    points = results["N1"].tables["points"].set_index(["column", "value"])["points"]
    shown = {
        "InterMAT, Z": "2", "Lean muscle mass, Z": "−1", "Age, years": "60", "Sex": "Female",
        "Physical activity, MET-h a week": "20", "Osteoarthritis": "Yes", "Osteoporosis": "No",
    }  # fmt: skip
    total = sum(float(points[column, value]) for column, value in shown.items())
    totals = results["N1"].tables["totals"]
    logits = [math.log(p / (1 - p)) for p in totals["probability"]]
    slope = (logits[-1] - logits[0]) / (totals["points"].iloc[-1] - totals["points"].iloc[0])
    logit = logits[0] + slope * (total - totals["points"].iloc[0])
    assert 1 / (1 + math.exp(-logit)) == pytest.approx(probability, rel=1e-6)


@pytest.mark.analytic
def test_pairs_are_of_one_sex_and_age_and_no_better_assignment_is_a_swap_away(run: Any) -> None:
    results, data, _ = run("fat-maps")
    people = data.set_index("subject_id")
    pairs = results["M1"].tables["pairs"]
    assert len(pairs) == len(set(pairs["case"])) == len(set(pairs["control"])) >= 38
    cases, controls = people.loc[pairs["case"]], people.loc[pairs["control"]]
    assert set(cases["patient"]) == {"Patient"}
    assert set(controls["patient"]) == {"Volunteer"}
    assert (cases["sex"].to_numpy() == controls["sex"].to_numpy()).all()
    ages = list(zip(cases["age_years"], controls["age_years"], cases["sex"], strict=True))
    assert max(abs(one - two) for one, two, _ in ages) <= 5
    for k, (one, two, sex) in enumerate(ages):
        for other, control, its_sex in ages[k + 1 :]:
            if sex == its_sex and max(abs(one - control), abs(other - two)) <= 5:
                assert abs(one - two) + abs(other - control) <= abs(one - control) + abs(other - two) + 1e-9


@pytest.mark.independent_reimplementation
def test_differences_within_pairs_are_scipys_and_p_values_are_adjusted_as_scipy_does(run: Any) -> None:
    results, data, (plan, _, _) = run("fat-maps")
    people, pairs = data.set_index("subject_id"), results["M1"].tables["pairs"]
    table = results["M1"].tables["differences"]
    for name, row in zip(plan.analysis("M1").keys["variables"], table.itertuples(), strict=True):
        found = stats.ttest_rel(
            people.loc[pairs["case"], name], people.loc[pairs["control"], name].to_numpy()
        )
        limits = found.confidence_interval(0.95)
        assert row.p_value == pytest.approx(found.pvalue, rel=1e-9)
        assert (row.ci_lower, row.ci_upper) == pytest.approx((limits.low, limits.high), rel=1e-9)
    expected = stats.false_discovery_control(table["p_value"])
    assert table["adjusted_p_value"].to_numpy() == pytest.approx(expected, rel=1e-9)


@pytest.mark.independent_reimplementation
def test_correlations_are_scipys_and_partial_ones_those_of_residuals_of_ranks(run: Any) -> None:
    import numpy as np

    results, data, _ = run("fat-maps")
    patients = data[data["patient"] == "Patient"].assign(sex=lambda d: d["sex"].cat.codes)
    for row in results["K1"].tables["pairs"].itertuples():
        known = patients[[row.first, row.second]].dropna()
        assert row.estimate == pytest.approx(stats.spearmanr(known).statistic, rel=1e-9)
    for row in results["K1"].tables["partial"].itertuples():
        ranks = patients[[row.first, row.second, "age_years", "sex"]].dropna().rank()
        design = np.column_stack([np.ones(len(ranks)), ranks[["age_years", "sex"]]])
        left = {
            name: ranks[name] - design @ np.linalg.lstsq(design, ranks[name], rcond=None)[0]
            for name in (row.first, row.second)
        }
        first = left[row.first] if row.form == "partial" else ranks[row.first]
        assert row.estimate == pytest.approx(np.corrcoef(first, left[row.second])[0, 1], rel=1e-6)
        half = stats.norm.ppf(0.975) / math.sqrt(row.n - 2 - 3)  # Fisher's z, two covariates
        limits = [math.tanh(math.atanh(row.estimate) + side * half) for side in (-1, 1)]
        assert (row.ci_lower, row.ci_upper) == pytest.approx(limits, rel=1e-9)
