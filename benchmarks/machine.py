"""On what, and with which versions, the table was made: kind of machine, never its name or its folders."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from benchmarks import in_r
from benchmarks.measure import Measure, RPeer

PACKAGES = ("numpy", "scipy", "pandas", "statsmodels", "lifelines", "pingouin", "scikit-learn")


def machine() -> str:
    return (
        f"{processor()}, {os.cpu_count()} cores, {platform.system()}; Python {platform.python_version()}, "
        f"trialkit {version('trialkit')}, " + ", ".join(f"{name} {version(name)}" for name in PACKAGES) + "."
    )


def r_and_packages(measures: Sequence[Measure]) -> str:
    """R and the packages of the peers, each asked for on its own: one that is missing hides no other."""
    asked = {name for m in measures for peer in m.peers if isinstance(peer, RPeer) for name in peer.packages}
    said: dict[str, str] = {}
    for name in sorted(asked - {"stats"}):  # R's own, of R's version
        found = in_r.versions((name,))
        said |= {name: "not installed"} if isinstance(found, in_r.Absent) else found
    return ", ".join(f"{name} {number}" for name, number in said.items()) + "." if said else ""


def processor() -> str:
    """Its model as Linux tells it; elsewhere its architecture."""
    told = Path("/proc/cpuinfo")
    if told.is_file():
        for line in told.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.machine()
