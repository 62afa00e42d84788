"""General association over strata against R."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.reference.agreement import agree, own_data, own_reference
from trialkit.errors import DataError
from trialkit.stats import cochran_mantel_haenszel, mantel_haenszel

NAMES = ["nonzero correlation", "row mean scores differ", "general association"]


@pytest.fixture(scope="module")
def trial() -> pd.DataFrame:
    return own_data("cochran_mantel_haenszel", "trial")


def matches(tests: pd.DataFrame, theirs: dict) -> None:
    found = tests.set_index("alternative").loc[NAMES]
    agree("cochran_mantel_haenszel", "vcdExtra", "statistic", found.statistic, theirs["statistic"])
    agree("cochran_mantel_haenszel", "vcdExtra", "df", found.df, theirs["df"])
    agree("cochran_mantel_haenszel", "vcdExtra", "p_value", found.p_value, theirs["p"])


@pytest.mark.external_reference
@pytest.mark.parametrize(("scores", "entry"), [("table", "table"), ("modified-ridit", "modified_ridit")])
def test_the_three_tests_over_strata_are_those_of_cmhtest(trial, scores, entry):
    theirs = own_reference("cochran_mantel_haenszel", "output")
    matches(cochran_mantel_haenszel(trial, "grade", "dose", "site", scores=scores).tests, theirs[entry])


@pytest.mark.external_reference
def test_general_association_is_that_of_mantelhaen_test_and_needs_no_order(trial):
    theirs = own_reference("cochran_mantel_haenszel", "output")["mantelhaen"]
    found = cochran_mantel_haenszel(trial, "grade", "arm", "site").tests.set_index("alternative")
    row = found.loc["general association"]
    agree("cochran_mantel_haenszel", "mantelhaen.test", "statistic", row.statistic, theirs["statistic"])
    agree("cochran_mantel_haenszel", "mantelhaen.test", "p_value", row.p_value, theirs["p"])
    assert np.isnan(found.loc["nonzero correlation"].statistic)
    assert "no order" in found.loc["nonzero correlation"].note
    assert np.isfinite(found.loc["row mean scores differ"].statistic)


@pytest.mark.external_reference
def test_one_table_without_strata(trial):
    matches(
        cochran_mantel_haenszel(trial, "grade", "dose").tests,
        own_reference("cochran_mantel_haenszel", "output")["single"],
    )


@pytest.mark.analytic
def test_in_one_table_the_unit_of_ranks_does_not_matter(trial):
    found = [
        cochran_mantel_haenszel(trial, "grade", "dose", scores=scores).tests.statistic
        for scores in ("rank", "ridit", "modified-ridit")
    ]
    np.testing.assert_allclose(found[0], found[1], rtol=1e-10)
    np.testing.assert_allclose(found[0], found[2], rtol=1e-10)


@pytest.mark.analytic
def test_two_by_two_is_mantel_and_haenszels_test(trial):
    two = trial[trial.arm != "middle"].assign(severe=lambda rows: (rows.grade > 1).astype(int))
    found = cochran_mantel_haenszel(two, "severe", "arm", "site").tests
    theirs = mantel_haenszel(two, "severe", "arm", "low", "site").tests.set_index("test")
    expected = theirs.statistic["Cochran-Mantel-Haenszel"]
    np.testing.assert_allclose(found.statistic, expected, rtol=1e-10)
    assert found.df.tolist() == [1, 1, 1]


@pytest.mark.analytic
def test_silent_strata_are_listed_and_change_nothing(trial):
    alone = pd.DataFrame({"arm": ["low"] * 4, "dose": 1, "site": "Z", "grade": [0, 1, 2, 3]})
    more = pd.concat([trial, alone], ignore_index=True)
    before, after = (cochran_mantel_haenszel(data, "grade", "dose", "site") for data in (trial, more))
    pd.testing.assert_frame_equal(before.tests, after.tests)
    assert after.strata.set_index("site").informative["Z"] == False  # noqa: E712
    assert "1 strata" in repr(after)
    with pytest.raises(DataError, match="two or more values"):
        cochran_mantel_haenszel(alone, "grade", "dose")
    with pytest.raises(DataError, match="two groups and two categories"):
        cochran_mantel_haenszel(trial.assign(s=trial.dose), "grade", "dose", "s")
