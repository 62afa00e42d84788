"""Designs: which rows are used, how columns are read, what is refused and what is counted."""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import fields, is_dataclass, replace

import numpy as np
import pandas as pd
import pytest

import trialkit
from tests.reference.agreement import own_data, own_reference
from trialkit.errors import DataError, FormulaError, RankDeficiencyError
from trialkit.stats.design import build_design
from trialkit.stats.ls_means import contrast_rows
from trialkit.stats.transforms import place_knots

pytestmark = pytest.mark.analytic


@pytest.fixture
def trial() -> pd.DataFrame:
    generator = np.random.default_rng(20)
    n = 60
    return pd.DataFrame(
        {
            "subject": np.repeat(np.arange(n // 3), 3),
            "visit": np.tile([1, 6, 12], n // 3),
            "arm": np.repeat(generator.permutation(["control", "exercise"] * 10), 3),
            "sex": np.repeat(["female", "male"], n // 2),
            "base": generator.normal(40, 9, n),
            "chg": generator.normal(-5, 10, n),
        }
    )


def test_columns_are_named_by_level_against_the_first(trial):
    design = build_design("chg ~ arm * sex + base", trial)
    assert design.column_names == ("Intercept", "arm[T.exercise]", "sex[T.male]", "base",
                                   "arm[T.exercise]:sex[T.male]")  # fmt: skip
    assert design.term_columns["arm:sex"] == (4,)


def test_the_reference_asked_for_has_no_column(trial):
    design = build_design("chg ~ arm", trial, references={"arm": "exercise"})
    assert design.column_names == ("Intercept", "arm[T.control]")


def test_an_interaction_without_its_main_effect_is_coded_within_the_other_factor(trial):
    design = build_design("chg ~ visit + arm:visit", trial, ordered_factors=("visit",))
    assert design.column_names[3:] == (
        "visit[1]:arm[T.exercise]",
        "visit[6]:arm[T.exercise]",
        "visit[12]:arm[T.exercise]",
    ) or design.column_names[3:] == (
        "arm[T.exercise]:visit[1]",
        "arm[T.exercise]:visit[6]",
        "arm[T.exercise]:visit[12]",
    )
    assert np.linalg.matrix_rank(design.X) == 6


def test_without_an_intercept_the_first_factor_is_coded_in_full(trial):
    design = build_design("chg ~ 0 + arm + sex", trial)
    assert design.column_names == ("arm[control]", "arm[exercise]", "sex[T.male]")


def test_the_order_of_categories_decides_the_reference(trial):
    trial["arm"] = pd.Categorical(trial.arm, categories=["exercise", "control"])
    assert build_design("chg ~ arm", trial).column_names[1] == "arm[T.control]"


@pytest.mark.parametrize("dtype", ["string", "category", "object", "string[pyarrow]"])
def test_every_kind_of_text_is_a_factor(trial, dtype):
    if "pyarrow" in dtype:
        pytest.importorskip("pyarrow")
    expected = build_design("chg ~ arm", trial).X
    trial["arm"] = trial.arm.astype(dtype)
    assert np.array_equal(build_design("chg ~ arm", trial).X, expected)


def test_arrow_backed_text_and_numbers_are_read(trial):
    pa = pytest.importorskip("pyarrow")
    expected = build_design("chg ~ arm + base", trial).X
    trial["arm"] = trial.arm.astype(pd.ArrowDtype(pa.string()))
    trial["base"] = trial.base.astype(pd.ArrowDtype(pa.float64()))
    assert np.array_equal(build_design("chg ~ arm + base", trial).X, expected)


@pytest.mark.parametrize("dtype", ["bool", "boolean", "object"])
def test_true_and_false_make_a_factor_with_false_as_reference(trial, dtype):
    trial["male"] = (trial.sex == "male").astype(dtype)
    design = build_design("chg ~ male", trial)
    assert design.column_names == ("Intercept", "male[T.True]")


@pytest.mark.parametrize("dtype", ["Int64", "Float64", "int32", "float32"])
def test_nullable_numbers_are_covariates(trial, dtype):
    trial["age"] = pd.Series(np.arange(60, 120), dtype=dtype)
    design = build_design("chg ~ age", trial)
    assert design.covariate_means["age"] == pytest.approx(89.5)


def test_rows_with_a_missing_value_are_left_out_and_counted(trial):
    trial.loc[[0, 1, 2], "chg"] = np.nan
    trial.loc[[2, 5], "base"] = np.nan
    trial.loc[7, "sex"] = None
    rows = build_design("chg ~ arm + base + sex", trial, subject="subject", count_by=("arm", "visit")).rows
    assert (rows.read, rows.used, rows.excluded) == (60, 55, 5)
    assert (rows.subjects_read, rows.subjects_used, rows.subjects_excluded) == (20, 19, 1)
    assert rows.missing == {"base": 2, "sex": 1, "chg": 3}
    assert rows.by.excluded.sum() == 5
    assert list(rows.by.columns) == ["arm", "visit", "read", "used", "excluded"]
    assert rows["used"] == 55


def test_a_column_used_only_by_the_method_excludes_rows_too(trial):
    trial["practice"] = np.where(np.arange(60) < 4, np.nan, 1.0)
    design = build_design("chg ~ arm", trial, extra=("practice",))
    assert design.rows.excluded == 4
    assert len(design.column("practice")) == design.n == 56


def test_levels_left_without_rows_are_dropped_after_the_rows_are(trial):
    trial["site"] = pd.Categorical(["A", "B", "C"] * 20, categories=["A", "B", "C", "D"])
    trial.loc[trial.site == "B", "chg"] = np.nan
    assert build_design("chg ~ site", trial).factors["site"].levels == ("A", "C")


def test_a_factor_left_with_one_level_is_refused(trial):
    trial.loc[trial.sex == "male", "chg"] = np.nan
    with pytest.raises(DataError, match=r"column 'sex'.*at least two levels"):
        build_design("chg ~ arm + sex", trial)


def test_an_unknown_column_is_named_with_the_columns_there_are(trial):
    with pytest.raises(
        FormulaError, match=r"subject, visit, arm, sex, base, chg; found the unknown column 'bsae'"
    ):
        build_design("chg ~ arm + bsae", trial)


def test_a_column_that_is_there_twice_is_refused(trial):
    doubled = pd.concat([trial, trial[["arm"]]], axis=1)
    with pytest.raises(DataError, match="several of that name"):
        build_design("chg ~ arm", doubled)


@pytest.mark.parametrize("kind", ["text", "category", "bool"])
def test_an_outcome_that_is_not_a_number_is_refused(trial, kind):
    trial["chg"] = {"text": trial.sex, "category": trial.sex.astype("category"), "bool": trial.sex == "male"}[
        kind
    ]
    with pytest.raises(DataError, match="numeric outcome"):
        build_design("chg ~ arm", trial)


@pytest.mark.parametrize("name", ["base", "chg"])
def test_an_infinite_value_is_refused_not_fitted(trial, name):
    trial.loc[4, name] = np.inf
    with pytest.raises(DataError, match=rf"column '{name}'.*1 infinite"):
        build_design("chg ~ arm + base", trial)


def test_a_transform_that_is_not_defined_for_a_value_is_refused(trial):
    trial.loc[3, "base"] = 0.0
    with pytest.raises(DataError, match=r"log\(base\) is not a finite number"):
        build_design("chg ~ arm + log(base)", trial)
    trial.loc[3, "chg"] = -1.0
    with pytest.raises(DataError, match="not defined for"):
        build_design("sqrt(chg) ~ arm", trial)


def test_a_date_is_refused(trial):
    trial["seen"] = pd.Timestamp("2024-01-01")
    with pytest.raises(DataError, match="column 'seen'"):
        build_design("chg ~ seen", trial)


def test_numbers_mixed_with_text_are_refused(trial):
    trial["base"] = trial.base.astype(object)
    trial.loc[0, "base"] = "forty"
    with pytest.raises(DataError, match="column 'base'"):
        build_design("chg ~ base", trial)


def test_a_log_of_categories_is_refused(trial):
    with pytest.raises(DataError, match="column 'sex'"):
        build_design("chg ~ log(sex)", trial)


def test_plain_text_is_refused_where_order_matters(trial):
    trial["visit"] = trial.visit.map({1: "baseline", 6: "week 6", 12: "month 12"})
    with pytest.raises(DataError, match="order of the levels matters"):
        build_design("chg ~ arm * visit", trial, ordered_factors=("visit",))
    trial["visit"] = pd.Categorical(trial.visit, categories=["baseline", "week 6", "month 12"])
    design = build_design("chg ~ arm * visit", trial, ordered_factors=("visit",))
    assert design.factors["visit"].levels == ("baseline", "week 6", "month 12")


def test_numeric_visits_are_ordered_as_numbers(trial):
    assert build_design("chg ~ visit", trial, ordered_factors=("visit",)).factors["visit"].levels == (
        1,
        6,
        12,
    )


def test_redundant_columns_are_named(trial):
    trial["base_again"] = 2 * trial.base + 1
    with pytest.raises(RankDeficiencyError, match="redundant: base_again") as refusal:
        build_design("chg ~ arm + base + base_again", trial)
    assert refusal.value.columns == ("base_again",)


def test_a_visit_without_data_in_an_arm_names_the_empty_column(trial):
    trial.loc[(trial.arm == "exercise") & (trial.visit == 12), "chg"] = np.nan
    with pytest.raises(RankDeficiencyError, match=r"arm\[T.exercise\]:visit\[T.12\].*has no rows"):
        build_design("chg ~ arm * visit", trial, ordered_factors=("visit",))


def test_nearly_collinear_covariates_are_told_from_collinear_ones(trial):
    trial["other"] = trial.base + np.random.default_rng(1).normal(0, 1e-4, 60)
    assert build_design("chg ~ base + other", trial).X.shape == (60, 3)
    trial["other"] = trial.base * (1 + 1e-15)
    with pytest.raises(RankDeficiencyError):
        build_design("chg ~ base + other", trial)


def test_a_constant_covariate_beside_an_absorbed_intercept_is_redundant(trial):
    trial["one"] = 3.0
    with pytest.raises(RankDeficiencyError, match="one"):
        build_design("arm + one", trial, outcome=None, intercept="absorbed")


def test_fewer_rows_than_columns_are_refused(trial):
    with pytest.raises(DataError, match="at least as many rows"):
        build_design("chg ~ arm * sex * base", trial.iloc[[0, 5, 40, 59]])


def test_no_complete_row_says_what_was_missing(trial):
    trial["base"] = np.nan
    with pytest.raises(DataError, match="missing: base 60"):
        build_design("chg ~ arm + base", trial)


def test_a_reference_that_is_no_level_is_refused(trial):
    with pytest.raises(DataError, match="control, exercise"):
        build_design("chg ~ arm", trial, references={"arm": "placebo"})
    with pytest.raises(DataError, match="factors of the formula"):
        build_design("chg ~ arm + base", trial, references={"base": 1})


def test_something_that_is_no_data_frame_is_refused():
    with pytest.raises(DataError, match="pandas DataFrame"):
        build_design("chg ~ arm", {"chg": [1.0], "arm": ["a"]})


def test_new_data_are_coded_as_the_old_were(trial):
    design = build_design("chg ~ arm * visit + rcs(base, 4)", trial, ordered_factors=("visit",))
    assert np.allclose(design.matrix_for(trial.iloc[:7]), design.X[:7])
    reordered = trial.iloc[[50, 3]].assign(arm=pd.Categorical(trial.arm.iloc[[50, 3]]))
    assert np.allclose(design.matrix_for(reordered), design.X[[50, 3]])


def test_an_unseen_level_in_new_data_is_an_error(trial):
    design = build_design("chg ~ arm", trial)
    with pytest.raises(DataError, match="unseen level"):
        design.matrix_for(pd.DataFrame({"arm": ["control", "placebo"]}))


def test_a_missing_value_in_new_data_is_an_error(trial):
    design = build_design("chg ~ base", trial)
    with pytest.raises(DataError, match="1 missing"):
        design.matrix_for(pd.DataFrame({"base": [40.0, np.nan]}))


def test_a_spline_is_linear_beyond_its_outer_knots(trial):
    design = build_design("chg ~ rcs(base, 4)", trial)
    far = design.matrix_for(pd.DataFrame({"base": [200.0, 201.0, 202.0]}))
    below = design.matrix_for(pd.DataFrame({"base": [-3.0, -2.0, -1.0]}))
    assert np.allclose(np.diff(far, n=2, axis=0), 0, atol=1e-9)
    assert np.allclose(np.diff(below, n=2, axis=0), 0, atol=1e-9)


def test_a_spline_with_tied_knots_is_refused(trial):
    with pytest.raises(DataError, match="separate knots"):
        build_design("chg ~ rcs(visit, 5)", trial)


def test_the_data_given_are_left_as_they_were(trial):
    before = trial.copy(deep=True)
    build_design("chg ~ arm * sex + log(base)", trial, subject="subject", count_by=("arm",))
    pd.testing.assert_frame_equal(trial, before)


def test_a_design_does_not_change_when_the_data_do(trial):
    design = build_design("chg ~ arm + base", trial, extra=("subject",))
    before = design.column("subject").copy()
    trial["subject"] = -1
    pd.testing.assert_series_equal(design.column("subject"), before)
    with pytest.raises(ValueError, match="read-only"):
        design.X[0, 0] = 2.0


def test_a_spline_is_harrells_normalized_basis_at_his_knots(trial):
    """Regression Modeling Strategies, equation 2.25 and table 2.3, written out for one value."""
    design = build_design("chg ~ rcs(base, 4)", trial)
    ordered = np.sort(trial.base)  # 60 rows: the outer knots are the fifth from either end
    t = np.array([ordered[4], *np.quantile(ordered, [0.35, 0.65]), ordered[-5]])
    x = 55.0

    def cube(value):
        return max(value, 0.0) ** 3

    expected = [
        (
            cube(x - t[j])
            - cube(x - t[2]) * (t[3] - t[j]) / (t[3] - t[2])
            + cube(x - t[3]) * (t[2] - t[j]) / (t[3] - t[2])
        )
        / (t[3] - t[0]) ** 2
        for j in (0, 1)
    ]
    ours = design.matrix_for(pd.DataFrame({"base": [x]}))[0]
    assert np.allclose(ours, [1.0, x, *expected], rtol=1e-12)


@pytest.mark.external_reference
def test_the_knots_of_a_spline_are_harrells_whatever_the_number_of_rows():
    x = own_data("ancova", "splines").x.to_numpy()
    theirs = own_reference("ancova", "splines")
    assert {found["n"] for found in theirs["knots"]} == {12, 40, 99, 100, 150}
    for found in theirs["knots"]:
        knots = place_knots(x[: found["n"]], found["nk"], "rcs(x)")
        np.testing.assert_allclose(knots, found["knots"], rtol=1e-12)
    basis = build_design("y ~ rcs(x, 4)", pd.DataFrame({"x": x[:40], "y": x[:40]})).X[:, 1:]
    np.testing.assert_allclose(basis, theirs["basis40"], rtol=1e-9, atol=1e-9)


def test_a_design_with_other_covariate_means_has_contrasts_of_its_own(trial):
    """Contrasts are remembered; a design that is replaced must not answer with another's."""
    design = build_design("chg ~ arm * base", trial)
    first = contrast_rows(design, "arm", (), None).rows[0]
    moved = replace(design, covariate_means={"base": design.covariate_means["base"] + 10})
    difference = contrast_rows(moved, "arm", (), None).rows[0] - first
    assert difference[design.column_names.index("arm[T.exercise]:base")] == pytest.approx(10)


def test_a_design_with_another_outcome_keeps_the_contrasts_made(trial):
    design = build_design("chg ~ arm + base", trial)
    other = design.with_outcome(np.zeros(design.n))
    assert contrast_rows(other, "arm", (), None) is contrast_rows(design, "arm", (), None)


def frozen_fields() -> set[str]:
    """Mutable things that a frozen dataclass makes for itself and that ``replace`` hands on to a copy."""
    found = set()
    for module in pkgutil.walk_packages(trialkit.__path__, "trialkit."):
        if module.name.startswith(("trialkit.web", "trialkit.store.versions")):
            continue
        for one in vars(importlib.import_module(module.name)).values():
            if isinstance(one, type) and is_dataclass(one) and one.__dataclass_params__.frozen:
                found |= {
                    f"{one.__name__}.{f.name}"
                    for f in fields(one)
                    if f.init and isinstance(f.default_factory, type) and not f.compare
                }
    return found


def test_no_frozen_value_hands_what_it_remembers_to_a_copy_that_differs():
    """A field that is no part of the value (it is not compared) is a memory: it is not for the constructor,
    or ``dataclasses.replace`` shares it between values of which it does not hold."""
    assert frozen_fields() == set()
