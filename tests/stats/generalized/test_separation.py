"""Which separation it is, and along which columns: told from data whose separation is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from trialkit.errors import DataError, SeparationError
from trialkit.stats import (
    gee,
    log_binomial,
    logistic,
    mixed_logistic,
    negative_binomial,
    ordinal,
    poisson,
)

pytestmark = pytest.mark.analytic


@pytest.fixture
def people() -> pd.DataFrame:
    generator = np.random.default_rng(5)
    data = pd.DataFrame({name: generator.normal(size=80) for name in ("age", "base", "dose", "noise")})
    return data.assign(arm=np.tile(["a", "b"], 40), site=np.repeat(list("PQRS"), 20))


def refusal(formula: str, data: pd.DataFrame, fit=logistic) -> str:
    with pytest.raises(SeparationError) as refused:
        fit(formula, data)
    return refused.value.found


@pytest.mark.parametrize("fit", [logistic, lambda formula, data: mixed_logistic(formula, data, "1 | site")])
def test_complete_separation_is_called_so_and_names_what_separates_alone(people, fit):
    people["y"] = (people.dose > 0.1).astype(int)
    assert refusal("y ~ age + base + dose + noise + arm", people, fit) == "complete separation along dose"


def test_quasi_complete_separation_by_a_level_names_that_level_alone(people):
    people["y"] = np.where(people.arm == "b", 0, (people.noise > 0).astype(int))
    assert refusal("y ~ age + arm + base", people) == "quasi-complete separation along arm[T.b]"


def test_two_columns_are_named_where_neither_separates_alone(people):
    people["y"] = (people.dose > people.base).astype(int)
    assert refusal("y ~ age + base + noise + dose + arm", people) == "complete separation along base, dose"


def test_one_tie_on_the_border_makes_complete_separation_quasi_complete(people):
    people["y"] = (people.dose > 0).astype(int)
    tied = pd.concat([people, people.iloc[[0, 0]].assign(dose=0.0, y=[0, 1])], ignore_index=True)
    assert refusal("y ~ age + dose", people) == "complete separation along dose"
    assert refusal("y ~ age + dose", tied) == "quasi-complete separation along dose"


def test_very_different_scales_do_not_hide_what_separates(people):
    people["y"] = (people.dose > 0.1).astype(int)
    scaled = people.assign(dose=people.dose * 1e-7, age=people.age * 1e7)
    assert refusal("y ~ age + dose + base", scaled) == "complete separation along dose"


def test_an_ordered_outcome_is_told_apart_in_the_same_way(people):
    people["grade"] = np.digitize(people.dose, [-0.5, 0.5])
    assert refusal("grade ~ age + dose + arm", people, ordinal) == "complete separation along dose"
    people["grade"] = np.where(people.arm == "b", 2, np.digitize(people.noise, [-0.5, 0.5]))
    assert refusal("grade ~ age + arm", people, ordinal) == "quasi-complete separation along arm[T.b]"


@pytest.mark.parametrize("fit", [logistic, lambda formula, data: mixed_logistic(formula, data, "1 | site")])
@pytest.mark.parametrize("values", [(1, 2), (0, 2), (-1, 1), (1.0, 2.0)])
def test_numbers_other_than_0_and_1_are_no_outcome(people, fit, values):
    """With 1 = yes and 2 = no the higher number would be modelled as the event."""
    people["y"] = np.where(people.noise > 0, *values)
    with pytest.raises(DataError, match="1 where the event happened"):
        fit("y ~ age", people)
    people["y"] = np.where(people.noise > 0, 1.0, 0.0)
    assert fit("y ~ age", people).n == 80


def test_two_categories_say_themselves_which_is_the_event(people):
    """An order that is stated is taken: the second category is the event, whatever it is called."""
    coded = np.where(people.noise > 0, 1, 2)
    people["y"] = pd.Categorical(coded, categories=[2, 1])
    people["z"] = (coded == 1).astype(int)
    assert logistic("y ~ age", people).odds_ratios.equals(logistic("z ~ age", people).odds_ratios)


FITS = {
    "logistic": logistic,
    "mixed": lambda formula, data: mixed_logistic(formula, data, "1 | site"),
    "ordinal": ordinal,
    "gee": lambda formula, data: gee(formula, data, subject="who"),
    "poisson": poisson,
    "negative binomial": negative_binomial,
    "log-binomial": log_binomial,
}


@pytest.fixture
def grouped(people) -> pd.DataFrame:
    people["g"] = np.tile(["a", "b", "c", "d"], 20)
    people["who"] = range(80)
    people["y"] = (people.noise > 0).astype(int)
    return people


@pytest.mark.parametrize("level", ["a", "c"])
@pytest.mark.parametrize("fit", FITS)
def test_a_level_that_separates_is_named_where_it_is_the_reference_too(grouped, fit, level):
    """Only the columns of the other levels stand in the design: to name them sends the reader there."""
    grouped.loc[grouped.g == level, "y"] = 0
    found = refusal("y ~ age + g", grouped, FITS[fit])
    assert found.endswith("along level a of 'g'" if level == "a" else "along g[T.c]")


@pytest.mark.parametrize("fit", FITS)
def test_a_cell_of_two_factors_is_named_where_its_columns_stand_together(grouped, fit):
    grouped["h"] = np.tile(np.repeat(["k", "l"], 4), 10)
    grouped.loc[(grouped.h == "l") & (grouped.g == "a"), "y"] = 0
    found = refusal("y ~ age + h * g", grouped, FITS[fit])
    assert found.endswith("along level l of 'h' with level a of 'g'") or found.endswith(
        "level a of 'g' with level l of 'h'"
    )


def test_other_levels_stay_named_where_the_reference_is_not_at_fault(grouped):
    """Of b nobody and of c everybody, of a and d some: the direction is between b and c, or either alone."""
    grouped.loc[grouped.g == "b", "y"] = 0
    grouped.loc[grouped.g == "c", "y"] = 1
    assert "level a" not in refusal("y ~ age + g", grouped)
