"""The value labels of an EpiData .chk file, which lies beside its .rec file.

A check file is a list of words; line ends mean nothing, and a whole label block may stand on one line.
Only labels are read: ranges, jumps and calculations belong to a study definition, not to a table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from trialkit.table_files.table_file import TableFile

_WORD = re.compile(r'"([^"\n]*)"|(\S+)')
_COMMENT = re.compile(r"^[ \t]*\*.*$", re.MULTILINE)
_NESTED = frozenset({"LEGAL", "JUMPS", "BEFORE", "AFTER", "RECODE"})
_LARGEST = 10_000_000


class _ChkSyntaxError(ValueError):
    """The words do not form the blocks they should."""


def with_labels_of_check_file(table: TableFile) -> TableFile:
    """The table with the value labels of the check file beside it, and a note that says so.

    Degenerate cases
    ----------------
    No check file: the table as it is. One that cannot be read: the table without labels, and a note.
    """
    path = check_file_beside(table.path)
    if path is None:
        return table
    try:
        labels = read_value_labels(_text(path, table.encoding))
    except (OSError, UnicodeError, _ChkSyntaxError) as error:
        reason = str(error) if isinstance(error, _ChkSyntaxError) else type(error).__name__
        return replace(table, notes=(*table.notes, f"Value labels of {path.name} left out: {reason}."))
    columns = {name.casefold(): name for name in table.columns}
    known = {columns[name.casefold()]: codes for name, codes in labels.items() if name.casefold() in columns}
    return replace(table, value_labels=known)


def check_file_beside(record_file: Path) -> Path | None:
    """The check file of a record file: the same name, in small letters or capitals."""
    beside = (record_file.with_suffix(".chk"), record_file.with_suffix(".CHK"))
    return next((path for path in beside if path.is_file()), None)


def _text(path: Path, encoding: str) -> str:
    if path.stat().st_size > _LARGEST:
        raise _ChkSyntaxError("more than 10 MB")
    return path.read_bytes().partition(b"\x1a")[0].decode(encoding)


def read_value_labels(text: str) -> dict[str, dict[str, str]]:
    """Field -> code -> label, from the text of a check file.

    Raises
    ------
    ValueError
        A block without its END, or a field that uses a label set nobody defined.
    """
    words = iter(
        [(match[1] if match[1] is not None else match[2]) for match in _WORD.finditer(_COMMENT.sub("", text))]
    )
    sets: dict[str, dict[str, str]] = {}
    fields: dict[str, dict[str, str]] = {}
    used: dict[str, str] = {}
    for word in words:
        if word.upper() == "LABELBLOCK":
            sets |= _label_sets(words)
        elif word.upper() in ("BEFORE", "AFTER"):  # BEFORE FILE ... END
            _skip_to_end(words)
        else:
            _read_field(word, words, fields, used)
    for field, name in used.items():
        if name.casefold() not in sets:
            raise _ChkSyntaxError(f"field {field} uses the label set {name}, which is not there")
        fields[field] = sets[name.casefold()]
    return fields


def _label_sets(words: Iterator[str]) -> dict[str, dict[str, str]]:
    sets: dict[str, dict[str, str]] = {}
    for word in words:
        if word.upper() == "END":
            return sets
        if word.upper() != "LABEL":
            raise _ChkSyntaxError(f"{word!r} where LABEL or END belongs")
        name = next(words, "")
        sets[name.casefold()] = _codes(words)
    raise _ChkSyntaxError("a LABELBLOCK without END")


def _codes(words: Iterator[str]) -> dict[str, str]:
    codes: dict[str, str] = {}
    for code in words:
        if code.upper() == "END":
            return codes
        codes[code] = next(words, "")
    raise _ChkSyntaxError("a list of labels without END")


def _read_field(
    name: str, words: Iterator[str], fields: dict[str, dict[str, str]], used: dict[str, str]
) -> None:
    """One field's block, up to its END: only COMMENT LEGAL is of use here."""
    for word in words:
        upper = word.upper()
        if upper == "END":
            return
        if upper == "COMMENT":
            _read_comment(name, words, fields, used)
        elif upper in _NESTED:
            _skip_to_end(words)
    raise _ChkSyntaxError(f"the block of {name} without END")


def _read_comment(
    name: str, words: Iterator[str], fields: dict[str, dict[str, str]], used: dict[str, str]
) -> None:
    if next(words, "").upper() != "LEGAL":
        raise _ChkSyntaxError(f"COMMENT without LEGAL in the block of {name}")
    first = next(words, "")
    if first.upper() == "USE":
        used[name] = next(words, "")
    elif first.upper() != "END":
        fields[name] = {first: next(words, ""), **_codes(words)}


def _skip_to_end(words: Iterator[str]) -> None:
    for word in words:
        if word.upper() == "END":
            return
    raise _ChkSyntaxError("a block without END")
