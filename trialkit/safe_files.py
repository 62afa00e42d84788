"""The one way to write a file that matters: beside its place, to the disk, renamed, and read back.

A killed process, a full disk or a power cut leaves the old state or the new one, never half a file. Files
that hold keys, arms or people are for their owner only.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from trialkit.errors.base import TrialkitError
from trialkit.wording import said

PRIVATE_FILE, PRIVATE_FOLDER = 0o600, 0o700
_SHARED_FILE, _SHARED_FOLDER = 0o666, 0o777  # less what the umask takes away
_OTHERS = 0o077
_PARTIAL = ".trialkit-partial-"
_HELD = ".held"


class FileError(TrialkitError):
    """A file or folder that cannot be written, is there already, or is open to others."""


def write_new(path: Path | str, content: str | bytes, *, private: bool = False) -> Path:
    """Write a new file, whole or not at all; one that is there is never written over.

    Parameters
    ----------
    path
        Where; its folder must be there.
    content
        Text is written as UTF-8, its line ends as they are.
    private
        Only the owner may read it (mode 0600).

    Raises
    ------
    FileError
        Something is there already; no folder, no right, no room; the disk does not give back what it took.
    """
    return _write(Path(path), content, private=private, over=False)


def write_over(path: Path | str, content: str | bytes, *, private: bool = False) -> Path:
    """The same for a file that may be there: the old one stands until the new one is whole on the disk."""
    return _write(Path(path), content, private=private, over=True)


def write_new_folder(folder: Path | str, contents: Mapping[str, str | bytes], *, private: bool) -> Path:
    """Write a new folder with all its files, which appear together or not at all; they are read-only.

    Parameters
    ----------
    folder
        Where; nothing may be there.
    contents
        File name -> content.
    private
        Only the owner may enter it.

    Raises
    ------
    FileError
        As :func:`write_new`.
    """
    folder = Path(folder)
    refuse_present(folder)
    with _reported(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        with _partial_folder(folder.parent) as partial:
            for name, content in contents.items():
                _put(partial / name, _bytes_of(content), 0o400 if private else 0o444)
            partial.chmod(PRIVATE_FOLDER if private else _SHARED_FOLDER & ~_umask())
            sync_folder(partial)
            refuse_present(folder)  # a rename would take the place of an empty folder
            partial.rename(folder)
        sync_folder(folder.parent)
    return folder


@contextmanager
def new_folder(folder: Path | str, *, private: bool) -> Iterator[Path]:
    """A place to fill, which becomes the folder when the block ends: whole, or not at all.

    Raises
    ------
    FileError
        As :func:`write_new`.
    """
    folder = Path(folder)
    refuse_present(folder)
    with _reported(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        with _partial_folder(folder.parent) as partial:
            yield partial
            partial.chmod(PRIVATE_FOLDER if private else _SHARED_FOLDER & ~_umask())
            for path in (partial, *(path for path in partial.rglob("*") if path.is_dir())):
                sync_folder(path)
            refuse_present(folder)
            partial.rename(folder)
        sync_folder(folder.parent)


def private_folder(path: Path | str) -> Path:
    """Make a folder for its owner only, where there is none, and make an empty one so.

    Raises
    ------
    FileError
        It cannot be made.
    """
    path = Path(path)
    with _reported(path):
        path.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        if not any(path.iterdir()):
            path.chmod(PRIVATE_FOLDER)
    return path


def require_private(path: Path, what: str) -> None:
    """Refuse a file or folder that others of this machine may read, write or enter.

    Degenerate case: where the system knows no such rights, nothing is refused.

    Raises
    ------
    FileError
        As said, with the command that closes it.
    """
    if os.name != "posix":
        return
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return
    if mode & _OTHERS:
        raise FileError(
            expected=said("{what} that only its owner may read", what=what),
            found=said("mode {mode:04o}, open to others of this machine", mode=mode),
            where=str(path),
            next_step=said("Close it: chmod -R go= {path}", path=path),
        )


def refuse_present(path: Path) -> None:
    """Refuse a path where something is: nothing that matters is written over.

    Raises
    ------
    FileError
        As said.
    """
    if os.path.lexists(path):
        raise FileError(
            expected="a path where nothing is yet",
            found="a folder" if path.is_dir() else "a file",
            where=str(path),
            next_step="Choose another name; what is there is never written over.",
        )


def require_place(path: Path) -> None:
    """Refuse before an act what :func:`write_new` would refuse after it; nothing is left there.

    Raises
    ------
    FileError
        Something is there already; no folder, no right, no room.
    """
    refuse_present(path)
    with _reported(path), _partial_folder(path.parent) as partial:
        _put(partial / path.name, b"\n", PRIVATE_FILE)  # by its own name: that may be too long


def require_place_for_folder(folder: Path) -> None:
    """The same for a folder, with the folders above it that are to be made.

    Raises
    ------
    FileError
        As :func:`require_place`.
    """
    refuse_present(folder)
    above = next(one for one in folder.absolute().parents if os.path.lexists(one))
    with _reported(folder), _partial_folder(above) as partial:
        _put(partial / folder.name, b"\n", PRIVATE_FILE)


def sync_folder(folder: Path) -> None:
    """Bring a folder's list of names to the disk; some file systems cannot, and need not."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write(path: Path, content: str | bytes, *, private: bool, over: bool) -> Path:
    data = _bytes_of(content)
    mode = PRIVATE_FILE if private else _SHARED_FILE & ~_umask()
    if not over:
        refuse_present(path)
    with _reported(path):
        with _partial_folder(path.parent) as partial:
            _put(partial / "file", data, mode)
            if over:
                (partial / "file").replace(path)
            else:
                _link(partial / "file", path)
        sync_folder(path.parent)
    _read_back(path, data)
    return path


