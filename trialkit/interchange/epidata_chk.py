"""The value labels of an EpiData .chk file, which lies beside its .rec file.

A check file is a list of words; line ends mean nothing, and a whole label block may stand on one line.
Only labels are read: ranges, jumps and calculations belong to a study definition, not to a table.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from trialkit.interchange.epidata_words import Words
from trialkit.table_files.table_file import TableFile

_LISTS = frozenset({"LEGAL", "BEFORE", "AFTER", "RECODE"})
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
    words = Words(text)
    sets: dict[str, dict[str, str]] = {}
    fields: dict[str, dict[str, str]] = {}
    used: dict[str, str] = {}
    for word in words:
        if word.keyword == "LABELBLOCK":
            sets |= _label_sets(words)
        elif word.keyword in ("BEFORE", "AFTER"):  # BEFORE FILE ... END
            words.until_end()
            _require_end(words, "a block")
        else:
            _read_field(word.text, words, fields, used)
    for field, name in used.items():
        if name.casefold() not in sets:
            raise _ChkSyntaxError(f"field {field} uses the label set {name}, which is not there")
        fields[field] = sets[name.casefold()]
    return fields


def _label_sets(words: Words) -> dict[str, dict[str, str]]:
    sets: dict[str, dict[str, str]] = {}
    for word in words:
        if word.keyword == "END":
            return sets
        if word.keyword != "LABEL":
            raise _ChkSyntaxError(f"{word.text!r} where LABEL or END belongs")
        name = words.text()
        sets[name.casefold()] = _codes(words)
    raise _ChkSyntaxError("a LABELBLOCK without END")


def _codes(words: Words) -> dict[str, str]:
    codes = {code.text: label for code, label in words.pairs_until_end()}
    _require_end(words, "a list of labels")
    return codes


def _read_field(name: str, words: Words, fields: dict[str, dict[str, str]], used: dict[str, str]) -> None:
    """One field's block, up to its END: only COMMENT LEGAL is of use here."""
    for word in words:
        if word.keyword == "END":
            return
        if word.keyword == "COMMENT":
            _read_comment(name, words, fields, used)
        elif word.keyword == "JUMPS":
            if words.peek().keyword == "RESET":
                words.line_after(next(words))
            words.pairs_until_end()
            _require_end(words, "a block")
        elif word.keyword in _LISTS:
            words.until_end()
            _require_end(words, "a block")
        else:
            words.line_after(word)
    raise _ChkSyntaxError(f"the block of {name} without END")


def _read_comment(name: str, words: Words, fields: dict[str, dict[str, str]], used: dict[str, str]) -> None:
    if words.text().upper() != "LEGAL":
        raise _ChkSyntaxError(f"COMMENT without LEGAL in the block of {name}")
    if words.peek().keyword == "USE":
        words.text()
        used[name] = words.text()
    elif codes := _codes(words):
        fields[name] = codes


def _require_end(words: Words, what: str) -> None:
    if not words.ended:
        raise _ChkSyntaxError(f"{what} without END")
