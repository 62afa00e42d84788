"""The list: the same for ever, whole blocks, one stream a stratum."""

import importlib.util
import json
import pickle
import shutil
import subprocess
import sys
from collections import Counter

import pytest
from hypothesis import given, settings, strategies as st

from trialkit.errors import SeedError
from trialkit.randomization import RandomizationDesign, Reveal, generate_schedule
from trialkit.randomization.stream import Stream, demonstration_entropy, seed_bytes

COLUMNS = ["stratum", "site", "sex", "sequence_number", "block", "block_length", "arm"]


def cases():
    from pathlib import Path

    folder = Path(__file__).resolve().parents[1] / "reference" / "randomization"
    return json.loads((folder / "cases.json").read_text(encoding="utf-8"))


def seed_of(case):
    return case["seed"] if isinstance(case["seed"], int) else bytes.fromhex(case["seed"])


@pytest.mark.independent_reimplementation
@pytest.mark.parametrize("case", cases(), ids=lambda case: case["name"])
def test_the_list_has_the_digests_of_the_second_implementation(case, golden):
    expected = golden[case["name"]]
    schedule = generate_schedule(RandomizationDesign(**case["design"]), seed_of(case))
    slots = list(schedule.rows())
    reveal = Reveal(
        schedule.design,
        seed_bytes(seed_of(case)),
        schedule.digest,
        case["bundle_digest"],
        case["previous_commitment"],
    )
    assert {
        "design_digest": schedule.design.digest,
        "schedule_digest": schedule.digest,
        "schedule_id": schedule.schedule_id,
        "commitment": reveal.commitment().value,
        "first_arms": [slot.arm for slot in slots[: len(expected["first_arms"])]],
        "slots": len(slots),
    } == expected


@pytest.mark.independent_reimplementation
def test_numbers_are_rejected_exactly_where_the_second_implementation_rejects_them(golden):
    stream = Stream(seed_bytes(1), "rejection")
    assert [stream.below(3_000_000_000) for _ in range(40)] == golden["numbers below 3000000000"]
    assert stream._counter > 5  # 40 words fill 5 blocks of the stream: more were used, so words were rejected


@pytest.mark.independent_reimplementation
def test_the_golden_digests_are_what_the_second_implementation_prints(reference_folder):
    program = reference_folder / "second_implementation.py"
    # Without site-packages (-S) no installed trialkit can be imported, nor from the folder it runs in (-I).
    command = [sys.executable, "-I", "-S", "-X", "utf8", program]
    printed = subprocess.run(command, capture_output=True, check=True)
    assert json.loads(printed.stdout) == json.loads((reference_folder / "golden.json").read_bytes())


@pytest.mark.independent_reimplementation
@pytest.mark.skipif(shutil.which("perl") is None, reason="perl is not installed")
def test_another_language_gets_the_golden_digests_from_the_page(reference_folder):
    printed = subprocess.run(
        ["perl", reference_folder / "third_implementation.pl"], capture_output=True, check=True
    )
    assert json.loads(printed.stdout) == json.loads((reference_folder / "golden.json").read_bytes())


@pytest.mark.independent_reimplementation
def test_the_bundle_digest_is_that_of_the_second_implementation(custody, reference_folder):
    spec = importlib.util.spec_from_file_location("second", reference_folder / "second_implementation.py")
    second = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(second)
    assert second.bundle_digest(json.loads(custody.bundle.to_json())) == custody.bundle.digest


def test_the_table_has_the_promised_columns_and_counts_from_one(design):
    slots = generate_schedule(design, 1).slots
    assert list(slots.columns) == COLUMNS
    for _, stratum in slots.groupby("stratum"):
        assert list(stratum["sequence_number"]) == list(range(1, len(stratum) + 1))
        assert stratum["block"].iloc[0] == 1
        lengths = stratum.groupby("block")["block_length"]
        assert (lengths.size() == lengths.first()).all()
        assert len(stratum) >= 20
        assert len(stratum) - stratum["block_length"].iloc[-1] < 20
    assert (slots["stratum"] == "sex=" + slots["sex"] + ";site=" + slots["site"]).all()


def test_changing_the_table_does_not_change_the_list(design):
    schedule = generate_schedule(design, 1)
    before = schedule.digest
    schedule.slots["arm"] = "exercise"
    assert schedule.slots["arm"].nunique() == 2
    assert generate_schedule(design, 1).digest == before


RATIOS = st.lists(st.integers(1, 3), min_size=2, max_size=4)


@st.composite
def designs(draw):
    ratios = draw(RATIOS)
    multiples = draw(st.sets(st.integers(1, 4), min_size=1, max_size=3))
    return RandomizationDesign(
        arms={f"arm {n}": ratio for n, ratio in enumerate(ratios)},
        factors={"site": [f"{n:02}" for n in range(1, draw(st.integers(2, 4)))], "sex": ["f", "m"]},
        block_lengths=tuple(m * sum(ratios) for m in multiples),
        subjects_per_stratum=draw(st.integers(1, 40)),
    )


