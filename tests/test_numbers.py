"""Every number on paper goes through these functions."""

from __future__ import annotations

import math
import re
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

from trialkit import numbers

pytestmark = pytest.mark.analytic


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (0.125, 2, "0.13"),
        (-0.125, 2, "−0.13"),
        (2.675, 2, "2.68"),  # its binary neighbour lies below; the reader sees 2.675
        (2.5, 0, "3"),
        (3.5, 0, "4"),
        (-4.64, 2, "−4.64"),
        (-0.004, 2, "0.00"),
        (1e-9, 1, "0.0"),
        (9999, 0, "9999"),
        (27518, 0, "27,518"),
        (123456.789, 1, "123,456.8"),
        (math.inf, 1, "∞"),
        (-math.inf, 1, "−∞"),
        (np.float64(1.25), 1, "1.3"),
        (np.int64(7), 0, "7"),
    ],
)
def test_a_number_is_rounded_half_away_from_zero_as_the_reader_would(
    value: float, decimals: int, text: str
) -> None:
    assert numbers.fixed(value, decimals) == text


@pytest.mark.parametrize("value", [None, math.nan, np.nan, pd.NA, pd.NaT, np.float64("nan")])
def test_what_is_absent_prints_as_an_en_dash_and_never_as_nan(value: object) -> None:
    printed = [
        numbers.fixed(value, 1),
        numbers.p_value(value),
        numbers.percent(value),
        numbers.count_percent(value, value),
        numbers.mean_sd(value, value, 1),
        numbers.span(value, value, 1),
        numbers.estimate_interval(value, 1, 2, 1),
    ]
    assert set(printed) == {"–"}


@settings(derandomize=True, deadline=None)
@given(st.floats(-1e9, 1e9), st.integers(0, 6))
def test_what_is_printed_lies_within_half_a_last_digit_of_the_number(value: float, decimals: int) -> None:
    text = numbers.fixed(value, decimals)
    assert re.fullmatch(r"−?[\d,]+(\.\d+)?", text)
    printed = Decimal(text.replace("−", "-").replace(",", ""))
    assert abs(printed - Decimal(repr(value))) <= Decimal(5).scaleb(-decimals - 1)


@settings(derandomize=True, deadline=None)
@given(st.floats(-1e6, 1e6), st.integers(0, 4))
def test_turning_a_sign_before_or_after_printing_gives_the_same_digits(value: float, decimals: int) -> None:
    assert numbers.fixed(-value, decimals).lstrip("−") == numbers.fixed(value, decimals).lstrip("−")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "<0.001"),
        (0.00099999, "<0.001"),
        (0.001, "0.001"),
        (0.0495, "0.050"),
        (0.05, "0.050"),
        (0.999, "0.999"),
        (0.9991, ">0.999"),
        (1.0, ">0.999"),
    ],
)
def test_a_p_value_is_never_zero_and_never_one(value: float, text: str) -> None:
    assert numbers.p_value(value) == text


def test_p_values_in_a_sentence_read_as_a_sentence() -> None:
    assert numbers.p_statement(0.0247) == "p = 0.025"
    assert numbers.p_statement(0.0000419) == "p < 0.001"
    assert numbers.p_statement(None) == "p = –"


@pytest.mark.parametrize(
    ("count", "percentage", "text"),
    [
        (0, 0.0, "0"),
        (12, 7.643, "12 (7.6)"),
        (1, 0.02, "1 (<0.1)"),
        (4999, 99.98, "4999 (>99.9)"),
        (5, 100.0, "5 (100.0)"),
    ],
)
def test_a_count_and_its_percentage_never_hide_the_rare_or_the_nearly_all(
    count: int, percentage: float, text: str
) -> None:
    assert numbers.count_percent(count, percentage) == text


def test_pairs_and_intervals_are_set_as_journals_set_them() -> None:
    assert numbers.mean_sd(42.13, 9.87, 1) == "42.1 (9.9)"
    assert numbers.mean_sd(42.13, None, 1) == "42.1 (–)"
    assert numbers.estimate_interval(-4.6401, -7.0799, -2.2003, 2) == "−4.64 (−7.08 to −2.20)"
    assert numbers.estimate_interval(361, 330, None, 0) == "361 (330 to –)"
    assert numbers.span(64.2, 72.5, 1, joint="–") == "64.2–72.5"


@pytest.mark.parametrize(
    ("spread", "decimals"),
    [
        (9.87, 1),
        (999.0, 1),
        (1000.0, 0),
        (1.0, 1),
        (0.25, 2),
        (0.067, 3),
        (1e-9, 4),
        (0.0, 1),
        (None, 1),
        (math.inf, 1),
    ],
)
def test_means_get_the_decimals_that_suit_their_spread(spread: float | None, decimals: int) -> None:
    assert numbers.decimals_for_spread(spread) == decimals


def test_text_is_not_missing() -> None:
    assert not numbers.is_missing("ODI")
    assert not numbers.is_missing("12")


@pytest.mark.parametrize(
    ("values", "decimals"),
    [
        ((71.0, 66.0, 73.0), 0),
        ((2.5, 3.0), 1),
        ((0.1 + 0.2, 1.0), 1),
        ((1 / 3, 1.0), 2),
        ((), 0),
        ((None, 4.0), 0),
    ],
)
def test_what_was_recorded_in_whole_steps_is_printed_in_whole_steps(
    values: tuple[float | None, ...], decimals: int
) -> None:
    assert numbers.decimals_needed(values, 2) == decimals


@pytest.mark.parametrize("value", [2.675, -0.125, 1.005, 0.0005, -0.0004, 12345.6785])
def test_a_number_has_the_same_digits_in_a_notebook_a_terminal_and_a_table(value: float) -> None:
    from trialkit.stats import display

    digits = len(display.number(value).partition(".")[2])
    table = numbers.fixed(value, digits).replace("−", "-").replace(",", "")
    assert display.number(value) == table == numbers.plain(value, digits)


def test_2_675_prints_the_same_everywhere() -> None:
    assert numbers.plain(2.675, 2) == numbers.fixed(2.675, 2) == "2.68"
    assert numbers.plain(-0.001, 2) == "0.00"
    assert numbers.plain(math.inf, 2) == "inf"
