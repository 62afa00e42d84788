"""Slots, bundle, key and files: what is kept secret, and what shows tampering."""

import json
import os
import stat
from dataclasses import replace

import pytest

from trialkit import errors
from trialkit.randomization import (
    AllocationKey,
    BundleHeader,
    Commitment,
    RandomizationDesign,
    Reveal,
    SealedBundle,
    SeedFile,
    Slot,
    bundle_digest,
    check_bundle,
    check_key,
    demonstration_entropy,
    generate_schedule,
    lock_seed,
    open_slot,
    read_custody_file,
    remaining_supply,
    seal_schedule,
    seal_slot,
    write_custody_file,
)

PASSPHRASE = "vier Äpfel und sechs Birnen"
ANOTHER_KEY = AllocationKey(bytes(range(32)))


def flipped(data: bytes, place: int = 0) -> bytes:
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


def with_slot(bundle, place, **changes):
    slots = list(bundle.slots)
    slots[place] = replace(slots[place], **changes)
    return SealedBundle(bundle.header, tuple(slots))


def test_every_slot_opens_to_what_was_sealed(custody):
    schedule_id = custody.bundle.header.schedule_id
    opened = [open_slot(slot, custody.key, schedule_id) for slot in custody.bundle.slots]
    expected = [(slot.arm, slot.block, slot.block_length) for slot in custody.schedule.rows()]
    assert [(content.arm, content.block, content.block_length) for content in opened] == expected


@pytest.mark.parametrize("part", ["nonce", "sealed"])
@pytest.mark.parametrize("place", [0, -1])
def test_a_slot_with_one_bit_changed_does_not_open(custody, part, place):
    slot = custody.bundle.slots[3]
    data = getattr(slot, part)
    broken = replace(slot, **{part: flipped(data, place % len(data))})
    with pytest.raises(errors.TamperedBundleError, match=f"{slot.stratum}/4"):
        open_slot(broken, custody.key, custody.bundle.header.schedule_id)


@pytest.mark.parametrize("nonce", [b"", bytes(11), bytes(13)])
def test_a_slot_with_a_nonce_of_another_length_does_not_open(custody, nonce):
    with pytest.raises(errors.TamperedBundleError):
        open_slot(replace(custody.bundle.slots[0], nonce=nonce), custody.key, custody.schedule.schedule_id)


def test_a_slot_moved_to_another_place_stratum_or_schedule_does_not_open(custody):
    slot = custody.bundle.slots[0]
    schedule_id = custody.bundle.header.schedule_id
    moves = [
        (replace(slot, sequence_number=2), schedule_id),
        (replace(slot, stratum=custody.bundle.slots[-1].stratum), schedule_id),
        (slot, "0" * 16),
    ]
    for moved, schedule in moves:
        with pytest.raises(errors.TamperedBundleError):
            open_slot(moved, custody.key, schedule)


def test_a_slot_does_not_open_with_another_key(custody):
    with pytest.raises(errors.TamperedBundleError):
        open_slot(custody.bundle.slots[0], ANOTHER_KEY, custody.bundle.header.schedule_id)


def test_the_size_of_a_sealed_slot_says_nothing_and_the_longest_arm_fits():
    key = ANOTHER_KEY
    short = seal_slot(Slot("all", 1, 1, 4, "A"), key, "id")
    long = seal_slot(Slot("all", 2, 2_000_000, 1000, "Ä" * 32), key, "id")
    assert len(short.sealed) == len(long.sealed) == 144
    content = open_slot(long, key, "id")
    assert (content.arm, content.block, content.block_length) == ("Ä" * 32, 2_000_000, 1000)


def test_every_slot_has_its_own_nonce_and_a_repeated_one_is_refused(custody):
    assert len({slot.nonce for slot in custody.bundle.slots}) == len(custody.bundle.slots)
    with pytest.raises(errors.AllocationKeyError, match="one nonce twice"):
        seal_schedule(custody.schedule, custody.key, seed=11, entropy=lambda size: bytes(size))


def test_keys_and_nonces_come_from_the_operating_system_unless_told_otherwise(custody):
    assert AllocationKey.draw() != AllocationKey.draw()
    one, other = (seal_schedule(custody.schedule, custody.key, seed=11) for _ in range(2))
    assert not {slot.nonce for slot in one.slots} & {slot.nonce for slot in other.slots}


def test_the_demonstration_makes_the_same_bundle_each_time(custody):
    key = AllocationKey.draw(demonstration_entropy(11, "key"))
    again = seal_schedule(custody.schedule, key, seed=11, entropy=demonstration_entropy(11, "nonces"))
    assert again == custody.bundle
    assert again.digest == custody.bundle.digest


