"""The shared data sets and the R results that go with them, read once a session."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest


@pytest.fixture(scope="session")
def shared_data(shared: Path) -> Callable[[str], pd.DataFrame]:
    """``shared_data("acupuncture")``: a fresh copy of the data set."""

    @cache
    def read(name: str) -> pd.DataFrame:
        return pd.read_csv(shared / "reference" / f"{name}.csv")

    return lambda name: read(name).copy()


@pytest.fixture(scope="session")
def shared_result(shared: Path) -> Callable[[str, str], Any]:
    """``shared_result("acupuncture", "ancova_minimisation")``: what R gave for that entry."""

    @cache
    def read(name: str) -> dict[str, Any]:
        return json.loads((shared / "reference" / f"{name}.json").read_text(encoding="utf-8"))["entries"]

    return lambda name, entry: read(name)[entry]["result"]
