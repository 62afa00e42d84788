"""A critical item: what one person alone says of it does not enter the final record."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import chain
import pytest
from chain import ADJUDICATOR, COORDINATOR, FIRST, INVESTIGATOR, SECOND, person

from trialkit import operations as op
from trialkit.access import Actor, Authentication
from trialkit.entry import AdjudicationChoice, ReasonCode
from trialkit.errors import AccessError, OperationError, TrialkitError
from trialkit.store.reading.audit import audit_entries
from trialkit.store.reading.finals import final_values
from trialkit.vocabulary import EntryMode, Role

FIELD = {"visit": "baseline", "form": "vas", "item": "vas_mm"}


@pytest.fixture
def subject_id(trial: op.Trial) -> str:
    number = op.enrol(trial, COORDINATOR, site="A", consent_date=date(2024, 5, 1)).subject_id
    for actor in (FIRST, SECOND):
        op.enter_pass(trial, actor, entry=vas(number, "55"))
    return number


def vas(number: str, text: str) -> op.FormEntry:
    return op.FormEntry(number, "baseline", "vas", (op.EnteredRow({"vas_mm": text}),))


def correct(trial: op.Trial, number: str, second: Actor | None, value: str = "56") -> Any:
    return op.correct(
        trial, COORDINATOR, subject_id=number, **FIELD, value=value, reason="Misread", second_person=second
    )


def value_of(trial: op.Trial) -> str | None:
    with trial.store.reading() as reader:
        return next(final.value.text for final in final_values(reader) if final.item == "vas_mm")


def last_facts(trial: op.Trial) -> dict[str, Any]:
    with trial.store.reading() as reader:
        facts: dict[str, Any] = json.loads(list(audit_entries(reader))[-1].payload_text)["facts"]
    return facts


def test_a_correction_of_a_critical_item_needs_a_second_person_who_is_on_record(
    trial: op.Trial, subject_id: str
) -> None:
    with pytest.raises(OperationError, match=r"second person for the critical item\(s\) vas_mm"):
        correct(trial, subject_id, None)
    assert value_of(trial) == "55"
    correct(trial, subject_id, INVESTIGATOR)
    assert value_of(trial) == "56"
    assert last_facts(trial)["second_person"] == {
        "account": "investigator",
        "role": "investigator",
        "authentication": "simulated",
    }


@pytest.mark.parametrize(
    ("second", "error"),
    [
        (person("coordinator", Role.INVESTIGATOR), OperationError),  # who corrects
        (person("first", Role.ADJUDICATOR), OperationError),  # typed the value that is replaced
        (Actor("adjudicator", Role.ADJUDICATOR), AccessError),  # declared, not proved
        (person("statistician", Role.STATISTICIAN), AccessError),  # in a role that may not
        (person("adjudicator", Role.INVESTIGATOR), AccessError),  # does not hold the role
    ],
)
def test_not_everybody_is_a_second_person(
    trial: op.Trial, subject_id: str, second: Actor, error: type[TrialkitError]
) -> None:
    op.grant_role(trial, chain.ADMIN, login="first", role=Role.ADJUDICATOR)
    op.grant_role(trial, chain.ADMIN, login="coordinator", role=Role.INVESTIGATOR)
    with pytest.raises(error):
        correct(trial, subject_id, second)
    assert value_of(trial) == "55"


def test_whoever_corrected_a_value_does_not_confirm_its_next_correction(
    trial: op.Trial, subject_id: str
) -> None:
    op.grant_role(trial, chain.ADMIN, login="adjudicator", role=Role.COORDINATOR)
    other = person("adjudicator", Role.COORDINATOR)
    op.correct(
        trial, other, subject_id=subject_id, **FIELD, value="57", reason="Misread", second_person=INVESTIGATOR
    )
    with pytest.raises(OperationError, match="neither the one who acts"):
        correct(trial, subject_id, ADJUDICATOR, "58")
    correct(trial, subject_id, INVESTIGATOR, "58")
    assert value_of(trial) == "58"


def test_the_second_person_comes_from_the_site(trial: op.Trial, subject_id: str) -> None:
    op.add_account(trial, chain.ADMIN, login="bea", person_name="Bea", role=Role.INVESTIGATOR, site="B")
    with pytest.raises(AccessError, match="site A"):
        correct(trial, subject_id, person("bea", Role.INVESTIGATOR, "B"))


def test_an_adjudicators_new_value_needs_one_and_a_typed_value_has_its_typist(trial: op.Trial) -> None:
    number = op.enrol(trial, COORDINATOR, site="A", consent_date=date(2024, 5, 1)).subject_id
    op.enter_pass(trial, FIRST, entry=vas(number, "55"))
    op.enter_pass(trial, SECOND, entry=vas(number, "65"))

    def verdict(choice: AdjudicationChoice, value: str | None) -> op.Verdict:
        return op.Verdict(number, "baseline", "vas", "", "vas_mm", choice, ReasonCode.MISREAD, value)

    new = verdict(AdjudicationChoice.NEW_VALUE, "60")
    for second in (None, person("first", Role.ADJUDICATOR)):
        with pytest.raises(OperationError, match="second person"):
            op.adjudicate(trial, ADJUDICATOR, verdicts=[new], second_person=second)
    with trial.store.reading() as reader:
        assert not final_values(reader)
    op.adjudicate(trial, ADJUDICATOR, verdicts=[verdict(AdjudicationChoice.SECOND, None)])
    assert value_of(trial) == "65"


def test_an_item_that_is_not_critical_needs_nobody_else(trial: op.Trial) -> None:
    number = op.enrol(trial, COORDINATOR, site="A", consent_date=date(2024, 5, 1)).subject_id
    form, item = next(
        (form.name, item)
        for form in trial.study.forms
        for item in form.items
        if form.entry is EntryMode.DOUBLE and "baseline" in form.visits and not item.critical and item.choices
    )
    old, new = item.choices[0].code, item.choices[1].code
    entry = op.FormEntry(number, "baseline", form, (op.EnteredRow({item.name: old}),))
    for actor in (FIRST, SECOND):
        op.enter_pass(trial, actor, entry=entry)
    place = {"subject_id": number, "visit": "baseline", "form": form, "item": item.name}
    assert op.correct(trial, COORDINATOR, **place, value=new, reason="Misread").new == new


@pytest.fixture
def strict(tmp_path: Path, definition: Path) -> op.Trial:
    """A study that asks for a second person at single entry too."""
    source = tmp_path / "definition"
    shutil.copytree(definition, source)
    text = (source / "study.toml").read_text(encoding="utf-8")
    changed = text.replace("[capture]\n", "[capture]\nsecond_person_at_entry = true\n")
    assert changed != text
    (source / "study.toml").write_text(changed, encoding="utf-8")
    trial = chain.found_study(tmp_path / "strict", source)
    yield trial
    trial.close()


def test_a_form_entered_once_needs_one_where_the_study_says_so(strict: op.Trial) -> None:
    number = op.enrol(strict, COORDINATOR, site="A", consent_date=date(2023, 12, 20)).subject_id
    entry = op.FormEntry(
        number, "baseline", "demographics", (op.EnteredRow({"sex": "female", "age_years": "65"}),)
    )
    for second in (None, COORDINATOR):
        with pytest.raises(OperationError, match="second person"):
            op.enter_pass(
                strict,
                COORDINATOR,
                entry=entry,
                confirmed=True,
                confirmed_by=INVESTIGATOR.account,
                second_person=second,
            )
    op.enter_pass(
        strict,
        COORDINATOR,
        entry=entry,
        confirmed=True,
        confirmed_by=INVESTIGATOR.account,
        second_person=INVESTIGATOR,
    )
    assert last_facts(strict)["second_person"]["account"] == "investigator"


def test_a_simulated_second_person_is_refused_in_a_real_study(tmp_path: Path, definition: Path) -> None:
    source = tmp_path / "definition"
    shutil.copytree(definition, source)
    text = (source / "study.toml").read_text(encoding="utf-8")
    (source / "study.toml").write_text(text.replace("demonstration = true", "demonstration = false"), "utf-8")
    with op.create_study(
        tmp_path / "real", definition=source, administrator="root", person_name="Ruth"
    ) as trial:
        root = Actor("root", Role.ADMINISTRATOR)
        roles = {
            "cara": Role.COORDINATOR, "fi": Role.FIRST_ENTRY, "se": Role.SECOND_ENTRY,
            "dm": Role.DATA_MANAGER, "ivan": Role.INVESTIGATOR,
        }  # fmt: skip
        for login, role in roles.items():
            op.add_account(trial, root, login=login, person_name=login, role=role)
        number = op.enrol(
            trial, Actor("cara", Role.COORDINATOR), site="A", consent_date=date(2024, 5, 1)
        ).subject_id
        for login in ("fi", "se"):
            op.enter_pass(trial, Actor(login, roles[login]), entry=vas(number, "55"))
        second = Actor("ivan", Role.INVESTIGATOR, authentication=Authentication.SIMULATED)
        with pytest.raises(AccessError, match="people who exist"):
            op.correct(
                trial, Actor("cara", Role.COORDINATOR), subject_id=number, **FIELD, value="56",
                reason="Misread", second_person=second,
            )  # fmt: skip
