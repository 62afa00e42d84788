"""What a reviewer is told about a design: against algebra, published numbers and plain enumeration."""

import itertools
import math
import subprocess
import sys
from collections import defaultdict

import numpy as np
import pytest

from trialkit import errors
from trialkit.randomization import RandomizationDesign
from trialkit.randomization.guessing import Guesser, block_chain, fixed_block_guessing

TWO = {"A": 1, "B": 1}
REFERENCE = {"site": list("ABCDE"), "sex": ["female", "male"]}


def histories(arms, lengths, slots):
    """Every possible beginning of a stratum with its probability, by brute force over whole blocks."""
    weights = {"": 1.0}
    found = defaultdict(float)
    blocks = {}
    for length in lengths:
        content = "".join(arm * (ratio * length // sum(arms.values())) for arm, ratio in arms.items())
        blocks[length] = sorted({"".join(block) for block in itertools.permutations(content)})
    while weights:
        longer = defaultdict(float)
        for done, weight in weights.items():
            for length in lengths:
                for block in blocks[length]:
                    part = weight / len(lengths) / len(blocks[length])
                    target = found if len(done + block) >= slots else longer
                    target[(done + block)[:slots]] += part
        weights = longer
    return found


def next_arm_by_enumeration(found, arms, history):
    begun = {arm: sum(p for path, p in found.items() if path.startswith(history + arm)) for arm in arms}
    total = sum(begun.values())
    return [begun[arm] / total for arm in sorted(arms)]


@pytest.mark.analytic
@pytest.mark.parametrize("m", [1, 2, 3, 4, 10, 50])
def test_correct_guesses_in_a_fixed_block_follow_blackwell_and_hodges(m):
    correct, certain = fixed_block_guessing(TWO, 2 * m)
    assert correct == pytest.approx((m + (4**m / math.comb(2 * m, m) - 1) / 2) / (2 * m), rel=1e-12)
    assert certain == pytest.approx(1 / (m + 1), rel=1e-12)


@pytest.mark.external_reference
def test_correct_guesses_agree_with_the_published_table():
    """PMC3399213, table 3: blocks of 20, guessed 0.616 to 0.617, certain 0.090 to 0.091."""
    correct, certain = fixed_block_guessing(TWO, 20)
    assert 0.616 <= correct < 0.6175
    assert 0.090 <= certain <= 0.091


@pytest.mark.independent_reimplementation
@pytest.mark.parametrize(("arms", "length"), [({"A": 2, "B": 1}, 6), ({"A": 1, "B": 1, "C": 2}, 8), (TWO, 6)])
def test_correct_guesses_for_any_ratio_agree_with_counting_every_arrangement(arms, length):
    content = "".join(arm * (ratio * length // sum(arms.values())) for arm, ratio in arms.items())
    every = set(itertools.permutations(content))
    correct = certain = 0
    for block in every:
        for place in range(length):
            left = [block[place:].count(arm) for arm in arms]
            correct += max(left) / sum(left)
            certain += max(left) == sum(left)
    expected = (correct / len(every) / length, certain / len(every) / length)
    assert fixed_block_guessing(arms, length) == pytest.approx(expected, rel=1e-12)


@pytest.mark.independent_reimplementation
@pytest.mark.parametrize(
    ("arms", "lengths", "slots"),
    [(TWO, (4, 6), 9), (TWO, (2, 4), 9), (TWO, (4,), 7), ({"A": 2, "B": 1}, (3, 6), 8)],
)
def test_the_guesser_knows_exactly_what_enumeration_of_all_lists_knows(arms, lengths, slots):
    found = histories(arms, lengths, slots)
    assert sum(found.values()) == pytest.approx(1)
    guesser = Guesser(block_chain(RandomizationDesign(arms, {}, lengths, 30)), len(found))
    paths = sorted(found)
    for place in range(slots):
        told = guesser.next_arm(len(paths))
        for lane, path in enumerate(paths):
            assert told[lane] == pytest.approx(next_arm_by_enumeration(found, arms, path[:place]), abs=1e-12)
        guesser.see(np.array([sorted(arms).index(path[place]) for path in paths]), told)


@pytest.mark.independent_reimplementation
def test_simulated_guesses_agree_with_the_exact_expectation_of_a_short_trial():
    found = histories(TWO, (4, 6), 9)
    correct = certain = 0.0
    for path, chance in found.items():
        for place in range(9):
            best = max(next_arm_by_enumeration(found, TWO, path[:place]))
            correct += chance * best / 9
            certain += chance * (best > 1 - 1e-9) / 9
    design = RandomizationDesign(TWO, {"site": list("ABCD")}, (4, 6), 30)
    table = design.properties(simulations=4_000, subjects=36).guessing
    simulated = table[table["method"] == "simulated"].set_index("quantity")
    for name, exact in (("correct_guess_probability", correct), ("deterministic_share", certain)):
        row = simulated.loc[name]
        assert 0 < row["standard_error"] < 0.002
        assert abs(row["estimate"] - exact) < 5 * row["standard_error"]


@pytest.fixture(scope="module")
def reference():
    return RandomizationDesign(TWO, REFERENCE, (4, 6), subjects=314).properties(simulations=3_000)


@pytest.mark.external_reference
def test_the_reference_trial_has_the_guessing_known_for_mixed_blocks_of_4_and_6():
    """20,000 runs made elsewhere at 31 a stratum: 0.685 correct, 5.7 % certain, to the digits stated."""
    properties = RandomizationDesign(TWO, REFERENCE, (4, 6), 60).properties(simulations=3_000, subjects=310)
    assert properties.correct_guess_probability == pytest.approx(0.685, abs=0.0015)
    assert properties.deterministic_share == pytest.approx(0.057, abs=0.001)
    closed = properties.guessing.query("method == 'closed form'").set_index("quantity")["estimate"]
    assert closed["correct_guess_probability"] == pytest.approx((4 * 17 / 24 + 6 * 0.68333333333) / 10)


@pytest.mark.external_reference
def test_the_reference_trial_has_the_imbalance_known_for_314_in_10_strata(reference):
    """20,000 runs made elsewhere: overall mean 2.5, 95 % 6; a site at most 6, a stratum at most 3."""
    table = reference.imbalance
    overall = table[table["scope"] == "overall"].iloc[0]
    assert overall["mean"] == pytest.approx(2.5, abs=0.1)
    assert overall["q95"] == 6
    assert table[table["factor"] == "site"]["maximum"].max() <= 6
    assert (table[table["scope"] == "stratum"]["maximum"] == [2, 2, 2, 2, 3, 3, 3, 3, 3, 3]).all()
    assert list(table["bound"]) == [30] + 5 * [6] + 2 * [15] + 10 * [3]


@pytest.mark.independent_reimplementation
def test_simulated_imbalance_agrees_with_its_exact_distribution(reference):
    """Four strata of 32 and six of 31: exact by adding up the differences of every partly used block."""
    one = {size: difference_after(size) for size in (31, 32)}
    strata = [32, 32, 32, 32, 31, 31, 31, 31, 31, 31]
    total = {0: 1.0}
    for size in strata:
        total = added(total, one[size])
    expected = sum(abs(difference) * p for difference, p in total.items())
    spread = reference.overall_imbalance
    assert abs(spread.mean() - expected) < 5 * spread.std() / math.sqrt(len(spread))
    share_over_4 = sum(p for difference, p in total.items() if abs(difference) > 4)
    assert (spread > 4).mean() == pytest.approx(share_over_4, abs=5 * math.sqrt(share_over_4 / len(spread)))
    per_stratum = reference.imbalance.query("scope == 'stratum'")["mean"].to_numpy()
    for size, mean in zip(strata, per_stratum, strict=True):
        exact = sum(abs(difference) * p for difference, p in one[size].items())
        assert mean == pytest.approx(exact, abs=0.09)


def difference_after(size):
    """Distribution of A - B after ``size`` slots, by where the last block began."""
    start = {0: 1.0}
    result = defaultdict(float)
    while start:
        begun, p = min(start), start.pop(min(start))
        for length in (4, 6):
            if begun + length <= size:
                start[begun + length] = start.get(begun + length, 0) + p / 2
                continue
            into, half = size - begun, length // 2
            for a in range(max(0, into - half), min(into, half) + 1):
                ways = math.comb(into, a) * math.comb(length - into, half - a) / math.comb(length, half)
                result[2 * a - into] += p / 2 * ways
        if begun == size:
            assert into == 0
    return result


def added(one, other):
    total = defaultdict(float)
    for (a, p), (b, q) in itertools.product(one.items(), other.items()):
        total[a + b] += p * q
    return total


def test_one_block_length_has_a_closed_form_and_the_simulation_agrees_with_it():
    properties = RandomizationDesign(TWO, {}, (4,), 40).properties()
    assert properties.correct_guess_probability == pytest.approx(17 / 24)
    assert properties.deterministic_share == pytest.approx(1 / 3)
    simulated = properties.guessing.query("method == 'simulated'").set_index("quantity")
    for name, exact in (("correct_guess_probability", 17 / 24), ("deterministic_share", 1 / 3)):
        assert abs(simulated.loc[name, "estimate"] - exact) < 5 * simulated.loc[name, "standard_error"]


@pytest.mark.analytic
def test_simple_randomization_cannot_be_guessed_and_has_no_bound():
    properties = RandomizationDesign({"A": 2, "B": 1}, {}, None, 300).properties()
    assert properties.correct_guess_probability == pytest.approx(2 / 3)
    assert properties.deterministic_share == 0
    row = properties.imbalance.iloc[0]
    assert row["bound"] == math.inf
    # |n_A/2 - n_B| for n_A binomial(300, 2/3): 1.5 |n_A - 200|, about normal
    assert row["mean"] == pytest.approx(1.5 * math.sqrt(300 * 2 / 9) * math.sqrt(2 / math.pi), rel=0.08)


@pytest.mark.analytic
def test_three_arms_of_unequal_ratio_stay_within_their_bound_and_reach_it():
    design = RandomizationDesign({"A": 2, "B": 1, "C": 1}, {"site": ["x", "y"]}, (4, 8), 60)
    table = design.properties(simulations=3_000, subjects=71).imbalance
    assert list(table["bound"]) == [4, 2, 2, 2, 2]
    assert (table["maximum"] <= table["bound"]).all()
    assert (table.query("scope == 'stratum'")["maximum"] == 2).all()
    assert list(table["subjects_mean"]) == [71, 36, 35, 36, 35]


def test_sixty_slots_a_stratum_run_out_where_sites_are_unequal_and_the_default_never_does():
    weights = {"site": {"A": 5, "B": 2, "C": 1, "D": 1, "E": 1}}
    sixty = RandomizationDesign(TWO, REFERENCE, (4, 6), subjects_per_stratum=60, subjects=314)
    total = RandomizationDesign(TWO, REFERENCE, (4, 6), subjects=314)
    found = sixty.properties(simulations=300, weights=weights)
    assert found.overflow_share > 0.95
    assert total.properties(simulations=300, weights=weights).overflow_share == 0
    levels = found.imbalance.set_index("level")["subjects_mean"]
    assert levels["A"] == pytest.approx(157, abs=3)
    assert levels["E"] == pytest.approx(31.4, abs=2)
    assert levels["female"] == pytest.approx(157, abs=3)


def test_the_assessment_repeats_itself_and_tells_its_progress():
    design = RandomizationDesign(TWO, REFERENCE, (4, 6), 40)
    seen = []
    one = design.properties(simulations=1_500, progress=lambda done, total: seen.append((done, total)))
    other = design.properties(simulations=1_500)
    assert one.guessing.equals(other.guessing)
    assert one.imbalance.equals(other.imbalance)
    assert not one.guessing.equals(design.properties(simulations=1_500, seed=2).guessing)
    assert one.subjects == 400
    assert len(seen) > 1
    assert seen[-1] == (1_500, 1_500)
    assert [done for done, _ in seen] == sorted({done for done, _ in seen})


@pytest.mark.parametrize(
    ("arguments", "error", "says"),
    [
        ({"simulations": 1}, "AssessmentError", "at least 2"),
        ({"subjects": 0}, "AssessmentError", "at least 1"),
        ({"weights": {"centre": {"A": 1}}}, "UnknownLevelError", "centre"),
        ({"weights": {"sex": {"female": 1}}}, "UnknownLevelError", "male"),
        ({"weights": {"sex": {"female": 1, "male": 1, "other": 1}}}, "UnknownLevelError", "other"),
        ({"weights": {"sex": {"female": 1, "male": 0}}}, "AssessmentError", "above 0"),
        ({"weights": {"sex": {"female": 1, "male": math.nan}}}, "AssessmentError", "above 0"),
        ({"weights": {"sex": {"female": 1, "male": math.inf}}}, "AssessmentError", "above 0"),
    ],
)
def test_an_assessment_that_makes_no_sense_is_refused(arguments, error, says):
    design = RandomizationDesign(TWO, REFERENCE, (4, 6), 40)
    with pytest.raises(getattr(errors, error), match=says):
        design.properties(**{"simulations": 10, **arguments})


def test_blocks_too_long_to_be_assessed_are_refused_and_not_guessed_at():
    design = RandomizationDesign(dict.fromkeys("ABCDE", 1), {}, (50,), 40)
    with pytest.raises(errors.AssessmentError, match="ways"):
        design.properties()
    with pytest.raises(errors.AssessmentError, match="length 50"):
        fixed_block_guessing(design.arms, 50)


def test_the_picture_shows_three_panels_for_any_design():
    for lengths, factors in (((4, 6), REFERENCE), (None, {})):
        properties = RandomizationDesign(TWO, factors, lengths, 12).properties(simulations=50)
        figure = properties.figure()
        titles = [axes.get_title() for axes in figure.axes]
        assert titles == [
            "Imbalance of the whole trial",
            "Imbalance by level and stratum",
            "Guessing the next arm",
        ]
        labels = [label.get_text() for label in figure.axes[1].get_yticklabels()]
        assert len(labels) == len(properties.imbalance)
        assert labels[0] == "whole trial"
        figure.draw_without_rendering()


def test_the_properties_read_as_a_table_for_a_reviewer():
    said = str(RandomizationDesign(TWO, REFERENCE, (4,), subjects=314).properties(simulations=50))
    assert "314 subjects in 10 strata of 31 to 32, 50 simulated trials." in said
    assert "Best guesser right          70.8 % of allocations (without any knowledge 50.0 %)" in said
    assert "Next arm certain            33.3 % of allocations" in said
    assert said.count("\n  sex=") == 10
    simple = str(RandomizationDesign({"A": 1, "B": 2}, {}, None, subjects=40).properties(simulations=50))
    assert "40 subjects in 1 stratum" in simple
    assert all(line.endswith("none") for line in simple.splitlines() if line.startswith("  whole trial"))


def test_assessing_a_design_loads_no_plotting():
    program = (
        "import sys; from trialkit.randomization import RandomizationDesign as D;"
        "D({'A': 1, 'B': 1}, {}, (4,), 8).properties(simulations=5);"
        "assert 'matplotlib' not in sys.modules and 'scipy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


@pytest.mark.long
def test_ten_thousand_trials_of_314_over_10_strata_are_assessed_with_the_known_answer():
    design = RandomizationDesign(TWO, REFERENCE, (4, 6), subjects=314)
    properties = design.properties(simulations=10_000)
    table = properties.imbalance
    assert table.iloc[0]["mean"] == pytest.approx(2.5, abs=0.1)
    assert table.iloc[0]["maximum"] <= 16
    assert table.query("scope == 'stratum'")["maximum"].max() == 3
