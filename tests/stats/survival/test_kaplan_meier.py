"""Kaplan-Meier curves, medians and landmark risks."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.reference.agreement import agree, own_data, own_reference
from trialkit.stats import DataError, FormulaError, kaplan_meier

KINDS = ("log-log", "log", "plain")
R = "survival::survfit"


def compare_present(reference: str, quantity: str, ours: object, theirs: list[float | None]) -> None:
    """What R leaves NA must be NaN here, except limits at survival 1, which trialkit gives as 1."""
    expected = np.array(theirs, dtype=float)
    found = np.asarray(ours, dtype=float)
    assert np.isnan(found[np.isnan(expected)]).all() or (found[np.isnan(expected)] == 1).all()
    agree("kaplan_meier", reference, quantity, found[~np.isnan(expected)], expected[~np.isnan(expected)])


@pytest.mark.external_reference
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("case", "data", "by", "entry"),
    [
        ("trial", "trial", "arm", None),
        ("delayed", "trial", "arm", "entry"),
        ("level", "level", "arm", None),
        ("years", "years", None, None),
    ],
)
def test_every_point_of_every_curve_is_that_of_r(case, data, by, entry, kind):
    expected = pd.DataFrame(own_reference("kaplan_meier", "output")[case][kind]["curve"])
    curves = kaplan_meier(
        own_data("kaplan_meier", data), "time", "event", by, entry=entry, confidence=kind
    ).curves
    agree("kaplan_meier", R, "count", curves[["n_at_risk", "n_events"]], expected[["n_at_risk", "n_events"]])
    agree("kaplan_meier", R, "estimate", curves[["time", "survival"]], expected[["time", "survival"]])
    for ours, theirs in (("ci_lower", "lower"), ("ci_upper", "upper")):
        impossible = (curves["survival"] == 0).to_numpy()
        assert curves[ours][impossible].isna().all()
        compare_present(R, "interval", curves[ours][~impossible], expected[theirs][~impossible])


@pytest.mark.external_reference
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("case", "data", "by", "entry"),
    [
        ("trial", "trial", "arm", None),
        ("delayed", "trial", "arm", "entry"),
        ("level", "level", "arm", None),
        ("years", "years", None, None),
    ],
)
def test_quartiles_and_their_limits_are_those_of_r_reached_or_not(case, data, by, entry, kind):
    expected = pd.DataFrame(own_reference("kaplan_meier", "output")[case][kind]["quantiles"])
    fit = kaplan_meier(own_data("kaplan_meier", data), "time", "event", by, entry=entry, confidence=kind)
    for probability, rows in expected.groupby("probability"):
        ours = fit.quantiles([probability])
        for mine, theirs in (("estimate", "estimate"), ("ci_lower", "lower"), ("ci_upper", "upper")):
            found, wanted = ours[mine].to_numpy(), rows[theirs].to_numpy(dtype=float)
            np.testing.assert_array_equal(np.isnan(found), np.isnan(wanted))
            np.testing.assert_allclose(found, wanted, rtol=1e-12)


@pytest.mark.external_reference
def test_landmark_survival_carries_the_confidence_level_asked_for():
    expected = pd.DataFrame(own_reference("kaplan_meier", "output")["landmark_90"])
    fit = kaplan_meier(own_data("kaplan_meier", "trial"), "time", "event", "arm", confidence_level=0.90)
    ours = fit.at([6, 12, 24])
    agree("kaplan_meier", R, "count", ours["n_at_risk"], expected["n_at_risk"])
    agree("kaplan_meier", R, "estimate", ours["survival"], expected["survival"])
    agree("kaplan_meier", R, "interval", ours[["ci_lower", "ci_upper"]], expected[["lower", "upper"]])


@pytest.mark.external_reference
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("entry", "by", "times"),
    [
        ("km_by_trt", "trt", [30, 90, 180, 365]),
        ("km_by_celltype", "celltype", [90, 180]),
        ("km_all", None, [90, 180, 365]),
    ],
)
def test_the_veterans_trial_gives_what_r_gave(veteran, shared_result, entry, by, times, kind):
    expected = shared_result("veteran", entry)[kind]
    fit = kaplan_meier(veteran, "time", "status", by, confidence=kind)
    compare_landmarks(fit.at(times), pd.DataFrame(expected["at_times"]))
    compare_medians(fit.medians, pd.DataFrame(expected["q50"]))


@pytest.mark.external_reference
@pytest.mark.parametrize(
    ("etype", "entry", "times"),
    [(2, "km_death", [365, 1095, 1826, 2500]), (1, "km_recurrence", [365, 1095, 1826])],
)
@pytest.mark.parametrize("kind", KINDS)
def test_the_colon_trial_gives_what_r_gave(colon, shared_result, etype, entry, times, kind):
    expected = shared_result("colon", entry)[kind]
    fit = kaplan_meier(colon[colon["etype"] == etype], "time", "status", "rx", confidence=kind)
    compare_landmarks(fit.at(times), pd.DataFrame(expected["at_times"]))
    compare_medians(fit.medians, pd.DataFrame(expected["q50"]))


def compare_landmarks(ours: pd.DataFrame, theirs: pd.DataFrame) -> None:
    inside = ours["survival"].notna().to_numpy()
    assert (theirs["n_risk"][~inside] == 0).all()
    agree("kaplan_meier", R, "count", ours["n_at_risk"], theirs["n_risk"])
    agree("kaplan_meier", R, "estimate", ours["survival"][inside], theirs["surv"][inside])
    agree(
        "kaplan_meier",
        R,
        "interval",
        ours[["ci_lower", "ci_upper"]][inside],
        theirs[["lower", "upper"]][inside],
    )


def compare_medians(ours: pd.DataFrame, theirs: pd.DataFrame) -> None:
    found = ours[["estimate", "ci_lower", "ci_upper"]].to_numpy()
    wanted = theirs[["est", "lower", "upper"]].to_numpy(dtype=float)
    np.testing.assert_array_equal(np.isnan(found), np.isnan(wanted))
    agree("kaplan_meier", R, "estimate", found[~np.isnan(wanted)], wanted[~np.isnan(wanted)])


@pytest.mark.analytic
def test_without_censoring_survival_is_the_share_still_free_of_the_event():
    data = pd.DataFrame({"t": [3, 1, 4, 1, 5, 9, 2, 6], "d": 1})
    fit = kaplan_meier(data, "t", "d")
    assert fit.at([0, 1, 3.5, 8.9])["survival"].tolist() == pytest.approx([1, 6 / 8, 4 / 8, 1 / 8])
    assert fit.at([1])["n_events"].tolist() == [2]
    assert list(fit.medians.columns) == ["n", "events", "estimate", "ci_lower", "ci_upper"]


@pytest.mark.analytic
def test_greenwood_without_censoring_is_the_binomial_variance():
    data = pd.DataFrame({"t": range(1, 21), "d": 1})
    curve = kaplan_meier(data, "t", "d").curves.iloc[:-1]
    binomial = np.sqrt(curve["survival"] * (1 - curve["survival"]) / 20)
    np.testing.assert_allclose(curve["standard_error"], binomial, rtol=1e-12)


def test_beyond_the_last_follow_up_of_an_arm_nothing_is_claimed():
    data = pd.DataFrame({"arm": list("aabb"), "t": [5, 10, 20, 30], "d": [1, 0, 0, 0]})
    rows = kaplan_meier(data, "t", "d", "arm").at([10, 10.1, 30]).set_index(["arm", "time"])
    assert rows.loc[("a", 10.0), "survival"] == 0.5
    assert rows.loc[("a", 10.1), ["survival", "risk", "ci_lower", "ci_upper"]].isna().all()
    assert rows.loc[("a", 10.1), "n_at_risk"] == 0
    assert rows.loc[("b", 30.0), "survival"] == 1


def test_landmark_rows_do_not_depend_on_which_others_are_asked_for():
    data = own_data("kaplan_meier", "trial")
    fit = kaplan_meier(data, "time", "event", "arm")
    together = fit.at([6, 24])
    pd.testing.assert_frame_equal(together[together["time"] == 24].reset_index(drop=True), fit.at([24]))


def test_groups_keep_the_order_of_their_categories_and_their_column_name():
    data = pd.DataFrame({"arm": pd.Categorical(list("abab"), ["b", "a"]), "t": [1, 2, 3, 4], "d": 1})
    medians = kaplan_meier(data, "t", "d", "arm").medians
    assert list(medians.columns) == ["arm", "n", "events", "estimate", "ci_lower", "ci_upper"]
    assert medians["arm"].tolist() == ["b", "a"]


def test_excluded_rows_are_counted_by_arm():
    data = pd.DataFrame({"arm": list("aabbb"), "t": [1, np.nan, 3, 4, 5], "d": [1, 1, 0, np.nan, 1]})
    rows = kaplan_meier(data, "t", "d", "arm").rows
    assert (rows.read, rows.used, rows.excluded) == (5, 3, 2)
    assert rows.by.set_index("arm")["excluded"].to_dict() == {"a": 1, "b": 1}
    assert "excluded 2" in repr(kaplan_meier(data, "t", "d", "arm"))


def test_row_order_changes_nothing():
    data = own_data("kaplan_meier", "trial")
    shuffled = data.sample(frac=1, random_state=1)
    first, second = (kaplan_meier(d, "time", "event", "arm").curves for d in (data, shuffled))
    pd.testing.assert_frame_equal(first, second)


GOOD = {"t": [1.0, 2.0, 3.0], "d": [1, 0, 1], "e": [0.0, 0.0, 1.0], "arm": ["a", "b", "b"]}


@pytest.mark.parametrize(
    ("change", "arguments", "text"),
    [
        ({}, {"time": "tt"}, "unknown column 'tt'"),
        ({"t": ["1 day", "2 days", "3 days"]}, {}, "as a number"),
        ({"t": [1.0, np.inf, 3.0]}, {}, "1 infinite"),
        ({"t": [1.0, -2.0, 3.0]}, {}, "below 0"),
        ({"d": [1, 2, 1]}, {}, "1 = event, 0 = censored"),
        ({"e": [0.0, 2.0, 1.0]}, {"entry": "e"}, "entry before the time"),
        ({"t": [np.nan] * 3}, {}, "none complete"),
        ({"t": [np.nan, 2.0, 3.0]}, {}, "complete row in every group"),
        ({}, {"confidence": "arcsin"}, "log-log"),
        ({}, {"confidence_level": 95}, "0.95"),
    ],
)
def test_data_that_cannot_be_used_are_refused_with_a_reason(change, arguments, text):
    data = pd.DataFrame({**GOOD, **change})
    with pytest.raises((DataError, FormulaError), match=text):
        kaplan_meier(data, **{"time": "t", "event": "d", "by": "arm", **arguments})


def test_a_refusal_names_no_arm():
    data = pd.DataFrame({"t": [np.nan, 2.0], "d": [1, 1], "arm": ["secretA", "secretB"]})
    with pytest.raises(DataError) as refusal:
        kaplan_meier(data, "t", "d", "arm")
    assert "secret" not in str(refusal.value)


@pytest.mark.analytic
def test_risks_and_their_differences_at_landmarks_follow_from_survival():
    fit = kaplan_meier(own_data("kaplan_meier", "trial"), "time", "event", "arm")
    table = fit.at([6, 12]).set_index(["arm", "time"])
    np.testing.assert_allclose(table["risk_ci_upper"], 1 - table["ci_lower"])
    row = (
        fit.contrasts([6, 12], reference="usual")
        .set_index(["contrast", "time"])
        .loc[("exercise - usual", 12)]
    )
    test, reference = table.loc[("exercise", 12)], table.loc[("usual", 12)]
    assert row["estimate"] == pytest.approx(reference["survival"] - test["survival"])
    assert row["standard_error"] == pytest.approx(
        np.hypot(test["standard_error"], reference["standard_error"])
    )
    with pytest.raises(DataError, match="reference"):
        fit.contrasts([6], reference="nobody")
    with pytest.raises(DataError, match="two or more groups"):
        kaplan_meier(own_data("kaplan_meier", "trial"), "time", "event").contrasts([6])


@pytest.mark.analytic
@pytest.mark.parametrize("unit", [1.0, 1e-6, 1e9])
def test_rounding_error_breaks_no_tie_whatever_the_unit(unit):
    data = pd.DataFrame({"t": unit * np.array([0.1 + 0.2, 0.3, 0.7, 0.8 - 0.1, 1.1]), "d": 1})
    assert kaplan_meier(data, "t", "d").curves["n_events"].tolist() == [2, 2, 1]
