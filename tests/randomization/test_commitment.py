"""The seed file and the commitment: promised once, redeemed later, resealed if the key is lost."""

import hashlib
import hmac
import json
from dataclasses import replace

import pytest

from trialkit import errors
from trialkit.randomization import (
    AllocationKey,
    RandomizationDesign,
    SealedBundle,
    SeedFile,
    check_key,
    check_resealed,
    demonstration_entropy,
    generate_schedule,
    lock_seed,
    make_commitment,
    open_slot,
    reseal,
    seal_schedule,
    unlock_seed,
)
from trialkit.randomization.list_mark import list_mark

PASSPHRASE = "vier Äpfel und sechs Birnen"
ANOTHER_KEY = AllocationKey(bytes(range(32)))


def flipped(data: bytes) -> bytes:
    return bytes([data[0] ^ 1]) + data[1:]


def test_the_seed_file_opens_with_its_passphrase_in_any_normalization(custody):
    seed_file = lock_seed(custody.reveal, PASSPHRASE, cost=14)
    assert unlock_seed(seed_file, PASSPHRASE.replace("Ä", "A\u0308")) == custody.reveal


def test_a_wrong_passphrase_or_a_changed_seed_file_is_one_clear_error(custody):
    seed_file = lock_seed(custody.reveal, PASSPHRASE, cost=14)
    tries = [
        (seed_file, PASSPHRASE + "!"),
        (replace(seed_file, sealed=flipped(seed_file.sealed)), PASSPHRASE),
        (replace(seed_file, salt=flipped(seed_file.salt)), PASSPHRASE),
        (replace(seed_file, schedule_id="0" * 16), PASSPHRASE),
        (replace(seed_file, cost=15), PASSPHRASE),
    ]
    for file, passphrase in tries:
        with pytest.raises(errors.PassphraseError) as refused:
            unlock_seed(file, passphrase)
        assert passphrase not in str(refused.value)


def test_a_short_passphrase_is_refused(custody):
    with pytest.raises(errors.PassphraseError, match="12 characters"):
        lock_seed(custody.reveal, "elevenchars")


@pytest.mark.parametrize("cost", [1, 13, 22, 60])
def test_a_seed_file_that_asks_for_absurd_work_is_refused(custody, cost):
    content = json.loads(lock_seed(custody.reveal, PASSPHRASE, cost=14).to_json())
    with pytest.raises(errors.CustodyFileError, match="scrypt cost"):
        SeedFile.from_json(json.dumps({**content, "scrypt_log2_n": cost}))
    with pytest.raises(errors.PassphraseError, match="scrypt cost"):
        lock_seed(custody.reveal, PASSPHRASE, cost=cost)


def test_the_commitment_changes_with_every_part_it_binds(custody, design):
    reveal = custody.reveal
    other_design = RandomizationDesign(design.arms, design.factors, design.block_lengths, 21)
    changed = [
        replace(reveal, design=other_design),
        replace(reveal, seed=flipped(reveal.seed)),
        replace(reveal, schedule_digest="0" * 64),
        replace(reveal, bundle_digest="0" * 64),
        replace(reveal, previous="0" * 64),
    ]
    values = {part.commitment().value for part in changed}
    assert len(values) == 5
    assert custody.commitment.value not in values


def test_an_extension_commits_to_the_schedule_before_it(custody, design):
    schedule = generate_schedule(design, 12)
    bundle = seal_schedule(schedule, ANOTHER_KEY, seed=12)
    extension, reveal = make_commitment(schedule, 12, bundle, previous=custody.commitment)
    assert extension.previous == reveal.previous == custody.commitment.value
    assert make_commitment(schedule, 12, bundle)[0].value != extension.value


def test_a_commitment_is_made_only_of_parts_that_belong_together(custody, design):
    other = generate_schedule(design, 12)
    bundle = seal_schedule(other, ANOTHER_KEY, seed=12)
    for schedule, seed, sealed in (
        (custody.schedule, 12, custody.bundle),
        (other, 11, bundle),
        (custody.schedule, 11, bundle),
    ):
        with pytest.raises(errors.CommitmentError):
            make_commitment(schedule, seed, sealed)
    edited = replace(custody.schedule, blocks=(other.blocks[0], *custody.schedule.blocks[1:]))
    with pytest.raises(errors.CommitmentError):
        make_commitment(edited, 11, custody.bundle)