def test_nothing_that_holds_an_arm_shows_it(custody):
    content = open_slot(custody.bundle.slots[0], custody.key, custody.bundle.header.schedule_id)
    seed_file = lock_seed(custody.reveal, PASSPHRASE, cost=14)
    secrets = [content, custody.key, custody.reveal, seed_file, custody.schedule, custody.bundle.slots[0]]
    for shown in [f"{secret!r} {secret}" for secret in secrets]:
        assert "exercise" not in shown
        assert "control" not in shown
        assert custody.key.secret.hex() not in shown
        assert repr(custody.key.secret) not in shown
        assert custody.reveal.seed.hex() not in shown
        assert repr(custody.reveal.seed) not in shown
        assert "(4, 6)" not in shown


def test_the_bundle_tells_neither_block_lengths_nor_seed_nor_list_digest(custody):
    public = json.loads(custody.bundle.to_json())
    assert set(public) == {
        "kind",
        "generator",
        "schedule_id",
        "key_id",
        "restriction_digest",
        "arms",
        "factors",
        "list_mark",
        "opening",
        "slots",
    }
    text = custody.bundle.to_json() + custody.commitment.to_json()
    assert custody.schedule.digest not in text
    assert custody.reveal.seed.hex() not in text


def test_files_are_read_back_as_they_were_written(custody):
    seed_file = lock_seed(custody.reveal, PASSPHRASE, cost=14)
    for part in (
        custody.bundle,
        custody.bundle.header,
        custody.key,
        custody.commitment,
        custody.reveal,
        seed_file,
    ):
        assert type(part).from_json(part.to_json()) == part
    assert SealedBundle.from_json(custody.bundle.to_json()).digest == custody.bundle.digest


def test_the_digest_can_be_checked_from_rows_in_any_order(custody):
    rows = custody.bundle.slots[::-1]
    assert bundle_digest(custody.bundle.header.to_json(), rows) == custody.bundle.digest


def test_replacing_adding_or_dropping_a_slot_changes_the_bundle_digest(custody):
    bundle = custody.bundle
    forged = [
        with_slot(bundle, 5, sealed=bundle.slots[6].sealed, nonce=bundle.slots[6].nonce),
        SealedBundle(bundle.header, bundle.slots[:-1]),
        SealedBundle(bundle.header, (*bundle.slots, bundle.slots[-1])),
        SealedBundle(replace(bundle.header, restriction_digest="0"), bundle.slots),
        SealedBundle(replace(bundle.header, key_id="0" * 16), bundle.slots),
    ]
    for changed in forged:
        assert changed.digest != bundle.digest
        with pytest.raises(errors.TamperedBundleError, match="digest"):
            check_bundle(changed, custody.commitment)
    check_bundle(bundle, custody.commitment)


def test_a_bundle_loads_with_its_own_key_only(custody):
    check_key(custody.bundle, custody.key)
    with pytest.raises(errors.AllocationKeyError, match=custody.bundle.header.key_id):
        check_key(custody.bundle, ANOTHER_KEY)


@pytest.mark.parametrize("lengths", [(3,), (3, 6), (6,), None])
def test_a_list_made_for_another_ratio_is_not_loaded(lengths):
    key = AllocationKey.draw(demonstration_entropy(11, "key"))
    ratio = {"exercise": 2, "control": 1}
    design = RandomizationDesign(ratio, {"site": ["A", "B"]}, lengths, subjects_per_stratum=12)
    bundle = seal_schedule(
        generate_schedule(design, 5), key, seed=5, entropy=demonstration_entropy(11, "nonces")
    )
    check_key(bundle, key, ratio)
    for other in ({"exercise": 1, "control": 1}, {"exercise": 1, "control": 2}):
        if lengths is None:  # each slot drawn by itself: there is no block to hold the ratio against
            check_key(bundle, key, other)
            continue
        with pytest.raises(errors.BlockLengthError, match="study's ratio") as refused:
            check_key(bundle, key, other)
        assert not any(word in str(refused.value) for word in ("exercise", "control", "3", "6"))


def test_a_bundle_with_a_gap_a_repetition_or_a_foreign_arm_is_not_loaded(custody):
    bundle, key = custody.bundle, custody.key
    foreign = replace(bundle.header, arms=("exercise", "placebo"))
    for broken in (
        SealedBundle(bundle.header, bundle.slots[:3] + bundle.slots[4:]),
        SealedBundle(bundle.header, (*bundle.slots, bundle.slots[3])),
        SealedBundle(bundle.header, bundle.slots[:-1]),
        SealedBundle(foreign, bundle.slots),
        with_slot(bundle, 7, sealed=flipped(bundle.slots[7].sealed)),
    ):
        with pytest.raises(errors.TamperedBundleError) as refused:
            check_key(broken, key)
        assert "exercise" not in str(refused.value)
        assert "control" not in str(refused.value)


def test_a_damaged_key_file_is_not_taken_for_a_key(custody):
    content = json.loads(custody.key.to_json())
    content["key"] = flipped(custody.key.secret).hex()
    with pytest.raises(errors.AllocationKeyError, match="own key id") as refused:
        AllocationKey.from_json(json.dumps(content))
    assert content["key"] not in str(refused.value)
    for missing in (b"", bytes(31), None, "k" * 32):
        with pytest.raises(errors.AllocationKeyError, match="32 bytes"):
            AllocationKey(missing)


