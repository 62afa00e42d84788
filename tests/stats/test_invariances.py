"""What must not change a result: the order of rows, the unit of time, the unit or stretching of a score."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.reference.agreement import own_data
from tests.stats.survival.conftest import invented_trial
from trialkit import stats

pytestmark = pytest.mark.analytic

T = {"time": "time", "event": "event"}
ENDS = ["estimate", "ci_lower", "ci_upper"]


def trial() -> pd.DataFrame:
    data = invented_trial(11, 90)
    return data.assign(
        id=np.arange(90),
        cause=np.where(data["event"] == 1, 1 + np.arange(90) % 2, 0),
        visit=np.ceil(data["time"] / 4).astype(int),
        p=1 / (1 + np.exp(-data["base"])),
    )


def readings() -> pd.DataFrame:
    return own_data("bland_altman", "readings")


def grades() -> pd.DataFrame:
    return own_data("weighted_kappa", "readings")


def numbers(table: pd.DataFrame) -> np.ndarray:
    return table.select_dtypes("number").to_numpy(dtype=float).ravel()


def gray(data: pd.DataFrame) -> pd.DataFrame:
    return stats.cumulative_incidence(data, "time", "cause", "arm", strata="site").gray_test


def mean_count(data: pd.DataFrame, times: list[float]) -> pd.DataFrame:
    return stats.mean_cumulative_count(data, "id", "entry", "time", "event", "arm").at(times)


def groups(data: pd.DataFrame) -> pd.DataFrame:
    tests = {"base": "mann-whitney", "time": "welch", "site": "chi-square"}
    return stats.compare_groups(data, "arm", list(tests), tests=tests).table


OF_ROWS = {
    "restricted_mean": (trial, lambda d: stats.restricted_mean(d, **T, by="arm", tau=9).contrasts),
    "log_rank": (trial, lambda d: stats.log_rank(d, **T, by="arm", strata="site", entry="entry").table),
    "gray": (trial, gray),
    "mean_cumulative_count": (trial, lambda d: mean_count(d, [3, 9])),
    "cox": (trial, lambda d: stats.cox("arm + base", d, **T, entry="entry", cluster="site").coefficients),
    "cox, zph": (trial, lambda d: stats.cox("arm + base", d, **T, strata="site").proportional_hazards),
    "interval_cloglog": (trial, lambda d: stats.interval_cloglog("arm", d, "visit", "event").coefficients),
    "roc": (trial, lambda d: stats.roc(d, "event", "base").at_cutoff),
    "calibration": (trial, lambda d: stats.calibration(d, "event", "p").coefficients),
    "compare_groups": (trial, groups),
    "icc": (readings, lambda d: stats.icc(d, "scan", "method", "area").table),
    "bland_altman": (readings, lambda d: stats.bland_altman(d, "scan", "method", "area").table),
    "weighted_kappa": (grades, lambda d: stats.weighted_kappa(d, "scan", "reader", "grade").table),
}


@pytest.mark.parametrize("method", OF_ROWS)
def test_the_order_of_rows_changes_nothing(method):
    make, result = OF_ROWS[method]
    data = make()
    shuffled = data.sample(frac=1, random_state=4)
    np.testing.assert_allclose(numbers(result(shuffled)), numbers(result(data)), rtol=1e-10, atol=1e-12)


IN_DAYS = {
    "gray": (gray, gray),
    "cox": (
        lambda d: stats.cox("arm + base", d, **T, entry="entry", strata="site").coefficients,
        lambda d: stats.cox("arm + base", d, **T, entry="entry", strata="site").coefficients,
    ),
    "mean_cumulative_count": (
        lambda d: mean_count(d, [3, 9]).drop(columns="time"),
        lambda d: mean_count(d, [3 * 365.25, 9 * 365.25]).drop(columns="time"),
    ),
    "kaplan_meier": (
        lambda d: stats.kaplan_meier(d, **T, by="arm").at([3, 9]).drop(columns="time"),
        lambda d: stats.kaplan_meier(d, **T, by="arm").at([3 * 365.25, 9 * 365.25]).drop(columns="time"),
    ),
    "restricted_mean": (
        lambda d: stats.restricted_mean(d, **T, by="arm", tau=9).contrasts[ENDS] * 365.25,
        lambda d: stats.restricted_mean(d, **T, by="arm", tau=9 * 365.25).contrasts[ENDS],
    ),
}


@pytest.mark.parametrize("method", IN_DAYS)
def test_years_or_days_are_the_same_time(method):
    in_years, in_days = IN_DAYS[method]
    years = trial()
    days = years.assign(time=years["time"] * 365.25, entry=years["entry"] * 365.25)
    np.testing.assert_allclose(numbers(in_days(days)), numbers(in_years(years)), rtol=1e-10, atol=1e-12)


def test_a_score_stretched_without_changing_its_order_has_the_same_curve():
    data = trial()
    plain, stretched = (stats.roc(d, "event", "base") for d in (data, data.assign(base=np.exp(data["base"]))))
    assert (plain.auc, plain.ci_lower, plain.ci_upper) == (
        stretched.auc,
        stretched.ci_lower,
        stretched.ci_upper,
    )
    assert plain.at_cutoff.equals(stretched.at_cutoff)


def test_agreement_in_another_unit_is_the_same_agreement():
    """Areas in mm2 rather than cm2, from another zero: correlations stay, errors and limits take the unit."""
    data = readings()
    other = data.assign(area=100 * data["area"] + 7)
    first, second = (stats.icc(d, "scan", "method", "area") for d in (data, other))
    np.testing.assert_allclose(numbers(second.table), numbers(first.table), rtol=1e-9)
    np.testing.assert_allclose(
        numbers(second.measurement_error), 100 * numbers(first.measurement_error), rtol=1e-9
    )
    first, second = (stats.bland_altman(d, "scan", "method", "area").table for d in (data, other))
    np.testing.assert_allclose(second[ENDS], 100 * first[ENDS], rtol=1e-9)


def test_grades_named_or_numbered_have_the_same_kappa():
    data = grades()
    names = {grade: f"grade {grade}" for grade in sorted(data["grade"].unique())}
    order = pd.CategoricalDtype(list(names.values()), ordered=True)
    named = data.assign(grade=data["grade"].map(names).astype(order))
    first, second = (stats.weighted_kappa(d, "scan", "reader", "grade").table for d in (data, named))
    np.testing.assert_allclose(numbers(second), numbers(first), rtol=1e-12)
