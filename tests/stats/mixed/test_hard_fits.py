"""Fits that strain the search: nearly singular covariances, far origins, many visits, values at the edge."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from trialkit.errors import ConvergenceError, DataError, NonEstimableError, RankDeficiencyError
from trialkit.stats import lmm, mmrm
from trialkit.stats.generalized.newton import maximize

NUMBERS = ["estimate", "standard_error", "df", "statistic", "p_value", "ci_lower", "ci_upper"]


@pytest.fixture
def growth() -> pd.DataFrame:
    """30 subjects at five yearly visits, intercepts and slopes that vary."""
    random = np.random.default_rng(4)
    subject, year = np.repeat(np.arange(30), 5), np.tile(np.arange(5.0), 30)
    y = random.normal(0.0, 2.0, 30)[subject] + (1.0 + random.normal(0.0, 0.7, 30)[subject]) * year
    return pd.DataFrame({"subject": subject, "year": year, "y": y + random.normal(size=150)})


@pytest.mark.analytic
@pytest.mark.parametrize("structure", ["us", "cs", "csh", "ar1", "ar1h", "toep", "toeph", "ad", "adh"])
@pytest.mark.parametrize(("within", "tolerance"), [(1e-2, 1e-6), (1e-3, 1e-3)])
def test_measurements_that_hardly_change_still_give_the_paired_t_test(structure, within, tolerance) -> None:
    """Correlations of 1 - 1e-4 and 1 - 1e-6: close to the edge, where Kenward-Roger's terms lose digits."""
    random = np.random.default_rng(9)
    level = random.normal(size=40)
    first, second = level, level + within * (0.3 + random.normal(size=40))
    trial = pd.DataFrame({"subject": np.tile(np.arange(40), 2), "visit": np.repeat([1, 2], 40)})
    trial["y"] = np.r_[first, second]
    difference = mmrm("y ~ visit", trial, "subject", "visit", structure).contrasts("visit").iloc[0]
    change = second - first
    assert difference.estimate == pytest.approx(change.mean(), rel=1e-6)
    assert difference.standard_error == pytest.approx(change.std(ddof=1) / np.sqrt(40), rel=tolerance)
    assert difference.df == pytest.approx(39.0, rel=tolerance)


@pytest.mark.analytic
@pytest.mark.parametrize("structure", ["us", "csh", "toeph", "adh"])
def test_twelve_visits_of_very_similar_values_have_a_maximum(structure) -> None:
    random = np.random.default_rng(2)
    subject, visit = np.repeat(np.arange(60), 12), np.tile(np.arange(12), 60)
    level = random.normal(0.0, 10.0, 60)
    trial = pd.DataFrame({"subject": subject, "visit": visit, "arm": np.where(subject % 2, "b", "a")})
    trial["y"] = level[subject] + random.normal(0.0, 0.2, 720)
    trial.loc[random.random(720) < 0.1, "y"] = np.nan
    fit = mmrm("y ~ arm + visit", trial, "subject", "visit", structure)
    assert fit.convergence.newton_decrement < 1e-12
    assert np.linalg.eigvalsh(fit.covariance)[0] > 0


@pytest.mark.analytic
def test_years_of_the_calendar_are_as_good_as_years_since_the_start(growth) -> None:
    """The likelihood does not depend on where time begins: random coefficients absorb it."""
    since = lmm("y ~ year", growth, "1 + year | subject")
    for origin in (2026.0, 1e6):
        calendar = lmm("y ~ year", growth.assign(year=growth.year + origin), "1 + year | subject")
        assert calendar.log_likelihood == pytest.approx(since.log_likelihood, abs=1e-6)
        slopes = calendar.coefficients.iloc[1], since.coefficients.iloc[1]
        np.testing.assert_allclose(*(row[NUMBERS].to_numpy(dtype=float) for row in slopes), rtol=1e-5)
        variances = (fit.random_covariance.loc["year", "year"] for fit in (calendar, since))
        np.testing.assert_allclose(*variances, rtol=1e-6)
        effects = (fit.random_effects.year for fit in (calendar, since))
        np.testing.assert_allclose(*effects, rtol=1e-6, atol=1e-8)


