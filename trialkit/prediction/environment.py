"""The environment a model was made in: every installed package with its version, and a hash of the list."""

from __future__ import annotations

import hashlib
import platform
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, distributions, version

from trialkit import __version__
from trialkit.prediction.plan import PredictionPlan

FILE = "environment.txt"


@lru_cache(maxsize=1)
def environment_text() -> str:
    """A line a package, as ``pip install --requirement`` reads them; the first, a comment, names Python."""
    installed = {d.name.lower().replace("_", "-"): d.version for d in distributions() if d.name}
    lines = sorted(f"{name}=={version}" for name, version in installed.items())
    return "\n".join([f"# Python {platform.python_version()}, {platform.machine()}", *lines, ""])


def used_software(plan: PredictionPlan) -> dict[str, str]:
    """Package -> version of those a number or picture of this plan's pages hangs on."""
    of_learners = tuple(name for name in ("xgboost", "lightgbm") if name in plan.learners)
    names = ("numpy", "scipy", "scikit-learn", *of_learners, "shap", "lime", "onnx", "skl2onnx")
    return {"trialkit": __version__, **{name: found for name in names if (found := _version(name))}}


def _version(name: str) -> str:
    for built in (name, f"{name}-cpu"):
        try:
            return version(built)
        except PackageNotFoundError:
            continue
    return ""


def environment_sha256() -> str:
    return hashlib.sha256(environment_text().encode()).hexdigest()
