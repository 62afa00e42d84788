"""What an expression answers, missing values included."""

from __future__ import annotations

import itertools
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from trialkit.expressions import ExpressionError, Name, NotKnownYet, evaluate, parse


def answer(text: str, syntax: Any = "redcap", **values: Any) -> Any:
    return evaluate(parse(text, syntax), lambda name: values.get(str(name).replace("@", "_at_")))


KLEENE_AND = {
    (True, True): True, (True, False): False, (True, None): None,
    (False, True): False, (False, False): False, (False, None): False,
    (None, True): None, (None, False): False, (None, None): None,
}  # fmt: skip


@pytest.mark.analytic
@pytest.mark.parametrize(("a", "b"), KLEENE_AND)
def test_missing_follows_kleenes_tables(a: bool | None, b: bool | None) -> None:
    assert answer("[a] and [b]", a=a, b=b) is KLEENE_AND[a, b]
    opposite = {True: False, False: True, None: None}
    assert answer("[a] or [b]", a=a, b=b) is opposite[KLEENE_AND[opposite[a], opposite[b]]]
    assert answer("not [a]", a=a) is opposite[a]


def test_a_comparison_with_a_missing_value_is_missing_not_false() -> None:
    assert answer("[odi] >= 20") is None
    assert answer("[x] <> '1'") is None


def test_comparing_with_the_empty_text_asks_whether_a_value_is_there() -> None:
    assert answer("[x] = ''") is True
    assert answer("[x] <> ''") is False
    assert answer("'' = [x]", x="") is True
    assert answer("[x] <> ''", x=0) is True


def test_codes_are_compared_as_numbers_where_they_read_as_numbers() -> None:
    assert answer("[sex] = '1'", sex="1") is True
    assert answer("[sex] = 1", sex="1") is True
    assert answer("[x] = 12.30", x="12.3") is True
    assert answer("[x] > 9", x="10") is True
    assert answer("[sex] = 'female'", sex="female") is True
    assert answer("[yes] = '1'", yes=True) is True


def test_dates_are_compared_as_dates() -> None:
    assert answer("[d] < '2024-10-01'", d=date(2024, 9, 30)) is True
    assert answer("[d] = [e]", d="2024-09-30", e=date(2024, 9, 30)) is True


def test_two_words_have_no_order() -> None:
    with pytest.raises(ExpressionError, match="two numbers, dates or times"):
        answer("[a] < [b]", a="mild", b="severe")


def test_a_text_cannot_be_summed_and_the_place_is_marked() -> None:
    with pytest.raises(ExpressionError, match=r"a number.*>>\[a\] \+ 1<<"):
        answer("[a] + 1", a="mild")


def test_a_value_at_another_visit_is_asked_for_by_its_visit() -> None:
    asked: list[Name] = []

    def lookup(name: Name) -> float:
        asked.append(name)
        return 42.0

    assert evaluate(parse("[month_12_arm_2][odi]"), lookup) == 42.0
    assert asked == [Name("odi", "month_12")]
    assert answer("vas_mm@month_12 > 20", "rule", vas_mm_at_month_12=21) is True


@pytest.mark.analytic
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2 + 3 * 4", 14), ("(2 + 3) * 4", 20), ("2 ^ 3 ^ 2", 512), ("-2 ^ 2", -4), ("10 - 4 - 3", 3),
        ("24 / 4 / 2", 3), ("round(2.5)", 3), ("round(-2.5)", -3), ("round(35.555, 2)", 35.56),
        ("round(1.005, 2)", 1.01), ("roundup(2.1)", 3), ("rounddown(2.9)", 2), ("min(3, 1, 2)", 1),
        ("max(3, 1, 2)", 3), ("mean(1, 2, 6)", 3), ("median(1, 2, 6)", 2), ("sum(1, 2, 6)", 9),
        ("stdev(2, 4, 4, 4, 5, 5, 7, 9) ^ 2", 32 / 7), ("sqrt(16)", 4), ("abs(-3)", 3),
        ("round([w] / ([h] / 100) ^ 2, 1)", 22.9), ("if([w] > 60, 1, 2)", 1),
    ],
)  # fmt: skip
def test_arithmetic_is_the_arithmetic_of_paper(text: str, expected: float) -> None:
    assert answer(text, w=70, h=175) == pytest.approx(expected, rel=1e-12)


