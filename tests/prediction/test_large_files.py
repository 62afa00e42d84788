"""A table that no memory holds is refused before it is read, by prediction and by imaging alike."""

from __future__ import annotations

from pathlib import Path

import pytest

from trialkit.errors import TrialkitError
from trialkit.imaging.readers import pairing
from trialkit.limits import LARGEST_FILE_BYTES
from trialkit.prediction import reading


@pytest.mark.parametrize("read", [reading.read_data, pairing.read_values], ids=["prediction", "imaging"])
def test_a_file_past_the_limit_is_refused_unread(read, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    with path.open("wb") as file:
        file.truncate(LARGEST_FILE_BYTES + 1)  # sparse: it takes no room on the disk
    with pytest.raises(TrialkitError, match="a file of at most 500 MB"):
        read(path)
