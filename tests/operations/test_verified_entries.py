"""Verification of second entries: told that a value differs, once a field, and on record."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import chain
import pytest
from chain import COORDINATOR, FIRST, MANAGER, SECOND, person

from trialkit import operations as op
from trialkit.access import Actor
from trialkit.access.acts.reading import VIEW_ERROR_RATES
from trialkit.errors import ChallengedError
from trialkit.operations.challenges import challenge_field, challenges_at, is_verified
from trialkit.operations.gate import reading
from trialkit.operations.quality import quality_counts
from trialkit.report.error_rates import verified_note
from trialkit.store.reading.audit import audit_entries
from trialkit.store.reading.challenges import challenge_counts, verified_forms
from trialkit.study.check import check_study
from trialkit.study.findings import Severity
from trialkit.vocabulary import ItemType, Role

VAS = {"visit": "baseline", "form": "vas"}
THIRD = person("third", Role.SECOND_ENTRY)


@pytest.fixture
def trial(tmp_path: Path) -> op.Trial:
    trial = chain.found_study(tmp_path / "study", chain.verifying_definition(tmp_path))
    op.add_account(trial, chain.ADMIN, login="third", person_name="Third", role=Role.SECOND_ENTRY)
    return trial


@pytest.fixture
def subject_id(trial: op.Trial) -> str:
    number = op.enrol(trial, COORDINATOR, site="A", consent_date=date(2024, 1, 1)).subject_id
    op.enter_pass(trial, FIRST, entry=vas(number, "55"))
    return number


def vas(number: str, text: str, *kept: str) -> op.FormEntry:
    return op.FormEntry(number, "baseline", "vas", (op.EnteredRow({"vas_mm": text}, kept=frozenset(kept)),))


def left(trial: op.Trial, number: str, text: str, who: Actor = SECOND) -> bool:
    return challenge_field(trial, who, subject_id=number, **VAS, item="vas_mm", values={"vas_mm": text})


def records(trial: op.Trial) -> list[dict[str, Any]]:
    with trial.store.reading() as reader:
        return [json.loads(entry.payload_text) for entry in audit_entries(reader)]


def test_who_types_second_is_told_that_a_value_differs_and_not_what_the_first_is(
    trial: op.Trial, subject_id: str
) -> None:
    before = len(records(trial))
    assert not left(trial, subject_id, "55.0")  # the same number
    assert not left(trial, subject_id, "") and not left(trial, subject_id, "tall")
    assert len(records(trial)) == before  # nothing is said, nothing is recorded
    assert left(trial, subject_id, "65")
    assert challenges_at(trial, SECOND, subject_id=subject_id, **VAS) == (("", "vas_mm"),)
    last = records(trial)[-1]
    assert last["facts"] == {"form": f"{subject_id}/baseline/vas", "told_differs": ["vas_mm"]}
    (told,) = last["writes"]["entry_challenge"]["rows"]
    assert "65" in told and "55" not in told


def test_nobody_finds_the_first_value_by_trying(trial: op.Trial, subject_id: str) -> None:
    assert left(trial, subject_id, "65")
    before = len(records(trial))
    assert not any(left(trial, subject_id, str(number)) for number in range(40, 70))
    assert len(records(trial)) == before


def test_a_first_entry_and_its_own_typist_are_told_nothing(trial: op.Trial, subject_id: str) -> None:
    assert not left(trial, subject_id, "65", FIRST)
    another = op.enrol(trial, COORDINATOR, site="A", consent_date=date(2024, 1, 1)).subject_id
    assert not left(trial, another, "65")


def test_a_challenged_value_is_typed_again_and_agrees(trial: op.Trial, subject_id: str) -> None:
    with pytest.raises(ChallengedError, match="the other entry has another value here"):
        op.enter_pass(trial, SECOND, entry=vas(subject_id, "65"))
    done = op.enter_pass(trial, SECOND, entry=vas(subject_id, "55"))
    assert (done.second_passes, done.discrepancies) == (1, 0)
    with trial.store.reading() as reader:
        assert challenge_counts(reader) == {("vas", "vas_mm", "retyped"): 1}
        assert verified_forms(reader) == {"vas": 1}
    facts = records(trial)[-1]["facts"]
    assert (facts["verified"], facts["retyped"], facts["kept"]) == (1, 1, 0)
    assert op.verify_audit(trial).whole


def test_a_challenged_value_is_kept_only_by_saying_so_and_goes_to_a_third_person(
    trial: op.Trial, subject_id: str
) -> None:
    for _ in range(2):
        with pytest.raises(ChallengedError):
            op.enter_pass(trial, SECOND, entry=vas(subject_id, "65"))
    done = op.enter_pass(trial, SECOND, entry=vas(subject_id, "65", "vas_mm"))
    assert done.discrepancies == 1
    with trial.store.reading() as reader:
        assert challenge_counts(reader) == {("vas", "vas_mm", "kept"): 1}


def test_each_person_is_told_once_and_a_voided_entry_begins_anew(trial: op.Trial, subject_id: str) -> None:
    assert left(trial, subject_id, "65") and left(trial, subject_id, "66", THIRD)
    op.void_pass(trial, MANAGER, subject_id=subject_id, **VAS, pass_number=1, reason="Wrong paper")
    assert not left(trial, subject_id, "65")
    op.enter_pass(trial, FIRST, entry=vas(subject_id, "54"))
    assert left(trial, subject_id, "65")


def test_a_value_left_blank_is_told_of_at_the_end(trial: op.Trial, subject_id: str) -> None:
    with pytest.raises(ChallengedError):
        op.enter_pass(trial, SECOND, entry=vas(subject_id, ""))
    assert challenges_at(trial, SECOND, subject_id=subject_id, **VAS) == (("", "vas_mm"),)


def test_an_imported_second_entry_was_typed_elsewhere_and_is_independent(
    trial: op.Trial, subject_id: str, tmp_path: Path
) -> None:
    file = tmp_path / "vas.csv"
    file.write_text(f"subject_id,visit,vas_mm\n{subject_id},baseline,65\n", "utf-8")
    done = op.import_pass(trial, MANAGER, path=file, form="vas", typist="second")
    assert done.discrepancies == 1
    with trial.store.reading() as reader:
        assert (challenge_counts(reader), verified_forms(reader)) == ({}, {})


def test_readings_stay_independent(trial: op.Trial, subject_id: str) -> None:
    mri = trial.study.form("mri")
    assert mri.is_measured and not is_verified(trial, mri) and is_verified(trial, trial.study.form("vas"))


def test_rates_and_counts_say_that_the_entries_were_not_independent(trial: op.Trial, subject_id: str) -> None:
    assert left(trial, subject_id, "65")
    op.enter_pass(trial, SECOND, entry=vas(subject_id, "65", "vas_mm"))
    other = op.enrol(trial, COORDINATOR, site="A", consent_date=date(2024, 1, 1)).subject_id
    op.enter_pass(trial, FIRST, entry=vas(other, "20"))
    op.enter_pass(trial, SECOND, entry=vas(other, "20"))
    rates = op.error_rates(trial, MANAGER)
    assert rates.verified_lines == 2
    modes = {rate.group: (rate.errors, rate.fields) for rate in rates.between if rate.by == "mode"}
    assert modes == {"verification": (1, 2)}
    with reading(trial, MANAGER, VIEW_ERROR_RATES) as gate:
        counts = {row["measure"]: row["value"] for row in quality_counts(gate)}
    assert (counts["forms_verified"], counts["challenges"], counts["challenges_kept"]) == ("2", "1", "1")
    assert verified_note(rates).startswith("2 lines were verified")


def test_study_check_says_that_it_is_the_weaker_choice(trial: op.Trial) -> None:
    (found,) = [one for one in check_study(trial.study) if one.code == "second-entry-not-independent"]
    assert found.severity is Severity.NOTE and "mri" in found.detail


def test_a_form_out_of_sight_is_in_no_challenge(trial: op.Trial, subject_id: str) -> None:
    """A blinded account learns nothing of a form that tells an arm by asking for it; another one does."""
    hidden = trial.study.form("compliance")
    assert hidden.reveals_allocation and hidden.entry == "double"
    place = {"subject_id": subject_id, "visit": hidden.visits[0], "form": hidden.name}
    names = [item.name for item in hidden.items if item.type is ItemType.INTEGER]
    first, typed = dict.fromkeys(names, "1"), dict.fromkeys(names, "2")
    op.enter_pass(trial, FIRST, entry=op.FormEntry(*place.values(), (op.EnteredRow(first),)))
    op.add_account(
        trial, chain.ADMIN, login="assessor", person_name="A", role=Role.OUTCOME_ASSESSOR, site="A"
    )
    blinded = person("assessor", Role.OUTCOME_ASSESSOR, "A")
    before = len(records(trial))
    assert not challenge_field(trial, blinded, **place, item=names[0], values=typed)
    assert challenges_at(trial, blinded, **place) == () and len(records(trial)) == before
    assert challenge_field(trial, SECOND, **place, item=names[0], values=typed)
