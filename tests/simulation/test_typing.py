"""Two typists and an adjudicator: what the simulator says is wrong is exactly what is wrong."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from math import sqrt

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from trialkit.entry import ItemRule, PassRow, TypedValue, compare_values, merge_passes
from trialkit.errors import SimulationError
from trialkit.simulation import (
    FieldKey,
    FormRow,
    Scenario,
    TrialPaper,
    TypedPasses,
    adjudicate,
    residual_errors,
    typed_passes,
)
from trialkit.simulation.slips import SLIPS, typed_wrongly
from trialkit.study import Study
from trialkit.study.model import Choice, Item
from trialkit.vocabulary import EntryMode, ItemType

SEED = 20260101
Rows = dict[tuple[str, str, str], list[PassRow]]


def by_form_instance(rows: Iterable[FormRow]) -> Rows:
    forms: Rows = defaultdict(list)
    for row in rows:
        values = {item: TypedValue(text) for item, text in row.values.items()}
        forms[row.subject_id, row.visit, row.form].append(PassRow(row.row, values))
    return forms


def test_the_comparison_of_the_passes_finds_exactly_the_fields_of_the_truth(
    passes: TypedPasses, study: Study
) -> None:
    first, second = by_form_instance(passes.first), by_form_instance(passes.second)
    assert first.keys() == second.keys()
    found: set[FieldKey] = set()
    compared = 0
    for key, rows in first.items():
        rules = [ItemRule(item.name, item.type) for item in study.form(key[2]).items]
        draft = merge_passes(rows, second[key], rules)
        assert not draft.unmatched_rows
        if not study.form(key[2]).is_measured:
            compared += draft.fields_compared
        found |= {FieldKey(*key, gap.row_key, gap.item) for gap in draft.discrepancies}
    assert len(found) > 300
    assert found == passes.discordant
    assert compared == passes.fields


def test_each_pass_differs_from_the_paper_exactly_where_an_error_was_planted(
    passes: TypedPasses, paper: TrialPaper
) -> None:
    on_paper = {row.key: row.values for row in paper.rows}
    for number, typed in ((1, passes.first), (2, passes.second)):
        differences = {
            (FieldKey(*row.key, item), on_paper[row.key][item], text)
            for row in typed
            for item, text in row.values.items()
            if text != on_paper[row.key][item]
        }
        planted = {
            (FieldKey(e.subject_id, e.visit, e.form, e.row, e.item), e.true, e.typed)
            for e in passes.planted
            if e.pass_number == number
        }
        assert differences == planted


def test_every_planted_error_would_be_seen_beside_the_paper(passes: TypedPasses, study: Study) -> None:
    for error in passes.planted:
        item = study.item(error.item)
        kind = compare_values(TypedValue(error.true), TypedValue(error.typed), item_type=item.type)
        assert kind is not None, error


def test_some_errors_are_made_alike_in_both_passes_and_no_comparison_finds_them(
    passes: TypedPasses,
) -> None:
    assert passes.identical_errors
    assert not passes.identical_errors & passes.discordant
    wrong: dict[FieldKey, dict[int, str]] = defaultdict(dict)
    for error in passes.planted:
        key = FieldKey(error.subject_id, error.visit, error.form, error.row, error.item)
        wrong[key][error.pass_number] = error.typed
    assert {key for key, typed in wrong.items() if typed.get(1) == typed.get(2)} == passes.identical_errors


def test_typing_errors_come_at_the_stated_rates(study: Study, scenario: Scenario, paper: TrialPaper) -> None:
    """Counted over three typings, within the 99.9 % band of a binomial count."""
    rates = replace(scenario.typing, first=0.004, second=0.002, shared=0.001)
    counts = {1: 0, 2: 0}
    fields = 0
    for seed in range(3):
        typed = typed_passes(study, paper, replace(scenario, typing=rates), seed)
        fields += typed.fields_filled
        for error in typed.planted:
            if error.kind != "hidden_by_branching":
                counts[error.pass_number] += 1
    for number, rate in ((1, 0.005), (2, 0.003)):
        expected = rate * fields
        assert abs(counts[number] - expected) < 3.3 * sqrt(expected) + 0.02 * expected


def test_without_errors_both_passes_are_the_paper(
    study: Study, scenario: Scenario, paper: TrialPaper
) -> None:
    careful = replace(scenario.typing, first=0.0, second=0.0, shared=0.0)
    typed = typed_passes(study, paper, replace(scenario, typing=careful), 1)
    double = {form.name for form in study.forms if form.entry is EntryMode.DOUBLE}
    assert typed.first == typed.second == tuple(row for row in paper.rows if row.form in double)
    assert not typed.planted
    assert not typed.discordant
    assert {row.form for row in typed.single} == {"consent", "eligibility", "demographics"}


def test_line_numbers_are_printed_and_never_mistyped(passes: TypedPasses) -> None:
    assert not [error for error in passes.planted if error.item.endswith("_line")]


def test_a_slip_in_a_leading_question_hides_what_depends_on_it(
    study: Study, scenario: Scenario, paper: TrialPaper
) -> None:
    clumsy = replace(scenario.typing, first=0.08, second=0.08)
    typed = typed_passes(study, paper, replace(scenario, typing=clumsy), 1)
    hidden = [error for error in typed.planted if error.kind == "hidden_by_branching"]
    assert hidden
    assert all(error.typed == "" != error.true for error in hidden)
    for row in (*typed.first, *typed.second):
        if row.form == "adverse_events" and row.values["ae_end_date"]:
            assert row.values["ae_ongoing"] == "0"


@pytest.mark.independent_reimplementation
def test_the_residual_errors_are_the_fields_that_stay_wrong_after_adjudication(
    study: Study, scenario: Scenario, paper: TrialPaper, passes: TypedPasses
) -> None:
    hasty = replace(scenario, typing=replace(scenario.typing, adjudicator=0.2))
    decisions = adjudicate(study, paper, passes, hasty, 1)
    assert {decision.field for decision in decisions} == passes.discordant
    final = {FieldKey(*row.key, item): text for row in passes.first for item, text in row.values.items()}
    second = {FieldKey(*row.key, item): text for row in passes.second for item, text in row.values.items()}
    for decision in decisions:
        typed = {"first": final[decision.field], "second": second[decision.field]}
        assert typed.get(decision.choice, decision.value) == decision.value
        final[decision.field] = decision.value
    truth = {FieldKey(*row.key, item): text for row in paper.rows for item, text in row.values.items()}
    wrong = {field for field, text in final.items() if text != truth[field]}
    assert wrong == residual_errors(passes, decisions)
    mistakes = sum(not decision.correct for decision in decisions)
    assert abs(mistakes / len(decisions) - 0.2) < 3.3 * sqrt(0.2 * 0.8 / len(decisions))


def test_typing_again_with_the_same_seed_makes_the_same_errors(
    study: Study, scenario: Scenario, paper: TrialPaper, passes: TypedPasses
) -> None:
    assert typed_passes(study, paper, scenario, SEED) == passes
    assert typed_passes(study, paper, scenario, SEED + 1).planted != passes.planted


def test_an_unknown_kind_of_slip_is_refused(study: Study, scenario: Scenario, paper: TrialPaper) -> None:
    odd = replace(scenario.typing, kinds={"coffee": 1.0})
    with pytest.raises(SimulationError, match="coffee"):
        typed_passes(study, paper, replace(scenario, typing=odd), 1)


def test_a_required_answer_that_nobody_gave_has_a_missing_code_on_paper(
    paper: TrialPaper, study: Study
) -> None:
    from trialkit.entry.meaning import MISSING_PREFIX
    from trialkit.simulation.texts import MISSING_MARK

    assert MISSING_MARK == MISSING_PREFIX
    coded = [
        study.item(item) for row in paper.rows for item, text in row.values.items() if text == "@unknown"
    ]
    assert coded
    assert all(item.required for item in coded)


CODES = tuple(Choice(str(code), f"Level {code}") for code in range(4))
ITEMS_AND_VALUES = st.one_of(
    st.tuples(
        st.just(Item("whole", "f", "", ItemType.INTEGER, minimum=0, maximum=999)),
        st.integers(0, 999).map(str),
    ),
    st.tuples(
        st.just(Item("number", "f", "", ItemType.NUMBER, minimum=-50, maximum=500, decimals=1)),
        st.decimals(-50, 500, places=1).map(str),
    ),
    st.tuples(st.just(Item("code", "f", "", ItemType.CODED, choices=CODES)), st.sampled_from("0123")),
    st.tuples(st.just(Item("flag", "f", "", ItemType.YES_NO, choices=CODES[:2])), st.sampled_from("01")),
    st.tuples(
        st.just(Item("day", "f", "", ItemType.DATE, minimum=date(2024, 1, 1), partial_date=True)),
        st.dates(date(2024, 1, 1), date(2027, 12, 31)).map(str) | st.just("2024-05"),
    ),
    st.tuples(
        st.just(Item("words", "f", "", ItemType.TEXT)), st.sampled_from(["aa", "x", "knee pain", "fall"])
    ),
)


@settings(derandomize=True, deadline=None)
@given(ITEMS_AND_VALUES, st.integers(0, 2**32))
def test_whatever_is_mistyped_differs_and_is_something_the_form_accepts(
    item_and_value: tuple[Item, str], seed: int
) -> None:
    item, true = item_and_value
    typed, _ = typed_wrongly(item, true, dict.fromkeys(SLIPS, 1.0), np.random.default_rng(seed))
    assert compare_values(TypedValue(true), TypedValue(typed), item_type=item.type) is not None
    if typed == "":
        return
    if item.choices:
        assert typed in {choice.code for choice in item.choices}
    elif item.type is ItemType.DATE:
        assert date.fromisoformat(typed) >= date(2024, 1, 1)
    elif item.type is not ItemType.TEXT:
        assert item.minimum <= float(typed) <= item.maximum  # type: ignore[operator]


@pytest.mark.parametrize("kind", SLIPS)
def test_each_kind_of_slip_can_happen(kind: str) -> None:
    """A kind that no item ever shows would be a rate that is stated and not simulated."""
    item, true = {
        "wrong_code": (Item("code", "f", "", ItemType.CODED, choices=CODES), "2"),
        "date_slip": (Item("day", "f", "", ItemType.DATE), "2024-05-06"),
        "letter_slip": (Item("words", "f", "", ItemType.TEXT), "knee pain"),
    }.get(kind, (Item("number", "f", "", ItemType.NUMBER, decimals=1), "45.6"))
    results = {typed_wrongly(item, true, {kind: 1.0}, np.random.default_rng(seed)) for seed in range(40)}
    assert {found for _, found in results} == {kind}
    if kind == "date_slip":
        assert {typed for typed, _ in results} == {
            "2024-05-05", "2024-05-07", "2024-04-06", "2024-06-06", "2023-05-06", "2025-05-06", "2024-06-05"
        }  # fmt: skip
    if kind == "transposed_digits":
        assert {typed for typed, _ in results} == {"54.6"}
    if kind == "decimal_slip":
        assert {typed for typed, _ in results} == {"456.0", "4.6"}
