"""Who may enter, change and decide; how the final record comes to be; what stands against a lock."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings, strategies as st

from trialkit.entry import (
    FORM_TRANSITIONS,
    QUERY_TRANSITIONS,
    AdjudicationChoice,
    Discrepancy,
    FinalValue,
    FormStanding,
    FormStatus,
    ItemRule,
    ObstacleKind,
    PassRow,
    PassState,
    PassStatus,
    QueryStatus,
    ReasonCode,
    RowDecision,
    TypedValue,
    UnmatchedRow,
    ValueOrigin,
    adjudicate,
    check_adjudicator,
    check_form_step,
    check_pass_may_be_voided,
    check_pass_may_change,
    check_query_step,
    check_row_decisions,
    form_status,
    lock_obstacles,
    merge_passes,
    number_of_new_pass,
    pair_rows,
    take_single_pass,
)
from trialkit.errors import AdjudicationError, FormLifeError, PassError
from trialkit.vocabulary import DiscrepancyKind, EntryMode, ItemType, MissingCode, ValueState

SINGLE, DOUBLE = EntryMode.SINGLE, EntryMode.DOUBLE
OPEN, COMPLETE, VOID = PassStatus.OPEN, PassStatus.COMPLETE, PassStatus.VOID


def test_second_entry_by_the_first_enterer_is_refused() -> None:
    first = PassState(1, "ann", COMPLETE)
    assert number_of_new_pass(DOUBLE, [first], "ben") == 2
    with pytest.raises(PassError, match=r"0042/m12/odi.*another account than the first"):
        number_of_new_pass(DOUBLE, [first], "ann", where="0042/m12/odi")


def test_it_is_said_who_is_at_both_passes_where_it_is_the_importer() -> None:
    brought = PassState(1, "ann", COMPLETE, imported_by="dan")
    for importer, name in (("dan", "dan at both"), ("ann", "ann at both")):
        with pytest.raises(PassError, match=name):
            number_of_new_pass(DOUBLE, [brought], "ben", imported_by=importer)
    with pytest.raises(PassError, match="the same account for both"):
        number_of_new_pass(DOUBLE, [brought], "ann", imported_by="eve")
    with pytest.raises(PassError, match="dan at both"):
        number_of_new_pass(DOUBLE, [brought], "dan")


def test_a_single_entered_form_has_one_pass() -> None:
    assert number_of_new_pass(SINGLE, [], "ann") == 1
    with pytest.raises(PassError, match="all of its passes"):
        number_of_new_pass(SINGLE, [PassState(1, "ann", OPEN)], "ben")


def test_a_third_pass_is_refused() -> None:
    passes = [PassState(1, "ann", COMPLETE), PassState(2, "ben", OPEN)]
    with pytest.raises(PassError, match="all of its passes"):
        number_of_new_pass(DOUBLE, passes, "cyd")


def test_a_voided_pass_is_entered_again_and_frees_its_typist() -> None:
    passes = [PassState(1, "ann", VOID), PassState(2, "ben", COMPLETE)]
    assert number_of_new_pass(DOUBLE, passes, "ann") == 1
    with pytest.raises(PassError, match="another account"):
        number_of_new_pass(DOUBLE, passes, "ben")


@pytest.mark.parametrize("status", [COMPLETE, VOID])
def test_a_pass_is_immutable_once_complete(status: PassStatus) -> None:
    with pytest.raises(PassError, match="never changed"):
        check_pass_may_change(PassState(1, "ann", status), "ann")


def test_only_the_typist_changes_an_open_pass() -> None:
    check_pass_may_change(PassState(1, "ann", OPEN), "ann")
    with pytest.raises(PassError, match="the account that began the pass"):
        check_pass_may_change(PassState(1, "ann", OPEN), "ben")


def test_a_pass_is_voided_once_and_with_a_reason() -> None:
    check_pass_may_be_voided(PassState(1, "ann", COMPLETE), "keyed to the wrong subject")
    with pytest.raises(PassError, match="a reason"):
        check_pass_may_be_voided(PassState(1, "ann", COMPLETE), "  ")
    with pytest.raises(PassError, match="is void"):
        check_pass_may_be_voided(PassState(1, "ann", VOID), "again")


@pytest.mark.parametrize("typist", ["ann", "ben"])
def test_a_typist_of_the_form_does_not_adjudicate_it(typist: str) -> None:
    passes = [PassState(1, "ann", COMPLETE), PassState(2, "ben", COMPLETE)]
    check_adjudicator(passes, "cyd")
    with pytest.raises(PassError, match="a third person"):
        check_adjudicator(passes, typist)


@pytest.mark.parametrize(
    ("mode", "passes", "undecided", "status"),
    [
        (DOUBLE, [], 0, FormStatus.EXPECTED),
        (DOUBLE, [PassState(1, "a", VOID)], 0, FormStatus.EXPECTED),
        (DOUBLE, [PassState(1, "a", OPEN)], 0, FormStatus.IN_ENTRY),
        (DOUBLE, [PassState(1, "a", COMPLETE)], 0, FormStatus.AWAITING_SECOND_ENTRY),
        (DOUBLE, [PassState(1, "a", VOID), PassState(2, "b", COMPLETE)], 0, FormStatus.AWAITING_SECOND_ENTRY),
        (DOUBLE, [PassState(1, "a", COMPLETE), PassState(2, "b", OPEN)], 0, FormStatus.IN_ENTRY),
        (DOUBLE, [PassState(1, "a", COMPLETE), PassState(2, "b", COMPLETE)], 3, FormStatus.IN_ADJUDICATION),
        (DOUBLE, [PassState(1, "a", COMPLETE), PassState(2, "b", COMPLETE)], 0, FormStatus.COMPLETE),
        (SINGLE, [PassState(1, "a", COMPLETE)], 0, FormStatus.COMPLETE),
    ],
)
def test_a_form_stands_where_its_passes_put_it(
    mode: EntryMode, passes: list[PassState], undecided: int, status: FormStatus
) -> None:
    assert form_status(mode, passes, undecided=undecided) is status


def test_a_form_that_was_entered_cannot_be_called_not_done() -> None:
    assert form_status(DOUBLE, [], not_done=True) is FormStatus.NOT_DONE
    assert form_status(DOUBLE, [PassState(1, "a", VOID)], not_done=True) is FormStatus.NOT_DONE
    with pytest.raises(FormLifeError, match="not done"):
        form_status(DOUBLE, [PassState(1, "a", OPEN)], not_done=True)


def test_only_the_listed_steps_of_a_form_are_allowed() -> None:
    for present, wanted in product(FormStatus, FormStatus):
        if wanted is present or wanted in FORM_TRANSITIONS[present]:
            check_form_step(present, wanted)
        else:
            with pytest.raises(FormLifeError):
                check_form_step(present, wanted)
    assert FormStatus.COMPLETE not in FORM_TRANSITIONS[FormStatus.EXPECTED]
    assert FormStatus.COMPLETE not in FORM_TRANSITIONS[FormStatus.NOT_DONE]


@settings(derandomize=True, deadline=None)
@given(
    st.lists(st.sampled_from(["begin", "complete", "void", "decide", "not done", "was done"]), max_size=14),
    st.sampled_from(EntryMode),
    st.randoms(use_true_random=False),
)
def test_no_course_of_work_takes_a_step_that_is_not_listed(acts: list[str], mode: EntryMode, draw) -> None:  # type: ignore[no-untyped-def]
    passes: list[PassState] = []
    undecided, not_done = 0, False
    status = FormStatus.EXPECTED
    for act in acts:
        live = [entry for entry in passes if entry.status is not VOID]
        if act == "begin" and not not_done and len(live) < (2 if mode is DOUBLE else 1):
            account = next(name for name in "abc" if name not in {entry.entered_by for entry in live})
            passes.append(PassState(number_of_new_pass(mode, passes, account), account, OPEN))
        elif act in ("complete", "void") and live:
            chosen = draw.choice(live)
            wanted = COMPLETE if act == "complete" else VOID
            passes[passes.index(chosen)] = PassState(chosen.number, chosen.entered_by, wanted)
            undecided = draw.randint(0, 2) if len(live) == 2 and act == "complete" else 0
        elif act == "decide":
            undecided = 0
        elif act in ("not done", "was done") and not live:
            not_done = act == "not done"
        after = form_status(mode, passes, undecided=undecided, not_done=not_done)
        check_form_step(status, after)
        status = after


def test_a_closed_query_is_reopened_and_never_answered() -> None:
    for present, wanted in product(QueryStatus, QueryStatus):
        if wanted in QUERY_TRANSITIONS[present]:
            check_query_step(present, wanted)
        else:
            with pytest.raises(FormLifeError):
                check_query_step(present, wanted)
    assert QUERY_TRANSITIONS[QueryStatus.CLOSED] == {QueryStatus.REOPENED}


ITEMS = [
    ItemRule("odi", ItemType.NUMBER),
    ItemRule("pain", ItemType.CODED),
    ItemRule("score", ItemType.DERIVED),
]


def row(key: str, **typed: str) -> PassRow:
    return PassRow(key, {item: TypedValue(text) for item, text in typed.items()})


def test_agreeing_fields_take_the_first_pass_as_typed_and_the_rest_wait() -> None:
    draft = merge_passes([row("", odi="40.0", pain="1", score="3")], [row("", odi="40", pain="2")], ITEMS)
    assert draft.values == (FinalValue("", "odi", TypedValue("40.0"), ValueOrigin.AGREED),)
    assert draft.discrepancies == (
        Discrepancy("", "pain", TypedValue("1"), TypedValue("2"), DiscrepancyKind.VALUE),
    )
    assert (draft.fields_compared, draft.undecided) == (2, 1)


def test_an_item_only_one_typist_saw_is_a_discrepancy() -> None:
    draft = merge_passes([row("", odi="40")], [row("", odi="40", pain="2")], ITEMS)
    assert [found.kind for found in draft.discrepancies] == [DiscrepancyKind.MISSING_IN_FIRST]


def test_a_single_entered_form_becomes_final_as_entered() -> None:
    draft = take_single_pass([row("", odi="40")], ITEMS)
    assert [(value.item, value.origin) for value in draft.values] == [
        ("odi", ValueOrigin.ENTERED),
        ("pain", ValueOrigin.ENTERED),
    ]
    assert draft.values[1].value.state is ValueState.NEVER_SEEN


def test_repeating_rows_are_paired_by_their_key_whatever_their_order() -> None:
    paired = pair_rows([row("1", odi="a"), row("2", odi="b")], [row("2", odi="b"), row("1", odi="a")])
    assert [(one.row_key, two.row_key) for one, two in paired.pairs] == [("1", "1"), ("2", "2")]
    assert paired.unmatched == ()


def test_a_duplicated_row_key_is_never_paired() -> None:
    paired = pair_rows([row("1"), row("1"), row("2")], [row("1"), row("2"), row("3"), row("")])
    assert [one.row_key for one, _ in paired.pairs] == ["2"]
    assert set(paired.unmatched) == {
        UnmatchedRow(1, 0, "1", "duplicate_key"),
        UnmatchedRow(1, 1, "1", "duplicate_key"),
        UnmatchedRow(2, 0, "1", "duplicate_key"),
        UnmatchedRow(2, 2, "3", "only_in_this_pass"),
        UnmatchedRow(2, 3, "", "no_key"),
    }


@settings(derandomize=True, deadline=None)
@given(st.lists(st.sampled_from("abcd"), max_size=6), st.lists(st.sampled_from("abcd"), max_size=6))
def test_every_row_is_either_paired_or_listed(first: list[str], second: list[str]) -> None:
    paired = pair_rows([row(key) for key in first], [row(key) for key in second])
    assert len(paired.pairs) * 2 + len(paired.unmatched) == len(first) + len(second)
    assert [entry.row_key for entry in paired.unmatched if entry.pass_number == 1] == [
        key for key in first if first.count(key) > 1 or second.count(key) != 1
    ]


FOUND = Discrepancy("", "odi", TypedValue("40"), TypedValue("44"), DiscrepancyKind.VALUE)
C, R = AdjudicationChoice, ReasonCode


@pytest.mark.parametrize(("choice", "text"), [(C.FIRST, "40"), (C.SECOND, "44")])
def test_the_adjudicator_takes_one_of_the_two_values(choice: AdjudicationChoice, text: str) -> None:
    decision = adjudicate(FOUND, choice, R.MISREAD)
    assert decision.final == FinalValue("", "odi", TypedValue(text), ValueOrigin.ADJUDICATED)
    assert not decision.raises_query


def test_the_adjudicator_may_read_a_third_value_from_the_paper() -> None:
    decision = adjudicate(FOUND, C.NEW_VALUE, R.TYPING_ERROR, TypedValue("46"))
    assert decision.final is not None
    assert decision.final.value.text == "46"


def test_an_adjudicator_who_cannot_decide_leaves_the_field_open_and_asks_the_site() -> None:
    decision = adjudicate(FOUND, C.CANNOT_DECIDE, R.CANNOT_DECIDE)
    assert decision.final is None
    assert decision.raises_query


def test_what_is_blank_on_paper_does_not_end_in_a_value() -> None:
    blank = TypedValue(state=ValueState.BLANK)
    code = TypedValue(state=ValueState.MISSING, missing_code=MissingCode.NOT_DONE)
    for value in (blank, code):
        assert adjudicate(FOUND, C.NEW_VALUE, R.BLANK_ON_CRF, value).final is not None
    with pytest.raises(AdjudicationError, match="the paper is blank"):
        adjudicate(FOUND, C.FIRST, R.BLANK_ON_CRF)


@pytest.mark.parametrize(
    ("choice", "reason", "value"),
    [
        (C.CANNOT_DECIDE, R.MISREAD, None),
        (C.FIRST, R.CANNOT_DECIDE, None),
        (C.NEW_VALUE, R.MISREAD, None),
        (C.FIRST, R.MISREAD, TypedValue("46")),
        (C.CANNOT_DECIDE, R.CANNOT_DECIDE, TypedValue("46")),
    ],
)
def test_a_decision_that_does_not_hold_together_is_refused(
    choice: AdjudicationChoice, reason: ReasonCode, value: TypedValue | None
) -> None:
    with pytest.raises(AdjudicationError, match="0042/m12/odi"):
        adjudicate(FOUND, choice, reason, value, where="0042/m12/odi")


ONE, TWO, THREE = (
    UnmatchedRow(1, 0, "1", "only_in_this_pass"),
    UnmatchedRow(2, 0, "2", "only_in_this_pass"),
    UnmatchedRow(2, 1, "3", "only_in_this_pass"),
)


def test_unmatched_rows_are_paired_or_declared_entered_in_error() -> None:
    check_row_decisions([ONE, TWO, THREE], [RowDecision(ONE, TWO), RowDecision(THREE, entered_in_error=True)])


@pytest.mark.parametrize(
    "decisions",
    [
        [RowDecision(ONE, TWO)],
        [RowDecision(ONE, TWO), RowDecision(TWO, entered_in_error=True)],
        [RowDecision(ONE, entered_in_error=True), RowDecision(TWO, THREE)],
        [RowDecision(ONE, TWO, entered_in_error=True), RowDecision(THREE, entered_in_error=True)],
        [
            RowDecision(ONE),
            RowDecision(TWO, entered_in_error=True),
            RowDecision(THREE, entered_in_error=True),
        ],
    ],
)
def test_row_decisions_that_leave_out_repeat_or_mix_up_a_row_are_refused(
    decisions: list[RowDecision],
) -> None:
    with pytest.raises(AdjudicationError):
        check_row_decisions([ONE, TWO, THREE], decisions)


def standing(status: FormStatus = FormStatus.COMPLETE, **more: int) -> FormStanding:
    return FormStanding("0042", "m12", "odi", status, **more)


def test_nothing_stands_against_the_lock_of_forms_that_are_complete_or_not_done() -> None:
    forms = [standing(), standing(FormStatus.NOT_DONE, signature_required=True), standing(signed=True)]
    assert lock_obstacles(forms) == []
    assert lock_obstacles([]) == []


@pytest.mark.parametrize(
    "status", [s for s in FormStatus if s not in (FormStatus.COMPLETE, FormStatus.NOT_DONE)]
)
def test_an_expected_form_that_is_neither_complete_nor_not_done_stands_against_the_lock(
    status: FormStatus,
) -> None:
    (obstacle,) = lock_obstacles([standing(status)])
    assert obstacle.kind is ObstacleKind.FORM_NOT_COMPLETE
    assert str(obstacle) == f"0042/m12/odi: form not complete ({status})"


def test_discrepancies_queries_and_signatures_stand_against_the_lock_one_by_one() -> None:
    forms = [standing(open_discrepancies=2), standing(open_queries=1), standing(signature_required=True)]
    assert [(found.kind, found.count) for found in lock_obstacles(forms)] == [
        (ObstacleKind.OPEN_DISCREPANCY, 2),
        (ObstacleKind.OPEN_QUERY, 1),
        (ObstacleKind.SIGNATURE_MISSING, 1),
    ]
    assert lock_obstacles([standing(signature_required=True, signed=True)]) == []
