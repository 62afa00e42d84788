"""How a typed text is read."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

from trialkit.entry.meaning import value_of
from trialkit.entry.values import Reading, Spelling, read_value, text_of
from trialkit.study.model import Item
from trialkit.vocabulary import ItemType


@pytest.mark.parametrize("typed", ["0", "12", "-3.50", "+7", "1e3", "1E-3", "0.5", "-0.0", "  42 ", "12e+05"])
def test_an_ascii_number_reads_as_a_number(typed: str) -> None:
    assert read_value(typed).reading is Reading.NUMBER


@pytest.mark.parametrize(
    "typed",
    [
        "1_0",
        "nan",
        "inf",
        "Infinity",
        "１２",
        "٣",
        "1.",
        "1,5",
        ".",
        "+.",
        ".e5",
        "0x10",
        "1e",
        "--1",
        "1 2",
        "12kg",
        "²",
    ],
)
def test_what_only_python_or_a_spreadsheet_would_call_a_number_is_text(typed: str) -> None:
    assert read_value(typed).reading is Reading.TEXT


@pytest.mark.parametrize("typed", ["007", "00", "-07", "00.5", "0012", "+01"])
def test_a_text_with_leading_zeros_is_text(typed: str) -> None:
    assert read_value(typed).reading is Reading.TEXT


@pytest.mark.parametrize("typed", ["2024-02-29", "0001-01-01", "2024-05-01T10:30", "2024-05-01 10:30:59"])
def test_an_iso_date_that_exists_reads_as_a_date(typed: str) -> None:
    assert read_value(typed).reading is Reading.DATE


@pytest.mark.parametrize(
    "typed", ["2023-02-29", "2024-13-01", "01/02/2024", "2024-5-1", "2024-05", "２０２４-01-01"]
)
def test_a_date_that_does_not_exist_or_is_not_iso_is_text(typed: str) -> None:
    assert read_value(typed).reading is Reading.TEXT


@pytest.mark.parametrize("typed", [None, "", " ", "\t", "\u00a0"])
def test_nothing_but_space_is_blank(typed: str | None) -> None:
    assert read_value(typed).reading is Reading.BLANK


@pytest.mark.independent_reimplementation
@settings(derandomize=True, deadline=None)
@given(
    st.from_regex(r"[+-]?(0|[1-9][0-9]{0,20})(\.[0-9]{1,12})?([eE][+-]?[0-9]{1,3})?", fullmatch=True),
    st.from_regex(r"[+-]?(0|[1-9][0-9]{0,20})(\.[0-9]{1,12})?([eE][+-]?[0-9]{1,3})?", fullmatch=True),
)
def test_two_numbers_are_equal_exactly_when_their_decimals_are(first: str, second: str) -> None:
    equal = read_value(first).canonical == read_value(second).canonical
    assert equal == (Decimal(first) == Decimal(second))


@settings(derandomize=True, deadline=None)
@given(st.decimals(allow_nan=False, allow_infinity=False, places=4), st.integers(0, 5))
def test_trailing_zeros_and_another_exponent_do_not_change_a_number(number: Decimal, zeros: int) -> None:
    plain = f"{number:f}"
    padded = plain + "0" * zeros
    shifted = f"{number.scaleb(3):f}e-3"
    if not plain.lstrip("-").startswith("0") or plain.lstrip("-").startswith("0."):
        assert len({read_value(text).canonical for text in (plain, padded, shifted)}) == 1


def test_long_integers_that_differ_in_the_last_digit_are_different() -> None:
    one, two = read_value("9007199254740993"), read_value("9007199254740992")
    assert float(one.typed) == float(two.typed)
    assert one.canonical != two.canonical


def test_an_exponent_nobody_means_does_not_stop_the_program() -> None:
    assert read_value("1e" + "9" * 5000).reading is Reading.TEXT
    assert read_value("1e999999999999").reading is Reading.NUMBER


@pytest.mark.parametrize(
    ("stored", "typed"),
    [
        (12, "12"),
        (np.int64(12), "12"),
        (12.0, "12"),
        (np.float32(12.3), "12.3"),
        (12.5, "12.5"),
        (True, "True"),
        (np.True_, "True"),
        (dt.date(2024, 5, 1), "2024-05-01"),
        (pd.Timestamp("2024-05-01"), "2024-05-01"),
        (pd.Timestamp("2024-05-01 10:30"), "2024-05-01T10:30:00"),
        (Decimal("1.50"), "1.50"),
        ("  as typed ", "  as typed "),
        (None, None),
        (float("nan"), None),
        (np.float64("nan"), None),
        (pd.NA, None),
        (pd.NaT, None),
    ],
)
def test_a_stored_value_becomes_the_text_a_typist_would_have_typed(stored: object, typed: str | None) -> None:
    assert text_of(stored) == typed


@pytest.mark.parametrize(
    ("typed", "order", "day"),
    [
        ("2025/1/2", "ymd", "2025-01-02"),
        ("2025-1-2", "dmy", "2025-01-02"),
        ("2025/12/31", "dmy", "2025-12-31"),
        ("2025/1/2", "mdy", "2025-01-02"),
        ("2/1/2025", "dmy", "2025-01-02"),
        ("2/1/2025", "mdy", "2025-02-01"),
    ],
)
def test_a_date_that_begins_with_its_year_is_read_in_any_order(typed: str, order: str, day: str) -> None:
    read = read_value(typed, Spelling(date_order=order))
    assert (read.reading, read.canonical) == (Reading.DATE, day)


@pytest.mark.parametrize("typed", ["2025/2/30", "2025.1.2", "1/2/25", "2/1/2025", "2025/13/1"])
def test_what_is_no_day_of_the_calendar_or_says_no_order_stays_text(typed: str) -> None:
    assert read_value(typed).reading is Reading.TEXT


@pytest.mark.parametrize(
    ("typed", "value"), [("1e308", 1e308), ("-1e308", -1e308), ("1e309", None), ("-1e400", None)]
)
def test_a_number_nothing_can_be_computed_from_is_no_value(typed: str, value: float | None) -> None:
    assert value_of(Item("w", "f", "Weight", ItemType.NUMBER), typed) == value
