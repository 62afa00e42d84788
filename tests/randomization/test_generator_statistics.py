"""Is the generator fair? Tests with stated error rates, and generators that must fail them.

Each of the nine questions is asked at a false-alarm rate of 1 in 10,000, so that a perfect generator fails
the whole set with a probability below 1 in 1,000. The seeds are fixed: a failure means that the code changed.
"""

import importlib.util
from pathlib import Path

import pytest
from scipy import stats

FALSE_ALARM = 1e-4


def load(name):
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


generators = load("generators")


@pytest.mark.analytic
@pytest.mark.parametrize("seed", [1, 20_260_101])
def test_arrangements_lengths_neighbours_and_strata_behave_like_chance(seed):
    found = generators.p_values(generators.trialkit_blocks, seed)
    assert len(found) == 9
    assert {question: p for question, p in found.items() if p < FALSE_ALARM} == {}


@pytest.mark.analytic
@pytest.mark.parametrize("name", generators.BAD_GENERATORS)
def test_a_bad_generator_is_caught_by_the_tests_made_for_it(name):
    generate, must_fail = generators.BAD_GENERATORS[name]
    found = generators.p_values(generate, 1)
    caught = {question for question, p in found.items() if p < FALSE_ALARM}
    assert must_fail <= caught
    assert all(block.count("A") == block.count("B") for block in generate("A", 1, (4, 6), 500))


@pytest.mark.analytic
@pytest.mark.parametrize(("arrangements", "favoured"), [(6, 0.25), (20, 0.6)])
def test_a_bias_towards_one_arrangement_would_hardly_be_missed(arrangements, favoured):
    """One arrangement more frequent by 25 % (4-block) or 60 % (6-block): missed less than once in 1,000."""
    share = (1 + favoured) / arrangements
    rest = (1 - share) / (arrangements - 1)
    expected = 1 / arrangements
    effect = ((share - expected) ** 2 + (arrangements - 1) * (rest - expected) ** 2) / expected
    critical = stats.chi2.isf(FALSE_ALARM, arrangements - 1)
    missed = stats.ncx2.cdf(critical, arrangements - 1, generators.BLOCKS * effect)
    assert missed < 1e-3


@pytest.mark.analytic
@pytest.mark.long
def test_the_p_values_themselves_are_uniform_over_many_seeds():
    """Kolmogorov-Smirnov over 100 seeds a question, at a false-alarm rate of 1 in 10,000 each."""
    runs = [generators.p_values(generators.trialkit_blocks, 10_000 + 2 * seed) for seed in range(100)]
    for question in runs[0]:
        assert stats.kstest([run[question] for run in runs], "uniform").pvalue > FALSE_ALARM, question
