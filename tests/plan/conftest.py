"""What the tests of plans share."""

from __future__ import annotations

import pytest

from trialkit import resources
from trialkit.study import load_study
from trialkit.study.model import Study


@pytest.fixture(scope="module")
def study() -> Study:
    return load_study(resources.folder("sample_data"))
