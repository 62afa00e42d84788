"""The environment a model was made in: every installed package with its version, and a hash of the list."""

from __future__ import annotations

import hashlib
import platform
from functools import lru_cache
from importlib.metadata import distributions

FILE = "environment.txt"


@lru_cache(maxsize=1)
def environment_text() -> str:
    """A line a package, as ``pip install --requirement`` reads them; the first, a comment, names Python."""
    installed = {d.name.lower().replace("_", "-"): d.version for d in distributions() if d.name}
    lines = sorted(f"{name}=={version}" for name, version in installed.items())
    return "\n".join([f"# Python {platform.python_version()}, {platform.machine()}", *lines, ""])


def environment_sha256() -> str:
    return hashlib.sha256(environment_text().encode()).hexdigest()
