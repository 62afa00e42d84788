"""Worker processes end with the process that started them, however that one ends."""

from __future__ import annotations

import multiprocessing
import os
import threading


def end_with_parent() -> None:
    """Call in a worker as it starts: a thread then waits for the parent, and ends this process with it.

    Workers of a pool hold both ends of the pipe they wait on. When their parent is killed they would wait for
    ever, with all the memory they have.
    """
    threading.Thread(target=_wait, name="end_with_parent", daemon=True).start()


def _wait() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
