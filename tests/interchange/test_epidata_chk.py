"""Value labels of EpiData check files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from trialkit.interchange import TableFile, read_table

BLOCKS = """* made by a test
LABELBLOCK
  LABEL yn
    0  No
    1  "Yes, of course"
  END
END

SEEN
  COMMENT LEGAL USE yn
  JUMPS
    0 w
  END
END
sex
   COMMENT LEGAL
   1 "Female"
   2 "Male"
end
MISSINGVALUE 9
END
"""
ONE_LINE = 'LABELBLOCK LABEL yn 0 No 1 "Yes, of course" END END seen COMMENT LEGAL USE yn END'
YES_NO = {"0": "No", "1": "Yes, of course"}


def read(tmp_path: Path, make_rec: Callable[..., bytes], check: str) -> TableFile:
    content = make_rec([("id", 6, 2), ("seen", 0, 1), ("sex", 0, 1)], [(("1", "0", "2"), "!")])
    (tmp_path / "entry.rec").write_bytes(content)
    (tmp_path / "entry.chk").write_text(check)
    return read_table(tmp_path / "entry.rec")


def test_labels_come_from_the_check_file_beside(tmp_path: Path, make_rec: Callable[..., bytes]) -> None:
    table = read(tmp_path, make_rec, BLOCKS)
    assert table.value_labels == {"seen": YES_NO, "sex": {"1": "Female", "2": "Male"}}
    assert table.notes == ()


def test_a_label_block_may_stand_on_one_line(tmp_path: Path, make_rec: Callable[..., bytes]) -> None:
    assert read(tmp_path, make_rec, ONE_LINE).value_labels == {"seen": YES_NO}


@pytest.mark.parametrize(
    ("check", "reason"),
    [
        ("LABELBLOCK LABEL yn 0 No", "without END"),
        ("LABELBLOCK 0 No END", "where LABEL or END belongs"),
        ("seen COMMENT LEGAL USE nobody END", "label set nobody, which is not there"),
        ("seen COMMENT LEGAL 0", "without END"),
        ("seen", "without END"),
    ],
)
def test_a_check_file_that_cannot_be_read_costs_the_labels_and_is_noted(
    tmp_path: Path, make_rec: Callable[..., bytes], check: str, reason: str
) -> None:
    table = read(tmp_path, make_rec, check)
    assert table.rows == (("1", "0", "2"),)
    assert table.value_labels == {}
    assert "Value labels of entry.chk left out" in table.notes[0]
    assert reason in table.notes[0]


@pytest.mark.external_reference
def test_the_labels_of_the_runners_are_those_of_the_newer_file(shared: Path) -> None:
    folder = shared / "interchange" / "epidata"
    old, new = read_table(folder / "bromar.rec"), read_table(folder / "marathon.epx")
    for name in ("kmgrp", "decgrp", "runok"):
        assert old.value_labels[name] == new.value_labels[name.upper()]
    assert old.value_labels["sex"] == {"1": "Female", "2": "Male"}
