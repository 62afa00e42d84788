"""Screening and allocation: who may be randomized, how often, and what is told."""

from __future__ import annotations

import shutil
import sqlite3
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import chain
import pytest
from chain import ADMIN, COORDINATOR, INVESTIGATOR, MANAGER, found_study, person

from trialkit import operations as op, resources
from trialkit.access import AccessError
from trialkit.clock import SimulatedClock
from trialkit.errors import (
    EligibilityError,
    EntryError,
    OperationError,
    StoreError,
    TamperedBundleError,
    TrialError,
    UnknownLevelError,
)
from trialkit.operations import allocation
from trialkit.snapshot import read_snapshot
from trialkit.store.reading.allocations import schedules, slots_of
from trialkit.store.reading.subjects import subjects
from trialkit.study.model import Factor, Study
from trialkit.vocabulary import Role

TODAY = date(2024, 5, 31)
ELIGIBLE = {
    "consent": {"consent_given": "1", "consent_date": "2024-05-31", "consent_version": "1"},
    "eligibility": {
        "elig_age_years": "66",
        "elig_lbp_months": "12",
        "elig_odi_percent": "40",
        "elig_goutallier": "2",
        "elig_no_surgery_indicated": "1",
        "elig_able_to_exercise": "1",
        "excl_spinal_pathology": "0",
        "excl_lumbar_surgery": "0",
        "excl_comorbidity": "0",
        "excl_cognitive": "0",
        "excl_other_trial": "0",
    },
    "demographics": {
        "sex": "female",
        "age_years": "66",
        "height_cm": "160",
        "weight_kg": "62.5",
        "education": "1",
        "smoking": "0",
    },
}
STRATUM = {"site": "A", "sex": "female"}


def screened(trial: op.Trial, subject_id: str | None = None, site: str = "A", **changed: str) -> str:
    """A consenting person with confirmed single-entry forms; ``changed`` items have other values."""
    enrolment = op.enrol(trial, COORDINATOR, site=site, consent_date=TODAY, subject_id=subject_id)
    entries = [
        op.FormEntry(
            enrolment.subject_id,
            "baseline",
            form,
            (op.EnteredRow({item: changed.get(item, text) for item, text in values.items()}),),
        )
        for form, values in ELIGIBLE.items()
    ]
    op.enter_passes(trial, COORDINATOR, entries=entries, confirmed=True, confirmed_by="investigator")
    return enrolment.subject_id


def test_subjects_are_numbered_by_site(trial: op.Trial) -> None:
    numbers = [
        op.enrol(trial, COORDINATOR, site=site, consent_date=TODAY).subject_id for site in ("A", "B", "A")
    ]
    assert numbers == ["A-001", "B-001", "A-002"]


def test_an_eligible_subject_gets_an_arm_of_the_study_that_no_repr_shows(trial: op.Trial) -> None:
    answer = op.randomize(trial, COORDINATOR, subject_id=screened(trial), stratum_values=STRATUM)
    assert answer.arm in {"exercise", "control"}
    assert not answer.repeated
    assert answer.arm not in repr(answer)
    assert op.present_anchor(trial).hash == answer.audit_hash


def test_asked_again_with_the_same_values_the_allocation_is_the_same(trial: op.Trial) -> None:
    subject_id = screened(trial)
    first = op.randomize(trial, COORDINATOR, subject_id=subject_id, stratum_values=STRATUM)
    records = op.verify_audit(trial).records
    again = op.randomize(trial, INVESTIGATOR, subject_id=subject_id, stratum_values=STRATUM)
    assert (again.arm, again.allocated_at, again.repeated) == (first.arm, first.allocated_at, True)
    assert op.verify_audit(trial).records == records


def test_asked_again_with_other_values_it_is_refused_and_no_slot_is_taken(trial: op.Trial) -> None:
    subject_id = screened(trial)
    op.randomize(trial, COORDINATOR, subject_id=subject_id, stratum_values=STRATUM)
    with pytest.raises(EligibilityError, match="record the mistake"):
        op.randomize(trial, COORDINATOR, subject_id=subject_id, stratum_values={"site": "A", "sex": "male"})
    assert _slots_taken(trial) == 1


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"elig_age_years": "59"}, "Age 60 years or more"),
        ({"elig_odi_percent": "61"}, "ODI from 20 to 60"),
        ({"excl_lumbar_surgery": "1"}, "Previous lumbar surgery"),
        ({"elig_goutallier": "1"}, "Goutallier grade 2"),
        ({"elig_lbp_months": ""}, "not known"),
        ({"consent_given": "0"}, "Written informed consent"),
    ],
)
def test_a_criterion_that_fails_or_is_open_keeps_a_subject_out(
    trial: op.Trial, changed: dict[str, str], said: str
) -> None:
    subject_id = screened(trial, **changed)
    with pytest.raises(EligibilityError, match=said):
        op.randomize(trial, COORDINATOR, subject_id=subject_id, stratum_values=STRATUM)
    assert _slots_taken(trial) == 0


