"""EpiData Manager projects (.epx, format 1 to 6; .epz is one in a ZIP).

The published schema fits few real files, and the namespace differs from version to version: elements
are found by local name. Entities are never expanded and nothing is fetched.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from trialkit.interchange.epidata_dates import iso_date, iso_time
from trialkit.interchange.epidata_record import RecordSyntaxError, split_record
from trialkit.limits import MOST_CELLS
from trialkit.table_files.archive import open_archive
from trialkit.table_files.errors import FileFormatError
from trialkit.table_files.table_file import TableFile, check_header, column_name, counted
from trialkit.wording import said

_DELETED = "rsDeleted"
_FIRST_VERSION_WITH_SEMICOLONS = 3
_DECIMAL_TYPES = frozenset({"ftFloat"})
_TIME_TYPES = frozenset({"ftTime", "ftTimeAuto"})
_TEXT_TYPES = frozenset({"ftString", "ftUpperString", "ftMemo"})
DATE_ORDER = {f"ft{order}{kind}": order for order in ("DMY", "MDY", "YMD") for kind in ("Date", "Auto")}
_CIPHER_TEXT = re.compile(r"[A-Za-z0-9+/\s]{16,}={0,2}\s*")
"""Base64 without a single name=value pair: an old project whose fields are encrypted one by one."""
LOG_PREFIX = "_SecurityLog"


@dataclass(frozen=True)
class _Field:
    name: str
    type: str
    label_set: str


@dataclass(frozen=True)
class ProjectSyntax:
    """How this project writes records: set by its format version and its settings."""

    version: int
    decimal_separator: str


def read_epx(path: Path, raw: bytes, part: str | None = None, many_parts: str = "") -> TableFile:
    """Read one data file of an EpiData project.

    Parameters
    ----------
    path
        For errors.
    raw
        The file's bytes: XML, or a ZIP that holds one project.
    part
        Id or caption of the data file; None where the project has a single one.
    many_parts
        What to do where the data file cannot be told; empty: name it, with ``--part``.

    Returns
    -------
    TableFile
        Numbers with a decimal point, full dates as ISO, times as ``HH:MM:SS``, texts without quotes.

    Raises
    ------
    FileFormatError
        Not a project, an encrypted one, several data files and none chosen, a record that cannot be read.

    Degenerate cases
    ----------------
    Deleted records and the security log are left out and counted in the notes.
    """
    root, syntax = open_project(path, raw)
    chosen, notes = _choose_data_file(root, part, path, many_parts)
    fields = [
        _Field(node.get("id", "").strip(), node.get("type", ""), node.get("valueLabelRef", ""))
        for node in chosen.iterfind(".//{*}Fields/{*}Field")
    ]
    check_header([field.name for field in fields], path, chosen.sourceline or 0, ignore_case=True)
    records = chosen.findall("{*}Records/{*}Record")
    _refuse_too_large(len(fields), len(records), path)
    reader = _RecordReader(fields, syntax, path)
    rows, numbers, deleted = [], [], 0
    for number, record in enumerate(records, start=1):
        if record.get("status") == _DELETED:
            deleted += 1
            continue
        rows.append(reader.read(record.text or "", number))
        numbers.append(number)
    if deleted:
        notes.append(f"{counted(deleted, 'deleted record')} left out.")
    return TableFile(
        columns=tuple(field.name for field in fields),
        rows=tuple(rows),
        path=path,
        format="epx",
        encoding="utf-8",
        line_numbers=tuple(numbers),
        part=chosen.get("id", ""),
        notes=(*notes, *reader.notes()),
        text_columns=frozenset(field.name for field in fields if field.type in _TEXT_TYPES),
        value_labels=_value_labels(root, fields),
    )


def open_project(path: Path, raw: bytes) -> tuple[Any, ProjectSyntax]:
    """The project's XML element and how it writes records; errors as `read_epx`."""
    root = _parse(_unzipped(raw, path), path)
    return root, _syntax(root, path)


def _refuse_too_large(fields: int, records: int, path: Path) -> None:
    """An empty record takes ten bytes of the file, and as many cells of memory as there are fields."""
    if fields * records > MOST_CELLS:
        raise FileFormatError(
            expected=said("a data file of at most {most:,} values", most=MOST_CELLS),
            found=said("{records:,} records of {fields:,} fields", records=records, fields=fields),
            where=str(path),
            next_step="Check that this is the file you meant, or split it.",
        )


def _unzipped(raw: bytes, path: Path) -> bytes:
    if not raw.startswith(b"PK"):
        return raw
    with open_archive(raw, path, "an .epz file, a ZIP that holds one .epx project") as archive:
        names = [name for name in archive.namelist() if name.casefold().endswith(".epx")]
        if len(names) == 1:
            return archive.read(names[0])
    raise FileFormatError(
        expected="one .epx project in the .epz file",
        found=counted(len(names), "project"),
        where=str(path),
        next_step="Unpack it and name the .epx file.",
    )


