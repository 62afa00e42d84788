"""What computes the numbers of a run: versions of every package that may, and hashes of their files."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Iterable
from functools import cache
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

import trialkit

OWN = "trialkit"
PACKAGES = (
    "numpy", "pandas", "scipy", "formulaic", "statsmodels", "patsy", "pingouin", "lifelines",
    "matplotlib", "weasyprint", "python-docx", "rtflite", "openpyxl", "pyarrow",
)  # fmt: skip
"""Those besides trialkit that compute, draw or write what a run hands over; one that is not installed did
none of it."""


def versions() -> dict[str, str]:
    """Python's version and that of every package that is installed."""
    found = {name: one.version for name, one in _installed()}
    return {"python": platform.python_version(), OWN: trialkit.__version__, **found}


@cache
def hashes() -> dict[str, str]:
    """Of every package the SHA-256 over the names and hashes of its files, by name.

    Of trialkit over its own sources as they are; of others over what their installer recorded (``RECORD``),
    without what is made on the machine. Empty where an installer recorded nothing.
    """
    return {OWN: _own(), **{name: _recorded(one) for name, one in _installed()}}


def _installed() -> Iterable[tuple[str, Distribution]]:
    """What an installer put here; trialkit itself may as well run from a folder."""
    for name in PACKAGES:
        try:
            yield name, distribution(name)
        except PackageNotFoundError:
            continue


def _own() -> str:
    folder = Path(trialkit.__file__).parent
    files = {file.relative_to(folder).as_posix(): file for file in folder.rglob("*.py")}
    return _over((name, hashlib.sha256(files[name].read_bytes()).hexdigest()) for name in sorted(files))


def _recorded(package: Distribution) -> str:
    known = [(file.as_posix(), file.hash.value) for file in package.files or () if file.hash is not None]
    inside = sorted(pair for pair in known if not pair[0].startswith("..") and ".dist-info/" not in pair[0])
    return _over(inside) if inside else ""


def _over(pairs: Iterable[tuple[str, str]]) -> str:
    text = "".join(f"{name} {value}\n" for name, value in pairs)
    return hashlib.sha256(text.encode()).hexdigest()
