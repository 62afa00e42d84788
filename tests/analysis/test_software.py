"""The manifest tells what computed the numbers: versions and hashes, and another hash for other code."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

import trialkit
from trialkit.analysis import run_plan, software
from trialkit.analysis.manifest import write_manifest
from trialkit.plan import Plan
from trialkit.snapshot import Snapshot


def test_the_manifest_has_version_and_hash_of_whatever_computes(
    plan: Plan, snapshot: Snapshot, tmp_path: Path
):
    results = run_plan(replace(plan, analyses=(plan.analysis("D1"),)), snapshot)
    first = write_manifest(results, tmp_path, seed=1).read_bytes()
    assert write_manifest(results, tmp_path, seed=1).read_bytes() == first
    document = json.loads(first)
    for name in (
        "trialkit",
        "numpy",
        "pandas",
        "scipy",
        "statsmodels",
        "matplotlib",
        "pingouin",
        "lifelines",
    ):
        assert document["provenance"]["software"][name]
        assert len(document["packages"][name]) == 64, name
    assert len(set(document["packages"].values())) == len(document["packages"])


def test_trialkit_is_named_where_no_installer_put_it(monkeypatch: pytest.MonkeyPatch):
    """``python -m trialkit`` from a folder."""

    def nothing(name: str) -> None:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(software, "distribution", nothing)
    software.hashes.cache_clear()
    try:
        assert software.versions()["trialkit"] == trialkit.__version__
        assert set(software.hashes()) == {"trialkit"}
        assert len(software.hashes()["trialkit"]) == 64
    finally:
        software.hashes.cache_clear()


def test_one_changed_line_of_code_is_another_hash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    copy = tmp_path / "trialkit"
    shutil.copytree(Path(trialkit.__file__).parent / "plan", copy / "plan")
    (copy / "__init__.py").write_text("", encoding="utf-8")
    monkeypatch.setattr(trialkit, "__file__", str(copy / "__init__.py"))
    before = software._own()
    assert software._own() == before
    with (copy / "plan" / "keys.py").open("a", encoding="utf-8") as changed:
        changed.write("# another line\n")
    assert software._own() != before
