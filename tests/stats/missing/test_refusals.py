"""What the missing-data methods refuse, and that the message says what to do."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from trialkit.errors import ConvergenceError, DataError, FormulaError, RankDeficiencyError, TrialkitError
from trialkit.stats import ancova, impute, impute_reference_based, missingness, tipping_point

pytestmark = pytest.mark.analytic


@pytest.fixture
def wide() -> pd.DataFrame:
    rng = np.random.default_rng(4)
    frame = pd.DataFrame(rng.normal(30, 5, (60, 3)), columns=["base", "w6", "w52"])
    frame["arm"], frame["site"] = np.tile(["a", "b"], 30), np.repeat(["u", "v", "w"], 20)
    frame.loc[:7, "w52"] = np.nan
    return frame


def set_(frame: pd.DataFrame, rows, column: str, value) -> pd.DataFrame:
    changed = frame.copy()
    changed.loc[rows, column] = value
    return changed


def test_wide_data_that_cannot_be_imputed_are_refused(wide):
    names = ["base", "w6", "w52"]
    halves = set_(set_(wide, slice(0, 29), "w6", np.nan), slice(30, 59), "w52", np.nan)
    text_arm = wide.assign(arm="only")
    for data, options, error, message in (
        (wide, {"variables": [*names, "w26"]}, FormulaError, "unknown column 'w26'"),
        (wide, {"variables": names, "by": "group"}, FormulaError, "unknown column 'group'"),
        (wide, {"variables": names, "seed": None}, DataError, "seed"),
        (wide, {"variables": names, "n": 1}, DataError, "at least 2"),
        (wide, {"variables": names, "method": "locf"}, DataError, "'mar'"),
        (wide, {"variables": "w52"}, DataError, "list of columns"),
        (wide, {"variables": []}, DataError, "at least one"),
        (wide, {"variables": [names]}, DataError, "name of one column"),
        (wide, {"variables": [*names, "arm"]}, DataError, "not to be among"),
        (wide, {"variables": names, "mean_imputed": ["age"]}, DataError, "among the variables"),
        (set_(wide, 3, "arm", None), {"variables": names}, DataError, "column 'arm'"),
        (set_(wide, 3, "site", None), {"variables": [*names, "site"]}, DataError, "factors must be complete"),
        (set_(wide, 3, "base", np.inf), {"variables": names}, DataError, "infinite"),
        (set_(wide, slice(None), "w52", np.nan), {"variables": names}, DataError, "column 'w52'"),
        (set_(wide, wide.arm == "a", "w52", np.nan), {"variables": names}, DataError, "'w52' observed"),
        (halves, {"variables": names}, DataError, "'w6' and 'w52' together"),
        (wide.assign(twice=2 * wide.base), {"variables": [*names, "twice"]}, RankDeficiencyError, "twice"),
        (text_arm.assign(c=1.0), {"variables": [*names, "c"]}, RankDeficiencyError, "c"),
        (
            wide.assign(cm=2.5 * wide.w52),
            {"variables": [*names, "cm"]},
            RankDeficiencyError,
            "determined: cm",
        ),
        (wide.assign(sum=wide.w6 + wide.w52), {"variables": [*names, "sum"]}, RankDeficiencyError, "sum"),
        (wide.assign(c=0.0 * wide.w52), {"variables": [*names, "c"]}, RankDeficiencyError, "determined: c"),
        (wide, {"variables": names, "mean_imputed": "base"}, DataError, r"\['base'\]"),
        (wide.iloc[:0], {"variables": names}, DataError, "at least one row"),
    ):
        with pytest.raises(error, match=message):
            impute(data, **{"seed": 1, "n": 5, **options})


def test_missing_values_that_nothing_determines_do_not_converge():
    """Two variables seen together in few of many rows: nearly all information is missing."""
    rng = np.random.default_rng(2)
    y = rng.normal(size=(4000, 2))
    y[5:2000, 0] = np.nan
    y[2000:, 1] = np.nan
    data = pd.DataFrame(y, columns=["first", "second"])
    with pytest.raises(ConvergenceError, match="fraction of missing information"):
        impute(data, ["first", "second"], by=None, n=2, seed=1)


def test_long_data_that_cannot_be_imputed_are_refused(long_trial, names):
    text = long_trial.assign(week="w" + long_trial.week.astype(str))
    drifting = long_trial.assign(base=long_trial.base + long_trial.week)
    switching = set_(long_trial, 4, "arm", "control")
    unseen = set_(long_trial, (long_trial.arm == "exercise") & (long_trial.week == 12), "odi", np.nan)
    copied = long_trial.assign(odi=long_trial.groupby("id").odi.transform("first"))
    nothing = set_(long_trial, long_trial.arm == "exercise", "odi", np.nan)
    for data, options, error, message in (
        (text, {}, DataError, "order"),
        (long_trial, {"ice": {99: 26}}, DataError, "subject 99"),
        (long_trial, {"ice": {"1": 26}}, DataError, "type"),
        (long_trial, {"ice": {1: 52}}, DataError, "first affected visit: one of 6, 12, 26"),
        (long_trial, {"reference": "placebo"}, DataError, "'placebo'"),
        (long_trial, {"strategy": "locf", "ice": {1: 26}}, DataError, "'j2r'"),
        (long_trial, {"strategy": {2: "j2r"}, "ice": {1: 26}}, DataError, "strategy for every subject"),
        (long_trial, {"strategy": "lmcf", "ice": {1: 6}}, DataError, "after the first visit"),
        (long_trial, {"method": "bootstrap"}, DataError, "conditional-mean"),
        (long_trial, {"method": "bayes"}, DataError, "seed"),
        (long_trial, {"method": "bayes", "seed": 1, "n": 1}, DataError, "at least 2"),
        (long_trial, {"ice": [1, 2]}, DataError, "mapping of subject"),
        (long_trial, {"strategy": None, "ice": {1: 26}}, DataError, "'j2r'"),
        (long_trial, {"strategy": "jump"}, DataError, "'j2r'"),
        (long_trial, {"delta": "2", "worse": "higher"}, DataError, "finite numbers"),
        (copied, {"method": "bayes", "seed": 1, "n": 5}, ConvergenceError, "copied visit"),
        (long_trial, {"delta": 2, "worse": "up"}, DataError, "'higher'"),
        (long_trial, {"delta": np.nan, "worse": "higher"}, DataError, "finite"),
        (long_trial, {"delta": {"other": 1}, "worse": "higher"}, DataError, "arms in the data"),
        (long_trial, {"covariates": ["age"]}, FormulaError, "age"),
        (long_trial, {"covariates": "base"}, DataError, "list of columns"),
        (long_trial.to_dict(), {}, DataError, "DataFrame"),
        (long_trial, {"outcome": "arm", "arm": "base"}, DataError, "numeric"),
        (pd.concat([long_trial, long_trial.iloc[:1]]), {}, DataError, "at most one row"),
        (drifting, {}, DataError, "baseline"),
        (switching, {}, DataError, "column 'arm'"),
        (set_(long_trial, 4, "base", np.nan), {}, DataError, "1 missing"),
        (unseen, {}, DataError, "an arm with none at 12"),
        (nothing, {}, DataError, "an arm with none at 6, 12, 26"),
        (long_trial[long_trial.week == 6], {}, DataError, "two visits"),
        (long_trial[long_trial.arm == "control"], {}, DataError, "two arms"),
        (
            long_trial.assign(twice=2 * long_trial.base),
            {"covariates": ["base", "twice"]},
            RankDeficiencyError,
            "twice",
        ),
    ):
        with pytest.raises(error, match=message):
            impute_reference_based(data, **{**names, **options})


def test_a_covariate_level_of_one_subject_stops_the_jackknife_and_names_it(long_trial, names):
    lonely = long_trial.assign(site=np.where(long_trial.id == 17, "far", "near"))
    imputed = impute_reference_based(lonely, **{**names, "covariates": ["base", "site"]})
    with pytest.raises(DataError, match="only subject 17"):
        imputed.analyse(lambda frame: ancova("odi ~ arm", frame[frame.week == 26]))


def test_a_tipping_point_needs_increasing_deltas_one_difference_and_an_event(long_trial, names):
    imputed = impute_reference_based(long_trial, **names, strategy="mar", ice=dict.fromkeys(range(8), 26))
    without = impute_reference_based(long_trial, **names)

    def analysis(frame):
        return ancova("odi ~ arm + base", frame[frame.week == 26], treatment="arm")

    for call, message in (
        (lambda: tipping_point(imputed, analysis, [2, 1], "higher"), "increasing"),
        (lambda: tipping_point(imputed, analysis, [], "higher"), "increasing"),
        (lambda: tipping_point(without, analysis, [0, 1], "higher"), "ice="),
        (lambda: tipping_point(imputed, analysis, [0, 1], "higher", alpha=5), "alpha"),
        (lambda: tipping_point(imputed, lambda f: analysis(f).ls_means(), [0], "higher"), "2 rows"),
        (lambda: tipping_point(imputed, lambda f: f.odi.mean(), [0], "higher"), "estimate"),
    ):
        with pytest.raises(TrialkitError, match=message):
            call()


def test_the_difference_tips_where_the_dropouts_are_bad_enough(long_trial, names):
    """Each delta moves the difference by delta times the share of the arm it is added to (4 of 30)."""
    ice = dict.fromkeys(range(8), 26)
    imputed = impute_reference_based(
        long_trial, **names, strategy="mar", ice=ice, method="bayes", n=10, seed=1
    )

    def analysis(frame):
        return ancova("odi ~ arm", frame[frame.week == 26], treatment="arm", reference="control")

    def adjusted(frame):
        return ancova("odi ~ arm + base", frame[frame.week == 26], treatment="arm", reference="control")

    plain = tipping_point(imputed, analysis, [0, 5, 10], "higher").table
    np.testing.assert_allclose(np.diff(plain.estimate), 5 * 4 / 30, rtol=1e-10)
    found = tipping_point(imputed, adjusted, [0, 5, 10, 40], "higher")
    assert found.table.concluded.iloc[0]
    assert found.tipping_delta in (5.0, 10.0, 40.0)
    assert not found.table.concluded.iloc[-1]
    assert "no longer holds from delta" in repr(found)
    assert tipping_point(imputed, adjusted, [0, 0.1], "higher").tipping_delta is None
    assert tipping_point(imputed, adjusted, [40, 41], "higher").tipping_delta is None


def test_a_pattern_table_needs_rows_and_a_known_group(wide):
    for call in (
        lambda: missingness(wide, []),
        lambda: missingness(wide.iloc[:0], ["w6"]),
        lambda: missingness(wide, ["w7"]),
        lambda: missingness(wide, "w6"),
        lambda: missingness(set_(wide, 0, "arm", None), ["w6"], by="arm"),
    ):
        with pytest.raises(TrialkitError):
            call()


def test_a_tipping_point_that_would_touch_no_value_is_refused(long_trial, names):
    """Dropouts of the reference arm alone: delta is added to none of them, so nothing could ever tip."""
    ice = {subject: 26 for subject in range(8) if subject % 2 == 0}
    imputed = impute_reference_based(long_trial, **names, strategy="mar", ice=ice)

    def analysis(frame):
        return ancova("odi ~ arm + base", frame[frame.week == 26], treatment="arm")

    with pytest.raises(DataError, match="other than the reference"):
        tipping_point(imputed, analysis, [0, 10, 1000], "higher")
    one = impute_reference_based(long_trial, **names, strategy="mar", ice={**ice, 1: 26})
    assert len(tipping_point(one, analysis, [0, 10], "higher").table) == 2


def test_visits_in_the_alphabets_order_are_refused(long_trial, names):
    named = long_trial.week.map(dict(zip((6, 12, 26), ("start", "middle", "end"), strict=True)))
    with pytest.raises(DataError, match="the alphabet's order"):
        impute_reference_based(long_trial.assign(week=named.astype("category")), **names)
