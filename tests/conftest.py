"""Shared fixtures. Each room's tests keep their own beside them."""

from __future__ import annotations

from pathlib import Path

import pytest

_SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of material that is read by tests but is not part of the project."""
    if not _SHARED.is_dir():
        pytest.skip("needs the shared reference material, which is not part of the project")
    return _SHARED