@pytest.mark.parametrize(
    ("values", "error", "said"),
    [
        ({"site": "A", "sex": "male"}, EligibilityError, "Sex as on the confirmed form"),
        ({"site": "B", "sex": "female"}, EligibilityError, "Site as on the confirmed form"),
        ({"site": "A"}, UnknownLevelError, "no value for sex"),
        ({"site": "A", "sex": "other"}, UnknownLevelError, "'other'"),
    ],
)
def test_stratum_values_must_be_those_of_the_confirmed_form(
    trial: op.Trial, values: dict[str, str], error: type[Exception], said: str
) -> None:
    subject_id = screened(trial)
    with pytest.raises(error, match=said):
        op.randomize(trial, COORDINATOR, subject_id=subject_id, stratum_values=values)
    assert _slots_taken(trial) == 0


def test_a_value_is_taken_in_either_unicode_spelling(trial: op.Trial) -> None:
    composed, decomposed = "m\u00e4nnlich", "ma\u0308nnlich"
    for spelled, typed in ((composed, decomposed), (decomposed, composed)):
        factors = (Factor("sex", (spelled, "weiblich"), "sex"),)
        found = allocation._as_spelled(replace(trial.study, factors=factors), {"sex": typed, "age": "x"})
        assert found == {"sex": spelled, "age": "x"}


def test_a_subject_whose_forms_are_not_there_is_not_randomized(trial: op.Trial) -> None:
    subject_id = op.enrol(trial, COORDINATOR, site="A", consent_date=TODAY).subject_id
    with pytest.raises(EligibilityError, match="not known"):
        op.randomize(trial, COORDINATOR, subject_id=subject_id, stratum_values=STRATUM)


def test_a_screening_failure_is_not_randomized_nor_a_randomized_subject_failed(trial: op.Trial) -> None:
    failed, kept = screened(trial), screened(trial)
    op.screen_fail(trial, COORDINATOR, subject_id=failed, date=TODAY, reason="Declined")
    with pytest.raises(EligibilityError, match="left the study"):
        op.randomize(trial, COORDINATOR, subject_id=failed, stratum_values=STRATUM)
    op.randomize(trial, COORDINATOR, subject_id=kept, stratum_values=STRATUM)
    with pytest.raises(OperationError, match="Record a withdrawal"):
        op.screen_fail(trial, COORDINATOR, subject_id=kept, date=TODAY, reason="Declined")


def test_slots_are_taken_in_order_without_a_gap_until_the_stratum_is_exhausted(trial: op.Trial) -> None:
    answers = []
    for _ in range(20):
        subject_id = screened(trial)
        if len(answers) == _slots_in(trial, "sex=female;site=A"):
            break
        answers.append(op.randomize(trial, COORDINATOR, subject_id=subject_id, stratum_values=STRATUM))
    with pytest.raises(OperationError, match="exhausted"):
        op.randomize(trial, COORDINATOR, subject_id=subject_id, stratum_values=STRATUM)
    assert _slots_taken(trial) == len(answers) >= 4
    arms = [answer.arm for answer in answers]
    assert arms.count("exercise") == arms.count("control")


def test_a_coordinator_randomizes_only_at_her_own_site(trial: op.Trial) -> None:
    op.add_account(trial, ADMIN, login="lina", person_name="Lina", role=Role.COORDINATOR, site="B")
    subject_id = screened(trial)
    with pytest.raises(EntryError, match="the number of a subject of this study"):
        op.randomize(
            trial, person("lina", Role.COORDINATOR, "B"), subject_id=subject_id, stratum_values=STRATUM
        )
    with pytest.raises(AccessError, match="one of the roles"):
        op.randomize(trial, MANAGER, subject_id=subject_id, stratum_values=STRATUM)


def test_who_manages_one_site_closes_neither_another_one_nor_the_study(trial: op.Trial) -> None:
    op.add_account(trial, ADMIN, login="mona", person_name="Mona", role=Role.DATA_MANAGER, site="B")
    own = person("mona", Role.DATA_MANAGER, "B")
    closed, why = op.RecruitmentState.CLOSED, "The site is full"
    beyond = [
        (op.RecruitmentScope.STUDY, ""),
        (op.RecruitmentScope.SITE, "A"),
        (op.RecruitmentScope.STRATUM, "sex=female;site=A"),
    ]
    for scope, name in beyond:
        with pytest.raises(AccessError, match="at site A"):
            op.set_recruitment(trial, own, scope=scope, name=name, state=closed, reason=why)
    for scope, name in [
        (op.RecruitmentScope.SITE, "B"),
        (op.RecruitmentScope.STRATUM, "sex=female;site=B"),
    ]:
        assert op.set_recruitment(trial, own, scope=scope, name=name, state=closed, reason=why).name == name
    here = op.randomize(trial, COORDINATOR, subject_id=screened(trial), stratum_values=STRATUM)
    assert here.site == "A"


