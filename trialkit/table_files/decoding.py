"""Bytes to text, strictly: a wrong encoding is an error that names the place, never mojibake."""

from __future__ import annotations

import codecs
import csv
import re
from dataclasses import dataclass
from pathlib import Path

from trialkit.table_files.errors import FileEncodingError
from trialkit.wording import said

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
DELIMITERS = (",", ";", "\t")
_LINE_END = re.compile("\r\n|\r|\n")
_THREE_BYTES = re.compile(b"[\xe0-\xef][\x80-\xbf]{2}")
_NEVER_TYPED = re.compile("[\0\x80-\x9f]")


@dataclass(frozen=True)
class DecodedText:
    text: str
    encoding: str


def decode_table(raw: bytes, encoding: str | None, path: Path) -> DecodedText:
    """Decode a delimited text file.

    Parameters
    ----------
    raw
        The file's bytes.
    encoding
        As the user states it; None: what its byte order mark says, else UTF-8.

    Raises
    ------
    FileEncodingError
        Bytes that are not that encoding (with line, column and byte), an unknown encoding, a stated
        one-byte encoding for a file that is UTF-8, or characters that only a wrong code page gives.
    """
    marked = next((name for mark, name in _BYTE_ORDER_MARKS if raw.startswith(mark)), None)
    chosen = encoding or marked or "utf-8"
    if encoding and marked and codec_name(encoding, path).split("-")[:2] != marked.split("-")[:2]:
        raise FileEncodingError(
            expected=said("{encoding} as stated", encoding=encoding),
            found=said("a byte order mark of {marked}", marked=marked.removesuffix("-sig").upper()),
            where=str(path),
            next_step="Leave --encoding out.",
        )
    if marked:
        chosen = marked
    text = _decode(raw, chosen, path)
    if encoding and not marked:
        _refuse_utf8_in_disguise(raw, text, encoding, path)
    _refuse_control_characters(text, chosen, path)
    return DecodedText(text, chosen.removesuffix("-sig"))


def codec_name(encoding: str, path: Path) -> str:
    """The canonical name of a text encoding.

    Raises
    ------
    FileEncodingError
        Python knows no such text encoding.
    """
    try:
        name = codecs.lookup(encoding).name
        b"?".decode(name)  # codecs that are no text encodings, such as base64, refuse here
    except UnicodeError:
        pass
    except (LookupError, ValueError):
        raise FileEncodingError(
            expected="the name of a text encoding",
            found=repr(encoding),
            where=str(path),
            next_step="Use utf-8, cp1252 (Western Europe), gb18030 (Chinese) or another of Python's names.",
        ) from None
    return name


def _decode(raw: bytes, encoding: str, path: Path) -> str:
    codec_name(encoding, path)
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        raise FileEncodingError(
            expected=said("{encoding} text", encoding=encoding.removesuffix("-sig").upper()),
            found=said("byte 0x{raw:02X}", raw=raw[error.start])
            if error.start < len(raw)
            else "an unfinished character",
            where=place_of_byte(raw, error.start, path),
            next_step="State the file's encoding, for example --encoding cp1252 or --encoding gb18030.",
        ) from None
    except (UnicodeError, ValueError):
        raise FileEncodingError(
            expected=said("{encoding} text", encoding=encoding),
            found="bytes that cannot be read as such",
            where=str(path),
            next_step="State the file's encoding.",
        ) from None


def _refuse_utf8_in_disguise(raw: bytes, text: str, encoding: str, path: Path) -> None:
    """Bytes above 127 that form valid UTF-8 throughout are UTF-8; another code page gives mojibake.

    A short text of two-byte characters (gb18030, shift_jis) may be valid UTF-8 by accident, one of three
    bytes a character hardly: that is how UTF-8 writes Chinese.
    """
    if raw.isascii() or codec_name(encoding, path).startswith("utf"):
        return
    if len(text) != len(raw) and not _THREE_BYTES.search(raw):
        return
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return
    raise FileEncodingError(
        expected=said("{encoding} text as stated", encoding=encoding),
        found="UTF-8",
        where=place_of_byte(raw, next(i for i, byte in enumerate(raw) if byte > 127), path),
        next_step="Leave --encoding out, or give it twice: once for each file.",
    )


def _refuse_control_characters(text: str, encoding: str, path: Path) -> None:
    """No typist enters these; they are what a wrong code page, or no text file at all, looks like."""
    found = _NEVER_TYPED.search(text)
    if found:
        raise FileEncodingError(
            expected=said("{encoding} text", encoding=encoding.removesuffix("-sig").upper()),
            found=said("the control character U+{ord:04X}", ord=ord(found[0])),
            where=place_of_character(text, found.start(), path),
            next_step="This is another encoding (for example cp1252) or no text file at all.",
        )


def place_of_byte(raw: bytes, offset: int, path: Path) -> str:
    """``file:line:column name (byte n)`` of a byte that cannot be decoded."""
    return said(
        "{place_of_character} (byte {offset})",
        place_of_character=place_of_character(raw.decode("latin-1"), offset, path),
        offset=offset + 1,
    )


def place_of_character(text: str, offset: int, path: Path) -> str:
    """``file:line:column name`` of a character; the column's number where the header does not tell."""
    before = _LINE_END.split(text[:offset])
    line = len(before)
    header = _LINE_END.split(text, maxsplit=1)[0]
    delimiter = max(DELIMITERS, key=header.count)
    number = _outside_quotes(before[-1], delimiter)
    try:
        names = next(csv.reader([header], delimiter=delimiter), [])
    except csv.Error:
        names = []
    name = names[number].strip() if number < len(names) and line > 1 else ""
    return said(
        "{path}:{line}:{name}",
        path=path,
        line=line,
        name=name
        if name.isascii() and name.isprintable() and name
        else said("column {number}", number=number + 1),
    )


def _outside_quotes(line: str, delimiter: str) -> int:
    return sum(part.count(delimiter) for part in line.split('"')[::2])
