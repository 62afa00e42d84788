"""A form that must be signed: nothing above it is frozen or locked until a signature on it stands."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import chain
import pytest
from chain import COORDINATOR, FIRST, INVESTIGATOR, MANAGER, SECOND

from trialkit import operations as op
from trialkit.errors import LockRefusedError

PLACE = {"visit": "baseline", "form": "vas"}


@pytest.fixture
def trial(tmp_path: Path, definition: Path) -> Iterator[op.Trial]:
    """A study whose pain scale an investigator signs."""
    source = tmp_path / "definition"
    shutil.copytree(definition, source)
    text = (source / "study.toml").read_text(encoding="utf-8")
    changed = text.replace("[forms.vas]\n", "[forms.vas]\nsignature_required = true\n")
    assert changed != text
    (source / "study.toml").write_text(changed, encoding="utf-8")
    with chain.found_study(tmp_path / "study", source) as opened:
        yield opened


@pytest.fixture
def subject_id(trial: op.Trial) -> str:
    number = op.enrol(trial, COORDINATOR, site="A", consent_date=date(2023, 12, 20)).subject_id
    for actor in (FIRST, SECOND):
        entry = op.FormEntry(number, "baseline", "vas", (op.EnteredRow({"vas_mm": "55"}),))
        op.enter_pass(trial, actor, entry=entry)
    return number


def _to_sign(trial: op.Trial) -> list[str]:
    return [
        str(task.kind)
        for task in op.todo(trial, INVESTIGATOR)
        if (task.visit, task.form) == tuple(PLACE.values())
    ]


def test_the_investigator_is_told_what_to_sign_first_and_again(trial: op.Trial, subject_id: str) -> None:
    place = {"subject_id": subject_id, **PLACE}
    assert _to_sign(trial) == ["sign"]
    op.sign_form(trial, INVESTIGATOR, **place, meaning="approved")
    assert _to_sign(trial) == []
    correction = {"item": "vas_mm", "value": "56", "reason": "Read again", "second_person": INVESTIGATOR}
    op.correct(trial, COORDINATOR, **place, **correction)
    assert _to_sign(trial) == ["sign_again"]
    query = op.open_query(trial, MANAGER, **place, text="Is it so?").number
    assert "sign_again" not in _to_sign(trial), "an open query is answered first"
    op.close_query(trial, MANAGER, number=query)
    assert _to_sign(trial) == ["sign_again"]


def missing(trial: op.Trial, subject_id: str) -> bool:
    return f"{subject_id}/baseline/vas: signature missing" in op.obstacles(trial, MANAGER)


def test_a_signature_is_missing_until_it_is_there_and_again_after_a_change(
    trial: op.Trial, subject_id: str
) -> None:
    freeze = {"scope": op.FreezeScope.FORM, "place": f"{subject_id}/baseline/vas", "reason": "Settled"}
    assert missing(trial, subject_id)
    with pytest.raises(LockRefusedError, match="signature missing"):
        op.freeze(trial, MANAGER, **freeze)
    op.sign_form(trial, INVESTIGATOR, subject_id=subject_id, **PLACE, meaning="approved")
    assert not missing(trial, subject_id)
    op.correct(
        trial, COORDINATOR, subject_id=subject_id, **PLACE, item="vas_mm", value="56", reason="Misread",
        second_person=INVESTIGATOR,
    )  # fmt: skip
    assert missing(trial, subject_id)
    with pytest.raises(LockRefusedError, match="signature missing"):
        op.freeze(trial, MANAGER, **freeze)
    op.sign_form(trial, INVESTIGATOR, subject_id=subject_id, **PLACE, meaning="approved")
    op.freeze(trial, MANAGER, **freeze)


def test_a_form_that_was_not_done_and_one_that_needs_none_are_not_asked_for(trial: op.Trial) -> None:
    number = op.enrol(trial, COORDINATOR, site="A", consent_date=date(2023, 12, 20)).subject_id
    op.mark_not_done(trial, MANAGER, entries=[op.NotDone(number, "baseline", "refused", form="vas")])
    lines = op.obstacles(trial, MANAGER)
    assert lines
    assert not [line for line in lines if "signature" in line]
