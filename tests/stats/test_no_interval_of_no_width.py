"""At the edge of what data can show no estimator gives an interval of no width, in numbers or in print."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from trialkit import stats

N = 24
ARM = np.repeat(["a", "b"], N // 2)
SCORE = np.random.default_rng(3).normal(size=N)
TIME = np.tile([1.0, 2.5, 3.0, 4.0, 6.0, 7.0], 4)
DATA = pd.DataFrame(
    {
        "arm": ARM,
        "none": 0,
        "all": 1,
        "x": SCORE,
        "t": TIME,
        "id": range(N),
        "start": 0.0,
        "in_a": (ARM == "a") * 1,
    }
)
DATA["separates"] = DATA["in_a"] + DATA["x"] / 100
DATA["too"] = DATA["in_a"] + DATA["x"] / 50
DATA["guess"] = DATA["arm"]
READ = pd.concat([DATA.assign(reader=reader, grade=np.tile([1, 2, 3], 8)) for reader in ("u", "v")])

DATA["half"] = np.where(ARM == "a", 1, np.tile([0, 1], N // 2))
DATA["flat"] = np.where(ARM == "a", 3.0, SCORE)
DATA["centre"] = np.tile(range(6), 4)
GROWING = pd.concat(
    [DATA.assign(reader=one, x=by * np.arange(1.0, N + 1)) for one, by in (("u", 1), ("v", 1.5))]
)


def _incidence(event: str) -> Any:
    return stats.cumulative_incidence(DATA, "t", event, "arm", causes=[1])


EDGES: dict[str, Callable[[], Any]] = {
    "nobody had the event": lambda: stats.kaplan_meier(DATA, "t", "none", "arm").at([0, 2, 5]),
    "nobody yet": lambda: stats.kaplan_meier(DATA, "t", "all", "arm").curves,
    "everybody had the event": lambda: stats.kaplan_meier(DATA, "t", "all", "arm").at([0, 2.5, 7]),
    "a difference of none": lambda: stats.kaplan_meier(DATA, "t", "none", "arm").contrasts([2]),
    "nobody had the cause": lambda: _incidence("none").at([2]),
    "everybody had the cause": lambda: _incidence("all").curves,
    "an incidence in print": lambda: _incidence("none"),
    "no episodes": lambda: stats.mean_cumulative_count(DATA, "id", "start", "t", "none", "arm"),
    "a mean to the horizon": lambda: stats.restricted_mean(DATA, "t", "none", "arm", tau=4.7),
    "a score that separates": lambda: stats.roc(DATA, "in_a", "separates"),
    "a score that is always wrong": lambda: stats.roc(DATA.assign(w=-DATA["separates"]), "in_a", "w"),
    "readers of grades who agree": lambda: stats.weighted_kappa(READ, "id", "reader", "grade"),
    "readers of numbers who agree": lambda: stats.icc(READ, "id", "reader", "x"),
    "differences that are all 0": lambda: stats.bland_altman(READ, "id", "reader", "x"),
    "everybody knew": lambda: stats.blinding_index(DATA, "guess", "arm"),
    "no events in two arms": lambda: stats.two_proportions(DATA, "none", "arm", reference="a"),
    "all or nothing": lambda: stats.risk_difference(DATA, "in_a", "arm", reference="a"),
    "an arm that all respond, robust": lambda: (
        stats.poisson("half ~ arm", DATA, errors="robust").coefficients
    ),
    "an arm of one value, HC3": lambda: stats.ancova("flat ~ arm", DATA, errors="hc3").coefficients,
    "an arm of one value, in GEE": lambda: stats.gee("flat ~ arm", DATA, "id", "gaussian").coefficients,
    "an arm of one value, clustered": lambda: (
        stats.ancova("flat ~ arm", DATA, errors="cluster", cluster="centre").coefficients
    ),
    "differences that grow exactly": lambda: stats.bland_altman(GROWING, "id", "reader", "x"),
    "a line through every difference": lambda: stats.bland_altman(
        GROWING.assign(x=GROWING["x"] + (GROWING["reader"] == "v")), "id", "reader", "x"
    ),
    "a score difference of none": lambda: stats.risk_ratio(DATA, "none", "arm", reference="a"),
}


def tables(result: Any) -> list[pd.DataFrame]:
    if isinstance(result, pd.DataFrame):
        return [result]
    return [table for _, table in result._shown().tables]


@pytest.mark.parametrize("edge", EDGES.values(), ids=EDGES)
def test_no_interval_has_no_width_and_no_error_is_nought_beside_limits(edge: Callable[[], Any]) -> None:
    result = edge()
    for table in tables(result):
        if "ci_lower" not in table:
            continue
        limits = table[["ci_lower", "ci_upper"]].astype(float)
        assert not (limits["ci_lower"] == limits["ci_upper"]).any(), table.to_string()
        if "standard_error" in table:
            known = limits.notna().all(axis=1)
            assert (table["standard_error"][known].astype(float) != 0).all(), table.to_string()
    if not isinstance(result, pd.DataFrame):
        assert re.findall(r"([\d.]+) to \1\b", repr(result)) == []
        assert re.findall(r"\de-1[3-9]\b", repr(result)) == []
        assert "p_value 0.0000" not in repr(result)


def test_a_difference_of_restricted_means_without_events_is_nought_exactly() -> None:
    data = DATA.assign(t=np.linspace(5, 9, N))  # follow-up of the arms ends at other times
    assert stats.restricted_mean(data, "t", "none", "arm", tau=4.7).contrasts["estimate"].tolist() == [0.0]


def test_why_there_is_no_interval_is_said() -> None:
    for edge in (
        *("a mean to the horizon", "an incidence in print", "no episodes", "a score that separates"),
        *("readers of grades who agree", "readers of numbers who agree", "differences that are all 0"),
        "everybody knew",
    ):
        assert re.search("no variance", repr(EDGES[edge]())), edge


NAMES = ("estimate", "p_value", "df", "statistic", "ci_lower", "standard_error", "term", "contrast")


def test_a_printed_result_says_why_an_interval_is_missing_in_every_table() -> None:
    printed = [
        stats.two_proportions(DATA, "all", "arm", reference="a"),
        stats.bland_altman(GROWING, "id", "reader", "x"),
        stats.poisson("half ~ arm", DATA, errors="robust"),
        stats.ancova("flat ~ arm", DATA, errors="hc3"),
    ]
    for one in printed:
        assert "no interval where the data show no variance" in repr(one)
    tied = DATA.assign(t=5.0)
    assert "no interval of a median" in repr(stats.kaplan_meier(tied, "t", "all", "arm", confidence="plain"))


def test_a_number_needed_to_treat_through_infinity_says_so() -> None:
    even = DATA.assign(half=np.tile([0, 1], N // 2))
    assert "through infinity to harm" in repr(stats.two_proportions(even, "half", "arm", reference="a"))


@pytest.mark.parametrize(
    "fit",
    [
        lambda data: stats.complier_effect("exact ~ x", data, "in_a", "arm", "b"),
        lambda data: stats.poisson("all ~ arm", data, errors="robust"),
        lambda data: stats.gee("exact ~ x", data, "id", "gaussian"),
        lambda data: stats.ancova("exact ~ x", data),
    ],
)
def test_an_outcome_that_the_model_fits_exactly_is_refused(fit: Callable[[pd.DataFrame], Any]) -> None:
    with pytest.raises(stats.DataError, match="varies about its fitted values"):
        fit(DATA.assign(exact=2 * DATA["x"] + 1))


@pytest.mark.parametrize("samples", [6, pytest.param(20, marks=pytest.mark.long)])
def test_profile_limits_that_are_hard_to_find_are_found_or_their_lack_is_printed(samples: int) -> None:
    """Sparse data under Firth's penalty: Newton's steps fall short by a share, and need hundreds."""
    random = np.random.default_rng(12)
    for _ in range(samples):
        n = int(random.integers(8, 20))
        data = pd.DataFrame({"arm": np.tile(["a", "b"], n // 2), "x": random.normal(size=n // 2 * 2)})
        data["d"] = (data["arm"] == "b") * 1
        text = repr(stats.logistic("d ~ arm + x", data, penalty="firth", intervals="profile"))
        assert "Coefficients" in text


def test_a_table_that_cannot_be_made_is_named_in_print(monkeypatch: pytest.MonkeyPatch) -> None:
    fit = stats.kaplan_meier(DATA, "t", "all", "arm")

    def broken(_self: Any) -> Any:
        raise stats.DataError(expected="a table", found="none")

    monkeypatch.setattr(type(fit), "_shown", broken)
    assert "cannot be shown: expected a table; found none" in repr(fit)
    assert "cannot be shown" in fit._repr_html_()


@pytest.mark.parametrize("name", NAMES)
def test_printing_never_raises_whatever_the_treatment_is_called(name: str) -> None:
    made = np.random.default_rng(1)
    data = pd.DataFrame(
        {"y": made.integers(0, 2, 60), name: made.choice(["a", "b"], 60), "x": made.normal(size=60)}
    )
    data = data.assign(site=np.tile(["p", "q", "r"], 20), z=made.normal(size=60))
    for fit in (
        stats.logistic(f"y ~ {name} + x", data, treatment=name),
        stats.mixed_logistic(f"y ~ {name} + x", data, random="1 | site", treatment=name),
        stats.ancova(f"z ~ {name} + x", data, treatment=name),
        stats.poisson(f"y ~ {name} + x", data, treatment=name),
        stats.gee(f"y ~ {name} + x", data, "site", treatment=name),
    ):
        assert name in repr(fit)


@pytest.mark.parametrize("readers", [(1, 2), (True, False), ("1", "2"), ("u", "v"), (0, 4)])
def test_readers_called_like_grades_are_printed(readers: tuple[Any, Any]) -> None:
    made = np.random.default_rng(2)
    data = pd.concat(
        [pd.DataFrame({"id": range(30), "reader": one, "grade": made.integers(0, 5, 30)}) for one in readers]
    )
    assert "Readings" in repr(stats.weighted_kappa(data, "id", "reader", "grade"))