@pytest.mark.parametrize("kind", [SealedBundle, BundleHeader, AllocationKey, Commitment, Reveal, SeedFile])
@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"kind":"x"}', "1" * 5000, "[" * 100_000])
def test_a_file_of_another_kind_is_one_clear_error(kind, text):
    with pytest.raises(errors.CustodyFileError) as refused:
        kind.from_json(text)
    assert refused.value.next_step


def test_a_file_with_a_field_missing_added_or_of_another_type_is_one_clear_error(custody):
    seed_file = lock_seed(custody.reveal, PASSPHRASE, cost=14)
    for part in (custody.bundle, custody.key, custody.commitment, custody.reveal, seed_file):
        content = json.loads(part.to_json())
        for name in content:
            for changed in (
                {key: value for key, value in content.items() if key != name},
                {**content, name: 1.5},
                {**content, "extra": ""},
            ):
                with pytest.raises(errors.CustodyFileError):
                    type(part).from_json(json.dumps(changed))


@pytest.mark.parametrize(
    "slots",
    [
        [1],
        [["all"]],
        [["all", "1", "00" * 12, "00" * 144]],
        [["all", True, "00" * 12, "00" * 144]],
        [["all", 1, "00" * 11, "00" * 144]],
        [["all", 1, "00" * 12, "00" * 143]],
        [["all", 1, "zz" * 12, "00" * 144]],
        [["all", 1, "AA" * 12, "00" * 144]],
        [["all", 1, None, None]],
    ],
)
def test_a_slot_of_another_shape_is_one_clear_error(custody, slots):
    content = {**json.loads(custody.bundle.to_json()), "slots": slots}
    with pytest.raises(errors.CustodyFileError, match="sealed-bundle"):
        SealedBundle.from_json(json.dumps(content))


@pytest.mark.parametrize("factors", [[1], [["site"]], [["site", 1]], ["site"]])
def test_a_header_of_another_shape_is_one_clear_error(custody, factors):
    content = {**json.loads(custody.bundle.to_json()), "factors": factors}
    with pytest.raises(errors.CustodyFileError):
        SealedBundle.from_json(json.dumps(content))


@pytest.mark.parametrize(
    "change",
    [
        {"arms": [["exercise", 1], ["control", 1]]},
        {"arms": [["control", 1], ["control", 1], ["exercise", 1]]},
        {"block_lengths": [6, 4]},
        {"block_lengths": 4},
        {"factors": None},
        {"extra": 1},
    ],
)
def test_a_reveal_with_a_design_out_of_canonical_form_is_refused(custody, change):
    content = json.loads(custody.reveal.to_json())
    content["design"].update(change)
    with pytest.raises(errors.CustodyFileError, match="canonical form"):
        Reveal.from_json(json.dumps(content))


def test_the_bundle_header_finds_a_subjects_stratum_and_refuses_unknown_levels(custody):
    assert custody.bundle.header.stratum_of({"site": "B", "sex": "male"}) == "sex=male;site=B"
    with pytest.raises(errors.UnknownLevelError):
        custody.bundle.header.stratum_of({"site": "Z", "sex": "male"})
    strata = {slot.stratum for slot in custody.bundle.slots}
    assert strata == {stratum.label for stratum in custody.schedule.design.strata()}
    numbers = [slot.sequence_number for slot in custody.bundle.slots_of("sex=male;site=B")]
    assert numbers == list(range(1, len(numbers) + 1))


def test_blinded_eyes_learn_only_whether_slots_are_enough_or_low():
    assert [remaining_supply(left) for left in (0, 19, 20, 314)] == ["low", "low", "enough", "enough"]


def test_custody_files_are_never_overwritten_and_private_ones_are_the_owners(tmp_path, custody):
    path = tmp_path / "key.json"
    write_custody_file(path, custody.key.to_json(), private=True)
    assert AllocationKey.from_json(read_custody_file(path)) == custody.key
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(errors.CustodyFileError, match="nothing is yet"):
        write_custody_file(path, "another")
    assert AllocationKey.from_json(read_custody_file(path)) == custody.key


@pytest.mark.parametrize("name", ["absent.json", "."])
def test_a_custody_file_that_cannot_be_read_or_made_is_one_clear_error(tmp_path, name):
    with pytest.raises(errors.CustodyFileError) as refused:
        read_custody_file(tmp_path / name)
    assert refused.value.where
    with pytest.raises(errors.CustodyFileError):
        write_custody_file(tmp_path / "no folder" / "key.json", "")
    (tmp_path / "latin").write_bytes(b"\xe9")
    with pytest.raises(errors.CustodyFileError):
        read_custody_file(tmp_path / "latin")


def test_every_public_name_of_the_room_can_be_imported():
    import trialkit.randomization as room

    assert {name for name in room.__all__ if getattr(room, name).__name__ != name} == set()
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = room.no_such_name
