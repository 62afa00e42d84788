"""The auditor, years later, with three files and no database."""

import csv
from dataclasses import replace

import pytest

from trialkit import errors
from trialkit.randomization import read_allocations, verify_reveal


@pytest.fixture
def allocations(custody):
    """Seven subjects in the first stratum, four in another, as they were really allocated."""
    rows = []
    for stratum, size in (("sex=female;site=A", 7), ("sex=male;site=C", 4)):
        slots = [slot for slot in custody.schedule.rows() if slot.stratum == stratum][:size]
        rows += [
            {
                "subject_id": f"{len(rows) + place:04}",
                "stratum": stratum,
                "sequence_number": slot.sequence_number,
                "arm": slot.arm,
                "schedule_id": custody.schedule.schedule_id,
                "allocated_at": f"2026-03-{slot.sequence_number:02}T09:00:00+00:00",
            }
            for place, slot in enumerate(slots)
        ]
    return rows


def failed(verification):
    return [check.question for check in verification.checks if not check.passed]


def test_the_list_used_is_the_list_committed_to(custody, allocations):
    proof = verify_reveal(custody.reveal, allocations, custody.commitment)
    assert proof.passed
    assert failed(proof) == []
    assert proof.allocations_checked == 11
    assert "only one seed" in proof.not_proved[0]


def test_the_proof_works_from_files_alone(custody, allocations, tmp_path):
    path = tmp_path / "allocations.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, allocations[0])
        writer.writeheader()
        writer.writerows(allocations)
    reveal = type(custody.reveal).from_json(custody.reveal.to_json())
    commitment = type(custody.commitment).from_json(custody.commitment.to_json())
    assert verify_reveal(reveal, read_allocations(path), commitment).passed


def other_arm(arm):
    return {"exercise": "control", "control": "exercise"}[arm]


def changed(rows, place, **changes):
    return [{**row, **changes} if number == place else row for number, row in enumerate(rows)]


def test_each_way_of_departing_from_the_list_is_found_and_named(custody, allocations):
    first = allocations[0]
    too_late = "2026-03-30T09:00:00+00:00"
    departures = {
        "every arm is the one in the list": changed(allocations, 0, arm=other_arm(first["arm"])),
        "every allocation took a slot of the list": changed(allocations, 6, sequence_number=999),
        "no slot was used twice": [*allocations, {**first, "subject_id": "9999"}],
        "no subject has two slots": changed(allocations, 10, subject_id="0000"),
        "each stratum was used from its first slot without a gap": allocations[1:],
        "slots were taken in order of time": changed(allocations, 0, allocated_at=too_late),
    }
    for question, rows in departures.items():
        proof = verify_reveal(custody.reveal, rows, custody.commitment)
        assert question in failed(proof)
        assert not proof.passed
        assert not any(arm in repr(proof) for arm in ("'exercise'", "'control'"))


def test_only_the_check_that_is_concerned_fails(custody, allocations):
    rows = changed(allocations, 0, arm=other_arm(allocations[0]["arm"]))
    proof = verify_reveal(custody.reveal, rows, custody.commitment)
    assert failed(proof) == ["every arm is the one in the list"]
    problem = next(check.problems for check in proof.checks if not check.passed)
    assert problem == ("subject 0000 at sex=female;site=A/1",)


def test_a_reveal_that_redeems_another_commitment_is_found(custody, allocations):
    for reveal in (
        replace(custody.reveal, bundle_digest="0" * 64),
        replace(custody.reveal, previous="0" * 64),
    ):
        proof = verify_reveal(reveal, allocations, custody.commitment)
        assert failed(proof) == ["the reveal redeems the published commitment"]


def test_a_list_that_does_not_follow_from_the_committed_seed_is_found(custody, allocations):
    lie = replace(custody.reveal, schedule_digest="0" * 64)
    assert failed(verify_reveal(lie, allocations, lie.commitment())) == [
        "the list follows from design and seed"
    ]


def test_allocations_of_an_extension_are_counted_and_left_out(custody, allocations):
    rows = [*allocations, {**allocations[0], "schedule_id": "f" * 16, "subject_id": "9999"}]
    proof = verify_reveal(custody.reveal, rows, custody.commitment)
    assert proof.passed
    assert (proof.allocations_checked, proof.allocations_of_other_schedules) == (11, 1)


def test_before_the_first_allocation_the_commitment_can_still_be_checked(custody):
    proof = verify_reveal(custody.reveal, [], custody.commitment)
    assert proof.passed
    assert proof.allocations_checked == 0


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"arm": ""}, "no arm"),
        ({"arm": None}, "no arm"),
        ({"subject_id": ""}, "no subject_id"),
        ({"sequence_number": "1.5"}, "whole number"),
        ({"sequence_number": "²"}, "whole number"),
        ({"allocated_at": "yesterday"}, "ISO 8601"),
    ],
)
def test_an_export_that_cannot_be_read_is_one_clear_error(custody, allocations, change, says):
    with pytest.raises(errors.CustodyFileError, match=says) as refused:
        verify_reveal(custody.reveal, changed(allocations, 2, **change), custody.commitment)
    assert refused.value.where == "allocation 3"


def test_times_are_compared_as_moments_and_not_as_texts(custody, allocations):
    # 10:00 in Beijing is before 03:00 in London, though its text comes after.
    rows = changed(allocations, 0, allocated_at="2026-03-02T10:00:00+08:00")
    rows = changed(rows, 1, allocated_at="2026-03-02T03:00:00+00:00")
    assert verify_reveal(custody.reveal, rows, custody.commitment).passed
    with pytest.raises(errors.CustodyFileError, match="time zone everywhere, or nowhere"):
        verify_reveal(
            custody.reveal, changed(rows, 0, allocated_at="2026-03-02T10:00:00"), custody.commitment
        )


def test_a_missing_export_is_one_clear_error(tmp_path):
    with pytest.raises(errors.CustodyFileError):
        read_allocations(tmp_path / "absent.csv")
