"""Two readings of a number agree within the item's tolerance, and their mean is final."""

from __future__ import annotations

import pytest

from trialkit.entry import PassRow, TypedValue
from trialkit.entry.final_record import ItemRule, ValueOrigin, compare_rows, mean_of
from trialkit.study import StudyError
from trialkit.study.dictionary import read_dictionary
from trialkit.study.dictionary_header import COLUMNS
from trialkit.vocabulary import DiscrepancyKind, ItemType


def compared(first: str | None, second: str | None, tolerance: float = 2.0, decimals: int | None = 1):
    rule = ItemRule("fat", ItemType.NUMBER, tolerance=tolerance, decimals=decimals)
    rows = [PassRow("", {} if text is None else {"fat": TypedValue(text)}) for text in (first, second)]
    return compare_rows("", rows[0], rows[1], [rule])


@pytest.mark.parametrize(
    ("first", "second", "final"),
    [
        ("20.0", "22.0", "21.0"),  # at the tolerance
        ("20.1", "20.2", "20.2"),  # 20.15: half to the even digit
        ("20.1", "20.4", "20.2"),  # 20.25
        ("20", "20.0", "20.0"),
        ("20.0", "20.0", "20.0"),
        ("-0.1", "0.1", "0.0"),
    ],
)
def test_readings_within_the_tolerance_agree_at_their_mean(first, second, final):
    draft = compared(first, second)
    assert not draft.discrepancies
    assert draft.values[0].origin is ValueOrigin.AGREED
    assert draft.values[0].value.text == final


def test_readings_further_apart_go_to_a_third_person():
    found = compared("20.0", "22.1").discrepancies
    assert [one.kind for one in found] == [DiscrepancyKind.VALUE]


def test_a_reading_that_misses_is_no_reading_within_the_tolerance():
    assert compared("20.0", None).discrepancies[0].kind is DiscrepancyKind.MISSING_IN_SECOND


def test_without_a_tolerance_every_difference_counts_and_the_first_text_stands():
    assert compared("20.0", "20.1", tolerance=0.0).discrepancies
    assert compared("20", "20.0", tolerance=0.0).values[0].value.text == "20"


def test_no_digit_appears_that_was_not_read():
    assert mean_of(TypedValue("0.1"), TypedValue("0.2"), None).text == "0.15"
    assert mean_of(TypedValue("1e2"), TypedValue("300"), 0).text == "200"


def dictionary_of(annotation: str, validation: str = "number_1dp"):
    rows = [",".join(COLUMNS).replace("Choices, Calculations, OR Slider Labels",
            '"Choices, Calculations, OR Slider Labels"')]  # fmt: skip
    rows.append("subject_id,f,,text,Subject" + "," * 13)
    rows.append(f"fat,f,,text,Fat,,,{validation}" + "," * 10 + annotation)
    return read_dictionary("\n".join(rows) + "\n")


def test_the_dictionary_says_how_far_apart_readings_may_lie():
    assert dictionary_of("@AGREE-WITHIN='2.5'").items[0].agree_within == 2.5
    assert dictionary_of("").items[0].agree_within == 0


@pytest.mark.parametrize(
    ("annotation", "validation", "told"),
    [
        ("@AGREE-WITHIN", "number", "a number above 0"),
        ("@AGREE-WITHIN='0'", "number", "a number above 0"),
        ("@AGREE-WITHIN='inf'", "number", "a number above 0"),
        ("@AGREE-WITHIN='2'", "date_ymd", "@AGREE-WITHIN on a number"),
    ],
)
def test_a_tolerance_that_cannot_be_is_one_error(annotation, validation, told):
    with pytest.raises(StudyError, match=told):
        dictionary_of(annotation, validation)