def test_a_sum_passes_over_what_is_missing_and_a_plus_does_not() -> None:
    assert answer("sum([a], [b], 2)", a=1) == 3
    assert answer("[a] + [b] + 2", a=1) is None
    assert answer("mean([a], [b])") is None
    assert answer("stdev([a], [b])", a=1) is None


def test_division_by_zero_is_missing() -> None:
    assert answer("1 / [x]", x=0) is None
    assert answer("[x] ^ 4000", x=10) is None


@pytest.mark.analytic
def test_datediff_counts_days_and_signs_them_only_when_asked() -> None:
    days = {"a": "2024-03-01", "b": date(2024, 2, 1)}
    assert answer("datediff([a], [b], 'd')", **days) == 29
    assert answer("datediff([a], [b], 'd', true)", **days) == -29
    assert answer("datediff([a], [b], 'd', 'ymd', true)", **days) == -29
    assert answer("datediff([a], [b], 'h')", **days) == pytest.approx(29 * 24)
    assert answer("datediff([a], [b], 'y')", **days) == pytest.approx(29 / 365.2425)
    assert answer("datediff([a], [c], 'd')", **days) is None
    with pytest.raises(ExpressionError, match="a unit of time"):
        answer("datediff([a], [b], 'w')", **days)
    with pytest.raises(ExpressionError, match="a date"):
        answer("datediff([a], [b], 'd')", a="2024-02-31", b="2024-01-01")


def test_only_the_branch_that_is_taken_is_evaluated() -> None:
    assert answer("if([a] = 1, 5, sqrt(-1))", a=1) == 5
    assert answer("if([a] = 1, 5, 6)") is None


def test_asking_whether_something_is_missing_always_has_an_answer() -> None:
    assert answer("is_missing(x)", "rule") is True
    assert answer("isblankormissingcode([x])", x=0) is False
    assert answer("isnumber([x])", x="12.5") is True
    assert answer("isnumber([x])", x="dozen") is False


_VALUES = st.one_of(st.none(), st.booleans(), st.sampled_from(["0", "1"]))


@pytest.mark.independent_reimplementation
@settings(derandomize=True, deadline=None, max_examples=100)
@given(st.lists(_VALUES, min_size=2, max_size=5))
def test_a_missing_answer_means_that_the_missing_values_decide(values: list[Any]) -> None:
    """Every completion of the missing values is tried: None must stand exactly where they disagree."""
    text = " or ".join(f"([x{n}] and not [x{n - 1}])" for n in range(1, len(values)))
    names = {f"x{n}": value for n, value in enumerate(values)}
    holes = [name for name, value in names.items() if value is None]
    answers = set()
    for fill in itertools.product([True, False], repeat=len(holes)):
        answers.add(answer(text, **{**names, **dict(zip(holes, fill, strict=True))}))
    three_valued = answer(text, **names)
    if three_valued is None:
        assert holes
    else:
        assert answers == {three_valued}


@pytest.mark.parametrize("function", ["sum", "mean", "median", "stdev", "max", "round"])
@pytest.mark.parametrize("value", ["1e308", "1e400", "-1e308"])
def test_what_is_too_large_to_hold_is_missing_or_held_and_never_fails(function: str, value: str) -> None:
    pair = "[x], [x]" if function != "round" else "[x], 15"
    found = evaluate(parse(f"{function}({pair})"), lambda name: value)
    assert found is None or found in (0.0, 1e308, -1e308)


def test_rounding_keeps_a_number_whose_digits_end_before_the_place() -> None:
    assert evaluate(parse("round([x], 15)"), lambda name: "1e300") == 1e300
    assert evaluate(parse("round([x], -2)"), lambda name: "12350") == 12400.0


def _without(unknown: str, **values: Any) -> Any:
    def value(name: Name) -> Any:
        if name.item == unknown:
            raise NotKnownYet
        return values[name.item]

    return value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[u] = ''", None),
        ("[u] <> ''", None),
        ("not ([u] = '')", None),
        ("isblankormissingcode([u])", None),
        ("if([u] = '', 0, 0) = 0", None),
        ("max([u], 5) > 1", None),
        ("[x] = '1' and [u] = '1'", None),
        ("[x] = '2' and [u] = '1'", False),
        ("[u] = '' and [x] = '2'", False),
        ("[u] = '' or [x] = '1'", True),
        ("not ([u] = '' or [x] = '1')", False),
    ],
)
def test_of_what_is_not_known_yet_only_the_rest_decides(text: str, expected: bool | None) -> None:
    assert evaluate(parse(text), _without("u", x="1")) is expected
