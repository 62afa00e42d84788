"""Which columns survival methods take, whatever their types, and which they refuse."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.stats.survival.conftest import invented_trial
from trialkit.stats import (
    DataError,
    FormulaError,
    NonEstimableError,
    cox,
    cumulative_incidence,
    interval_cloglog,
    kaplan_meier,
    log_rank,
    mean_cumulative_count,
    restricted_mean,
)


def every_number(data: pd.DataFrame) -> np.ndarray:
    """What every survival method says of these data."""
    terms = {"time": "time", "event": "event"}
    count = mean_cumulative_count(data, id="id", start="entry", stop="time", event="event", by="arm")
    return np.concatenate(
        [
            kaplan_meier(data, **terms, by="arm").at([3, 9])["ci_lower"],
            kaplan_meier(data, **terms, by="arm", entry="entry").quantiles([0.3])["estimate"],
            [log_rank(data, **terms, by="arm", strata="site").statistic],
            restricted_mean(data, **terms, by="arm", tau=9).contrasts["estimate"],
            cumulative_incidence(data, time="time", event_type="cause", by="arm").gray_test["statistic"],
            count.contrasts([3, 9])["ci_upper"],
            cox("arm + base", data, **terms, strata="site", cluster="id").coefficients["statistic"],
            interval_cloglog("arm", data, interval="visit", event="event").coefficients["estimate"],
        ]
    )


def numbered(seed: int = 5) -> pd.DataFrame:
    data = invented_trial(seed, 80)
    cause = np.where(data["event"] == 1, 1 + np.arange(80) % 2, 0)
    return data.assign(id=np.arange(80), cause=cause, visit=np.ceil(data["time"] / 4).astype(int))


TYPES = {
    "categories, one unused": lambda d: d.assign(
        arm=pd.Categorical(d["arm"], ["control", "nobody", "exercise"]),
        site=pd.Categorical(d["site"], ["A", "B", "C"]),
    ),
    "pandas text": lambda d: d.astype({"arm": "string", "site": "string"}),
    "nullable numbers": lambda d: d.astype(
        {"time": "Float64", "event": "Int64", "entry": "Float64", "cause": "Int64", "base": "Float64"}
    ),
    "true and false": lambda d: d.assign(event=d["event"] == 1),
    "nullable true and false": lambda d: d.assign(event=(d["event"] == 1).astype("boolean")),
    "numbers as objects": lambda d: d.astype({"time": object, "event": object}),
    "an index that repeats": lambda d: d.set_axis(["row"] * len(d)),
    "text in the index": lambda d: d.set_index("site", drop=False).rename_axis("where"),
}


@pytest.mark.analytic
@pytest.mark.parametrize("types", TYPES)
def test_the_type_of_a_column_changes_no_number(types):
    data = numbered()
    np.testing.assert_array_equal(every_number(TYPES[types](data)), every_number(data))


@pytest.mark.parametrize(
    "call",
    [
        lambda d: kaplan_meier(d, "time", "time"),
        lambda d: kaplan_meier(d, "time", "event", by="event"),
        lambda d: log_rank(d, "time", "event", by="arm", strata=["site", "event"]),
        lambda d: restricted_mean(d, "time", "event", by="event", tau=3),
        lambda d: cox("arm", d, time="time", event="event", entry="time"),
        lambda d: cox("arm", d, time="time", event="event", cluster="time"),
        lambda d: cumulative_incidence(d, time="time", event_type="time"),
        lambda d: mean_cumulative_count(d, id="time", start="entry", stop="time", event="event"),
        lambda d: interval_cloglog("arm", d, interval="event", event="event"),
    ],
)
def test_time_and_event_have_no_second_role(call):
    with pytest.raises(DataError, match="in two roles"):
        call(numbered())


@pytest.mark.parametrize(
    ("old", "new", "call"),
    [
        ("arm", "risk", lambda d: kaplan_meier(d, "time", "event", by="risk")),
        ("arm", "events", lambda d: restricted_mean(d, "time", "event", by="events", tau=3)),
        ("arm", "n", lambda d: log_rank(d, "time", "event", by="n")),
        ("site", "reason", lambda d: log_rank(d, "time", "event", by="arm", strata="reason")),
        ("site", "n", lambda d: cox("arm", d, time="time", event="event", strata="n")),
        ("arm", "cause", lambda d: cumulative_incidence(d, time="time", event_type="event", by="cause")),
        ("visit", "hazard", lambda d: interval_cloglog("arm", d, interval="hazard", event="event")),
    ],
)
def test_a_column_named_as_one_of_the_results_is_refused_before_it_is_overwritten(old, new, call):
    data = numbered().drop(columns="cause").rename(columns={old: new})
    with pytest.raises(DataError, match="Rename it"):
        call(data)


@pytest.mark.analytic
def test_a_stratum_may_also_be_the_cluster_and_be_named_twice():
    data = numbered()
    once = cox("base", data, time="time", event="event", strata="site", cluster="site")
    twice = cox("base", data, time="time", event="event", strata=["site", "site"], cluster="site")
    assert once.n_clusters == 2
    assert once.coefficients.equals(twice.coefficients)


def test_groups_in_several_columns_are_to_be_joined_first():
    with pytest.raises(DataError, match="Join several columns"):
        kaplan_meier(numbered(), "time", "event", by=["arm", "site"])


def test_a_numeric_arm_has_a_reference_once_it_is_made_a_factor():
    data = numbered().assign(arm=lambda d: (d["arm"] == "exercise").astype(int))
    fit = cox("C(arm) + base", data, time="time", event="event", reference=1)
    assert fit.contrasts()["contrast"].tolist() == ["0 - 1"]
    with pytest.raises(DataError, match=r"only as C\(column\)"):
        cox("arm + base", data, time="time", event="event", reference=1)


def test_no_row_left_is_said_so_and_not_called_a_lack_of_events():
    data = numbered().assign(time=np.nan)
    with pytest.raises(DataError, match="at least one row"):
        cumulative_incidence(data, time="time", event_type="cause", by="arm")


@pytest.mark.parametrize("times", ["90", ["90"], [-1.0], [np.inf], [[1.0, 2.0]], None])
def test_landmark_times_are_numbers(times):
    with pytest.raises(DataError, match="finite times"):
        kaplan_meier(numbered(), "time", "event").at(times)


@pytest.mark.analytic
def test_one_landmark_may_be_given_without_a_list():
    curve = kaplan_meier(numbered(), "time", "event", by="arm")
    assert curve.at(3).equals(curve.at([3]))
    assert curve.contrasts(3).equals(curve.contrasts([3.0]))


@pytest.mark.analytic
def test_a_difference_without_error_has_no_test():
    data = pd.DataFrame({"arm": list("aabb"), "time": [1, 1, 2, 2], "event": 1})
    table = restricted_mean(data.assign(time=[1, 1, 3, 3]), "time", "event", by="arm", tau=1).contrasts
    assert table[["estimate", "standard_error"]].to_numpy().tolist() == [[0.0, 0.0]]
    assert table[["statistic", "p_value"]].isna().all().all()
    known = restricted_mean(data.assign(time=[1, 4, 4, 4]), "time", "event", by="arm", tau=3).contrasts
    assert known[["statistic", "p_value"]].notna().all().all()


@pytest.mark.analytic
def test_an_incidence_that_reached_everybody_has_no_error_left():
    data = pd.DataFrame({"time": [1, 2, 3, 4, 5, 6, 7], "cause": 1})
    last = cumulative_incidence(data, time="time", event_type="cause").curves.iloc[-1]
    assert last["estimate"] == 1.0
    assert last[["standard_error", "ci_lower", "ci_upper"]].isna().all()


@pytest.mark.parametrize(
    ("fit", "advice"),
    [
        (lambda d: cox("arm", d, time="time", event="event"), "baseline_hazard"),
        (lambda d: interval_cloglog("arm", d, interval="visit", event="event"), "intervals"),
    ],
)
def test_ls_means_of_a_model_without_a_level_are_refused_with_what_to_ask_instead(fit, advice):
    with pytest.raises(NonEstimableError, match=f"contrasts.*{advice}"):
        fit(numbered()).ls_means("arm")


def test_an_unknown_column_is_named_by_every_method():
    for call in (
        lambda d: log_rank(d, "time", "event", by="group"),
        lambda d: cumulative_incidence(d, time="time", event_type="cause", by="group"),
        lambda d: cox("group", d, time="time", event="event"),
    ):
        with pytest.raises(FormulaError, match="unknown column 'group'"):
            call(numbered())


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda d: kaplan_meier(d, None, "event"), "unknown column None"),
        (lambda d: mean_cumulative_count(d, "id", None, "time", "event"), "unknown column None"),
        (lambda d: restricted_mean(d, "time", "event", by="arm", tau="9"), "a number"),
        (lambda d: restricted_mean(d, "time", "event", by="arm", tau=None), "a number"),
        (lambda d: log_rank(d, "time", "event", by="arm", rho=-1), "rho of 0 or more"),
        (lambda d: log_rank(d, "time", "event", by="arm", strata=3), "a column of strata"),
        (lambda d: cumulative_incidence(d, "time", "cause", by="arm", rho="1"), "a number"),
        (lambda d: cox("arm", d, "time", "event", reference=["control"]), "a level"),
        (
            lambda d: restricted_mean(d, "time", "event", by="arm", tau=3, reference=["control"]),
            "one of the groups",
        ),
    ],
)
def test_an_argument_of_the_wrong_kind_is_named(call, text):
    with pytest.raises((DataError, FormulaError), match=text):
        call(numbered())
