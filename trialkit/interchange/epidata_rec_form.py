"""The form of an EpiData .rec file: its fields with their labels, and what the .chk beside it says."""

from __future__ import annotations

from pathlib import Path

from trialkit.interchange.definition_draft import NotCarriedOver, safe_name
from trialkit.interchange.epidata_check_file import read_check_file
from trialkit.interchange.epidata_fields import EpiField, EpiForm
from trialkit.interchange.epidata_rec import DATE_ORDER, described_fields

_INTEGERS, _BOOLEAN, _ENCRYPTED = frozenset({0, 6, 12}), 5, 18
_FIRST_DECIMAL = 100
_TODAY = frozenset({10, 16, 20})


def form_of_rec(path: Path, raw: bytes, encoding: str | None, lost: list[NotCarriedOver]) -> EpiForm:
    """The form of a record file; its records are not looked at.

    Raises
    ------
    FileFormatError
        A damaged or encrypted file, with the line.
    """
    beside = read_check_file(path, encoding, lost)
    fields = []
    for line, name, kind, _, label in described_fields(path, raw, encoding):
        if kind == _ENCRYPTED:
            lost.append(NotCarriedOver(line, name, "an encrypted field"))
            continue
        fields.append(beside.applied(_field(line, name, kind, label), DATE_ORDER.get(kind, "")))
    lost += beside.not_carried_over(fields)
    return EpiForm(safe_name(path.stem), path.stem, tuple(fields), beside.keys(fields))


def _field(line: int, name: str, kind: int, label: str) -> EpiField:
    today = (("today's date", "EpiData fills it in by itself; here it is typed"),)
    what, decimals = _kind(kind)
    return EpiField(line, name, label, what, decimals=decimals, lost=today if kind in _TODAY else ())


def _kind(kind: int) -> tuple[str, int | None]:
    if kind >= _FIRST_DECIMAL:
        return "number", kind - _FIRST_DECIMAL
    if kind in DATE_ORDER:
        return "date", None
    if kind == _BOOLEAN:
        return "boolean", None
    return ("integer" if kind in _INTEGERS else "text"), None