@pytest.mark.analytic
def test_a_residual_far_smaller_than_what_varies_between_subjects_is_found(growth) -> None:
    """Each subject's own line then shows its coefficients."""
    random = np.random.default_rng(1)
    level, slope = random.normal(0.0, 2.0, 30), random.normal(0.0, 0.7, 30)
    exact = level[growth.subject] + slope[growth.subject] * growth.year
    data = growth.assign(y=exact + 1e-3 * random.normal(size=len(growth)))
    fit = lmm("y ~ year", data, "1 + year | subject")
    lines = np.array([np.polyfit(own.year, own.y, 1)[::-1] for _, own in data.groupby("subject")])
    np.testing.assert_allclose(fit.random_covariance, np.cov(lines.T), rtol=1e-5)
    assert fit.residual_variance == pytest.approx(1e-6, rel=0.3)
    assert not fit.boundary


def test_a_random_slope_of_a_column_that_does_not_change_is_refused_by_name(growth) -> None:
    with pytest.raises(RankDeficiencyError, match="year") as caught:
        lmm("y ~ 1", growth.assign(year=7.0), "1 + year | subject")
    assert caught.value.columns == ("year",)
    assert "random" in str(caught.value)


def test_one_subject_an_arm_leaves_nothing_to_vary_between_and_is_refused(make_trial, growth) -> None:
    two = make_trial(n=2).dropna()
    for structure in ("us", "cs", "ar1"):
        with pytest.raises(DataError, match="more values of 'subject' than the 2 coefficients"):
            mmrm("y ~ arm + visit", two, "subject", "visit", structure)
    pair = growth[growth.subject < 2].assign(arm=lambda rows: np.where(rows.subject == 0, "a", "b"))
    with pytest.raises(DataError, match="more values of 'subject'"):
        lmm("y ~ arm + year", pair, "1 | subject")


@pytest.mark.analytic
def test_kenward_roger_with_four_subjects_is_refused_or_gives_errors_above_zero(make_trial) -> None:
    """Its adjustment can make a variance negative: never a standard error of 0 and a p value of 0."""
    fitted = refused = 0
    for seed in range(12):
        few = make_trial(seed=seed, n=4)
        few["y"] = few.y.fillna(few.y.mean())
        for structure in ("ar1", "ar1h", "adh"):
            for df_method in ("kenward-roger", "kenward-roger-linear"):
                try:
                    fit = mmrm("y ~ arm + visit", few, "subject", "visit", structure, df_method=df_method)
                    tables = fit.coefficients, fit.terms, fit.contrasts("arm")
                except NonEstimableError:
                    refused += 1
                except ConvergenceError:
                    continue
                else:
                    untested = tables[1].distribution == "not testable"
                    refused += int(untested.any())
                    assert all((table.p_value[table.p_value.notna()] > 0).all() for table in tables)
                    assert (tables[1].p_value.isna() == untested).all()
                    assert "Coefficients" in repr(fit)
                    assert (tables[0].standard_error > 0).all()
                    fitted += 1
    assert fitted > 20
    assert refused > 5


@pytest.mark.analytic
def test_a_step_to_where_there_is_no_likelihood_ends_the_search_unproved() -> None:
    """Nearly flat, so that whole steps are taken unjudged, up to an edge."""

    def value(at: np.ndarray) -> float:
        return 1e-4 * float(at[0]) if at[0] < 1e-3 else -np.inf

    found = maximize(value, lambda at: (np.array([1e-4]), np.array([[0.02]])), np.zeros(1))
    assert not found.converged
    assert np.isfinite(found.log_likelihood)
