"""What the demonstration prints: numbered steps, what each did, and progress while it does it."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TextIO

STEPS = 11
REDRAW_SECONDS = 0.1


class Teller:
    """Prints steps to ``out``; redraws a progress line only where a person is watching."""

    def __init__(self, out: TextIO | None = None, steps: int = STEPS) -> None:
        self._out = out or sys.stdout
        self._steps = steps
        self._step = 0
        self._watched = self._out.isatty()
        self._drawn_at = 0.0

    def step(self, title: str) -> None:
        self._step += 1
        self._write(f"\n[{self._step}/{self._steps}] {title}\n")

    def say(self, text: str) -> None:
        self._write(f"      {text}\n")

    def progress(self, what: str) -> Callable[[int, int], None]:
        def show(done: int, total: int) -> None:
            now = time.monotonic()
            if self._watched and (done == total or now - self._drawn_at > REDRAW_SECONDS):
                self._drawn_at = now
                end = "\r\033[K" if done == total else ""
                self._write(f"\r      {what}: {done} of {total}{end}")

        return show

    def _write(self, text: str) -> None:
        self._out.write(text)
        self._out.flush()
