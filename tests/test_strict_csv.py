"""A quote that is not closed is refused by every reader, with the line where it opens."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from trialkit.errors import TrialkitError
from trialkit.imaging.batch.manifest import _table as read_manifest
from trialkit.imaging.muscle.grades import read_grades
from trialkit.randomization.reveal import read_allocations
from trialkit.simulation.files import read_arms
from trialkit.strict_csv import CsvFormatError, _openings, strict_rows
from trialkit.study.labels import read_labels
from trialkit.table_files.csv_table import read_csv

HEADER = "id,visit,row,vas,note\n"
REFUSED = {
    "to the end of the file": (HEADER + '1,b,,5,"ok\n2,b,,6,x\n3,b,,7,y\n', 2),
    "to the next quote": (HEADER + '1,b,,5,"ok\n2,b,,6,x\n3,b,,7,"y"\n', 2),
    "to a quote at the end of a later row": (
        HEADER + '1,b,,5,z\n2,b,,5,"ok\n3,b,,6,x\n4,b,,7,y"\n5,b,,8,w\n',
        3,
    ),
    "to one row later": (HEADER + '1,b,,"5,ok\n2,b,,6",x\n', 2),
    "after a remark of two lines": (HEADER + '1,b,,"one\ntwo","x\n2,b,,6,x\n', 3),
    "in the header": ('id,"visit,row,vas,note\n1,b,,5,ok\n', 1),
    "not doubled": (HEADER + '1,b,,5,"x"y\n', 2),
    "after carriage returns": ((HEADER + '1,b,,5,z\n2,b,,5,"ok\n3,b,,6,x\n').replace("\n", "\r"), 3),
}
TAKEN = {
    "lines in a remark": HEADER + '1,b,,5,"one\ntwo, three\nfour"\n2,b,,6,x\n',
    "a remark with as many commas as the table": HEADER + '1,b,,5,"pain\na, b, c, d, e"\n',
    "inches": HEADER + '1,b,,5,5" nail\n2,b,,6,x\n',
    "doubled": HEADER + '1,b,,5,"a ""b"" c"\n',
    "REDCap choices": 'a,b,c,d\nv,"1, Yes | 2, No\n3, Don\'t know",x,y\n',
}


@pytest.mark.parametrize("case", REFUSED)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_quote_that_swallows_rows_is_refused_with_the_line_where_it_opens(
    case: str, delimiter: str
) -> None:
    text, line = REFUSED[case]
    with pytest.raises(CsvFormatError) as refused:
        list(strict_rows(text.replace(",", delimiter), delimiter, "file.csv"))
    assert str(refused.value.where) == f"file.csv:{line}"
    with pytest.raises(TrialkitError, match=f"file.csv:{line}: .*the quote that opens there"):
        read_csv(Path("file.csv"), text.replace(",", delimiter).encode())


@pytest.mark.parametrize("case", TAKEN)
def test_a_remark_of_several_lines_is_taken(case: str) -> None:
    table = read_csv(Path("file.csv"), TAKEN[case].encode())
    assert not table.faults
    assert all(len(row) == len(table.columns) for row in table.rows)


READERS = {
    "allocations of an export": (read_allocations, "slot_id,stratum,subject_id,site,arm\n"),
    "grades": (read_grades, "muscle,level,side,goutallier\n"),
    "a manifest": (read_manifest, "scan,image,segmentation,reader\n"),
    "allocations of a simulation": (read_arms, "subject_id,arm\n"),
    "labels": (lambda path: read_labels(path.parent), "label,translation\n"),
}


@pytest.mark.parametrize("name", READERS)
def test_each_reader_refuses_a_quote_that_is_not_closed(name: str, tmp_path: Path) -> None:
    read, header = READERS[name]
    path = tmp_path / "labels.zh.csv"
    fields = header.count(",")
    path.write_text(
        header + "1" + ",1" * fields + "\n" + '2,"1' + ",1" * (fields - 1) + "\n3" + ",1" * fields, "utf-8"
    )
    with pytest.raises(TrialkitError, match=r"csv:3: .*the quote that opens there"):
        read(path)


def test_a_cell_too_long_is_refused_within_a_second_and_called_so() -> None:
    text = "id,note\n1," + "x" * 20_000_000 + "\n"
    begun = time.process_time()
    with pytest.raises(CsvFormatError, match="cells of at most 1,000,000 characters; found a longer one"):
        list(strict_rows(text, ",", "first.csv"))
    assert time.process_time() - begun < 1


def _letter_by_letter(lines: list[str], delimiter: str) -> tuple[int, int]:
    first: int | None = None
    opened, quoted = 0, False
    for place, line in enumerate(lines):
        starts, at = not quoted, 0
        while at < len(line):
            letter = line[at]
            if quoted and letter == '"':
                quoted = line[at + 1 : at + 2] == '"'
                at += quoted
            elif not quoted and letter == '"' and starts:
                quoted, opened = True, place
            starts = not quoted and letter == delimiter
            at += 1
        if quoted and first is None:
            first = opened
    return opened if first is None else first, opened


@pytest.mark.independent_reimplementation
@pytest.mark.parametrize("delimiter", [",", ";"])
def test_quotes_are_found_as_letter_by_letter(delimiter: str) -> None:
    dice = random.Random(7)
    for _ in range(3_000):
        lines = ["".join(dice.choices('a"",;\n ', k=dice.randrange(13))) for _ in range(dice.randrange(7))]
        assert _openings(lines, delimiter) == _letter_by_letter(lines, delimiter)
