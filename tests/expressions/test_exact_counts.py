"""What is counted comes out as on paper: no binary digits in a difference, a sum, a mean or a remainder."""

from __future__ import annotations

import operator
from fractions import Fraction
from typing import Any

import pytest
from datediff_cases import cases
from hypothesis import example, given, settings, strategies as st

from trialkit.expressions import evaluate, parse

_DECIMALS = st.decimals(-1000, 1000, places=3, allow_nan=False).map(lambda number: str(number.normalize()))


def answer(text: str, **values: Any) -> Any:
    return evaluate(parse(text), lambda name: values.get(name.item))


def nearest(ratio: Fraction) -> float:
    """Python divides whole numbers to the nearest float."""
    return ratio.numerator / ratio.denominator


@pytest.mark.analytic
def test_datediff_is_the_nearest_number_to_whole_number_arithmetic() -> None:
    wrong = []
    asked = 0
    for first, second, unit, expected in cases():
        asked += 1
        found = answer(f"datediff([a], [b], '{unit}', true)", a=first, b=second)
        if found != nearest(expected) or answer(f"datediff([a], [b], '{unit}')", a=first, b=second) != abs(
            found
        ):
            wrong.append((first, second, unit, expected, found))
    assert asked > 8_000
    assert not wrong, (len(wrong), wrong[:5])


@pytest.mark.analytic
def test_a_rule_at_a_limit_in_minutes_hours_or_seconds_holds_only_beyond_it() -> None:
    """The limit is typed as a decimal where it is one: half hours and quarters are."""
    for minutes in range(15, 1440, 15):
        end = f"{minutes // 60:02}:{minutes % 60:02}"
        for unit, limit in (("h", f"{minutes / 60:g}"), ("m", str(minutes)), ("s", str(minutes * 60))):
            rule = f"datediff([a], [b], '{unit}') > {limit}"
            assert answer(rule, a="00:00", b=end) is False, rule
            assert answer(rule.replace(">", "="), a="2024-03-01 00:00", b=f"2024-03-01 {end}") is True, rule


def test_a_day_and_a_time_of_day_have_no_difference() -> None:
    for pair in (("2024-03-01", "08:00"), ("08:00", "2024-03-01 09:00"), ("25:00", "08:00"), ("8", "9")):
        found = evaluate(
            parse("datediff([a], [b], 'h')"),
            lambda name, pair=pair: dict(zip("ab", pair, strict=True))[name.item],
            unreadable_is_missing=True,
        )
        assert found is None


_STEPS = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}


@pytest.mark.independent_reimplementation
@settings(derandomize=True, deadline=None, max_examples=300)
@example(["0.1", "0.2"], ["+"])
@example(["0.3", "0.1", "3"], ["-", "*"])
@example(["0.7", "3", "3"], ["/", "*"])
@given(st.lists(_DECIMALS, min_size=2, max_size=6), st.lists(st.sampled_from("+-*/"), min_size=5, max_size=5))
def test_a_chain_of_steps_is_the_nearest_number_to_its_fractions(
    numbers: list[str], steps: list[str]
) -> None:
    """Grouped from the left by brackets, so that the order of operations is Python's here."""
    text, expected = f"[x0] {steps[0]} [x1]", None
    try:
        expected = _STEPS[steps[0]](Fraction(numbers[0]), Fraction(numbers[1]))
        for n, number in enumerate(numbers[2:], 2):
            step = steps[(n - 1) % len(steps)]
            text = f"({text}) {step} [x{n}]"
            expected = _STEPS[step](expected, Fraction(number))
    except ZeroDivisionError:
        return
    assert answer(text, **{f"x{n}": number for n, number in enumerate(numbers)}) == nearest(expected)


@pytest.mark.independent_reimplementation
@settings(derandomize=True, deadline=None, max_examples=200)
@example(["0.1", "0.2"])
@given(st.lists(_DECIMALS, min_size=2, max_size=7))
def test_summaries_are_the_nearest_numbers_to_their_fractions(numbers: list[str]) -> None:
    ratios = sorted(map(Fraction, numbers))
    names = ", ".join(f"[x{n}]" for n in range(len(numbers)))
    values = {f"x{n}": number for n, number in enumerate(numbers)}
    middle = len(ratios) // 2
    median = ratios[middle] if len(ratios) % 2 else (ratios[middle - 1] + ratios[middle]) / 2
    assert answer(f"sum({names})", **values) == nearest(sum(ratios, Fraction(0)))
    assert answer(f"mean({names})", **values) == nearest(sum(ratios, Fraction(0)) / len(ratios))
    assert answer(f"median({names})", **values) == nearest(median)
    if ratios[0]:
        left = abs(ratios[-1]) % abs(ratios[0]) * (1 if ratios[-1] >= 0 else -1)
        found = answer("mod([a], [b])", a=values_of(ratios[-1]), b=values_of(ratios[0]))
        assert found == nearest(left)


def values_of(ratio: Fraction) -> str:
    return f"{float(ratio):.3f}"


@pytest.mark.analytic
@pytest.mark.parametrize("base", ["2", "3", "5", "10", "0.1", "1.5"])
def test_the_logarithm_of_a_whole_power_is_whole(base: str) -> None:
    for power in range(-10, 11):
        number = nearest(Fraction(base) ** power)
        if Fraction(repr(number)) == Fraction(base) ** power:
            assert answer("log([a], [b])", a=repr(number), b=base) == power