def test_who_is_unblinded_at_one_site_is_not_told_the_arms_of_all(trial: op.Trial, tmp_path: Path) -> None:
    role = Role.UNBLINDED_STATISTICIAN
    op.add_account(trial, ADMIN, login="uma", person_name="Uma", role=role, site="B")
    op.randomize(trial, COORDINATOR, subject_id=screened(trial), stratum_values=STRATUM)
    for act in (op.export_allocations, op.balance_of):
        with pytest.raises(AccessError, match="at site A"):
            act(trial, person("uma", role, "B"))
    for blinded in (True, False):
        with pytest.raises(AccessError, match="at site A"):
            op.write_snapshot(trial, person("uma", role, "B"), folder=tmp_path / "taken", blinded=blinded)


def test_an_unknown_subject_is_named_and_nothing_is_written(trial: op.Trial) -> None:
    with pytest.raises(EntryError, match="'A-999'"):
        op.randomize(trial, COORDINATOR, subject_id="A-999", stratum_values=STRATUM)


def test_a_lost_key_stops_randomization_and_takes_no_slot(trial: op.Trial) -> None:
    subject_id = screened(trial)
    for key in (trial.folder / "keys").glob("allocation-*.json"):
        key.unlink()
    with pytest.raises(TrialError, match="allocation key"):
        op.randomize(trial, COORDINATOR, subject_id=subject_id, stratum_values=STRATUM)
    assert _slots_taken(trial) == 0


def test_a_replaced_slot_stops_randomization(trial: op.Trial) -> None:
    subject_id = screened(trial)
    trial.store.close()
    with sqlite3.connect(trial.folder / "trial.sqlite") as connection:
        connection.execute("DROP TRIGGER trialkit_slot_update")
        connection.execute("UPDATE slot SET nonce = randomblob(12) WHERE id = 3")
    with pytest.raises(TamperedBundleError):
        op.randomize(trial, COORDINATOR, subject_id=subject_id, stratum_values=STRATUM)


def test_a_second_list_is_not_loaded_over_the_first(
    trial: op.Trial, definition: Path, tmp_path: Path
) -> None:
    files = chain.make_list(trial.study, tmp_path / "list", definition, seed=2)
    with pytest.raises(OperationError, match="one that has a list"):
        op.load_schedule(
            trial, ADMIN, bundle=files.bundle, commitment=files.commitment, allocation_key=files.key
        )


def test_mistakes_are_kept_beside_the_allocation_and_take_no_slot(trial: op.Trial, tmp_path: Path) -> None:
    first, second = screened(trial), screened(trial)
    told = {
        who: op.randomize(trial, COORDINATOR, subject_id=who, stratum_values=STRATUM).arm
        for who in (first, second)
    }
    other = {"exercise": "control", "control": "exercise"}[told[first]]
    op.record_mistake(
        trial, COORDINATOR, subject_id=second, kind=op.MistakeKind.DUPLICATE, duplicate_of=first,
        reason="Seen at two desks",
    )  # fmt: skip
    op.record_mistake(
        trial, COORDINATOR, subject_id=first, kind=op.MistakeKind.WRONG_TREATMENT, received_arm=other,
        reason="Wrong sheet in the folder",
    )  # fmt: skip
    op.correct(
        trial, COORDINATOR, subject_id=first, visit="baseline", form="demographics", item="sex", value="male",
        reason="Ticked wrongly", second_person=chain.INVESTIGATOR,
    )  # fmt: skip
    op.record_mistake(
        trial, COORDINATOR, subject_id=first, kind=op.MistakeKind.WRONG_STRATUM, reason="Sex ticked wrongly"
    )
    with pytest.raises(OperationError, match="recorded for the subject yet"):
        op.record_mistake(
            trial, COORDINATOR, subject_id=first, kind=op.MistakeKind.WRONG_STRATUM, reason="Again"
        )
    assert _slots_taken(trial) == 2
    opened = op.write_snapshot(trial, chain.UNBLINDED, folder=tmp_path / "open", blinded=False)
    tables = read_snapshot(opened.folder).tables
    arms = tables["allocations"].set_index("subject_id")
    assert (arms.loc[first, "planned_arm"], arms.loc[first, "actual_arm"]) == (told[first], other)
    people = tables["subjects"].set_index("subject_id")
    assert (people.loc[first, "sex_randomized"], people.loc[first, "sex_true"]) == ("female", "male")
    assert people.loc[first, "stratum_true"] == "sex=male;site=A"
    assert len(tables["mistakes"]) == 3
    blinded = op.write_snapshot(trial, MANAGER, folder=tmp_path / "blinded", blinded=True)
    assert set(read_snapshot(blinded.folder).tables["mistakes"]["kind"]) == {"duplicate", "wrong_stratum"}


