"""MMRM: what is refused, and in which words."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from trialkit.errors import ConvergenceError, DataError, FormulaError, RankDeficiencyError
from trialkit.stats import mmrm

FORMULA = "y ~ base + arm * visit"
NUMBERS = ["estimate", "standard_error", "df", "statistic", "p_value", "ci_lower", "ci_upper"]


def test_plain_text_visits_are_refused(make_trial) -> None:
    data = make_trial()
    data["visit"] = "week " + data.visit.astype(str)
    with pytest.raises(DataError, match=r"Categorical\(values"):
        mmrm(FORMULA, data, "subject", "visit")
    with pytest.raises(DataError, match="plain text"):
        mmrm("y ~ base + arm", data, "subject", "visit")


def test_two_rows_of_a_subject_at_a_visit_are_refused(make_trial) -> None:
    data = make_trial()
    with pytest.raises(DataError, match=r"1 subject-visit pair\(s\) with several, at visit 1"):
        mmrm(FORMULA, pd.concat([data, data.head(1)]), "subject", "visit")


def test_a_visit_without_data_in_an_arm_is_refused_by_name(make_trial) -> None:
    data = make_trial()
    data.loc[(data.arm == "exercise") & (data.visit == 8), "y"] = np.nan
    with pytest.raises(RankDeficiencyError, match=r"arm\[T.exercise\]:visit\[T.8\]"):
        mmrm(FORMULA, data, "subject", "visit")


def test_visits_never_seen_together_leave_an_unstructured_covariance_undetermined(make_trial) -> None:
    data = make_trial()
    data.loc[(data.visit == 1) & (data.subject % 4 < 2), "y"] = np.nan
    data.loc[(data.visit == 8) & (data.subject % 4 >= 2), "y"] = np.nan
    with pytest.raises(DataError, match="none seen at both 1 and 8"):
        mmrm("y ~ base + visit", data, "subject", "visit")
    assert mmrm("y ~ base + visit", data, "subject", "visit", "cs").n > 0


def test_a_structure_that_counts_steps_does_not_skip_an_empty_visit(make_trial) -> None:
    data = make_trial()
    data.loc[data.visit == 4, "y"] = np.nan
    with pytest.raises(DataError, match="no usable row at 4"):
        mmrm(FORMULA, data, "subject", "visit", "ar1")
    assert mmrm(FORMULA, data, "subject", "visit", "cs").covariance.shape == (3, 3)


def test_a_group_that_changes_within_a_subject_is_refused(make_trial) -> None:
    data = make_trial()
    data["where"] = np.where(data.visit > 2, "home", "clinic")
    with pytest.raises(DataError, match="one value of 'where' for each 'subject'"):
        mmrm(FORMULA, data, "subject", "visit", group="where")


def test_a_list_of_structures_that_all_fail_names_each(make_trial) -> None:
    data = make_trial()
    fourth = data[data.visit == 4].set_index("subject").y
    copied = data.assign(y=np.where(data.visit == 8, data.subject.map(fourth), data.y))
    with pytest.raises(ConvergenceError, match=r"us: .*; adh: "):
        mmrm("y ~ visit", copied, "subject", "visit", ["us", "adh"])
    with pytest.raises(DataError, match="covariance to be one of"):
        mmrm("y ~ visit", data, "subject", "visit", ["us", "un"])
    with pytest.raises(DataError, match="at least one structure"):
        mmrm("y ~ visit", data, "subject", "visit", [])


def test_a_copied_visit_does_not_converge_and_says_so(make_trial) -> None:
    data = make_trial()
    fourth = data[data.visit == 4].set_index("subject").y
    copied = np.where(data.visit == 8, data.subject.map(fourth), data.y)
    with pytest.raises(ConvergenceError) as caught:
        mmrm("y ~ visit", data.assign(y=copied), "subject", "visit")
    assert "Newton steps" in str(caught.value)
    assert "correlation of 4 and 8" in str(caught.value)


def test_a_constant_outcome_is_refused(make_trial) -> None:
    data = make_trial().assign(y=1.0)
    with pytest.raises(DataError, match="residual variance"):
        mmrm(FORMULA, data, "subject", "visit")


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        ({"subject": "nobody"}, FormulaError, "unknown column 'nobody'"),
        ({"visit": "nothing"}, FormulaError, "unknown column 'nothing'"),
        ({"subject": ["subject"]}, DataError, "name of one column"),
        ({"group": "nowhere"}, FormulaError, "unknown column 'nowhere'"),
        ({"covariance": "un"}, DataError, "covariance to be one of"),
        ({"method": "ml"}, DataError, "satterthwaite"),
        ({"df_method": "kr"}, DataError, "df_method to be one of"),
        ({"confidence_level": 95}, DataError, "0.95"),
        ({"treatment": "site"}, FormulaError, "unknown column 'site'"),
        ({"reference": "control"}, DataError, "treatment"),
    ],
)
def test_arguments_that_mean_nothing_are_refused(make_trial, arguments, error, text) -> None:
    given = {"subject": "subject", "visit": "visit"} | arguments
    with pytest.raises(error, match=text):
        mmrm(FORMULA, make_trial(), **given)


def test_one_visit_and_fewer_rows_than_columns_are_refused(make_trial) -> None:
    data = make_trial()
    with pytest.raises(DataError, match=r"two visits|two levels"):
        mmrm("y ~ base + arm", data[data.visit == 1], "subject", "visit")
    with pytest.raises((DataError, RankDeficiencyError)):
        mmrm(FORMULA, data.head(4), "subject", "visit")
    three = data.dropna().head(3).assign(visit=[1, 2, 1], subject=[1, 1, 2], base=[1.0, 1.0, 2.0])
    with pytest.raises(DataError, match=r"more rows used|more values of"):
        mmrm("y ~ base + visit", three, "subject", "visit")


def test_infinite_values_are_refused(make_trial) -> None:
    data = make_trial()
    data.loc[5, "y"] = np.inf
    with pytest.raises(DataError, match="infinite"):
        mmrm(FORMULA, data, "subject", "visit")


@pytest.mark.analytic
@pytest.mark.parametrize("structure", ["ar1", "ar1h", "toep", "toeph", "ad", "adh"])
def test_visits_in_the_alphabets_order_are_refused_where_steps_are_counted(make_trial, structure) -> None:
    """As ``astype("category")`` leaves them: baseline, end, week 12, week 4 is no order of time."""
    trial = make_trial()
    named = trial.visit.map({1: "start", 2: "week 4", 4: "week 12", 8: "end"})
    with pytest.raises(DataError, match="the alphabet's order: end, start, week 12, week 4"):
        mmrm("y ~ arm", trial.assign(visit=named.astype("category")), "subject", "visit", structure)
    stated = pd.Categorical(named, ["start", "week 4", "week 12", "end"])
    fit = mmrm("y ~ arm", trial.assign(visit=stated), "subject", "visit", structure)
    by_number = mmrm("y ~ arm", trial, "subject", "visit", structure)
    assert fit.log_likelihood == pytest.approx(by_number.log_likelihood, rel=1e-10)


@pytest.mark.analytic
def test_an_order_that_is_the_alphabets_too_is_taken_when_it_is_meant(make_trial) -> None:
    trial = make_trial()
    numbered = trial.visit.map({1: "week 1", 2: "week 2", 4: "week 4", 8: "week 8"}).astype("category")
    assert mmrm("y ~ arm", trial.assign(visit=numbered), "subject", "visit", "ar1").n > 0
    letters = trial.visit.map({1: "early", 2: "later", 4: "still later", 8: "very late"})
    meant = pd.Categorical(letters, sorted(letters.unique()), ordered=True)
    assert mmrm("y ~ arm", trial.assign(visit=meant), "subject", "visit", "toep").n > 0
    with pytest.raises(DataError, match="stated order"):
        mmrm("y ~ arm", trial.assign(visit=letters.astype("category")), "subject", "visit", "toep")
    unordered = trial.assign(visit=letters.astype("category"))
    assert mmrm("y ~ arm", unordered, "subject", "visit", "us").n > 0
