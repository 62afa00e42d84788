"""Keys that are not this study's, or no longer what was kept: refused before anything is written."""

from __future__ import annotations

from datetime import date

import pytest
from chain import ADMIN, COORDINATOR

from trialkit import operations as op
from trialkit.errors import TrialkitError
from trialkit.store.reading.subjects import subject_numbers
from trialkit.vocabulary import Role

WRONG = "ab" * 32


def _enrol(trial: op.Trial) -> None:
    op.enrol(trial, COORDINATOR, site="A", consent_date=date(2024, 5, 30))


def test_another_studys_audit_key_writes_nothing(trial: op.Trial) -> None:
    file = trial.keys.path / "audit.key"
    own = file.read_text()
    file.write_text(WRONG + "\n")
    with op.open_trial(trial.folder, clock=trial.clock) as again:
        with pytest.raises(TrialkitError, match=r"the audit key that made .* found another key"):
            _enrol(again)
        file.write_text(own)
    with op.open_trial(trial.folder, clock=trial.clock) as again:
        _enrol(again)
        assert op.verify_audit(again).whole
        with again.store.reading() as reader:
            assert len(subject_numbers(reader)) == 1


def test_a_damaged_allocation_key_is_named_by_its_file_and_by_verification(trial: op.Trial) -> None:
    (file,) = trial.keys.path.glob("allocation-*.json")
    assert not [line for line in op.verify_audit(trial).warnings if "key folder is damaged" in line]
    file.write_text(file.read_text()[:-20])
    assert [line for line in op.verify_audit(trial).warnings if file.name in line]
    with pytest.raises(TrialkitError, match="a damaged file, or another key") as caught:
        trial.keys.allocation_key(file.stem.partition("-")[2])
    assert str(file) in str(caught.value)


def test_an_allocation_key_that_is_gone_is_told_by_verification(trial: op.Trial) -> None:
    (file,) = trial.keys.path.glob("allocation-*.json")
    assert not [line for line in op.verify_audit(trial).warnings if "is not in the key folder" in line]
    file.unlink()
    (told,) = [line for line in op.verify_audit(trial).warnings if "is not in the key folder" in line]
    assert file.name in told and "before anybody is randomized" in told
    (trial.keys.path / "audit.key").unlink()
    with op.open_trial(trial.folder, clock=trial.clock) as copy:
        assert not [line for line in op.verify_audit(copy).warnings if "key folder" in line]


@pytest.mark.parametrize("named", ["exercise arm", "control group"])
def test_names_that_stand_beside_every_pass_name_no_arm(trial: op.Trial, named: str) -> None:
    with pytest.raises(TrialkitError, match="names no treatment"):
        op.add_account(trial, ADMIN, login=named.replace(" ", "."), person_name="Ann Lee", role=Role.MONITOR)
    with pytest.raises(TrialkitError, match="names no treatment"):
        op.enrol(trial, COORDINATOR, site="A", consent_date=date(2024, 5, 30), consent_version=named)
