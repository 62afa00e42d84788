"""Error rates counted by hand, and against the simplest count there is."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings, strategies as st
from scipy.stats import beta

from trialkit.entry.error_rates import (
    ComparedLines,
    EpiDataTable,
    QuestionedField,
    rates_between,
    rates_of_clerks,
)

ITEMS = {"vas": ("vas_mm",), "odi": ("pain", "care", "lifting")}
LINES = [
    ComparedLines("vas", "A", ("ann", "ben"), ("2025-01", "2025-02"), 40),
    ComparedLines("odi", "A", ("ann", "ben"), ("2025-01", "2025-01"), 20),
    ComparedLines("odi", "B", ("ben", "cat"), ("2025-03", "2025-02"), 10),
    ComparedLines("hidden", "A", ("ann", "ben"), ("2025-01", "2025-02"), 99),
]
PAIR = ("ann", "ben")
FIELDS = [
    QuestionedField("vas", "vas_mm", "A", PAIR, ("2025-01", "2025-02"), True, (False, True)),
    QuestionedField("vas", "vas_mm", "A", PAIR, ("2025-01", "2025-02"), True, None),
    QuestionedField("odi", "pain", "A", PAIR, ("2025-01", "2025-01"), True, (True, True)),
    QuestionedField("odi", "care", "B", ("ben", "cat"), ("2025-03", "2025-02"), False, (True, True)),
    QuestionedField("hidden", "x", "A", PAIR, ("2025-01", "2025-02"), True, (True, False)),
]


def _table(rates):
    return {(rate.clerk, rate.by, rate.group): (rate.errors, rate.fields) for rate in rates}


def test_between_the_passes_by_hand() -> None:
    found = _table(rates_between(LINES, FIELDS, ITEMS))
    assert found == {
        ("", "all", ""): (3, 130),
        ("", "form", "odi"): (1, 90),
        ("", "form", "vas"): (2, 40),
        ("", "item", "vas_mm"): (2, 40),
        ("", "item", "pain"): (1, 30),
        ("", "item", "care"): (0, 30),
        ("", "item", "lifting"): (0, 30),
        ("", "site", "A"): (3, 100),
        ("", "site", "B"): (0, 30),
        ("", "month", "2025-01"): (1, 60),
        ("", "month", "2025-02"): (2, 40),
        ("", "month", "2025-03"): (0, 30),
        ("", "clerks", "ann + ben"): (3, 100),
        ("", "clerks", "ben + cat"): (0, 30),
    }


def test_against_the_final_record_by_hand() -> None:
    found = _table(rates_of_clerks(LINES, FIELDS, ITEMS))
    whole = {clerk: found[clerk, "all", ""] for clerk in ("ann", "ben", "cat")}
    assert whole == {"ann": (1, 99), "ben": (3, 129), "cat": (1, 30)}, "one field is undecided"
    assert found["ben", "form", "vas"] == (1, 39)
    assert found["ben", "month", "2025-03"] == (1, 30)
    assert found["cat", "month", "2025-02"] == (1, 30)
    assert found["cat", "item", "care"] == (1, 10)
    assert found["ben", "site", "A"] == (2, 99)


@pytest.mark.analytic
def test_the_limits_are_quantiles_of_the_beta_distribution() -> None:
    """The textbook form of Clopper and Pearson's limits, from scipy's distribution."""
    for rate in rates_between(LINES, FIELDS, ITEMS, 0.9):
        x, n = rate.errors, rate.fields
        lower = 0.0 if x == 0 else beta.ppf(0.05, x, n - x + 1)
        upper = beta.ppf(0.95, x + 1, n - x)
        assert (rate.ci_lower, rate.ci_upper) == (
            pytest.approx(1e4 * lower, rel=1e-7),
            pytest.approx(1e4 * upper, rel=1e-7),
        )
        assert rate.per_10000 == pytest.approx(1e4 * x / n)


SIDE = st.sampled_from(["ann", "ben", "cat"])


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["vas", "odi"]), st.sampled_from("AB"), SIDE, SIDE,
            st.tuples(*[st.sampled_from(["x", "y", None])] * 3), st.sampled_from(["x", "y", None]),
        ),
        max_size=30,
    )
)  # fmt: skip
def test_counts_are_those_of_going_through_every_field(forms) -> None:
    """Each form is one line; its first item has three values: of two passes and the final record."""
    lines, fields = [], []
    expected = {"": [0, 0]}
    for form, site, one, two, (first, second, final), _ in forms:
        months = ("2025-01", "2025-01")
        lines.append(ComparedLines(form, site, (one, two), months, 1))
        differ = first != second
        decided = final if differ else first
        wrong = (first != decided, second != decided) if not (differ and final is None) else None
        if differ:
            fields.append(QuestionedField(form, ITEMS[form][0], site, (one, two), months, True, wrong))
        expected[""][0] += differ
        expected[""][1] += len(ITEMS[form])
        for side, clerk in enumerate((one, two)):
            counts = expected.setdefault(clerk, [0, 0])
            counts[1] += len(ITEMS[form]) - (wrong is None)
            counts[0] += bool(wrong and wrong[side])
    found = _table([*rates_between(lines, fields, ITEMS), *rates_of_clerks(lines, fields, ITEMS)])
    whole = {clerk: list(counts) for (clerk, by, _), counts in found.items() if by == "all"}
    assert whole == {clerk: counts for clerk, counts in expected.items() if counts[1] or clerk in whole}


def test_nothing_compared_is_no_rate() -> None:
    assert rates_between([], [], ITEMS) == []
    assert rates_of_clerks([], [], ITEMS) == []
    empty = EpiDataTable("vas", 3, 2, 0, 0, 1, 0, 0, 0)
    assert (empty.percent_records, empty.percent_fields) == (None, None)
    all_undecided = rates_of_clerks(
        [ComparedLines("vas", "A", PAIR, ("2025-01", "2025-01"), 1)],
        [QuestionedField("vas", "vas_mm", "A", PAIR, ("2025-01", "2025-01"), True, None)],
        ITEMS,
    )
    assert all(math.isnan(rate.per_10000) and rate.fields == 0 for rate in all_undecided)
