"""EpiInfo 6 and EpiData Entry 3 .rec files: fields of fixed width, wrapped at 78 bytes, in a code page.

Layout as found in real files and in the sources of EpiData and of R's ``foreign``: a count, one line of
fixed columns a field, then records. Each physical line ends with a flag; the flag of a record's last
line says whether the record counts (space or ``!``), was verified (``^``) or deleted (``?``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from trialkit.interchange.epidata_dates import iso_date
from trialkit.table_files.decoding import codec_name
from trialkit.table_files.errors import FileEncodingError, FileFormatError
from trialkit.table_files.table_file import TableFile, check_header, counted
from trialkit.wording import said, written

_DEFAULT_CODE_PAGE = "cp1252"
_LINE_WIDTH = 78
DATE_ORDER = {2: "MDY", 10: "MDY", 11: "DMY", 16: "DMY", 19: "YMD", 20: "YMD"}
_TEXT_TYPES = frozenset({1, 3, 7, 17})
_LABEL_ONLY, _ENCRYPTED = 15, 18
_FLAGS = b"!?^"
_MOST_FIELDS = 10_000
_HEADER = re.compile(rb"\s*(\d+)\b(.*)")


@dataclass(frozen=True)
class _Field:
    name: str
    type: int
    width: int


def read_rec(path: Path, raw: bytes, encoding: str | None = None) -> TableFile:
    """Read an EpiData or EpiInfo record file.

    Parameters
    ----------
    path
        For errors.
    raw
        The file's bytes.
    encoding
        The code page; None: cp1252, with a note where any byte depends on that.

    Returns
    -------
    TableFile
        Full dates as ISO; dates without a four-digit year, and dates that do not exist, as typed.

    Raises
    ------
    FileFormatError
        A damaged or encrypted file, with the line.
    FileEncodingError
        A byte the code page does not have, with record, field and byte.

    Degenerate cases
    ----------------
    Deleted records, and whatever follows a Ctrl-Z, are left out and counted in the notes.
    """
    lines, notes = _physical_lines(raw)
    fields, first_record = _fields(lines, path, encoding or _DEFAULT_CODE_PAGE)
    shown = [field for field in fields if field.type != _ENCRYPTED]
    check_header([field.name for field in shown], path, 1, ignore_case=True)
    hidden = [field.name for field in fields if field.type == _ENCRYPTED]
    if hidden:
        notes.append(f"{counted(len(hidden), 'encrypted field')} left out: {', '.join(hidden)}.")
    codec_name(encoding or _DEFAULT_CODE_PAGE, path)
    reader = _RecordReader(fields, encoding or _DEFAULT_CODE_PAGE, path)
    rows, numbers, deleted = [], [], 0
    for number, (line_number, content, flag) in enumerate(
        _records(lines, first_record, sum(field.width for field in fields), path), start=1
    ):
        if flag == b"?":
            deleted += 1
            continue
        rows.append(reader.read(content, number, line_number))
        numbers.append(number)
    if deleted:
        notes.append(f"{counted(deleted, 'deleted record')} left out.")
    if encoding is None and not raw.isascii():
        notes.append(
            f"Read as {_DEFAULT_CODE_PAGE}, since the file does not name its code page; see --encoding."
        )
    return TableFile(
        columns=tuple(field.name for field in shown),
        rows=tuple(rows),
        path=path,
        format="rec",
        encoding=encoding or _DEFAULT_CODE_PAGE,
        line_numbers=tuple(numbers),
        notes=(*notes, *reader.notes()),
        text_columns=frozenset(field.name for field in shown if field.type in _TEXT_TYPES),
    )


def _physical_lines(raw: bytes) -> tuple[list[bytes], list[str]]:
    content, mark, rest = raw.partition(b"\x1a")
    notes = []
    if mark and rest.strip(b"\x1a\r\n \0"):
        notes.append(f"{counted(len(rest), 'byte')} after the end mark (Ctrl-Z) left out.")
    return [line.rstrip(b"\r") for line in content.split(b"\n")], notes


def _fields(lines: list[bytes], path: Path, encoding: str) -> tuple[list[_Field], int]:
    """The fields that hold data, and the index of the first record's line."""
    header = _HEADER.fullmatch(lines[0])
    if not header or not 0 < int(header[1][:9]) <= _MOST_FIELDS:
        raise FileFormatError(
            expected="the number of fields in the first line of an EpiData .rec file",
            found=written(lines[0][:20].decode("ascii", "replace")),
            where=f"{path}:1",
            next_step="Check that this is a .rec file.",
        )
    if b"~kq:" in header[2]:
        raise FileFormatError(
            expected="a .rec file in clear",
            found="an encrypted one",
            where=f"{path}:1",
            next_step="Export it without encryption from EpiData.",
        )
    count = int(header[1][:9])
    fields = []
    for index in range(1, count + 1):
        line = lines[index] if index < len(lines) else b""
        kind, width = line[32:36].strip(), line[36:40].strip()
        if not (kind.isdigit() and width.isdigit()):
            raise FileFormatError(
                expected=said("the description of field {index} of {count}", index=index, count=count),
                found="a line without type and width in columns 33 to 40" if line else "the end of the file",
                where=f"{path}:{index + 1}",
                next_step="Check that the file is complete.",
            )
        if int(width) and int(kind) != _LABEL_ONLY:
            name = line[1:11].decode(encoding, "replace").strip()
            fields.append(_Field(name, int(kind), int(width)))
    return fields, count + 1