def _link(written: Path, path: Path) -> None:
    """Give a file its name, unless the name is taken meanwhile."""
    try:
        os.link(written, path)
    except FileExistsError:
        refuse_present(path)
    except OSError:  # a file system without links
        refuse_present(path)
        written.rename(path)


def _put(path: Path, data: bytes, mode: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fchmod(file.fileno(), mode)
        os.fsync(file.fileno())
    _read_back(path, data)


def _read_back(path: Path, data: bytes) -> None:
    if path.read_bytes() != data:
        raise FileError(
            expected="the file as it was written",
            found="another content when it was read back",
            where=str(path),
            next_step="Do not use it. Check the disk, and write it to another one.",
        )


@contextmanager
def _partial_folder(parent: Path) -> Iterator[Path]:
    """A folder beside the goal, gone at the end; those that killed processes left are swept first."""
    _sweep(parent)
    partial = Path(tempfile.mkdtemp(prefix=_PARTIAL, dir=parent))
    descriptor = os.open(parent / f"{partial.name}{_HELD}", os.O_RDWR | os.O_CREAT, PRIVATE_FILE)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield partial
    finally:
        shutil.rmtree(partial, ignore_errors=True)
        (parent / f"{partial.name}{_HELD}").unlink(missing_ok=True)
        os.close(descriptor)


def _sweep(parent: Path) -> None:
    """Remove our own partial folders whose writer is no longer there to hold them."""
    for held in parent.glob(f"{_PARTIAL}*{_HELD}"):
        with suppress(OSError):
            descriptor = os.open(held, os.O_RDWR)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(parent / held.name.removesuffix(_HELD), ignore_errors=True)
                held.unlink(missing_ok=True)
            finally:
                os.close(descriptor)


@contextmanager
def _reported(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as problem:
        raise FileError(
            expected="a place that can be written to",
            found=problem.strerror or type(problem).__name__,
            where=str(path),
            next_step="Check the folder, its rights and the room on the disk. Nothing was left there.",
        ) from problem


def _bytes_of(content: str | bytes) -> bytes:
    return content.encode("utf-8") if isinstance(content, str) else content


def _umask() -> int:
    """What the process takes away from new files; it can only be read by setting it."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
