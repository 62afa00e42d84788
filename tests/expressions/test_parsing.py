"""Both syntaxes become one tree, and what cannot be read is pointed at."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given, settings, strategies as st

from trialkit.expressions import ExpressionError, Kind, Name, parse


def test_the_names_a_rule_needs_are_listed_once_in_order_of_use() -> None:
    expression = parse("[baseline_arm_1][odi] > 20 and [vas_mm] > [baseline_arm_1][odi] or [box(2)] = '1'")
    assert expression.names == (Name("odi", "baseline"), Name("vas_mm"), Name("box___2"))


def test_the_plans_syntax_names_a_visit_after_an_at_sign() -> None:
    expression = parse("lbp_hours >= 24 and vas_mm@month_12 > 20", "rule")
    assert expression.names == (Name("lbp_hours"), Name("vas_mm", "month_12"))


@pytest.mark.parametrize(
    ("redcap", "rule"),
    [
        ("[a] = '1' and not ([b] <> 2)", "a == '1' and not (b != 2)"),
        ("round([a] / 2, 1) >= -3", "round(a / 2, 1) >= -3"),
        ("[v][a] + 2 * 3 ^ 2", "a@v + 2 * 3 ^ 2"),
    ],
)
def test_the_two_syntaxes_agree_on_names_and_kind(redcap: str, rule: str) -> None:
    first, second = parse(redcap, "redcap"), parse(rule, "rule")
    assert (first.names, first.kind) == (second.names, second.kind)


def test_the_kind_of_an_expression_is_known_before_any_value() -> None:
    assert parse("[a] > 3").kind is Kind.LOGICAL
    assert parse("[a] * 3").kind is Kind.NUMBER
    assert parse("[a]").kind is Kind.UNKNOWN


WRONG = {
    "[x] >= ": (8, "a value"),
    "[x] >= )": (8, "a value"),
    "([x] = 1": (9, "')'"),
    "[x] = 'open": (7, "a closing '"),
    "[x y] = 1": (1, "[item]"),
    "20 <= [x] <= 60": (11, "one comparison at a time"),
    "[x] and 3": (9, "true or false"),
    "[x] + 'a'": (7, "a number"),
    "shell([x])": (1, "one of the functions"),
    "datediff([x], 'today', 'd')": (15, "an item or a date"),
    "[x] ; 1": (5, "an operator"),
    "datediff([x], [y])": (1, "3 to 5 arguments"),
    "x > 3": (1, "[item]"),
    "[x] = 1 [y] = 2": (9, "an operator or the end"),
    "": (1, "an expression"),
    "not": (4, "a value"),
}


@pytest.mark.parametrize("text", WRONG)
def test_an_error_names_its_column_and_marks_the_place(text: str) -> None:
    column, expected = WRONG[text]
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    assert caught.value.column == column
    assert expected in str(caught.value)
    assert ">>" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_python_is_not_an_expression() -> None:
    for text in ("__import__('os').system('id')", "[x].__class__", "lambda: 1", "{1}", "f'{1}'"):
        with pytest.raises(ExpressionError):
            parse(text, "rule" if "[" not in text else "redcap")


def test_brackets_nested_beyond_reason_are_refused_and_long_chains_are_not() -> None:
    with pytest.raises(ExpressionError, match="levels of brackets"):
        parse("(" * 5000 + "[x]" + ")" * 5000)
    assert len(parse(" or ".join(f"[x{n}] = 1" for n in range(3000))).names) == 3000
    assert len(parse(" + ".join(f"[x{n}]" for n in range(3000))).names) == 3000
    with pytest.raises(ExpressionError, match="levels of brackets"):
        parse("-" * 5000 + "1")


_PIECES = st.text(alphabet="[]()'\"<>=+-*/^,!&|andortif x1_.@ é\n", max_size=40)


@settings(derandomize=True, deadline=None, max_examples=300)
@given(_PIECES, st.sampled_from(["redcap", "rule"]))
def test_any_text_is_parsed_or_refused_in_one_line(text: str, syntax: Literal["redcap", "rule"]) -> None:
    message = ""
    try:
        parse(text, syntax)
    except ExpressionError as error:
        message = str(error)
    assert "\n" not in message


@pytest.mark.external_reference
def test_the_expressions_of_real_redcap_dictionaries_are_parsed(shared: Path) -> None:
    parsed = 0
    for path in sorted((shared / "interchange" / "redcap").glob("*/dictionary.csv")):
        with path.open(encoding="utf-8-sig", newline="") as handle:
            for row in csv.DictReader(handle):
                branching = row["Branching Logic (Show field only if...)"]
                if branching:
                    assert parse(branching).kind is Kind.LOGICAL
                    parsed += 1
                if row["Field Type"] == "calc":
                    parse(row["Choices, Calculations, OR Slider Labels"])
                    parsed += 1
    assert parsed >= 3


@pytest.mark.parametrize("text", ["[x] > 1e400", "[x] + 9e999"])
def test_a_number_too_large_to_hold_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError, match="a number below 1e308"):
        parse(text)


def test_an_expression_longer_than_any_form_needs_is_refused() -> None:
    with pytest.raises(ExpressionError, match="100,000 characters"):
        parse(" + ".join(f"[x{n}]" for n in range(20_000)))
