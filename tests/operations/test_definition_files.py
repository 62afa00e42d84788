"""A definition's files in the study folder: what was changed since they were recorded is named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import chain
import pytest
from test_amendments import amend, ready, second_version

from trialkit import operations as op
from trialkit.errors import StudyError
from trialkit.operations.definition_files import changed_labels
from trialkit.operations.training import create_training_copy
from trialkit.study.labels import read_labels

WORDS = "label,translation\nPain (visual analogue scale),痛\n"


def _append(file: Path) -> None:
    file.write_text(file.read_text("utf-8") + "Anything,别的\n", "utf-8")


def test_labels_as_they_were_founded_are_whole_and_nothing_is_said(trial: op.Trial) -> None:
    found = op.verify_audit(trial)
    assert found.whole
    assert not [said for said in found.warnings if "labels" in said]


@pytest.mark.parametrize(
    ("change", "name", "said"),
    [
        (_append, "labels.zh.csv", "labels.zh.csv in the study folder was changed since audit record 1"),
        (Path.unlink, "labels.zh.csv", "labels.zh.csv, recorded by audit record 1, is no longer"),
        (
            lambda file: file.write_text(WORDS, "utf-8"),
            "labels.de.csv",
            "labels.de.csv was put into the study",
        ),
    ],
)
def test_labels_that_were_changed_since_are_named_and_break_nothing(
    trial: op.Trial, change: Callable[[Path], object], name: str, said: str
) -> None:
    change(trial.folder / name)
    found = op.verify_audit(trial)
    assert found.whole
    assert [text for text in found.warnings if said in text]
    with op.opened_for_audit(trial.folder) as audited:
        assert [text for text in op.verify_opened(audited).warnings if said in text]


def test_an_amendment_brings_its_labels_which_hold_first_and_are_recorded(
    trial: op.Trial, definition: Path, tmp_path: Path
) -> None:
    ready(trial)
    new = second_version(definition, tmp_path / "new")
    (new / "labels.zh.csv").write_text(WORDS, "utf-8")
    before = read_labels(trial.folder)["zh"]
    kept = amend(trial, new).folder
    now = read_labels(trial.folder)["zh"]
    assert now == {**before, "Pain (visual analogue scale)": "痛"}
    assert not [said for said in op.verify_audit(trial).warnings if "labels" in said]
    _append(kept / "labels.zh.csv")
    assert any("versions/2/labels.zh.csv in" in said for said in op.verify_audit(trial).warnings)
    with (kept / "study.toml").open("a", encoding="utf-8") as file:
        file.write("# by hand\n")
    found = op.verify_audit(trial)
    assert [said for said in found.problems if "versions/2/study.toml" in said and "version 2.0" in said]


def test_an_amendment_whose_labels_cannot_be_read_is_refused_whole(
    trial: op.Trial, definition: Path, tmp_path: Path
) -> None:
    ready(trial)
    new = second_version(definition, tmp_path / "new")
    (new / "labels.zh.csv").write_text("a,b\n", "utf-8")
    with pytest.raises(StudyError, match="label, translation"):
        amend(trial, new)
    assert len(trial.definitions.versions) == 1


def test_a_backup_and_a_training_copy_carry_the_labels(
    trial: op.Trial, definition: Path, tmp_path: Path
) -> None:
    ready(trial)
    new = second_version(definition, tmp_path / "new")
    (new / "labels.zh.csv").write_text(WORDS, "utf-8")
    amend(trial, new)
    op.back_up(trial, chain.ADMIN, folder=tmp_path / "backup")
    op.restore(tmp_path / "backup", tmp_path / "again")
    with op.open_trial(tmp_path / "again") as again:
        assert read_labels(again.folder) == read_labels(trial.folder)
        assert not [said for said in op.verify_audit(again).warnings if "labels" in said]
    copy = create_training_copy(
        tmp_path / "practice", definition=trial.folder, administrator="ada", person_name="Ada Admin"
    )
    assert (copy.folder / "labels.zh.csv").read_bytes() == (trial.folder / "labels.zh.csv").read_bytes()
    copy.close()


def test_a_study_founded_before_digests_were_recorded_says_nothing_of_its_labels(
    trial: op.Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    from trialkit.operations import definition_files

    monkeypatch.setattr(definition_files, "FACT", "no such fact")
    _append(trial.folder / "labels.zh.csv")
    with trial.store.reading() as reader:
        assert list(changed_labels(reader, trial.folder)) == []