def described_fields(path: Path, raw: bytes, encoding: str | None) -> list[tuple[int, str, int, int, str]]:
    """Line, name, type, width and question of each field that holds data; errors as `read_rec`."""
    lines, _ = _physical_lines(raw)
    code_page = encoding or _DEFAULT_CODE_PAGE
    codec_name(code_page, path)
    _, first_record = _fields(lines, path, code_page)
    found = []
    for number, line in enumerate(lines[1:first_record], start=2):
        kind, width = int(line[32:36]), int(line[36:40])
        if width and kind != _LABEL_ONLY:
            name = line[1:11].decode(code_page, "replace").strip()
            question = " ".join(line[44:].decode(code_page, "replace").split())
            if question.casefold().startswith(name.casefold()):
                question = question[len(name) :].strip()
            found.append((number, name, kind, width, question or name))
    return found


def _records(lines: list[bytes], start: int, width: int, path: Path) -> list[tuple[int, bytes, bytes]]:
    """Line number, content and flag of each record, its physical lines joined."""
    if not width:
        return []
    last = len(lines)
    while last > start and not lines[last - 1].strip(b" \0"):
        last -= 1
    pieces = [min(_LINE_WIDTH, width - offset) for offset in range(0, width, _LINE_WIDTH)]
    records = []
    for begin in range(start, last, len(pieces)):
        content = b""
        for index, size in enumerate(pieces, start=begin):
            line = lines[index] if index < last else b""
            if len(line) != size + 1 or line[-1:] not in _FLAGS:
                raise FileFormatError(
                    expected=said("{size} characters and an end flag (! ? ^)", size=size),
                    found=said("{n_line} characters", n_line=len(line))
                    if index < last
                    else "the end of the file",
                    where=f"{path}:{index + 1}",
                    next_step="Check that the file is complete and was not edited or re-encoded.",
                )
            content += line[:-1]
        records.append((begin + 1, content, lines[begin + len(pieces) - 1][-1:]))
    return records


class _RecordReader:
    """Cuts records into fields and counts the dates that could not be read."""

    def __init__(self, fields: list[_Field], encoding: str, path: Path) -> None:
        self._fields, self._encoding, self._path = fields, encoding, path
        self._odd_dates: dict[str, int] = {}

    def read(self, content: bytes, record: int, line: int) -> tuple[str, ...]:
        values, begin = [], 0
        for field in self._fields:
            piece = content[begin : begin + field.width]
            begin += field.width
            if field.type != _ENCRYPTED:
                values.append(self._value(field, piece, record, line))
        return tuple(values)

    def _value(self, field: _Field, piece: bytes, record: int, line: int) -> str:
        try:
            text = piece.decode(self._encoding).strip(" ")
        except UnicodeDecodeError as error:
            raise FileEncodingError(
                expected=said("{encoding} text", encoding=self._encoding),
                found=said("byte 0x{piece:02X}", piece=piece[min(error.start, len(piece) - 1)]),
                where=said(
                    "{path}:{line}: record {record}, field {name}",
                    path=self._path,
                    line=line,
                    record=record,
                    name=field.name,
                ),
                next_step="State the code page the file was typed in, for example --encoding cp850.",
            ) from None
        order = DATE_ORDER.get(field.type)
        if not order or not text:
            return text
        iso = iso_date(text, order)
        if iso is None:
            self._odd_dates[field.name] = self._odd_dates.get(field.name, 0) + 1
        return iso or text

    def notes(self) -> list[str]:
        return [
            f"{counted(times, 'date')} of {name} left as typed: no full date that exists."
            for name, times in self._odd_dates.items()
        ]
