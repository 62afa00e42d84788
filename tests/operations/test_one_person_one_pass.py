"""One person, one pass: whoever typed a file and whoever imported it both count."""

from __future__ import annotations

from pathlib import Path

import pytest
from chain import ADJUDICATOR, ADMIN, FIRST, MANAGER, SECOND, Role
from test_randomize import screened

from trialkit import operations as op
from trialkit.access import AccessError, Actor, Authentication
from trialkit.entry.errors import PassError
from trialkit.errors import OperationError
from trialkit.operations.worklist import discrepancy_worklist

PASSWORD = "correct horse battery staple"


@pytest.fixture
def subject_id(trial: op.Trial) -> str:
    return screened(trial)


def _file(folder: Path, subject_id: str, value: str = "55") -> Path:
    path = folder / f"pass-{value}.csv"
    path.write_text(f"subject_id,visit,vas_mm\n{subject_id},baseline,{value}\n", encoding="utf-8")
    return path


def _import(trial: op.Trial, path: Path, typist: str | None, actor: Actor = MANAGER) -> op.PassesEntered:
    return op.import_pass(trial, actor, path=path, form="vas", typist=typist)


@pytest.mark.parametrize("typist", [None, "manager", "adjudicator"])
def test_a_declared_typist_may_enter_forms(
    trial: op.Trial, subject_id: str, tmp_path: Path, typist: str | None
) -> None:
    with pytest.raises(AccessError, match="a typist who may enter forms"):
        _import(trial, _file(tmp_path, subject_id), typist)


def test_a_typist_of_another_site_did_not_type_it(trial: op.Trial, subject_id: str, tmp_path: Path) -> None:
    op.add_account(trial, ADMIN, login="far", person_name="F", role=Role.FIRST_ENTRY, site="B")
    with pytest.raises(AccessError, match="at site A"):
        _import(trial, _file(tmp_path, subject_id), "far")


def test_the_importer_of_one_pass_imports_types_and_decides_no_other(
    trial: op.Trial, subject_id: str, tmp_path: Path
) -> None:
    _import(trial, _file(tmp_path, subject_id), FIRST.account)
    with pytest.raises(PassError, match="another account"):
        _import(trial, _file(tmp_path, subject_id, "56"), SECOND.account)
    op.grant_role(trial, ADMIN, login=MANAGER.account, role=Role.SECOND_ENTRY)
    entry = op.FormEntry(subject_id, "baseline", "vas", (op.EnteredRow({"vas_mm": "56"}),))
    with pytest.raises(PassError, match="another account"):
        op.enter_pass(trial, Actor(MANAGER.account, Role.SECOND_ENTRY), entry=entry)
    op.enter_pass(trial, SECOND, entry=entry)
    op.grant_role(trial, ADMIN, login=MANAGER.account, role=Role.ADJUDICATOR)
    verdict = op.Verdict(subject_id, "baseline", "vas", "", "vas_mm", "first", "misread")
    with pytest.raises(PassError, match="made neither pass"):
        op.adjudicate(trial, Actor(MANAGER.account, Role.ADJUDICATOR), verdicts=[verdict])
    assert discrepancy_worklist(trial, ADJUDICATOR)


def test_a_typist_with_a_password_speaks_for_the_file_before_another_imports_it(
    trial: op.Trial, subject_id: str, tmp_path: Path
) -> None:
    op.set_password(trial, ADMIN, login=FIRST.account, password=PASSWORD)
    path = _file(tmp_path, subject_id)
    with pytest.raises(OperationError, match="vouch for the same file"):
        _import(trial, path, FIRST.account)
    signed = Actor(FIRST.account, Role.FIRST_ENTRY, None, Authentication.PASSWORD)
    with pytest.raises(AccessError, match="a signature"):
        op.vouch_for_file(trial, Actor(FIRST.account, Role.FIRST_ENTRY, None), path=path)
    op.vouch_for_file(trial, signed, path=_file(tmp_path, subject_id, "57"))
    with pytest.raises(OperationError, match="vouch for the same file"):
        _import(trial, path, FIRST.account)
    op.vouch_for_file(trial, signed, path=path)
    assert _import(trial, path, FIRST.account).first_passes == 1
