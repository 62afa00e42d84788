"""What identifies a person leaves in no snapshot, unless study and command both ask for it by name."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path

import pytest
from chain import COORDINATOR, FIRST, INVESTIGATOR, MANAGER, SECOND, with_study

from trialkit import operations as op, resources
from trialkit.errors import OperationError, StudyError
from trialkit.interchange.redcap_study import study_from_redcap
from trialkit.operations.balance import recruitment_counts
from trialkit.study import Severity, check_study, load_study


@pytest.fixture
def marked_study(tmp_path: Path) -> Path:
    """The sample study with one item marked as an identifier."""
    folder = tmp_path / "marked_study"
    folder.mkdir()
    with (resources.folder("sample_data") / "dictionary.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.reader(file))
    place = rows[0].index("Identifier?")
    for row in rows[1:]:
        row[place] = "y" if row[0] == "vas_mm" else row[place]
    with (folder / "dictionary.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    text = (resources.folder("sample_data") / "study.toml").read_text(encoding="utf-8")
    (folder / "study.toml").write_text(text, encoding="utf-8")
    return folder


def let_out(marked_study: Path, name: str) -> None:
    path = marked_study / "study.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("[study]\n", f'[study]\nidentifiers_may_leave = ["{name}"]\n', 1), encoding="utf-8"
    )


def items_in(folder: Path) -> set[str]:
    with (folder / "values.csv").open(encoding="utf-8") as file:
        return {row["item"] for row in csv.DictReader(file)}


def test_an_identifier_stays_behind_unless_study_and_command_ask_for_it(
    trial: op.Trial, marked_study: Path, tmp_path: Path
) -> None:
    number = op.enrol(trial, COORDINATOR, site="A", consent_date=date(2024, 5, 1)).subject_id
    entry = op.FormEntry(number, "baseline", "vas", (op.EnteredRow({"vas_mm": "55"}),))
    for typist in (FIRST, SECOND):
        op.enter_pass(trial, typist, entry=entry)
    marked = _with(trial, marked_study)
    op.write_snapshot(marked, MANAGER, folder=tmp_path / "without", blinded=True)
    assert "vas_mm" not in items_in(tmp_path / "without")
    with pytest.raises(OperationError, match="identifiers that the study lets out: none"):
        op.write_snapshot(marked, MANAGER, folder=tmp_path / "no", blinded=True, identifiers=["vas_mm"])
    let_out(marked_study, "vas_mm")
    permitted = _with(trial, marked_study)
    op.write_snapshot(permitted, MANAGER, folder=tmp_path / "still", blinded=True)
    assert "vas_mm" not in items_in(tmp_path / "still")
    op.write_snapshot(permitted, MANAGER, folder=tmp_path / "with", blinded=True, identifiers=["vas_mm"])
    assert "vas_mm" in items_in(tmp_path / "with")


def _with(trial: op.Trial, marked_study: Path) -> op.Trial:
    return with_study(trial, load_study(marked_study))


def test_only_an_item_marked_as_identifier_can_be_let_out(marked_study: Path) -> None:
    let_out(marked_study, "vas_m")
    with pytest.raises(StudyError, match=r"items marked as identifiers: vas_mm.*Did you mean 'vas_mm'"):
        load_study(marked_study)


def test_withdrawals_and_emergency_unblindings_are_counted(finished_copy: op.Trial) -> None:
    before = recruitment_counts(finished_copy, MANAGER)
    with finished_copy.store.reading() as reader:
        from trialkit.store.reading.subjects import subjects

        number = next(s.subject_id for s in subjects(reader).values() if s.allocated)
    op.emergency_unblind(finished_copy, INVESTIGATOR, subject_id=number, reason="Allergic shock")
    after = recruitment_counts(finished_copy, MANAGER)
    assert after.emergency_unblindings == before.emergency_unblindings + 1
    assert after.withdrawn == before.withdrawn


def allow(marked_study: Path, name: str) -> None:
    path = marked_study / "study.toml"
    text = path.read_text(encoding="utf-8")
    table = "[capture]\n" if "[capture]\n" in text else ""
    stated = f'[capture]\nallow_identifiers = ["{name}"]\n'
    path.write_text(text.replace(table, stated, 1) if table else f"{text}\n{stated}", encoding="utf-8")


def test_a_study_that_asks_for_an_identifier_is_not_founded_unless_it_allows_it_by_name(
    marked_study: Path, tmp_path: Path
) -> None:
    findings = [one for one in check_study(load_study(marked_study)) if one.code == "identifier-not-allowed"]
    assert [(one.severity, "vas_mm" in one.detail) for one in findings] == [(Severity.CONTRADICTION, True)]
    founding = {"definition": marked_study, "administrator": "ada", "person_name": "Ada Admin"}
    with pytest.raises(StudyError, match=r"vas_mm.*allow_identifiers = \[\"vas_mm\"\]"):
        op.create_study(tmp_path / "study", **founding)
    assert not (tmp_path / "study").exists()
    allow(marked_study, "vas_mm")
    assert not [one for one in check_study(load_study(marked_study)) if one.code == "identifier-not-allowed"]
    op.create_study(tmp_path / "study", **founding).close()


def test_only_an_item_marked_as_identifier_can_be_allowed(marked_study: Path) -> None:
    allow(marked_study, "odi_pain")
    with pytest.raises(StudyError, match="items marked as identifiers: vas_mm"):
        load_study(marked_study)


def test_identifiers_of_a_redcap_project_are_listed_with_their_line() -> None:
    text = (resources.folder("sample_data") / "dictionary.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.reader(text.splitlines()))
    place = rows[0].index("Identifier?")
    line = next(number for number, row in enumerate(rows, start=1) if row[0] == "vas_mm")
    rows[line - 1][place] = "y"
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    made = study_from_redcap(out.getvalue())
    listed = [(lost.line, lost.why) for lost in made.not_carried_over if lost.what == "vas_mm: permission"]
    assert [number for number, _ in listed] == [line]
    assert "take it out of [capture] allow_identifiers" in listed[0][1]
    assert made.study.capture.allow_identifiers == ("vas_mm",)
