"""An EpiData .qes questionnaire: text with field codes, the form as the typist sees it."""

from __future__ import annotations

import re
from pathlib import Path

from trialkit.interchange.definition_draft import NotCarriedOver, safe_name
from trialkit.interchange.epidata_check_file import read_check_file
from trialkit.interchange.epidata_fields import EpiField, EpiForm
from trialkit.table_files.errors import FileFormatError

_FIELD = re.compile(r"#+(?:[.,]#+)?|_+|<([^<>\n]{1,80})>")
_BRACES = re.compile(r"\{([^}]*)\}")
_CODES = (
    (re.compile(r"(dd|mm|yyyy)[/.-](dd|mm|yyyy)[/.-](dd|mm|yyyy)", re.IGNORECASE), "date"),
    (re.compile(r"today.*", re.IGNORECASE), "date"),
    (re.compile(r"idnum\s*", re.IGNORECASE), "integer"),
    (re.compile(r"y", re.IGNORECASE), "boolean"),
    (re.compile(r"[aes][a-z ]*", re.IGNORECASE), "text"),
)


def form_of_questionnaire(
    path: Path, raw: bytes, encoding: str | None, lost: list[NotCarriedOver]
) -> EpiForm:
    """The fields of a questionnaire, with what the check file beside it says of them.

    A field is named by its text in braces or its first word, as in EpiData.

    Raises
    ------
    FileFormatError
        No field in the text, or bytes that are no text in the stated encoding.
    """
    beside = read_check_file(path, encoding, lost)
    fields: list[EpiField] = []
    names: set[str] = set()
    above = ""
    for number, line in enumerate(_text(path, raw, encoding).splitlines(), start=1):
        at, on_line = 0, 0
        for match in _FIELD.finditer(line):
            kind = _kind(match)
            if kind is None:
                continue
            before = line[at : match.start()].strip() or (above if not on_line else "")
            found = _named(number, before, kind, match[0], names)
            fields.append(beside.applied(found, _date_order(match[0])))
            at, on_line = match.end(), on_line + 1
        if not on_line and line.strip():
            above = line.strip()
    if not fields:
        raise FileFormatError(
            expected="a questionnaire with fields, such as ## or <dd/mm/yyyy>",
            found="none",
            where=str(path),
            next_step="Check that this is a .qes file.",
        )
    lost += beside.not_carried_over(fields)
    return EpiForm(safe_name(path.stem), path.stem, tuple(fields), beside.keys(fields))


def _text(path: Path, raw: bytes, encoding: str | None) -> str:
    content = raw.partition(b"\x1a")[0]
    for name in (encoding,) if encoding else ("utf-8-sig", "cp1252", "latin-1"):
        try:
            return content.decode(name)
        except (UnicodeDecodeError, LookupError):
            continue
    raise FileFormatError(expected="a questionnaire in the stated encoding", found="another", where=str(path))


def _kind(match: re.Match[str]) -> str | None:
    if match[1] is None:
        return (
            "text"
            if match[0].startswith("_")
            else ("number" if "." in match[0] or "," in match[0] else "integer")
        )
    return next((kind for pattern, kind in _CODES if pattern.fullmatch(match[1].strip())), None)


def _date_order(code: str) -> str:
    """``DMY`` of ``<dd/mm/yyyy>`` and of ``<Today-dmy>``."""
    return "".join(dict.fromkeys(letter for letter in code.upper().replace("TODAY", "") if letter in "DMY"))


def _named(line: int, before: str, kind: str, code: str, names: set[str]) -> EpiField:
    braces = "".join(_BRACES.findall(before))
    words = _BRACES.sub(r"\1", before).split()
    wanted = safe_name(braces) if braces else safe_name(words[0] if words else "field")
    name, again = wanted, 2
    while name in names:
        name, again = f"{wanted}{again}", again + 1
    names.add(name)
    label = " ".join(words if braces or len(words) < 2 else words[1:])
    decimals = len(re.split("[.,]", code)[1]) if kind == "number" else None
    lost = (
        (("today's date", "EpiData fills it in by itself; here it is typed"),)
        if "today" in code.lower()
        else ()
    )
    return EpiField(line, name, label or name, kind, decimals=decimals, lost=lost)