def _parse(raw: bytes, path: Path) -> Any:
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)
    try:
        root = etree.fromstring(raw, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        why = (str(error).splitlines() or ["no content"])[0]
        raise FileFormatError(
            expected="an EpiData project, which is XML",
            found=said("what cannot be read as XML ({why})", why=why),
            where=str(path),
            next_step="Check that the file is complete.",
        ) from None
    if root.getroottree().docinfo.doctype:
        raise FileFormatError(
            expected="an EpiData project without a document type declaration",
            found="one, which EpiData never writes",
            where=str(path),
            next_step="Do not open this file; ask where it comes from.",
        )
    return root


def _syntax(root: Any, path: Path) -> ProjectSyntax:
    from lxml import etree

    if etree.QName(root).localname != "EpiData":
        raise FileFormatError(
            expected="an EpiData project",
            found=said("the XML element {localname!r}", localname=etree.QName(root).localname),
            where=str(path),
            next_step="Check that this is the file you meant.",
        )
    if any(root.find(f".//{{*}}{name}") is not None for name in ("Encrypted", "Crypto")):
        _refuse_encrypted(path)
    records = [record.text or "" for record in root.iterfind(".//{*}Records/{*}Record")]
    if records and all(_CIPHER_TEXT.fullmatch(text) for text in records):
        _refuse_encrypted(path)
    settings = root.find("{*}Settings")
    version = root.get("version", "")
    separator = "," if settings is None else settings.get("decimalSeparator", "")
    if not version.isascii() or not version.isdigit() or not int(version[:6]) >= 1 or len(separator) != 1:
        raise FileFormatError(
            expected="an EpiData project of format 1 or later, with its decimal separator",
            found=said("format {version}", version=version or "not stated")
            if not version.isdigit()
            else "no decimal separator",
            where=str(path),
            next_step="Open the project in EpiData Manager and save it again.",
        )
    return ProjectSyntax(int(version), separator)


def _refuse_encrypted(path: Path) -> None:
    raise FileFormatError(
        expected="an EpiData project in clear",
        found="an encrypted one",
        where=str(path),
        next_step="Save a copy without password and access control in EpiData Manager.",
    )


def _choose_data_file(root: Any, part: str | None, path: Path, many_parts: str) -> tuple[Any, list[str]]:
    every = root.findall("{*}DataFiles/{*}DataFile")
    candidates = [node for node in every if not node.get("id", "").startswith(LOG_PREFIX)]
    notes = []
    if len(candidates) < len(every):
        notes.append(f"{counted(len(every) - len(candidates), 'security log')} left out.")
    names = {node.get("id", ""): caption_of(node) for node in candidates}
    named = None if part is None else column_name(part)
    chosen = [
        node
        for node in candidates
        if named is None or named in (column_name(node.get("id", "")), column_name(caption_of(node)))
    ]
    if len(chosen) == 1:
        return chosen[0], notes
    listed = ", ".join(f"{name} ({caption})" if caption else name for name, caption in names.items())
    raise FileFormatError(
        expected="one data file" if part is None else said("one data file named {part!r}", part=part),
        found=said("the data files {listed}", listed=listed) if listed else "none",
        where=str(path),
        next_step=(many_parts or said("Name the data file with --part."))
        if listed
        else said("Check that this is the file you meant."),
    )


def caption_of(data_file: Any) -> str:
    return (data_file.findtext("{*}Caption/{*}Text") or data_file.findtext("{*}Name") or "").strip()


def _value_labels(root: Any, fields: list[_Field]) -> dict[str, dict[str, str]]:
    sets = {
        node.get("id", ""): {
            label.get("value", ""): (label.findtext("{*}Label") or "").strip()
            for label in node.iterfind(".//{*}ValueLabel")
        }
        for node in root.iterfind("{*}ValueLabelSets/{*}ValueLabelSet")
    }
    return {field.name: sets[field.label_set] for field in fields if field.label_set in sets}


def _refuse_record(expected: str, found: str, where: str) -> NoReturn:
    raise FileFormatError(
        expected=expected,
        found=found,
        where=where,
        next_step="The record is damaged or encrypted: save a copy in clear from EpiData Manager.",
    ) from None


class _RecordReader:
    """Reads record texts into rows and counts the values left as typed."""

    def __init__(self, fields: list[_Field], syntax: ProjectSyntax, path: Path) -> None:
        self._fields = {field.name.casefold(): (place, field) for place, field in enumerate(fields)}
        self._syntax, self._path = syntax, path
        self._as_typed: dict[str, int] = {}

    def read(self, text: str, record: int) -> tuple[str, ...]:
        where = said("{path}: record {record}", path=self._path, record=record)
        semicolons = self._syntax.version >= _FIRST_VERSION_WITH_SEMICOLONS
        try:
            pairs = split_record(text, semicolons=semicolons)
        except RecordSyntaxError as error:
            _refuse_record("a record as name=value pairs", str(error), where)
        values = [""] * len(self._fields)
        for name, value in pairs:
            known = self._fields.get(name.casefold())
            if known is None or values[known[0]]:
                trouble = "twice" if known else "that the form does not have"
                _refuse_record(
                    "values of the form's own fields",
                    said("the field {name!r} {trouble}", name=name[:40], trouble=trouble),
                    where,
                )
            values[known[0]] = self._value(known[1], value)
        return tuple(values)

    def _value(self, field: _Field, text: str) -> str:
        if not text or field.type in _TEXT_TYPES:
            return text
        if field.type in _DECIMAL_TYPES:
            return text.replace(self._syntax.decimal_separator, ".")
        read: str | None = text
        if field.type in DATE_ORDER:
            read = iso_date(text, DATE_ORDER[field.type])
        elif field.type in _TIME_TYPES:
            read = iso_time(text)
        if read is None:
            self._as_typed[field.name] = self._as_typed.get(field.name, 0) + 1
        return text if read is None else read

    def notes(self) -> list[str]:
        return [
            f"{counted(times, 'value')} of {name} left as typed: no full date or time that exists."
            for name, times in self._as_typed.items()
        ]
