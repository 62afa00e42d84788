"""What a list maker may ask for, and what is refused."""

import pickle
import unicodedata

import numpy as np
import pandas as pd
import pytest

from trialkit import errors
from trialkit.randomization import RandomizationDesign, generate_schedule, label_of_values

FACTORS = {"site": ["A", "B"]}


def make(arms=None, factors=FACTORS, block_lengths=(4, 6), subjects_per_stratum=20, subjects=None):
    arms = {"exercise": 1, "control": 1} if arms is None else arms
    return RandomizationDesign(arms, factors, block_lengths, subjects_per_stratum, subjects)


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        ({"block_lengths": (4, 5)}, "BlockLengthError", "divisible by the ratio's sum, 2; found 5"),
        ({"arms": {"A": 2, "B": 1}, "block_lengths": (4,)}, "BlockLengthError", "sum, 3; found 4"),
        ({"block_lengths": ()}, "BlockLengthError", "an empty list"),
        ({"block_lengths": (4, 4)}, "BlockLengthError", "more than once"),
        ({"block_lengths": 4}, "BlockLengthError", "a list of block lengths.*found 4"),
        ({"block_lengths": (0,)}, "BlockLengthError", "found 0"),
        ({"block_lengths": (4.0,)}, "BlockLengthError", "found 4.0"),
        ({"block_lengths": (1002,)}, "BlockLengthError", "found 1002"),
        ({"arms": ["A", "B"]}, "ArmsError", "found a list"),
        ({"arms": {"A": 1}, "block_lengths": (4,)}, "ArmsError", "at least two arms"),
        ({"arms": {"A": 1, "B": 0}}, "ArmsError", "found 0"),
        ({"arms": {"A": 1, "B": 1.5}}, "ArmsError", "found 1.5"),
        ({"arms": {"A": 1, "B": True}}, "ArmsError", "found True"),
        ({"arms": {"A": 700, "B": 301}, "block_lengths": None}, "ArmsError", "found 1001"),
        ({"arms": {"é": 1, "e\u0301": 1}}, "ArmsError", "named like another"),
        ({"arms": {"": 1, "B": 1}}, "LabelError", "not empty"),
        ({"arms": {"A" * 65: 1, "B": 1}}, "LabelError", "65 bytes"),
        ({"factors": {"site": ["A", "B", "A"]}}, "FactorLevelError", "'A' more than once"),
        ({"factors": {"site": ["é", "e\u0301"]}}, "FactorLevelError", "more than once"),
        ({"factors": {"site": []}}, "FactorLevelError", "found none"),
        ({"factors": {"site": 2}}, "FactorLevelError", "found none"),
        ({"factors": ["site"]}, "FactorLevelError", "found a list"),
        ({"factors": {"site": "AB"}}, "FactorLevelError", "a text"),
        ({"factors": {"arm": ["A", "B"]}}, "FactorLevelError", "not a column"),
        ({"factors": {"é": ["A"], "e\u0301": ["B"]}}, "FactorLevelError", "twice"),
        ({"factors": {"site": ["A", ""]}}, "LabelError", "not empty"),
        ({"factors": {"site": ["A", " B"]}}, "LabelError", "outer space"),
        ({"factors": {"site": ["A", 1]}}, "LabelError", "type int"),
        ({"factors": {"site": ["A", "B\u200b"]}}, "LabelError", "U\\+200B"),
        ({"factors": {"site": ["A", "B\nC"]}}, "LabelError", "U\\+000A"),
        ({"factors": {"site": ["A", "\ud800"]}}, "LabelError", "U\\+D800"),
        ({"factors": {"site": ["A", "\u0378"]}}, "LabelError", "U\\+0378"),
        ({"subjects_per_stratum": 0}, "ScheduleSizeError", "found 0"),
        ({"subjects_per_stratum": None}, "ScheduleSizeError", "neither"),
        ({"subjects": -1}, "ScheduleSizeError", "found -1"),
        ({"subjects_per_stratum": 2_000_000}, "ScheduleSizeError", "2 strata of 2000000"),
    ],
)
def test_a_design_that_cannot_be_randomized_is_refused_with_one_clear_error(change, error, says):
    with pytest.raises(getattr(errors, error), match=says) as refused:
        make(**change)
    assert isinstance(refused.value, errors.RandomizationError)
    assert refused.value.next_step
    assert "\n" not in str(refused.value)


