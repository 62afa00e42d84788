from __future__ import annotations

import math

import pandas as pd
import pytest

from tests.reference.agreement import agree, own_reference
from trialkit.errors import TrialkitError
from trialkit.stats import two_proportions

# Newcombe, Stat Med 1998;17:873-890, Table II: events/n of both groups, limits by method 10.
NEWCOMBE = [
    (56, 70, 48, 80, 0.0524, 0.3339),
    (9, 10, 3, 10, 0.1705, 0.8090),
    (6, 7, 2, 7, 0.0582, 0.8062),
    (5, 56, 0, 29, -0.0381, 0.1926),
    (0, 10, 0, 20, -0.1611, 0.2775),
    (0, 10, 0, 10, -0.2775, 0.2775),
    (10, 10, 0, 20, 0.6791, 1.0000),
    (10, 10, 0, 10, 0.6075, 1.0000),
]


def counts(a: int, n1: int, c: int, n2: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "arm": ["test"] * n1 + ["reference"] * n2,
            "better": [1] * a + [0] * (n1 - a) + [1] * c + [0] * (n2 - c),
        }
    )


def measure(table: pd.DataFrame, name: str) -> pd.Series:
    return table.set_index("measure").loc[name]


@pytest.mark.external_reference
@pytest.mark.parametrize(("a", "n1", "c", "n2", "lower", "upper"), NEWCOMBE)
def test_the_interval_of_the_difference_is_newcombes(a, n1, c, n2, lower, upper):
    result = two_proportions(counts(a, n1, c, n2), outcome="better", by="arm", reference="reference")
    row = measure(result.contrasts, "risk difference")
    assert row["ci_lower"] == pytest.approx(lower, abs=5.001e-5)
    assert row["ci_upper"] == pytest.approx(upper, abs=5.001e-5)


@pytest.mark.external_reference
@pytest.mark.parametrize("case", range(3))
def test_intervals_and_p_are_those_of_r(case):
    expected = own_reference("two_proportions", "output")[case]
    result = two_proportions(counts(*expected["counts"]), outcome="better", by="arm", reference="reference")
    limits = result.proportions.set_index("arm")[["ci_lower", "ci_upper"]]
    for arm in ("test", "reference"):
        agree("two_proportions", "prop.test", "interval", limits.loc[arm], expected[arm])
    for name in ("difference", "ratio"):
        row = measure(result.contrasts, f"risk {name}")
        ours = row[["estimate", "ci_lower", "ci_upper"]]
        agree("two_proportions", "R", "interval", ours, expected[name])
        agree("two_proportions", "prop.test", "p_value", row["p_value"], expected["p_value"])


@pytest.mark.analytic
def test_ratio_and_number_needed_to_treat_follow_from_the_counts():
    result = two_proportions(counts(30, 100, 20, 100), outcome="better", by="arm", reference="reference")
    ratio = measure(result.contrasts, "risk ratio")
    assert ratio["estimate"] == pytest.approx(1.5, rel=1e-12)
    error = math.sqrt(1 / 30 - 1 / 100 + 1 / 20 - 1 / 100)
    assert math.log(ratio["ci_upper"] / 1.5) == pytest.approx(1.959963984540054 * error, rel=1e-12)
    assert measure(result.contrasts, "number needed to treat")["estimate"] == pytest.approx(10.0)
    # Pearson's chi-square of 30/70 against 20/80 is 8/3; p = erfc(sqrt(x / 2)).
    assert ratio["p_value"] == pytest.approx(math.erfc(math.sqrt(8 / 6)), rel=1e-12)


def test_swapping_the_groups_turns_the_difference_round():
    one = measure(
        two_proportions(counts(9, 10, 3, 10), outcome="better", by="arm", reference="reference").contrasts,
        "risk difference",
    )
    other = measure(
        two_proportions(counts(9, 10, 3, 10), outcome="better", by="arm", reference="test").contrasts,
        "risk difference",
    )
    assert one["estimate"] == pytest.approx(-other["estimate"])
    assert one["ci_lower"] == pytest.approx(-other["ci_upper"])


def test_subjects_without_an_outcome_are_counted():
    data = counts(5, 10, 5, 10).astype({"better": float})
    data.loc[3, "better"] = None
    result = two_proportions(data, outcome="better", by="arm", reference="reference")
    assert result.excluded == 1
    assert result.proportions["n"].tolist() == [9, 10]


def test_two_proportions_print_their_tables_and_the_rows_used():
    data = counts(5, 10, 5, 10).astype({"better": float})
    data.loc[3, "better"] = None
    result = two_proportions(data, outcome="better", by="arm", reference="reference")
    assert "rows read 20, used 19, excluded 1 (missing: better 1)" in repr(result)
    assert "number needed to treat" in result._repr_html_()


def test_no_events_in_the_reference_group_gives_no_ratio():
    result = two_proportions(counts(3, 10, 0, 10), outcome="better", by="arm", reference="reference")
    assert math.isnan(measure(result.contrasts, "risk ratio")["estimate"])


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (counts(1, 2, 1, 2).replace({"better": {1: 2}}), "0 or 1, false or true"),
        (counts(1, 2, 1, 2).assign(arm="test"), "two groups in 'arm'"),
        (counts(1, 2, 1, 2).drop(columns="arm"), "arm"),
    ],
)
def test_a_table_that_is_not_two_by_two_is_refused(data: pd.DataFrame, message: str):
    with pytest.raises(TrialkitError, match=message):
        two_proportions(data, outcome="better", by="arm", reference="reference")
