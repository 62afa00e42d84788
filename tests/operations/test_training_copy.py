"""A training copy is a study of its own, and says so wherever its title is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from trialkit import operations as op
from trialkit.errors import TrialError
from trialkit.operations.training import training_text
from trialkit.study.load import load_study


def test_a_training_copy_has_its_own_name_database_and_watermark(tmp_path: Path, definition: Path) -> None:
    original = load_study(definition)
    with op.create_training_copy(
        tmp_path / "training", definition=definition, administrator="root", person_name="Ruth"
    ) as trial:
        assert trial.study.id == f"{original.id}-training"
        assert trial.study.title == f"TRAINING COPY - NOT THE STUDY: {original.title}"
        assert trial.study.demonstration
        assert trial.study.sha256 != original.sha256
        assert [form.name for form in trial.study.forms] == [form.name for form in original.forms]
        assert op.verify_audit(trial).whole
    assert (tmp_path / "training" / "trial.sqlite").is_file()


def test_a_real_study_that_hides_its_list_becomes_a_demonstration(definition: Path) -> None:
    text = (definition / "study.toml").read_text(encoding="utf-8")
    real = text.replace("demonstration = true", "demonstration = false")
    real = real.replace('concealment = "demonstration"', 'concealment = "server"')
    changed = training_text(real)
    assert 'concealment = "demonstration"' in changed
    assert changed.count("demonstration = true") == 1
    assert "demonstration = false" not in changed


def test_no_training_copy_is_made_of_one(definition: Path) -> None:
    text = (definition / "study.toml").read_text(encoding="utf-8")
    with pytest.raises(TrialError, match="training copy"):
        training_text(training_text(text))