def test_after_the_lock_nobody_is_enrolled_or_randomized(trial: op.Trial) -> None:
    subject_id = screened(trial)
    op.screen_fail(trial, COORDINATOR, subject_id=subject_id, date=TODAY, reason="Declined")
    op.lock(trial, MANAGER, reason="Stopped early")
    with pytest.raises(StoreError, match="an unlocked study"):
        op.enrol(trial, COORDINATOR, site="A", consent_date=TODAY)
    with pytest.raises(StoreError, match="an unlocked study"):
        op.record_visits(trial, COORDINATOR, visits_done=[op.VisitDone(subject_id, "baseline", TODAY)])
    op.add_account(trial, ADMIN, login="zoe", person_name="Zoe", role=Role.MONITOR)


def test_a_consent_in_the_future_a_foreign_site_and_a_number_in_use_are_refused(trial: op.Trial) -> None:
    with pytest.raises(OperationError, match="not after today"):
        op.enrol(trial, COORDINATOR, site="A", consent_date=date(2025, 1, 1))
    with pytest.raises(OperationError, match="a site of the study"):
        op.enrol(trial, COORDINATOR, site="Z", consent_date=TODAY)
    op.enrol(trial, COORDINATOR, site="A", consent_date=TODAY, subject_id="0042")
    with pytest.raises(OperationError, match="nobody has"):
        op.enrol(trial, COORDINATOR, site="B", consent_date=TODAY, subject_id="0042")
    with pytest.raises(OperationError, match="letters, digits"):
        op.enrol(trial, COORDINATOR, site="B", consent_date=TODAY, subject_id="../x")


def _slots_taken(trial: op.Trial) -> int:
    with trial.store.reading() as reader:
        return sum(state.allocated for state in subjects(reader).values())


def _slots_in(trial: op.Trial, stratum: str) -> int:
    with trial.store.reading() as reader:
        return sum(slot.stratum == stratum for slot in slots_of(reader, schedules(reader)[0]))


def test_a_clock_set_back_takes_no_slot(trial: op.Trial) -> None:
    first, second = screened(trial, "0001"), screened(trial, "0002")
    told = op.randomize(trial, COORDINATOR, subject_id=first, stratum_values=STRATUM)
    back = replace(trial, clock=SimulatedClock(told.allocated_at - timedelta(seconds=1)))
    with pytest.raises(OperationError, match="the clock was set back"):
        op.randomize(back, COORDINATOR, subject_id=second, stratum_values=STRATUM)
    with trial.store.reading() as reader:
        assert subjects(reader)[second].allocated is False
    assert op.randomize(trial, COORDINATOR, subject_id=second, stratum_values=STRATUM).arm


def test_a_level_that_is_none_is_answered_with_codes_and_labels(
    trial: op.Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = screened(trial)
    monkeypatch.setattr(Study, "level_shown", lambda self, factor, level: f"{level} (its label)")
    with pytest.raises(UnknownLevelError) as refused:
        op.randomize(trial, COORDINATOR, subject_id=number, stratum_values={**STRATUM, "sex": "Woman"})
    said = "expected a level of sex: female (its label), male (its label); found 'Woman'"
    assert said in str(refused.value)


def test_a_blinded_desk_is_told_who_randomizes(tmp_path: Path) -> None:
    definition = tmp_path / "definition"
    shutil.copytree(resources.folder("sample_data"), definition)
    text = (definition / "study.toml").read_text(encoding="utf-8")
    old = 'blinded_roles = ["outcome_assessor", "statistician"]'
    assert old in text
    text = text.replace(old, 'blinded_roles = ["outcome_assessor", "statistician", "coordinator"]')
    (definition / "study.toml").write_text(text, encoding="utf-8")
    with found_study(tmp_path / "study", definition) as trial:
        assert isinstance(trial.clock, SimulatedClock)
        trial.clock.advance(timedelta(days=200))
        number = screened(trial)
        with pytest.raises(AccessError, match="Let somebody do it whose role is not blinded"):
            op.randomize(trial, COORDINATOR, subject_id=number, stratum_values=STRATUM)