def test_losing_the_key_is_survivable(custody):
    key = AllocationKey.draw(demonstration_entropy(11, "second key"))
    resealed = reseal(custody.reveal, custody.commitment, key, restriction_digest="r")
    check_key(resealed, key)
    assert resealed.digest != custody.bundle.digest
    assert resealed.header.list_mark == custody.bundle.header.list_mark
    assert resealed.header.opening != custody.bundle.header.opening
    old_id, new_id = custody.bundle.header.schedule_id, resealed.header.schedule_id
    for old, new in zip(custody.bundle.slots, resealed.slots, strict=True):
        assert open_slot(old, custody.key, old_id) == open_slot(new, key, new_id)


def test_a_list_sealed_again_is_known_as_the_same_without_seed_or_old_key(custody, design):
    key = AllocationKey.draw(demonstration_entropy(11, "second key"))
    again = reseal(custody.reveal, custody.commitment, key)
    check_resealed(again, custody.bundle.header)
    for other in (
        seal_schedule(generate_schedule(design, 12), key, seed=12),
        SealedBundle(replace(again.header, list_mark="0" * 64), again.slots),
        SealedBundle(replace(again.header, arms=("control", "placebo")), again.slots),
    ):
        with pytest.raises(errors.CommitmentError, match="another list"):
            check_resealed(other, custody.bundle.header)
    other_restriction = reseal(custody.reveal, custody.commitment, key, restriction_digest="r")
    with pytest.raises(errors.CommitmentError, match=r"randomization\.toml"):
        check_resealed(other_restriction, custody.bundle.header)


def test_a_list_maker_who_seals_other_arms_under_the_same_name_and_mark_is_found_out(custody, design):
    """The mark of the committed list beside slots that hold another one."""
    key = AllocationKey.draw(demonstration_entropy(11, "second key"))
    swapped = tuple(
        tuple(tuple({"exercise": "control", "control": "exercise"}[arm] for arm in block) for block in blocks)
        for blocks in custody.schedule.blocks
    )
    other = seal_schedule(replace(custody.schedule, blocks=swapped), key, seed=11)
    assert other.header.list_mark != custody.bundle.header.list_mark
    honest = reseal(custody.reveal, custody.commitment, key)
    for forged in (
        SealedBundle(honest.header, other.slots),
        SealedBundle(replace(other.header, list_mark=honest.header.list_mark), other.slots),
        SealedBundle(replace(honest.header, opening=custody.bundle.header.opening), honest.slots),
        SealedBundle(replace(honest.header, opening=""), honest.slots),
    ):
        with pytest.raises(errors.TamperedBundleError):
            check_key(forged, key)
    check_key(honest, key)


def test_the_mark_of_a_short_list_cannot_be_found_by_trying_without_the_seed():
    """Two arms, one stratum, one block of two: two possible lists, and the mark is of neither alone."""
    design = RandomizationDesign({"a": 1, "b": 1}, {}, (2,), 2)
    marks = set()
    for seed in range(20):
        schedule = generate_schedule(design, seed)
        marks.add(seal_schedule(schedule, ANOTHER_KEY, seed=seed).header.list_mark)
    assert len(marks) == 20
    rows = [list(generate_schedule(design, seed).rows()) for seed in range(20)]
    guessed = {list_mark(opening, row) for row in rows for opening in (b"", bytes(32))}
    assert not guessed & marks


@pytest.mark.independent_reimplementation
def test_the_mark_is_what_the_page_says(custody):
    """docs/methods/randomization.md, section 7, with nothing of trialkit but the list itself."""

    def tag(name):
        return b"trialkit-randomization-1/" + name + bytes(1)

    seed = hashlib.sha256(tag(b"integer-seed") + b"11").digest()
    schedule_id = custody.schedule.schedule_id.encode("ascii")
    opening = hmac.new(seed, tag(b"list-opening") + schedule_id, "sha256").hexdigest()
    rows = custody.schedule.slots[["stratum", "sequence_number", "block", "block_length", "arm"]]
    form = {"opening": opening, "slots": sorted(rows.to_numpy().tolist())}
    text = json.dumps(form, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    expected = hashlib.sha256(tag(b"list-mark") + text.encode("utf-8")).hexdigest()
    assert custody.bundle.header.list_mark == expected


def test_resealing_from_another_seed_is_refused(custody):
    for wrong in (
        replace(custody.reveal, seed=flipped(custody.reveal.seed)),
        replace(custody.reveal, schedule_digest="0" * 64),
        replace(custody.reveal, bundle_digest="0" * 64),
    ):
        with pytest.raises(errors.CommitmentError):
            reseal(wrong, custody.commitment, ANOTHER_KEY)
    # A maker who committed to a digest that the seed does not give is found out as well.
    lie = replace(custody.reveal, schedule_digest="0" * 64)
    with pytest.raises(errors.CommitmentError):
        reseal(lie, lie.commitment(), ANOTHER_KEY)
