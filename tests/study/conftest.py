"""A copy of study A's definition that a test may spoil."""

from __future__ import annotations

from pathlib import Path

import pytest

SAMPLE = Path(__file__).resolve().parents[2] / "sample_data"


class Definition:
    """The two files of a definition in a folder of the test's own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def replace(self, file: str, old: str, new: str) -> int:
        """Change one place and return the line it is on."""
        path = self.folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {file}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return text[: text.index(old)].count("\n") + 1

    def append(self, file: str, text: str) -> None:
        path = self.folder / file
        path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


@pytest.fixture
def definition(tmp_path: Path) -> Definition:
    for name in ("study.toml", "dictionary.csv"):
        (tmp_path / name).write_bytes((SAMPLE / name).read_bytes())
    return Definition(tmp_path)


@pytest.fixture(scope="session")
def sample_folder() -> Path:
    return SAMPLE
