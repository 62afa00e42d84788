"""Whatever the bytes, a reader gives a table or one clear refusal: never a traceback, never a hang."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from trialkit.errors import TrialkitError
from trialkit.interchange import read_table

REC_FIELDS = [("id", 6, 4), ("name", 1, 80), ("seen", 11, 10), ("w", 101, 5)]
EPX_FIELDS = [("ID", "ftInteger"), ("W", "ftFloat"), ("D", "ftDMYDate"), ("S", "ftString")]
KINDS = [".csv", ".xlsx", ".rec", ".epx", ".epz"]


@pytest.fixture(scope="module")
def whole_files(
    make_rec: Callable[..., bytes],
    make_epx: Callable[..., str],
    make_xlsx: Callable[..., bytes],
    make_zip: Callable[[str, bytes], bytes],
) -> dict[str, bytes]:
    epx = make_epx(
        EPX_FIELDS, [f'<Record status="rsNormal">ID={n};W=1,5;D=01/05/2024;S="å;"</Record>' for n in range(9)]
    )
    return {
        ".csv": 'id;"note";d\n1;"å ""x""\n";2024-05-01\n2;;\n'.encode(),
        ".xlsx": make_xlsx([["id", "note"], [1, "å"], [2, "=1+1"], [3.5, None]]),
        ".rec": make_rec(REC_FIELDS, [((str(n), "Å", "01/05/2024", "70.5"), "!?^"[n % 3]) for n in range(9)]),
        ".epx": epx.encode(),
        ".epz": make_zip("a.epx", epx.encode()),
    }


def damaged(content: bytes, seed: int) -> bytes:
    """A few cuts, flips, copies and insertions."""
    draw = random.Random(seed)
    data = bytearray(content)
    for _ in range(draw.randint(1, 6)):
        place, length = draw.randrange(len(data) + 1), draw.randint(1, 12)
        act = draw.choice(["flip", "cut", "copy", "insert", "truncate"])
        if act == "flip" and place < len(data):
            data[place] = draw.randrange(256)
        elif act == "cut":
            del data[place : place + length]
        elif act == "copy":
            data[place:place] = data[place : place + length]
        elif act == "insert":
            data[place:place] = draw.choice(
                [b"\0", b"\xff", b'"', b";", b"\n", b"<", b"9" * 30, b"&a;", b"\x1a", b"="]
            )
        elif act == "truncate" and draw.random() < 0.2:
            del data[place:]
    return bytes(data)


def damaged_inside(content: bytes, seed: int) -> bytes:
    """A sound ZIP with one damaged part in it: damage to the ZIP itself is caught by its checksums."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(target, "w") as new:
        names = old.namelist()
        chosen = random.Random(seed).choice(names)
        for name in names:
            part = old.read(name)
            new.writestr(name, damaged(part, seed) if name == chosen else part)
    return target.getvalue()


def is_read_or_refused(path: Path, content: bytes, encoding: str | None = None) -> None:
    path.write_bytes(content)
    refusal = None
    try:
        table = read_table(path, encoding)
    except TrialkitError as error:
        refusal = str(error)
    if refusal is None:
        assert all(len(row) == len(table.columns) for row in table.rows)
        assert len(table.rows) == len(table.line_numbers)
    else:
        assert "\n" not in refusal
        assert path.name in refusal


def fuzz(kind: str, whole_files: dict[str, bytes], folder: Path, seeds: range) -> None:
    for seed in seeds:
        encoding = [None, None, "cp1252", "utf-16"][seed % 4]
        damage = damaged_inside if kind in (".xlsx", ".epz") and seed % 8 else damaged
        is_read_or_refused(folder / f"entry{kind}", damage(whole_files[kind], seed), encoding)


@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_file_is_read_or_refused(kind: str, whole_files: dict[str, bytes], tmp_path: Path) -> None:
    fuzz(kind, whole_files, tmp_path, range(150))


@pytest.mark.long
@pytest.mark.parametrize("kind", KINDS)
def test_many_damaged_files_are_read_or_refused(
    kind: str, whole_files: dict[str, bytes], tmp_path: Path
) -> None:
    fuzz(kind, whole_files, tmp_path, range(1_000, 4_000))


@pytest.mark.parametrize("kind", KINDS)
@settings(
    derandomize=True,
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(content=st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(kind: str, tmp_path: Path, content: bytes) -> None:
    is_read_or_refused(tmp_path / f"entry{kind}", content)


@settings(derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.sampled_from('ab1;,\t"\n\r =é'), max_size=60))
def test_any_delimited_text_is_read_or_refused(tmp_path: Path, text: str) -> None:
    is_read_or_refused(tmp_path / "entry.csv", text.encode())


CHECK_WORDS = [
    "LABELBLOCK",
    "LABEL",
    "END",
    "COMMENT",
    "LEGAL",
    "USE",
    "JUMPS",
    "yn",
    "id",
    "0",
    '"No',
    '"',
    "\n",
    "*",
]


@settings(derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.lists(st.one_of(st.sampled_from(CHECK_WORDS), st.text(max_size=4)), max_size=20))
def test_any_check_file_leaves_the_records_readable(
    tmp_path: Path, whole_files: dict[str, bytes], words: list[str]
) -> None:
    (tmp_path / "entry.chk").write_bytes(" ".join(words).encode("utf-8", "replace"))
    (tmp_path / "entry.rec").write_bytes(whole_files[".rec"])
    assert len(read_table(tmp_path / "entry.rec").rows) == 6
