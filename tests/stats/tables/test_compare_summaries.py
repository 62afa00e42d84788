"""Published tables recomputed from their own summaries."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import assume, given, settings, strategies as st
from scipy import stats

from tests.reference.agreement import agree, own_reference
from trialkit.stats import CountsRow, DataError, MeansRow, PercentRow, RatioRow, compare_summaries
from trialkit.stats.tables.printed import Box
from trialkit.stats.tables.rederived import largest_variance_p

N = (184, 29)
# The table of the cohort after kyphoplasty (study B), as printed.
PUBLISHED = [
    MeansRow("age", N, ("70.56", "72.86"), ("8.42", "9.41"), t="-1.340", p="0.182"),
    CountsRow("sex", ((32, 152), (6, 23)), chi_square="0.348", p="0.840"),
    MeansRow("VBQ", N, ("2.57", "3.14"), ("0.25", "0.38"), t="-10.373", p="0.001"),
    CountsRow("fascia injury", ((33, 151), (12, 17)), chi_square="8.263", p="0.004"),
    CountsRow("trauma", ((73, 97, 14), (12, 14, 3)), chi_square="0.348", p="0.841"),
    CountsRow("level", ((11, 156, 17), (1, 22, 6)), chi_square="3.565", p="0.168"),
    MeansRow("kyphosis", N, ("6.70", "16.03"), ("4.80", "6.69"), t="-9.175", p="0.001"),
    MeansRow("cement volume", N, ("5.67", "5.03"), ("0.67", "1.01"), t="4.462", p="0.002"),
    CountsRow("cement", ((78, 106), (3, 26)), chi_square="10.917", p="0.001"),
    MeansRow("PS area", N, ("16.15", "10.74"), ("3.71", "4.23"), t="7.158", p="0.001"),
    MeansRow("PS muscle", N, ("13.07", "8.49"), ("3.86", "4.08"), t="5.890", p="<0.001"),
    MeansRow("FI PS", N, ("19.65", "21.83"), ("10.37", "11.19"), t="-1.042", p="0.298"),
    MeansRow("FI ES+MF", N, ("43.40", "57.28"), ("14.93", "5.63"), t="-4.943", p="0.001"),
    PercentRow("sensitivity of PS area", "86.1", of=29),
    PercentRow("specificity of PS area", "76.9", of=184),
    PercentRow("sensitivity of FI", "89.7", of=29),
    PercentRow("specificity of FI", "62.5", of=184),
    RatioRow("VBQ, odds ratio", "85.212", "7.006", "1036.458"),
    RatioRow("kyphosis, odds ratio", "1.139", "1.017", "1.276"),
]


@pytest.fixture(scope="module")
def published():
    return compare_summaries(PUBLISHED)


def kinds(result, variable):
    return set(result.findings.loc[result.findings["variable"] == variable, "kind"])


@pytest.mark.analytic
@pytest.mark.parametrize(
    ("variable", "expected"),
    [
        ("age", set()),
        ("sex", {"statistic impossible", "p-value impossible", "statistic of another row"}),
        ("VBQ", {"p-value impossible", "unequal variances"}),
        ("fascia injury", set()),
        ("trauma", set()),
        ("level", set()),
        ("kyphosis", {"p-value impossible", "unequal variances"}),
        ("cement volume", {"p-value impossible", "unequal variances"}),
        ("cement", set()),
        ("PS area", {"p-value impossible"}),
        ("PS muscle", set()),
        ("FI PS", set()),
        ("FI ES+MF", {"p-value impossible", "unequal variances"}),
        ("sensitivity of PS area", {"percentage impossible"}),
        ("specificity of PS area", {"percentage impossible"}),
        ("sensitivity of FI", set()),
        ("specificity of FI", set()),
        ("VBQ, odds ratio", set()),
        ("kyphosis, odds ratio", set()),
    ],
)
def test_the_published_cohort_is_flagged_where_rounding_explains_nothing(published, variable, expected):
    assert kinds(published, variable) == expected


def rounds_to(value, printed):
    """Whether a number is printed so; a value on the edge may go either way."""
    if printed.startswith("<"):
        return value < float(printed[1:])
    decimals = len(printed.split(".")[1])
    return np.abs(np.abs(value) - abs(float(printed))) <= 0.5 * 10.0**-decimals * (1 + 1e-9)


def draws_in_the_boxes(row, rng, size=20_000):
    """Means and SDs that round to the printed ones: the corners, and as many between."""
    boxes = [(float(text), 0.5 * 10.0 ** -len(text.split(".")[1])) for text in (*row.means, *row.sds)]
    corners = np.array(list(itertools.product(*[(c - h, c, c + h) for c, h in boxes])))
    inside = np.array([c + h * rng.uniform(-1, 1, size) for c, h in boxes]).T
    return np.vstack([corners, inside]).T


@pytest.mark.independent_reimplementation
@pytest.mark.parametrize(
    "row", [row for row in PUBLISHED if isinstance(row, MeansRow)], ids=lambda r: r.variable
)
def test_a_printed_t_and_p_are_flagged_where_no_draw_from_the_rounded_values_has_both(published, row):
    m1, m2, s1, s2 = draws_in_the_boxes(row, np.random.default_rng(1))
    found_t = found_both = False
    for equal in (True, False):
        t, p = stats.ttest_ind_from_stats(m1, s1, N[0], m2, s2, N[1], equal_var=equal)
        as_printed = rounds_to(t, row.t)
        found_t |= as_printed.any()
        found_both |= (as_printed & rounds_to(p, row.p)).any()
    assert ("statistic impossible" in kinds(published, row.variable)) == (not found_t)
    assert ("p-value impossible" in kinds(published, row.variable)) == (not found_both)


@pytest.mark.external_reference
@pytest.mark.parametrize(
    "row", [row for row in PUBLISHED if isinstance(row, CountsRow)], ids=lambda r: r.variable
)
def test_a_printed_chi_square_is_flagged_where_scipy_has_another(published, row):
    tests = [
        stats.chi2_contingency(row.counts, correction=correct, lambda_=kind)
        for correct, kind in ((False, 1), (True, 1), (False, "log-likelihood"))
    ]
    possible = any(rounds_to(test.statistic, row.chi_square) for test in tests)
    assert ("statistic impossible" in kinds(published, row.variable)) == (not possible)


@pytest.mark.analytic
def test_a_p_that_belongs_to_another_test_is_traced_to_it(published):
    texts = published.findings.set_index(["variable", "kind"])["text"]
    assert "It is the p of the Welch t test" in texts["cement volume", "p-value impossible"]
    told = (
        "on 2 df; the table has 1, on which that chi-square has p 0.5552."  # pchisq(0.348, 1, lower = FALSE)
    )
    assert told in texts["sex", "p-value impossible"]
    assert "trauma" in texts["sex", "statistic of another row"]
    assert texts["VBQ", "p-value impossible"].endswith('"<0.001" would be possible.')
    assert not texts[["sex", "cement volume"]].str.contains("would be possible").any()
    assert "25 of 29 is 86.21 %" in texts["sensitivity of PS area", "percentage impossible"]


@pytest.mark.external_reference
@pytest.mark.parametrize("case", range(4))
def test_t_tests_from_summaries_are_those_of_data_that_have_them(case):
    expected = own_reference("compare_summaries", "output")[case]
    means, sds = (tuple(map(str, expected[name])) for name in ("means", "sds"))
    table = compare_summaries([MeansRow("x", tuple(expected["n"]), means, sds)]).table.set_index("test")
    for test, name in (("pooled t", "pooled"), ("Welch t", "welch")):
        ours, theirs = table.loc[test], expected[name]
        agree("compare_summaries", "t.test", "statistic", ours["statistic"], theirs["statistic"])
        agree("compare_summaries", "t.test", "df", ours["df"], theirs["df"])
        agree("compare_summaries", "t.test", "p_value", ours["p_value"], theirs["p_value"])


@pytest.mark.external_reference
@pytest.mark.parametrize("case", range(4))
def test_the_variance_test_is_that_of_r_where_nothing_is_rounded(case):
    expected = own_reference("compare_summaries", "output")[case]
    first, second = (Box(str(sd), sd, sd, sd) for sd in expected["sds"])
    ours = largest_variance_p(tuple(expected["n"]), (first, second))
    agree("compare_summaries", "var.test", "p_value", ours, expected["variances"])


finite = st.floats(-50, 50, allow_nan=False)
spread = st.floats(0.5, 20)


@pytest.mark.independent_reimplementation
@settings(derandomize=True, deadline=None, max_examples=150)
@given(
    st.tuples(finite, finite), st.tuples(spread, spread), st.tuples(st.integers(2, 200), st.integers(2, 200)),
    st.integers(0, 2), st.booleans(), st.booleans(),
)  # fmt: skip
def test_what_rounding_made_of_true_numbers_is_never_called_impossible(means, sds, n, digits, equal, swap):
    found = stats.ttest_ind_from_stats(means[0], sds[0], n[0], means[1], sds[1], n[1], equal_var=equal)
    assume(math.isfinite(found.statistic))

    def show(x, places):
        return f"{x:.{places}f}"

    t = show(-found.statistic if swap else found.statistic, 3)
    p = "<0.001" if found.pvalue < 0.001 else show(found.pvalue, 3)
    shown_means, shown_sds = (tuple(show(x, digits) for x in pair) for pair in (means, sds))
    row = MeansRow("x", n, shown_means, shown_sds, t=t, p=p)
    assert set(compare_summaries([row]).findings["kind"]) <= {"unequal variances"}


@pytest.mark.independent_reimplementation
@pytest.mark.parametrize("equal", [True, False])
def test_the_range_of_t_is_as_narrow_as_the_values_that_round_to_the_summary(equal):
    """Corners and random points of the box: none outside the range, and the ends are reached."""
    row = MeansRow("x", (12, 30), ("3.1", "2.6"), ("1.2", "0.8"))
    line = compare_summaries([row]).table.iloc[0 if equal else 1]
    generator, statistics, p_values = np.random.default_rng(2), [], []
    corners = np.array(np.meshgrid(*[[-1, 1]] * 4)).reshape(4, -1).T
    for shift in np.vstack([corners, generator.uniform(-1, 1, (2000, 4))]) * 0.05:
        m1, m2, s1, s2 = np.array([3.1, 2.6, 1.2, 0.8]) + shift
        found = stats.ttest_ind_from_stats(m1, s1, 12, m2, s2, 30, equal_var=equal)
        statistics.append(found.statistic)
        p_values.append(found.pvalue)
    assert line["statistic_lowest"] == pytest.approx(min(statistics), rel=1e-9)
    assert line["statistic_highest"] == pytest.approx(max(statistics), rel=1e-9)
    assert line["p_lowest"] <= min(p_values)
    assert line["p_highest"] >= max(p_values)
    assert line["p_highest"] == pytest.approx(max(p_values), rel=1e-9 if equal else 0.02)


@pytest.mark.independent_reimplementation
@settings(derandomize=True, deadline=None, max_examples=100)
@given(st.integers(1, 400), st.data(), st.integers(0, 2))
def test_a_true_percentage_is_always_possible_and_a_false_one_never(of, data, digits):
    k = data.draw(st.integers(0, of))
    printed = f"{100 * k / of:.{digits}f}"
    assert compare_summaries([PercentRow("x", printed, of)]).findings.empty
    drawn = f"{data.draw(st.floats(0, 100)):.{digits}f}"
    half = 0.5 * 10**-digits
    possible = any(abs(100 * j / of - float(drawn)) <= half * (1 + 1e-9) for j in range(of + 1))
    assert compare_summaries([PercentRow("x", drawn, of)]).findings.empty == possible


@pytest.mark.analytic
def test_an_odds_ratio_off_the_middle_of_its_interval_is_flagged():
    right = RatioRow("x", "1.634", "1.120", "2.384", p="0.011")
    wrong = RatioRow("x", "1.534", "1.120", "2.384")
    odd = RatioRow("x", "1.634", "1.120", "2.384", p="0.110")
    assert compare_summaries([right]).findings.empty
    assert kinds(compare_summaries([wrong]), "x") == {"interval impossible"}
    assert kinds(compare_summaries([odd]), "x") == {"p-value impossible"}


def test_a_corrected_chi_square_and_fishers_p_are_possible():
    counts = ((20, 15), (9, 22))
    corrected = stats.chi2_contingency(counts, correction=True)
    exact = stats.fisher_exact(counts).pvalue
    row = CountsRow("x", counts, chi_square=f"{corrected.statistic:.3f}", p=f"{corrected.pvalue:.3f}")
    assert compare_summaries([row]).findings.empty
    assert compare_summaries([CountsRow("x", counts, p=f"{exact:.4f}")]).findings.empty


def test_a_clean_table_says_so():
    assert "Rounding explains everything." in repr(compare_summaries(PUBLISHED[:1]))


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: [], "at least one row"),
        (lambda: [MeansRow("x", N, (70.56, "72.86"), ("8.42", "9.41"))], "as text"),
        (lambda: [MeansRow("x", N, ("70,56", "72.86"), ("8.42", "9.41"))], "a printed number"),
        (lambda: [MeansRow("x", (1, 2), ("1", "2"), ("1", "2"))], "groups of two or more"),
        (lambda: [CountsRow("x", ((1, 2), (0, 0)))], "no empty group"),
        (lambda: [CountsRow("x", ((1, 2, 3), (1, 2)))], "the same two or more levels"),
        (lambda: [PercentRow("x", "50", 0)], "one subject"),
        (lambda: [RatioRow("x", "0.0", "0.1", "2.0")], "a positive ratio"),
        (lambda: ["age"], "a MeansRow"),
    ],
)
def test_a_row_that_cannot_be_read_is_refused(make, text):
    with pytest.raises(DataError, match=text):
        compare_summaries(make())
