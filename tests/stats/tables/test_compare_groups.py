"""Comparison tables of groups."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

from tests.reference.agreement import agree, own_data, own_reference
from trialkit.stats import DataError, compare_groups
from trialkit.stats.tables.group_tests import fisher_exact

VARIABLES = ["age", "stay", "sex", "grade", "rare"]


@pytest.fixture
def trial():
    return own_data("compare_groups", "trial")


def first_row(result, variable):
    return result.table[result.table["variable"] == variable].iloc[0]


def compare(row, expected, *names):
    kinds = {"statistic": "statistic", "df": "df", "df_den": "df", "p_value": "p_value"}
    for name in names:
        agree("compare_groups", "R", kinds[name], row[name], expected[name])


@pytest.mark.external_reference
def test_every_test_is_that_of_r(trial):
    expected = own_reference("compare_groups", "output")
    tests = {"age": "t", "stay": "mann-whitney", "sex": "chi-square", "grade": "chi-square", "rare": "fisher"}
    result = compare_groups(trial, "arm", VARIABLES, tests=tests, categorical=["grade"])
    compare(first_row(result, "age"), expected["student"], "statistic", "df", "p_value")
    compare(first_row(result, "stay"), expected["mann_whitney"], "statistic", "p_value")
    compare(first_row(result, "sex"), expected["chi_square_sex"], "statistic", "df", "p_value")
    compare(first_row(result, "grade"), expected["chi_square_grade"], "statistic", "df", "p_value")
    agree("compare_groups", "R", "p_value", first_row(result, "rare")["p_value"], expected["fisher_rare"])
    other = compare_groups(
        trial, "arm", ["age", "grade"], tests={"age": "welch", "grade": "fisher"}, categorical=["grade"]
    )
    compare(first_row(other, "age"), expected["welch"], "statistic", "df", "p_value")
    agree("compare_groups", "R", "p_value", first_row(other, "grade")["p_value"], expected["fisher_grade"])
    centres = compare_groups(
        trial,
        "centre",
        ["age", "stay", "grade"],
        tests={"age": "anova", "stay": "kruskal-wallis", "grade": "chi-square"},
        categorical=["grade"],
    )
    compare(first_row(centres, "age"), expected["anova"], "statistic", "df", "df_den", "p_value")
    compare(first_row(centres, "stay"), expected["kruskal"], "statistic", "df", "p_value")
    compare(first_row(centres, "grade"), expected["chi_square_centre"], "statistic", "df", "p_value")


@pytest.mark.external_reference
def test_standardized_differences_and_quartiles_are_those_of_the_formulas_in_r(trial):
    expected = own_reference("compare_groups", "output")
    result = compare_groups(trial, "arm", VARIABLES, categorical=["grade"])
    for name in ("age", "sex", "grade"):
        ours = first_row(result, name)["standardized_difference"]
        agree("compare_groups", "R", "estimate", ours, expected[f"smd_{name}"])
    age = result.summaries.query("variable == 'age' and arm == 'control'").iloc[0]
    agree("compare_groups", "R", "estimate", age[["q1", "median", "q3"]], expected["quartiles_age"])


@pytest.mark.external_reference
def test_by_normality_chooses_as_shapiro_and_wilk_say_and_says_why(trial):
    expected = own_reference("compare_groups", "output")
    result = compare_groups(trial, "arm", VARIABLES, tests="by-normality", categorical=["grade"])
    chosen = result.table.groupby("variable", sort=False)["test"].first().to_dict()
    assert chosen == {
        "age": "t",
        "stay": "mann-whitney",
        "sex": "chi-square",
        "grade": "fisher",
        "rare": "fisher",
    }
    for name in ("age", "stay"):
        smallest = min(expected[f"shapiro_{name}"].values())
        assert f"Shapiro-Wilk p {smallest:.3g}" in first_row(result, name)["why"]
    assert "below 5" in first_row(result, "rare")["why"]


@pytest.mark.external_reference
@pytest.mark.parametrize(
    ("entry", "variable", "test"),
    [
        ("age_student", "preOp_age", "t"),
        ("age_welch", "preOp_age", "welch"),
        ("bmi_welch", "preOp_calcBMI", "welch"),
        ("mallampati_by_arm_chisq", "preOp_mallampati", "chi-square"),
        ("asa_by_arm_chisq", "preOp_asa", "chi-square"),
        ("mallampati_by_arm_fisher", "preOp_mallampati", "fisher"),
    ],
)
def test_the_gargle_trial_gives_what_r_gave(shared_data, shared_result, entry, variable, test):
    expected = shared_result("licorice_gargle", entry)
    codes = [variable] if test in ("chi-square", "fisher") else []
    result = compare_groups(
        shared_data("licorice_gargle"), "treat", [variable], tests={variable: test}, categorical=codes
    )
    row = first_row(result, variable)
    agree("compare_groups", "R", "p_value", row["p_value"], expected["p"])
    if test != "fisher":
        agree("compare_groups", "R", "statistic", row["statistic"], expected["statistic"])
        agree("compare_groups", "R", "df", row["df"], expected["parameter"]["df"])


@pytest.mark.external_reference
def test_the_streptomycin_trial_gives_what_r_gave(shared_data, shared_result):
    data = shared_data("strep_tb")
    data["arm"] = pd.Categorical(data["arm"], ["Streptomycin", "Control"])
    tests = {"rad_num": "mann-whitney", "radiologic_6m": "fisher", "baseline_condition": "chi-square"}
    result = compare_groups(data, "arm", list(tests), tests=tests)
    ranks = shared_result("strep_tb", "rad_mannwhitney")["asymptotic_nocorrect"]
    agree("compare_groups", "R", "statistic", first_row(result, "rad_num")["statistic"], ranks["statistic"])
    agree("compare_groups", "R", "p_value", first_row(result, "rad_num")["p_value"], ranks["p"])
    exact = shared_result("strep_tb", "rad_by_arm_fisher_2x6")["p"]
    agree("compare_groups", "R", "p_value", first_row(result, "radiologic_6m")["p_value"], exact)
    condition = shared_result("strep_tb", "condition_by_arm_chisq")
    agree(
        "compare_groups",
        "R",
        "statistic",
        first_row(result, "baseline_condition")["statistic"],
        condition["statistic"],
    )
    three = compare_groups(data, "baseline_condition", ["rad_num"], tests={"rad_num": "kruskal-wallis"})
    kruskal = shared_result("strep_tb", "rad_kruskal_condition")
    agree("compare_groups", "R", "statistic", first_row(three, "rad_num")["statistic"], kruskal["statistic"])


@pytest.mark.external_reference
@pytest.mark.parametrize(
    ("entry", "by", "test", "part"),
    [
        ("ttest_student_pk5", "arm", "t", None),
        ("ttest_welch_pk5", "arm", "welch", None),
        ("mannwhitney_pk5", "turned", "mann-whitney", "asymptotic_nocorrect"),
        ("kruskal_acupuncturist_pk5", "acupuncturist", "kruskal-wallis", None),
    ],
)
def test_the_headache_trial_gives_what_r_gave(shared_data, shared_result, entry, by, test, part):
    """A hundred patients have no score at one year: left out, and counted."""
    data = shared_data("acupuncture")
    data["arm"] = pd.Categorical(
        data["group"].map({0: "control", 1: "acupuncture"}), ["control", "acupuncture"]
    )
    data["turned"] = data["arm"].cat.reorder_categories(["acupuncture", "control"])
    expected = shared_result("acupuncture", entry)
    expected = expected if part is None else expected[part]
    row = first_row(compare_groups(data, by, ["pk5"], tests={"pk5": test}), "pk5")
    assert (row["n"], row["missing"]) == (301, 100)
    agree("compare_groups", "R", "statistic", row["statistic"], expected["statistic"])
    agree("compare_groups", "R", "p_value", row["p_value"], expected["p"])
    if "parameter" in expected:
        agree("compare_groups", "R", "df", row["df"], expected["parameter"]["df"])


@pytest.mark.independent_reimplementation
@settings(derandomize=True, deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=3))
def test_fishers_test_is_that_of_every_relabelling_of_the_subjects(cells):
    """Every way to choose the first group is equally likely: count those as improbable as this one."""
    counts = np.array(cells, dtype=float).T
    counts = counts[:, counts.sum(axis=0) > 0]
    if counts.shape[1] < 2 or not counts.sum(axis=1).all():
        return
    subjects = np.repeat(np.arange(counts.shape[1]), counts.sum(axis=0).astype(int))
    first = int(counts[0].sum())
    tables: dict[tuple, int] = {}
    for chosen in itertools.combinations(range(len(subjects)), first):
        table = tuple(np.bincount(subjects[list(chosen)], minlength=counts.shape[1]))
        tables[table] = tables.get(table, 0) + 1
    here = tables[tuple(counts[0].astype(int))]
    expected = sum(ways for ways in tables.values() if ways <= here) / sum(tables.values())
    assert fisher_exact(counts).p_value == pytest.approx(expected, rel=1e-10)


def test_no_tests_unless_asked_for(trial):
    table = compare_groups(trial, "arm", VARIABLES).table
    assert table["p_value"].isna().all()
    assert set(table["test"]) == {"none", ""}


def test_one_row_a_variable_or_level_and_every_gap_counted(trial):
    trial.loc[0, "arm"] = None
    result = compare_groups(trial, "arm", VARIABLES, categorical=["grade"])
    assert result.table["variable"].value_counts().to_dict() == {
        "grade": 3, "sex": 2, "rare": 2, "age": 1, "stay": 1,
    }  # fmt: skip
    assert result.rows.excluded == 1
    assert first_row(result, "age")["missing"] == 2
    assert result.summaries.query("variable == 'age'")["missing"].sum() == 2
    shares = result.summaries.dropna(subset="share").groupby(["variable", "arm"])["share"].sum()
    assert shares.to_numpy() == pytest.approx(1.0)
    assert "exercise" in repr(result)


def test_groups_that_share_no_category_are_infinitely_far_apart():
    data = pd.DataFrame({"arm": list("aabb"), "x": list("ppqq"), "same": [1, 1, 1, 1], "apart": [1, 1, 2, 2]})
    table = compare_groups(data, "arm", ["x", "same", "apart"]).table.set_index("variable")
    distances = table["standardized_difference"]
    assert math.isinf(distances["x"].iloc[0])
    assert distances["same"] == 0
    assert distances["apart"] == math.inf


@pytest.mark.analytic
def test_a_group_without_variation_is_no_obstacle():
    """Exercise 5.1 throughout; control 1, 2, 3, 4, 7 with variance 5.3: Welch has the df of control alone."""
    data = pd.DataFrame({"arm": ["c"] * 5 + ["e"] * 5, "x": [1.0, 2, 3, 4, 7] + [5.1] * 5})
    table = compare_groups(data, "arm", ["x"], tests={"x": "welch"}).table
    assert table["df"].item() == pytest.approx(4)
    assert table["statistic"].item() == pytest.approx((3.4 - 5.1) / math.sqrt(5.3 / 5), rel=1e-12)
    by_normality = compare_groups(data, "arm", ["x"], tests="by-normality").table
    assert by_normality["why"].item() == "no variation in e"


def test_a_variable_with_one_value_is_described_untested_and_says_so(trial):
    trial = trial.assign(one=1, same="x")
    table = compare_groups(trial, "arm", ["one", "same"], tests="by-normality").table
    assert table["test"].tolist() == ["none", "none"]
    assert table["why"].tolist() == ["the same number throughout", "one category throughout"]


def test_a_table_too_large_for_fishers_test_is_refused_by_name():
    data = pd.DataFrame({"arm": ["a", "b"] * 500, "code": np.repeat(np.arange(10), 100)})
    with pytest.raises(DataError, match=r"column 'code'.*small enough"):
        compare_groups(data, "arm", ["code"], tests={"code": "fisher"}, categorical=["code"])


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"tests": "by-magic"}, "by-normality"),
        ({"tests": {"age": "chi-square"}}, "a test that fits"),
        ({"tests": {"age": "z"}}, "one of the tests"),
        ({"tests": {"height": "t"}}, "variables of the table"),
        ({"variables": "age"}, "a list of variables"),
        ({"variables": ["arm"]}, "a list of variables"),
        ({"categorical": ["height"]}, "a list of variables"),
        ({"by": "centre", "tests": {"age": "t"}}, "3 groups"),
        ({"variables": ["one"], "tests": {"one": "t"}}, "numbers that vary"),
        ({"variables": ["one"], "tests": {"one": "chi-square"}, "categorical": ["one"]}, "two categories"),
        ({"variables": ["gone"]}, "values of 'gone' in every group"),
        ({"by": "one"}, "two or more groups"),
        ({"variables": ["age", "age"]}, "each once"),
        ({"by": "level"}, "Rename it"),
        ({"tests": None}, "a mapping of variable to test"),
        ({"variables": None}, "a list of variables"),
        ({"variables": [["age"]]}, "a list of variables"),
    ],
)
def test_a_table_that_cannot_be_made_is_refused(trial, arguments, text):
    trial = trial.assign(one=1, gone=np.where(trial["arm"] == "control", 1.0, np.nan))
    with pytest.raises(DataError, match=text):
        compare_groups(trial, **({"by": "arm", "variables": ["age"]} | arguments))


@pytest.mark.analytic
def test_a_declared_category_nobody_is_in_stands_in_the_table_at_0():
    grade = pd.Categorical(["mild", "severe"] * 20, ["mild", "moderate", "severe"])
    data = pd.DataFrame({"arm": ["a"] * 20 + ["b"] * 20, "grade": grade})
    data.loc[:3, "grade"] = "mild"
    found = compare_groups(data, "arm", ["grade"], tests={"grade": "chi-square"})
    assert found.table.level.tolist() == ["mild", "moderate", "severe"]
    empty = found.summaries[found.summaries.level == "moderate"]
    assert empty["count"].tolist() == [0, 0]
    assert empty.share.tolist() == [0, 0]
    without = data.assign(grade=data.grade.cat.remove_unused_categories())
    other = compare_groups(without, "arm", ["grade"], tests={"grade": "chi-square"})
    for name in ("statistic", "df", "p_value", "standardized_difference"):
        assert found.table[name][0] == other.table[name][0]
    assert "0 (0.0%)" in repr(found)


def test_a_declared_group_that_nobody_is_in_is_named() -> None:
    arms = pd.Categorical(["a", "b"] * 6, categories=["a", "b", "c"])
    found = compare_groups(pd.DataFrame({"arm": arms, "age": range(12)}), by="arm", variables=["age"])
    assert found.empty_groups == ("c",)
    assert "Nobody in c: no column" in str(found)
    full = compare_groups(
        pd.DataFrame({"arm": list("ab") * 6, "age": range(12)}), by="arm", variables=["age"]
    )
    assert "Nobody" not in str(full)
