"""Small files of every kind, written here byte by byte, so that tests need no file of another system."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from typing import Any

import openpyxl
import pytest

RecField = tuple[str, int, int]
"""Name, type, width."""


def rec_bytes(
    fields: Sequence[RecField], records: Sequence[tuple[Sequence[str], str]], encoding: str = "cp1252"
) -> bytes:
    """An EpiData .rec file; each record is its texts and its flag."""
    lines = [f"{len(fields)} 1 VLAB Filelabel: made by a test".encode()]
    for number, (name, kind, width) in enumerate(fields, start=1):
        numbers = (number, 1, 30, 42, number, kind, width, 112)
        head = f"#{name:<10} {numbers[0]:>4}{numbers[1]:>4}{numbers[2]:>4}{numbers[3]:>4}{numbers[4]:>4}"
        lines.append(f"{head}{numbers[5]:>4}{numbers[6]:>4}{numbers[7]:>4} {name}".encode(encoding))
    for texts, flag in records:
        content = b"".join(
            text.encode(encoding).rjust(width)
            if kind in (0, 6) or kind >= 100
            else text.encode(encoding).ljust(width)
            for text, (_, kind, width) in zip(texts, fields, strict=True)
        )
        pieces = [content[begin : begin + 78] for begin in range(0, len(content), 78)]
        lines += [piece + b"!" for piece in pieces[:-1]] + [pieces[-1] + flag.encode()]
    return b"\r\n".join(lines) + b"\r\n"


def epx_text(
    fields: Sequence[tuple[str, str]],
    records: Sequence[str],
    *,
    version: int = 6,
    extra: str = "",
    data_files: str = "",
) -> str:
    """An EpiData project with one data file (and whatever else is given)."""
    described = "".join(
        f'<Field id="{name}" type="{kind}" length="10" decimals="0"/>' for name, kind in fields
    )
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n'
        f'<EpiData xmlns="http://www.epidata.dk/XML/2.1" version="{version}">'
        f'<Settings dateSeparator="/" timeSeparator="." decimalSeparator=","/>{extra}'
        f'<DataFiles><DataFile id="ds1"><Caption><Text>Visit form</Text></Caption>'
        f'<Sections><Section id="MAIN"><Fields>{described}</Fields></Section></Sections>'
        f"<Records>{''.join(records)}</Records></DataFile>{data_files}</DataFiles></EpiData>"
    )


def xlsx_bytes(
    rows: Sequence[Sequence[Any]], *, more_sheets: dict[str, Sequence[Sequence[Any]]] | None = None
) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "entry"
    for row in rows:
        sheet.append(list(row))
    for name, other in (more_sheets or {}).items():
        added = book.create_sheet(name)
        for row in other:
            added.append(list(row))
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def zipped(name: str, content: bytes) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(name, content)
    return archive.getvalue()


@pytest.fixture(scope="session")
def make_rec() -> Callable[..., bytes]:
    return rec_bytes


@pytest.fixture(scope="session")
def make_epx() -> Callable[..., str]:
    return epx_text


@pytest.fixture(scope="session")
def make_xlsx() -> Callable[..., bytes]:
    return xlsx_bytes


@pytest.fixture(scope="session")
def make_zip() -> Callable[[str, bytes], bytes]:
    return zipped
