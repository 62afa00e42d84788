"""The demonstration, run once for the whole test run, as a user runs it."""

from __future__ import annotations

import fcntl
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

SEED = 1


@dataclass(frozen=True)
class Demo:
    folder: Path
    output: str


def run_trialkit(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "trialkit", *arguments], capture_output=True, text=True, cwd=cwd, check=False
    )


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """One demonstration, shared by all workers: the first to come runs it, the others wait."""
    root = tmp_path_factory.getbasetemp()
    shared = root.parent if root.name.startswith("popen-") else root
    folder, told = shared / "demo", shared / "demo.txt"
    with (shared / "demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not told.exists():
            done = run_trialkit("demo", "--into", str(folder), "--seed", str(SEED))
            assert done.returncode == 0, done.stderr
            told.write_text(done.stdout, encoding="utf-8")
    return Demo(folder, told.read_text(encoding="utf-8"))
