"""The rule on two typed values."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings, strategies as st

from trialkit.entry import TextRule, TypedValue, compare_texts, compare_values
from trialkit.vocabulary import DiscrepancyKind, ItemType, MissingCode, ValueState

K = DiscrepancyKind


@pytest.mark.parametrize(
    ("first", "second", "kind"),
    [
        ("12.3", "12.30", None),
        ("+5", "5.0", None),
        ("1e2", "100", None),
        ("12", "21", K.VALUE),
        ("9007199254740993", "9007199254740992", K.VALUE),
        ("2024-05-01", "2024-05-02", K.VALUE),
        ("2024-05-01", "2024-05-01", None),
        ("12", "2024-05-01", K.VALUE),
        ("10", "1O", K.TYPE),
        ("2024-02-28", "2024-02-30", K.TYPE),
        ("1_0", "10", K.TYPE),
        ("１２", "12", K.TYPE),
        ("nan", "0", K.TYPE),
        ("007", "7", K.TYPE),
        ("007", "07", K.VALUE),
        ("007", "007", None),
        ("Anna", "Anne", K.VALUE),
        ("anna", "ANNA", K.TEXT_ONLY),
        (" anna", "anna ", K.TEXT_ONLY),
        ("Straße", "STRASSE", K.TEXT_ONLY),
        ("low  back", "low back", K.VALUE),
        ("", "7", K.MISSING_IN_FIRST),
        (None, "x", K.MISSING_IN_FIRST),
        ("2024-05-01", None, K.MISSING_IN_SECOND),
        ("x", "   ", K.MISSING_IN_SECOND),
        (None, "", None),
        (" ", None, None),
    ],
)
def test_two_typed_texts_disagree_as_the_contract_says(
    first: str | None, second: str | None, kind: DiscrepancyKind | None
) -> None:
    assert compare_texts(first, second) is kind


def test_casefold_forgives_case_and_outer_space_and_nothing_else() -> None:
    assert compare_texts(" Anna", "anna", text=TextRule.CASEFOLD) is None
    assert compare_texts("Anna", "Anne", text=TextRule.CASEFOLD) is K.VALUE
    assert compare_texts("1O", "10", text=TextRule.CASEFOLD) is K.TYPE


def test_ignore_leaves_out_items_of_text_and_nothing_else() -> None:
    two_texts = TypedValue("not done"), TypedValue("unknown")
    assert compare_values(*two_texts, item_type=ItemType.TEXT, text=TextRule.IGNORE) is None
    assert compare_values(*two_texts, item_type=ItemType.NUMBER, text=TextRule.IGNORE) is K.VALUE
    assert (
        compare_values(TypedValue("1"), TypedValue("2"), item_type=ItemType.CODED, text=TextRule.IGNORE)
        is K.VALUE
    )
    assert compare_texts("ND", "nd", text=TextRule.IGNORE) is None


def test_a_declared_text_item_is_never_read_as_a_number() -> None:
    assert compare_texts("12.3", "12.30", declared_text=True) is K.VALUE
    assert compare_texts("12.3", "12.30", declared_text=False) is None


MIRRORED = {K.MISSING_IN_FIRST: K.MISSING_IN_SECOND, K.MISSING_IN_SECOND: K.MISSING_IN_FIRST}


@settings(derandomize=True, deadline=None)
@given(
    st.one_of(st.none(), st.text(max_size=6), st.from_regex(r"[+-]?[0-9.eE-]{1,8}", fullmatch=True)),
    st.one_of(st.none(), st.text(max_size=6), st.from_regex(r"[+-]?[0-9.eE-]{1,8}", fullmatch=True)),
    st.sampled_from(TextRule),
)
def test_swapping_the_entries_mirrors_the_discrepancy(
    first: str | None, second: str | None, rule: TextRule
) -> None:
    forth, back = compare_texts(first, second, text=rule), compare_texts(second, first, text=rule)
    assert back == (MIRRORED.get(forth, forth) if forth else None)
    assert compare_texts(first, first, text=rule) is None


NOTHING_TYPED = [
    TypedValue(state=s) for s in (ValueState.BLANK, ValueState.NOT_APPLICABLE, ValueState.NEVER_SEEN)
]
NOT_DONE = TypedValue(state=ValueState.MISSING, missing_code=MissingCode.NOT_DONE)
REFUSED = TypedValue(state=ValueState.MISSING, missing_code=MissingCode.REFUSED)


def test_blank_not_applicable_and_never_seen_are_all_nothing_typed() -> None:
    for first, second in product(NOTHING_TYPED, NOTHING_TYPED):
        assert compare_values(first, second) is None


def test_a_missing_code_is_something_typed() -> None:
    assert compare_values(NOT_DONE, NOT_DONE) is None
    assert compare_values(NOT_DONE, REFUSED) is K.VALUE
    assert compare_values(NOT_DONE, TypedValue("12")) is K.VALUE
    assert compare_values(TypedValue("not_done"), NOT_DONE) is K.VALUE
    for nothing in NOTHING_TYPED:
        assert compare_values(NOT_DONE, nothing) is K.MISSING_IN_SECOND
        assert compare_values(nothing, NOT_DONE) is K.MISSING_IN_FIRST
        assert compare_values(nothing, TypedValue("12")) is K.MISSING_IN_FIRST
        assert compare_values(TypedValue("12"), nothing) is K.MISSING_IN_SECOND


def test_a_code_is_compared_as_text_and_a_number_as_a_value() -> None:
    one, two = TypedValue("1"), TypedValue("1.0")
    assert compare_values(one, two, item_type=ItemType.NUMBER) is None
    assert compare_values(one, two, item_type=ItemType.CODED) is K.VALUE
    assert compare_values(one, two) is None