@pytest.mark.analytic
def test_numbers_and_levels_taken_from_a_table_make_the_same_design():
    table = pd.DataFrame({"arm": ["A", "B"], "ratio": [1, 2], "site": ["Bologna", "Rome"], "length": [3, 6]})
    plain = make({"A": 1, "B": 2}, {"site": ["Bologna", "Rome"]}, (3, 6), 30, 60)
    drawn = make(
        dict(zip(table.arm, table.ratio, strict=True)),
        {"site": table.site},
        table.length,
        np.int64(30),
        np.int64(60),
    )
    assert drawn == plain
    assert drawn.digest == plain.digest
    assert generate_schedule(drawn, seed=1).digest == generate_schedule(plain, seed=1).digest


def test_the_default_list_is_long_enough_for_a_trial_that_recruits_at_one_site_only():
    assert make(subjects_per_stratum=None, subjects=314).subjects_per_stratum == 314


def test_the_order_and_normalization_in_which_a_design_is_written_change_nothing():
    one = make({"a": 1, "b": 2}, {"site": ["Köln", "Bonn"], "sex": ["f", "m"]}, (6, 3))
    other = make(
        {"b": 2, "a": 1},
        {"sex": ["m", "f"], "site": ["Bonn", unicodedata.normalize("NFD", "Köln")]},
        (3, 6),
    )
    assert one == other
    assert hash(one) == hash(other)
    assert one.digest == other.digest
    assert one.canonical() == RandomizationDesign.from_canonical(other.canonical()).canonical()


@pytest.mark.parametrize(
    "change",
    [
        {"arms": {"exercise": 2, "control": 2}, "block_lengths": (4, 8)},
        {"arms": {"exercise": 1, "placebo": 1}},
        {"factors": {"site": ["A", "B", "C"]}},
        {"factors": {"centre": ["A", "B"]}},
        {"block_lengths": (4,)},
        {"block_lengths": None},
        {"subjects_per_stratum": 21},
    ],
)
def test_every_part_of_a_design_enters_its_digest(change):
    assert make(**change) != make()
    assert make(**change).digest != make().digest


def test_two_combinations_of_levels_never_share_a_stratum_label():
    tricky = ["1", "1;b=2", "1%3Bb%3D2", "1%", "%", ";", "="]
    design = make(factors={"a": tricky, "b": tricky})
    labels = [stratum.label for stratum in design.strata()]
    assert len(set(labels)) == len(tricky) ** 2
    assert labels == sorted(labels)


def test_strata_are_named_by_sorted_factors():
    design = make(factors={"site": ["A", "B"], "sex": ["f", "m"]})
    assert [stratum.label for stratum in design.strata()] == [
        "sex=f;site=A",
        "sex=f;site=B",
        "sex=m;site=A",
        "sex=m;site=B",
    ]
    assert list(design.strata()[1].levels.items()) == [("site", "B"), ("sex", "f")]
    assert [stratum.label for stratum in make(factors={}).strata()] == ["all"]


def test_a_subject_falls_into_the_stratum_of_its_values():
    design = make(factors={"site": ["A", "Köln"], "sex": ["f", "m"]})
    values = {"sex": "m", "site": unicodedata.normalize("NFD", "Köln")}
    assert design.stratum_of(values) == "sex=m;site=Köln"
    assert label_of_values(design.factors, values) == "sex=m;site=Köln"


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"site": "A"}, "no value for sex"),
        ({"site": "A", "sex": None}, "no value for sex"),
        ({"site": "A", "sex": "f", "age": "old"}, "a value for age"),
        ({"site": "Z", "sex": "f"}, "a level of site: A, B; found 'Z'"),
        ({"site": "A", "sex": "F"}, "found 'F'"),
    ],
)
def test_unknown_or_absent_stratum_values_are_refused(values, says):
    design = make(factors={"site": ["A", "B"], "sex": ["f", "m"]})
    with pytest.raises(errors.UnknownLevelError, match=says):
        design.stratum_of(values)


def test_a_design_survives_a_process_boundary_and_cannot_be_changed():
    design = make()
    assert pickle.loads(pickle.dumps(design)) == design
    with pytest.raises(TypeError):
        design.arms["exercise"] = 3
    with pytest.raises(AttributeError):
        design.block_lengths = (8,)


def test_a_design_reads_like_the_call_that_makes_it():
    design = make()
    assert eval(repr(design), {"RandomizationDesign": RandomizationDesign}) == design
