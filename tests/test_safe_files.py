"""A file that matters is there whole or not at all, for its owner only, and nothing is written over."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from trialkit import safe_files
from trialkit.safe_files import FileError, require_private, write_new, write_new_folder, write_over


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_a_private_file_is_for_its_owner_and_is_never_written_over(tmp_path: Path) -> None:
    path = write_new(tmp_path / "key", "first\n", private=True)
    assert mode(path) == 0o600
    with pytest.raises(FileError, match="nothing is yet"):
        write_new(path, "second\n")
    assert path.read_text() == "first\n"
    assert [entry.name for entry in tmp_path.iterdir()] == ["key"]


@pytest.mark.parametrize("write", [write_new, write_over])
def test_a_full_disk_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: object
) -> None:
    path = tmp_path / "key"
    if write is write_over:
        path.write_text("old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(safe_files.os, "fsync", full)
    with pytest.raises(FileError, match="No space left"):
        write(path, "new")  # type: ignore[operator]
    assert {entry.name: entry.read_text() for entry in tmp_path.iterdir()} == (
        {"key": "old"} if write is write_over else {}
    )


def test_a_disk_that_gives_back_something_else_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "read_bytes", lambda self: b"other")
    with pytest.raises(FileError, match="read back"):
        write_new(tmp_path / "key", "mine")


def test_a_folder_appears_whole_and_leaves_its_neighbours_alone(tmp_path: Path) -> None:
    (tmp_path / "out.partial").mkdir()
    (tmp_path / "out.partial" / "mine.txt").write_text("kept")
    folder = write_new_folder(tmp_path / "out", {"a.csv": "1\n", "b.csv": "2\n"}, private=True)
    assert (mode(folder), mode(folder / "a.csv")) == (0o700, 0o400)
    assert (tmp_path / "out.partial" / "mine.txt").read_text() == "kept"
    (tmp_path / "empty").mkdir()
    with pytest.raises(FileError, match="nothing is yet"):
        write_new_folder(tmp_path / "empty", {}, private=False)


_KILLED = """
import sys, time, pathlib
from trialkit import safe_files
put = safe_files._put
def slow(path, data, mode):
    put(path, data, mode)
    print("written", flush=True)
    time.sleep(60)
safe_files._put = slow
safe_files.write_new_folder(pathlib.Path(sys.argv[1]), {"allocations.csv": "arm"}, private=True)
"""


def test_what_a_killed_process_left_is_private_and_swept_by_the_next_write(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", _KILLED, str(tmp_path / "out")], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "written\n"
    write_new(tmp_path / "while-it-runs", "x")
    left = [entry for entry in tmp_path.iterdir() if entry.is_dir()]
    assert [mode(entry) for entry in left] == [0o700]  # still held: not swept
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    write_new(tmp_path / "after", "x")
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["after", "while-it-runs"]


@pytest.mark.skipif(os.name != "posix", reason="needs rights of owner, group and others")
def test_what_others_may_read_is_refused_with_the_command_that_closes_it(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    folder.mkdir(mode=0o755)
    folder.chmod(0o750)
    with pytest.raises(FileError, match="chmod -R go= "):
        require_private(folder, "a key folder")
    folder.chmod(0o700)
    require_private(folder, "a key folder")
