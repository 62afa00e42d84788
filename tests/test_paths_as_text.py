"""Who works in a notebook writes paths as texts: every public function that takes a path takes one."""

from __future__ import annotations

import importlib
import inspect
from pathlib import Path

import pytest

from trialkit import resources
from trialkit.analysis import load_plan
from trialkit.errors import TrialkitError
from trialkit.imaging import composition_table
from trialkit.prediction import read_frozen, read_model
from trialkit.simulation import load_scenario
from trialkit.snapshot import read_snapshot
from trialkit.study import load_study

ROOMS = (
    "analysis", "datasets", "demo", "documents", "imaging", "interchange", "operations", "prediction",
    "randomization", "report", "simulation", "snapshot", "study",
)  # fmt: skip


@pytest.mark.parametrize("room", ROOMS)
def test_every_public_function_that_takes_a_path_says_that_it_takes_a_text(room: str) -> None:
    module = importlib.import_module(f"trialkit.{room}")
    public = [getattr(module, name) for name in module.__all__]
    alone = [
        f"{function.__name__}({parameter.name}: {parameter.annotation})"
        for function in public
        if inspect.isfunction(function)
        for parameter in inspect.signature(function).parameters.values()
        if "Path" in str(parameter.annotation) and "str" not in str(parameter.annotation)
    ]
    assert alone == []


def test_plans_and_studies_are_read_from_texts() -> None:
    plan = resources.folder("sap") / "study_a.toml"
    assert load_plan(str(plan)).id == load_plan(plan).id
    assert load_study(str(resources.folder("sample_data"))).id == "A"


@pytest.mark.parametrize(
    "read", [composition_table, load_plan, load_scenario, load_study, read_frozen, read_model, read_snapshot]
)
def test_a_text_that_names_no_file_is_refused_in_words(read: object, tmp_path: Path) -> None:
    assert callable(read)
    with pytest.raises(TrialkitError):
        read(str(tmp_path / "nowhere"))
