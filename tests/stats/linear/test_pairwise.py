"""All pairs and comparisons with one arm, adjusted, against emmeans and mvtnorm."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.reference.agreement import agree, own_data, own_reference
from trialkit.errors import DataError
from trialkit.stats import ancova, simultaneous


@pytest.fixture(scope="module")
def fit():
    return ancova("chg ~ arm + base + site", own_data("ancova", "trial"), treatment="arm")


@pytest.fixture(scope="module")
def output() -> dict:
    return own_reference("ancova", "pairwise")


@pytest.mark.external_reference
def test_all_pairs_are_tukeys_of_emmeans(fit, output):
    theirs = pd.DataFrame(output["tukey"]).set_index("contrast")
    ours = fit.pairwise().set_index("contrast")
    assert set(ours.index) == set(theirs.index)
    theirs = theirs.loc[ours.index]
    agree("ancova", "emmeans", "estimate", ours.estimate, theirs.estimate)
    agree("ancova", "emmeans", "standard_error", ours.standard_error, theirs.SE)
    np.testing.assert_allclose(ours.p_value, theirs["p.value"], rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(ours.ci_lower, theirs["lower.CL"], rtol=1e-5)
    np.testing.assert_allclose(ours.ci_upper, theirs["upper.CL"], rtol=1e-5)
    assert (ours.adjustment == "tukey").all()


@pytest.mark.external_reference
def test_each_arm_against_one_is_dunnetts_exact_multivariate_t(fit, output):
    theirs = output["dunnett"]
    ours = fit.pairwise(adjust="dunnett")
    assert ours.contrast.tolist() == theirs["contrast"]
    agree("ancova", "emmeans", "estimate", ours.estimate, theirs["estimate"])
    np.testing.assert_allclose(ours.p_value, theirs["p"], rtol=1e-6, atol=1e-10)
    half = theirs["quantile"] * np.array(theirs["se"])
    np.testing.assert_allclose(ours.ci_upper - ours.estimate, half, rtol=1e-7)


@pytest.mark.external_reference
@pytest.mark.parametrize(
    ("key", "size", "df"),
    [
        ("three20", 3, 20.0),
        ("three", 3, np.inf),
        pytest.param("four20", 4, 20.0, marks=pytest.mark.long),  # a fourth dimension costs 8 s
    ],
)
def test_three_and_four_correlated_differences_are_those_of_mvtnorm(output, key, size, df):
    """Genz and Bretz's randomized rule, run to an error of 1e-7."""
    four = np.full((4, 4), 0.5) + 0.5 * np.eye(4)
    four[0, 1] = four[1, 0] = 0.3
    p, _ = simultaneous.dunnett(np.full(size, 2.2), np.full(size, df), four[:size, :size], 0.95)
    np.testing.assert_allclose(p, output["box"][key], atol=3e-7)


@pytest.mark.analytic
def test_two_arms_need_no_adjustment(fit):
    data = own_data("ancova", "trial").query("arm != 'usual'")
    two = ancova("chg ~ arm + base", data, treatment="arm")
    plain = two.contrasts().iloc[0]
    for adjust in ("tukey", "dunnett", "none"):
        row = two.pairwise(adjust=adjust).iloc[0]
        assert row.contrast == plain.contrast
        for name in ("estimate", "statistic", "p_value", "ci_lower", "ci_upper"):
            assert row[name] == pytest.approx(plain[name], rel=1e-6)


@pytest.mark.analytic
def test_each_family_is_within_its_combination_of_by(fit):
    data = own_data("ancova", "trial")
    crossed = ancova("chg ~ arm * sex + base", data, treatment="arm")
    table = crossed.pairwise(by="sex")
    assert table.groupby("sex").size().tolist() == [3, 3]
    only = crossed.pairwise(by="sex", adjust="none")
    assert (table.p_value >= only.p_value).all()
    assert (table.statistic == only.statistic).all()
    assert (
        crossed.pairwise(by="sex", adjust="dunnett", reference="usual").contrast.tolist()
        == [
            "control - usual",
            "exercise - usual",
        ]
        * 2
    )
    with pytest.raises(DataError, match="only with adjust='dunnett'"):
        fit.pairwise(reference="usual")
    with pytest.raises(DataError, match="adjust to be one of"):
        fit.pairwise(adjust="scheffe")


@pytest.mark.analytic
def test_fitted_values_and_residuals_stand_on_the_index_of_the_data():
    data = own_data("ancova", "trial").set_index("subject")
    fit = ancova("chg ~ arm + base", data)
    assert list(fit.fitted.index) == list(data.index[fit.design.used])
    np.testing.assert_allclose(fit.fitted + fit.residuals, data.chg[fit.design.used])
