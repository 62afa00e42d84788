"""The reference trial from end to end, with the real parts of every room."""

from __future__ import annotations

import importlib
from typing import Any

_HOME = {"DemoOutcome": "run", "run_demo": "run"}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"trialkit.demo has no {name!r}")
    return getattr(importlib.import_module(f"trialkit.demo.{_HOME[name]}"), name)
