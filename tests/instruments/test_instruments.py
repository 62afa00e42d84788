"""Scores agree with the worked examples, and a score that cannot be given says why."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings, strategies as st

from trialkit.instruments import (
    GRADES_CHINA,
    GRADES_JAPAN,
    INSTRUMENTS,
    InstrumentError,
    explain,
    improvement_rate,
    instrument,
    joa_grade,
    nass_satisfied,
    odi_band,
    score,
    settings_of,
    vas_band,
)
from trialkit.vocabulary import Better

FULL_JOA = [3, 3, 3, 2, 2, 2, *[2] * 7, 0]


@pytest.mark.external_reference
@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ([2, 2, 2, 2, 2, 2, 1, 1, 1, 1], 32.0),  # 16 of 50
        ([0] * 10, 0.0),
        ([5] * 10, 100.0),
        ([3, 2] * 5, 50.0),
        ([2, 2, 2, 2, 2, 2, 2, None, 1, 1], 100 * 16 / 45),  # sheets print 35.5, truncated
    ],
)
def test_the_odi_agrees_with_its_worked_examples(items: list[int | None], expected: float) -> None:
    assert score("ODI", items) == pytest.approx(expected, rel=1e-14)


def test_two_missing_odi_items_are_too_many_unless_the_study_says_otherwise() -> None:
    items = [2, 2, 2, 2, 2, 2, None, None, 2, 2]
    found = explain("ODI", items)
    assert found.value is None
    assert found.reason == "8 of 10 items answered, at least 9 needed"
    assert score("ODI", items, {"min_answered": 8}) == pytest.approx(40.0)


@pytest.mark.analytic
@settings(derandomize=True, deadline=None)
@given(st.lists(st.integers(0, 5), min_size=9, max_size=10))
def test_an_odi_lies_between_the_scores_of_its_missing_item_at_best_and_at_worst(items: list[int]) -> None:
    values: list[int | None] = [*items, *[None] * (10 - len(items))]
    bounds = [score("ODI", [fill if v is None else v for v in values]) for fill in (0, 5)]
    found = score("ODI", values)
    assert found is not None
    assert bounds[0] is not None
    assert bounds[1] is not None
    assert bounds[0] - 1e-9 <= found <= bounds[1] + 1e-9


def test_the_bands_of_the_odi_end_with_their_upper_bound() -> None:
    assert [odi_band(value) for value in (0, 20, 20.5, 40, 60, 80, 100)] == [
        "minimal", "minimal", "moderate", "moderate", "severe", "crippled", "bed-bound",
    ]  # fmt: skip


@pytest.mark.external_reference
def test_the_joa_runs_from_29_down_and_hirabayashis_rate_agrees_with_its_example() -> None:
    assert score("JOA", FULL_JOA) == 29
    assert improvement_rate(13, 25).value == pytest.approx(75.0)
    assert improvement_rate(20, 17).value == pytest.approx(-100 / 3)
    assert improvement_rate(29, 29).value is None


def test_the_lowest_joa_is_minus_six_unless_the_study_sets_a_floor() -> None:
    worst = [0] * 13 + [-6]
    assert score("JOA", worst) == -6
    assert score("JOA", worst, {"floor": 0}) == 0


def test_one_missing_joa_item_gives_no_score() -> None:
    found = explain("JOA", [None, *FULL_JOA[1:]])
    assert (found.value, found.reason) == (None, "1 of 14 items missing, all are needed")


def test_the_two_gradings_of_the_joa_rate_differ_and_are_both_there() -> None:
    assert joa_grade(60, GRADES_JAPAN, "poor") == "good"
    assert joa_grade(59, GRADES_CHINA, "ineffective") == "effective"
    assert joa_grade(100, GRADES_CHINA, "ineffective") == "cured"
    assert joa_grade(10, GRADES_JAPAN, "poor") == "poor"


def test_pain_typed_in_centimetres_is_scored_in_millimetres() -> None:
    assert score("VAS", ["6.2"], {"read_in": "cm"}) == pytest.approx(62)
    assert score("VAS", [62]) == 62
    assert explain("VAS", [62], {"read_in": "cm"}).reason == "62 cm is beyond the end of the 100 mm line"


@pytest.mark.external_reference
def test_a_fall_from_62_to_44_mm_reaches_the_absolute_mcid_and_not_the_relative_one() -> None:
    vas = instrument("VAS")
    assert vas.mcid is not None
    assert vas.mcid_share is not None
    fall = 62 - 44
    assert fall >= vas.mcid
    assert fall / 62 < vas.mcid_share


def test_pain_is_moderate_from_35_mm_and_severe_from_75() -> None:
    assert [vas_band(value) for value in (34, 35, 74, 75)] == ["mild", "moderate", "moderate", "severe"]


def test_the_first_two_nass_levels_count_as_satisfied() -> None:
    assert [nass_satisfied(level) for level in (1, 2, 3, 4)] == [True, True, False, False]
    assert score("NASS", ["2"]) == 2


@pytest.mark.analytic
def test_compliance_is_a_weighted_mean_of_shares_that_cannot_be_exceeded() -> None:
    assert score("COMPLIANCE", [30, 30, 42, 6]) == pytest.approx(100)
    assert score("COMPLIANCE", [30, 90, 42, 6]) == pytest.approx(100)
    assert score("COMPLIANCE", [15, 30, 21, 3]) == pytest.approx(100 * (0.4 / 2 + 0.2 + 0.1 + 0.1))
    assert score("COMPLIANCE", [0, 0, 0, 0]) == 0


def test_a_missing_component_of_compliance_gives_no_score_unless_fewer_are_asked_for() -> None:
    assert score("COMPLIANCE", [15, None, 42, 6]) is None
    reweighted = score("COMPLIANCE", [15, None, 42, 6], {"min_components": 3})
    assert reweighted == pytest.approx(100 * (0.4 * 0.5 + 0.2 + 0.2) / 0.8)


def test_goutallier_is_the_worst_level_read() -> None:
    assert score("GOUTALLIER", [1, 2, "3", 2, 2]) == 3
    assert score("GOUTALLIER", [1, 2, 3, 2, 2], {"summary": "mean"}) == 2
    assert score("GOUTALLIER", [1, 2, None, 2, 2]) is None
    assert score("GOUTALLIER", [1, 2, None, 2, 2], {"min_answered": 4}) == 2


def test_a_mean_of_readings_needs_all_of_them() -> None:
    assert score("MEAN", [20.0, 30.0, 40.0]) == pytest.approx(30)
    assert explain("MEAN", [20.0, None, 40.0]).reason == "2 of 3 readings, at least 3 needed"


def test_a_value_an_item_cannot_have_gives_no_score_and_names_the_item() -> None:
    assert (
        explain("ODI", [0, 0, 7, *[0] * 7]).reason
        == "item 3 (lifting) is 7, permitted one of 0, 1, 2, 3, 4, 5"
    )
    assert explain("ODI", ["x", *[0] * 9]).value is None
    assert explain("JOA", [*FULL_JOA[:-1], -2]).value is None


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_every_instrument_stays_in_its_range_and_states_its_rules(name: str) -> None:
    found = INSTRUMENTS[name]
    assert found.missing_rule
    assert found.better in (Better.LOWER, Better.HIGHER, None)
    if name == "MEAN":
        return
    ends = [(q.minimum, min(q.maximum, 60)) for q in found.questions]
    for values in list(product(*ends))[:64]:
        value = score(name, values)
        assert value is None or found.minimum <= value <= found.maximum
    assert explain(name, [None] * len(found.questions)).value is None
    assert explain(name, [None] * len(found.questions)).reason


def test_mistakes_in_using_an_instrument_are_named() -> None:
    with pytest.raises(InstrumentError, match="Did you mean 'ODI'"):
        score("OD1", [0] * 10)
    with pytest.raises(InstrumentError, match="Did you mean 'min_answered'"):
        settings_of("ODI", {"min_answerd": 9})
    with pytest.raises(InstrumentError, match="10 items for ODI"):
        score("ODI", [0] * 9)
    with pytest.raises(InstrumentError, match="mm or cm"):
        score("VAS", [3], {"read_in": "inch"})
