"""Generated data against slow, obvious formulas: any pattern of missing visits, any structure, any sizes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings, strategies as st

from trialkit.stats.mixed.marginal import RepeatedMeasures
from trialkit.stats.mixed.panel import make_panel
from trialkit.stats.mixed.random_coefficients import RandomCoefficients, sums_by_subject
from trialkit.stats.mixed.rotation import rotate
from trialkit.stats.mixed.structures import STRUCTURES, make_structure

pytestmark = pytest.mark.independent_reimplementation


def invented(seed: int, subjects: int, visits: int) -> tuple[np.ndarray, ...]:
    """Columns, outcome, subject and visit of rows with some visits missing at random."""
    random = np.random.default_rng(seed)
    seen = random.random((subjects, visits)) < random.choice([0.5, 0.8, 1.0])
    seen[0] = True
    subject, visit = np.nonzero(seen)
    n = len(subject)
    X = np.column_stack(
        [np.ones(n), random.normal(50.0, 3.0, n), visit, random.normal(size=subjects)[subject]]
    )
    y = X @ random.normal(size=4) + random.normal(size=subjects)[subject] + random.normal(size=n)
    return X, y, subject, visit


def with_slopes(function, at: np.ndarray) -> np.ndarray:
    step = 1e-5 * np.eye(len(at))
    return np.array([(function(at + u) - function(at - u)) / 2e-5 for u in step])


@settings(derandomize=True, deadline=None, max_examples=40)
@given(
    seed=st.integers(0, 10**6),
    name=st.sampled_from(STRUCTURES),
    subjects=st.integers(12, 40),
    visits=st.integers(2, 6),
    restricted=st.booleans(),
)
def test_repeated_measures(dense_log_likelihood, seed, name, subjects, visits, restricted) -> None:
    X, y, subject, visit = invented(seed, subjects, visits)
    structure = make_structure(name, visits)
    spread = np.random.default_rng(seed).normal(0.0, 0.1, structure.n_parameters)
    parameters = structure.start(0.5 * np.eye(visits) + 0.5) + spread
    turned = rotate(X, y)
    panel = make_panel(turned.columns, subject, visit, visits)
    model = RepeatedMeasures((panel,), structure, len(y), 4, restricted, turned.log_jacobian)
    covariance = structure.matrix(parameters)
    assume(np.linalg.eigvalsh(covariance)[0] > 1e-3)
    dense = covariance[np.ix_(visit, visit)] * (subject[:, None] == subject[None, :])
    expected = dense_log_likelihood(X, y, dense, restricted)
    assert model.value(parameters) == pytest.approx(expected, rel=1e-10, abs=1e-8)
    state = model.state(parameters)
    scale = 1.0 + np.abs(state.score).max()
    np.testing.assert_allclose(state.score, with_slopes(model.value, parameters), atol=1e-6 * scale)
    curved = with_slopes(lambda at: model.state(at).score, parameters)
    scale = 1.0 + np.abs(curved).max()
    np.testing.assert_allclose(-state.observed_information, curved, atol=1e-6 * scale)
    b = turned.coefficients(state.coefficients)
    inverse = np.linalg.inv(dense)
    np.testing.assert_allclose(b, np.linalg.solve(X.T @ inverse @ X, X.T @ inverse @ y), rtol=1e-6, atol=1e-7)


@settings(derandomize=True, deadline=None, max_examples=40)
@given(
    seed=st.integers(0, 10**6),
    subjects=st.integers(8, 30),
    slopes=st.integers(0, 2),
    correlated=st.booleans(),
    restricted=st.booleans(),
)
def test_random_coefficients(dense_log_likelihood, seed, subjects, slopes, correlated, restricted) -> None:
    X, y, subject, visit = invented(seed, subjects, 5)
    random = np.random.default_rng(seed)
    Z = np.column_stack([np.ones(len(y)), visit, random.normal(size=len(y))])[:, : slopes + 1]
    turned = rotate(X, y)
    sums = sums_by_subject(Z, turned.columns, subject)
    model = RandomCoefficients(sums, len(y), 4, restricted, turned.log_jacobian, correlated)
    parameters = np.append(random.normal(0.0, 0.7, len(model.places[0])), random.normal(0.0, 0.3))
    factor = model.factor(parameters)
    same = subject[:, None] == subject[None, :]
    dense = np.exp(2.0 * parameters[-1]) * (np.eye(len(y)) + Z @ factor @ factor.T @ Z.T * same)
    expected = dense_log_likelihood(X, y, dense, restricted)
    assert model.value(parameters) == pytest.approx(expected, rel=1e-10, abs=1e-8)
    state = model.state(parameters)
    scale = 1.0 + np.abs(state.score).max()
    np.testing.assert_allclose(state.score, with_slopes(model.value, parameters), atol=1e-6 * scale)
    curved = with_slopes(lambda at: model.state(at).score, parameters)
    np.testing.assert_allclose(-state.observed_information, curved, atol=1e-6 * (1.0 + np.abs(curved).max()))
