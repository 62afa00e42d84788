"""The plans that come with trialkit pass their own check without a word."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from trialkit import resources
from trialkit.cli.root import root

EXAMPLES = ("acupuncture", "cohort", "doses", "fat-maps", "kyphoplasty", "streptomycin")


def clean(plan: Path, study: Path) -> None:
    done = CliRunner().invoke(root, ["sap", "check", str(plan), str(study)])
    assert done.exit_code == 0, done.output
    assert done.output.split("\n") == [f"{plan} fits the study.", ""]


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_plan_of_every_example_draws_no_warning(name: str) -> None:
    here = resources.folder("examples") / name
    clean(here / "plan.toml", here)


def test_the_plan_of_study_a_draws_no_warning() -> None:
    clean(resources.folder("sap") / "study_a.toml", resources.folder("sample_data"))
