"""The face of a room: names handed out when asked for, so that importing the room costs nothing.

A room's ``__init__.pyi`` says what it hands out and where that lives, once. A type checker reads the stub, so
each name keeps its type; at run time :func:`face` reads the same stub, and imports a module when one of its
names is first used.
"""

from __future__ import annotations

import ast
import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any


def homes(init_file: str) -> dict[str, str]:
    """Each name a stub imports, and the module it comes from, in the order of names."""
    stub = ast.parse(Path(init_file).with_suffix(".pyi").read_text(encoding="utf-8"))
    imports = [node for node in stub.body if isinstance(node, ast.ImportFrom) and node.module]
    named = {
        alias.asname: str(node.module)
        for node in imports
        for alias in node.names
        if alias.asname is not None and node.module not in ("typing", "collections.abc")
    }
    return dict(sorted(named.items()))


def face(room: str, init_file: str) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """``__getattr__``, ``__dir__`` and ``__all__`` of a room, from the stub beside its ``__init__``.

    Only names imported ``as`` themselves are handed out: ``from trialkit.study.load import load_study as
    load_study``. An unknown name is an ``AttributeError``, as of any module.
    """
    home_of = homes(init_file)

    def handed_out(name: str) -> Any:
        if name not in home_of:
            raise AttributeError(f"{room} has no {name!r}")
        return getattr(importlib.import_module(home_of[name]), name)

    def names() -> list[str]:
        return sorted({*importlib.import_module(room).__dict__, *home_of})

    return handed_out, names, list(home_of)
