"""Formulas: what is read, and what is refused before anything could run."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings, strategies as st

from trialkit.errors import FormulaError
from trialkit.stats.formula import parse_formula

pytestmark = pytest.mark.analytic


def labels(text: str) -> list[str]:
    return [":".join(v.label for v in term) for term in parse_formula(text).terms]


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("chg ~ arm * visit + log(base)", ["arm", "visit", "log(base)", "arm:visit"]),
        ("chg ~ arm*visit + base*visit", ["arm", "visit", "base", "arm:visit", "base:visit"]),
        ("chg ~ (a + b + c)^2 - a:b", ["a", "b", "c", "a:c", "b:c"]),
        ("chg ~ site/practice", ["site", "site:practice"]),
        ("chg ~ `baseline score` + a:b + b:a", ["baseline score", "a:b"]),
        ("chg ~ `pain.base` + log(`pain.base`)", ["pain.base", "log(pain.base)"]),
        ("chg ~ C(site) + rcs(age, 4)", ["site", "rcs(age, 4)"]),
        ("chg ~ 1", []),
    ],
)
def test_a_formula_expands_as_in_r(text, terms):
    assert labels(text) == terms


@pytest.mark.parametrize(
    ("text", "intercept"),
    [
        ("y ~ x", True),
        ("y ~ 0 + x", False),
        ("y ~ x + 0", False),
        ("y ~ x + 0 + z", False),
        ("y ~ -1 + x", False),
        ("y ~ x - 1", False),
        ("y ~ x0 + (a + b0)^2", True),
    ],
)
def test_the_intercept_is_there_unless_taken_out(text, intercept):
    """As attr(terms(text), "intercept") in R."""
    assert parse_formula(text).intercept is intercept


@pytest.mark.parametrize(
    "text",
    ["y ~ (0 + x)", "y ~ x + (0 + z)", "y ~ (x + 0) * z", "y ~ 0:x", "y ~ 0*x", "y ~ x - 0", "y ~ x:0"],
)
def test_a_zero_within_a_term_is_refused_since_r_takes_the_intercept_out_there_and_the_parser_does_not(text):
    with pytest.raises(FormulaError, match="0 alone among the terms"):
        parse_formula(text)


@pytest.mark.parametrize(
    "text", ["arm", "~ arm", "0 + arm", "arm + 0", "-1 + arm", "~ 0 + arm", "1 + arm", "0"]
)
def test_a_missing_left_side_is_said_whatever_stands_on_the_right(text):
    with pytest.raises(FormulaError) as refused:
        parse_formula(text)
    assert "expected an outcome left of '~'" in str(refused.value)


@pytest.mark.parametrize("text", ["0 + arm", "~ 0 + arm", "arm + 0", "-1 + arm"])
def test_terms_alone_may_take_the_intercept_out_with_or_without_the_tilde(text):
    read = parse_formula(text, outcome=False)
    assert not read.intercept
    assert [v.column for (v,) in read.terms] == ["arm"]


@pytest.mark.parametrize(
    "text",
    [
        "chg ~ {base + 1}",
        "chg ~ __import__('os').system('true')",
        "chg ~ os.system('true')",
        "chg ~ base.__class__",
        "chg ~ a.b",
        "chg ~ I(base**2)",
        "chg ~ poly(base, 2)",
        "chg ~ log(base + 1)",
        "chg ~ exp(log(base))",
        "chg ~ log(base, 2)",
        "chg ~ rcs(base, 12)",
        "chg ~ base[0]",
        "chg ~ (lambda: 1)()",
        "chg ~ 'arm'",
        "chg ~ [x for x in y]",
        "chg ~ arm | site",
        "chg ~ .",
        "chg ~ 3:arm",
        "chg ~ (a + b)^40",
        "log(chg + 1) ~ arm",
        "rcs(chg) ~ arm",
        "C(chg) ~ arm",
        "eval(chg) ~ arm",
    ],
)
def test_anything_that_could_execute_is_refused_before_evaluation(text):
    with pytest.raises(FormulaError) as refusal:
        parse_formula(text)
    assert refusal.value.next_step


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "chg",
        "~ arm",
        "chg ~",
        "chg ~ arm +",
        "chg ~ (arm",
        "a + b ~ c",
        "chg ~ arm ~ site",
        "chg ~ 0",
    ],
)
def test_a_formula_that_says_no_model_is_refused(text):
    with pytest.raises(FormulaError):
        parse_formula(text)


def test_a_formula_that_is_not_text_is_refused():
    with pytest.raises(FormulaError):
        parse_formula(["chg", "arm"])


def test_the_outcome_may_not_predict_itself():
    with pytest.raises(FormulaError, match="not also a predictor"):
        parse_formula("chg ~ arm + log(chg)")


def test_a_model_without_outcome_refuses_one():
    with pytest.raises(FormulaError, match="without a left side"):
        parse_formula("time ~ arm", outcome=False)
    assert [v.column for (v,) in parse_formula("arm + age", outcome=False).terms] == ["arm", "age"]


@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.text(alphabet="ab1~+-*:^/()|.{}[]`'\",% =_loginrcs", max_size=25))
def test_any_text_is_a_formula_or_refused_by_name(text):
    with contextlib.suppress(FormulaError):
        parse_formula(text)


def test_the_error_text_carries_no_terminal_codes():
    with pytest.raises(FormulaError) as refusal:
        parse_formula("chg ~ arm +")
    assert "\x1b" not in str(refusal.value)


@pytest.mark.parametrize(
    "text",
    [
        "y ~ (a + b + c) ^ 9",
        "y ~ a ^ 9 ^ 9",
        "y ~ 9 ** 9 ** 9",
        "y ~ " + " * ".join(f"x{n}" for n in range(25)),
        "y ~ (" + " + ".join(f"x{n}" for n in range(60)) + ") ^ 4",
        "y ~ ((((a + b + c) ^ 4 * d) ^ 4 * e) ^ 4 * f) ^ 4",
        "y ~ " + " + ".join(f"x{n}" for n in range(1000)),
    ],
)
def test_a_formula_that_would_write_out_without_end_is_refused_at_once(text):
    with pytest.raises(FormulaError):
        parse_formula(text)


def test_four_way_interactions_are_written_out():
    assert len(parse_formula("y ~ (a + b + c + d + e) ^ 4").terms) == 5 + 10 + 10 + 5
