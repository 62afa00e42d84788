"""A wheel holds all that is needed: outside the checkout, in an empty folder."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(build, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (file,) = folder.glob("*.whl")
    return file


def run(python: Path, *arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(python), "-m", "trialkit", *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**os.environ, **environment},
        check=False,
    )


def test_the_wheel_brings_its_definitions_plans_and_migrations(wheel: Path, tmp_path: Path):
    """Unpacked beside the installed requirements, with no checkout on the path."""
    unpacked, empty = tmp_path / "site", tmp_path / "empty"
    empty.mkdir()
    install = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "-q",
        "--no-deps",
        "--target",
        str(unpacked),
        str(wheel),
    ]
    subprocess.run(install, check=True, capture_output=True)
    done = run(Path(sys.executable), "study", "check", cwd=empty, PYTHONPATH=str(unpacked))
    assert done.returncode == 0, done.stderr
    assert "needs 17 per arm" in done.stdout
    data = unpacked / "trialkit" / "_data"
    assert list((data / "db" / "versions").glob("0001_*.py"))
    assert (data / "sap" / "study_a.toml").is_file()
    assert (data / "examples" / "acupuncture" / "plan.toml").is_file()
    assert list((unpacked / "trialkit" / "documents" / "templates").glob("*.j2"))


@pytest.mark.long
def test_the_demo_runs_from_a_wheel_in_a_new_environment(wheel: Path, tmp_path: Path):
    home, empty = tmp_path / "venv", tmp_path / "empty"
    empty.mkdir()
    venv.create(home, with_pip=True)
    python = home / "bin" / "python"
    pins = str(ROOT / "requirements" / "run.txt")
    subprocess.run([str(python), "-m", "pip", "install", "-q", "-r", pins], check=True, capture_output=True)
    subprocess.run(
        [str(python), "-m", "pip", "install", "-q", "--no-deps", str(wheel)], check=True, capture_output=True
    )
    done = run(python, "demo", "--into", "demo", cwd=empty)
    assert done.returncode == 0, done.stderr
    assert (empty / "demo" / "report" / "index.html").is_file()