def longer(design, **changes):
    parts = {
        "arms": design.arms,
        "factors": design.factors,
        "block_lengths": design.block_lengths,
        "subjects_per_stratum": design.subjects_per_stratum,
    }
    return RandomizationDesign(**{**parts, **changes})


def by_stratum(schedule):
    strata = schedule.design.strata()
    return {stratum.label: blocks for stratum, blocks in zip(strata, schedule.blocks, strict=True)}


@settings(derandomize=True, deadline=None, max_examples=60)
@given(designs(), st.integers(0, 2**64))
def test_every_block_is_whole_and_has_the_arms_in_their_ratio(design, seed):
    for blocks in generate_schedule(design, seed).blocks:
        for block in blocks:
            assert len(block) in design.block_lengths
            share = len(block) // sum(design.arms.values())
            assert Counter(block) == {arm: ratio * share for arm, ratio in design.arms.items()}
        slots = sum(map(len, blocks))
        assert slots - len(blocks[-1]) < design.subjects_per_stratum <= slots


@settings(derandomize=True, deadline=None, max_examples=40)
@given(designs(), st.integers(0, 2**64), st.integers(1, 60))
def test_a_longer_list_begins_with_the_shorter_one(design, seed, more):
    short = by_stratum(generate_schedule(design, seed))
    long = by_stratum(
        generate_schedule(longer(design, subjects_per_stratum=design.subjects_per_stratum + more), seed)
    )
    assert all(long[label][: len(blocks)] == blocks for label, blocks in short.items())


@settings(derandomize=True, deadline=None, max_examples=40)
@given(designs(), st.integers(0, 2**64))
def test_a_site_added_later_changes_no_other_stratum(design, seed):
    before = by_stratum(generate_schedule(design, seed))
    sites = ["00", *design.factors["site"], "99"]
    after = by_stratum(generate_schedule(longer(design, factors={"sex": ["m", "f"], "site": sites}), seed))
    assert len(after) == len(before) + 4
    assert all(after[label] == blocks for label, blocks in before.items())


def test_the_same_list_comes_from_a_design_written_in_another_order(design):
    other = longer(
        design,
        arms={"control": 1, "exercise": 1},
        factors={"sex": ["male", "female"], "site": list("EDCBA")},
        block_lengths=(6, 4),
    )
    assert generate_schedule(other, 5).digest == generate_schedule(design, 5).digest
    assert generate_schedule(other, 5).schedule_id == generate_schedule(design, 5).schedule_id


def test_another_seed_gives_another_list_and_another_name(design):
    one, other = generate_schedule(design, 5), generate_schedule(design, 6)
    assert one.digest != other.digest
    assert one.schedule_id != other.schedule_id


def test_fixed_blocks_and_simple_randomization_are_special_cases():
    fixed = RandomizationDesign({"A": 1, "B": 1}, {}, (4,), 40)
    assert {len(block) for block in generate_schedule(fixed, 1).blocks[0]} == {4}
    simple = RandomizationDesign({"A": 1, "B": 1}, {}, None, 41)
    slots = list(generate_schedule(simple, 1).rows())
    assert len(slots) == 41
    assert {slot.block_length for slot in slots} == {1}
    assert [slot.block for slot in slots] == list(range(1, 42))


@pytest.mark.parametrize(
    "seed", [b"short", bytes(31), bytes(33), -1, True, 1.0, "1", None, bytearray(32)], ids=repr
)
def test_a_seed_that_is_neither_32_bytes_nor_a_number_is_refused(design, seed):
    with pytest.raises(SeedError, match="32 bytes"):
        generate_schedule(design, seed)


def test_a_seed_is_never_shown_in_the_error_about_it():
    with pytest.raises(SeedError) as refused:
        seed_bytes(b"secret of 31 bytes ............")
    assert "secret" not in str(refused.value)


def test_neither_list_nor_slot_shows_an_arm_when_printed(design):
    schedule = generate_schedule(design, 1)
    shown = f"{schedule!r} {schedule} {next(schedule.rows())!r} {[*schedule.rows()][:3]}"
    assert "exercise" not in shown
    assert "control" not in shown
    assert "block" not in shown


def test_a_list_survives_a_process_boundary(design):
    schedule = generate_schedule(design, 1)
    assert pickle.loads(pickle.dumps(schedule)) == schedule


def test_entropy_of_a_demonstration_repeats_itself_and_differs_by_purpose():
    assert demonstration_entropy(3, "key")(32) == demonstration_entropy(3, "key")(32)
    assert demonstration_entropy(3, "key")(32) != demonstration_entropy(3, "nonces")(32)
    assert demonstration_entropy(3, "key")(32) != demonstration_entropy(4, "key")(32)
    source = demonstration_entropy(3, "nonces")
    assert len({source(12) for _ in range(1000)}) == 1000


def test_making_a_list_loads_neither_pandas_nor_numpy_nor_cryptography():
    program = (
        "import sys; from trialkit.randomization import RandomizationDesign as D, generate_schedule as g;"
        "g(D({'A': 1, 'B': 1}, {}, (4,), 8), 1).digest;"
        "assert not {'pandas', 'numpy', 'cryptography'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
