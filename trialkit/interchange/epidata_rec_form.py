"""The form of an EpiData .rec file: its fields with their labels, and what the .chk beside it says."""

from __future__ import annotations

from pathlib import Path

from trialkit.interchange.definition_draft import NotCarriedOver, safe_name
from trialkit.interchange.epidata_checks import WHOLE_FILE, FieldChecks, read_checks
from trialkit.interchange.epidata_chk import check_file_beside, read_value_labels
from trialkit.interchange.epidata_dates import iso_date
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
    checks, labels = _check_file(path, encoding, lost)
    fields = []
    for line, name, kind, _, label in described_fields(path, raw, encoding):
        if kind == _ENCRYPTED:
            lost.append(NotCarriedOver(line, name, "an encrypted field"))
            continue
        known = checks.get(name.casefold(), FieldChecks())
        choices = labels.get(name.casefold(), {}) or {code: code for code in known.legal}
        fields.append(_field(line, name, kind, label, known, choices))
    _list_what_is_lost(path, checks, {found.name.casefold() for found in fields}, lost)
    keys = tuple(found.name for found in fields if checks.get(found.name.casefold(), FieldChecks()).key)
    return EpiForm(safe_name(path.stem), path.stem, tuple(fields), keys)


def _field(
    line: int, name: str, kind: int, label: str, known: FieldChecks, choices: dict[str, str]
) -> EpiField:
    lost = []
    if kind in _TODAY:
        lost.append(("today's date", "EpiData fills it in by itself; here it is typed"))
    what, decimals = _kind(kind)
    low, high = known.low, known.high
    if what == "date":
        low, high = (iso_date(text, DATE_ORDER[kind]) or "" for text in (low, high))
    elif what not in ("integer", "number") and (low or high):
        lost.append(("range", "a range on a text"))
        low = high = ""
    return EpiField(
        line=line, name=name, label=label, kind=what, decimals=decimals, choices=choices,
        low=low.replace(",", "."), high=high.replace(",", "."), required=known.required, lost=tuple(lost),
    )  # fmt: skip


def _list_what_is_lost(
    path: Path, checks: dict[str, FieldChecks], fields: set[str], lost: list[NotCarriedOver]
) -> None:
    """Line by line, with the lines of the check file."""
    beside = check_file_beside(path)
    if beside is None:
        return
    for key, known in checks.items():
        whose = f"{beside.name}, {known.name}" if known.name else beside.name
        if key != WHOLE_FILE and key not in fields:
            lost.append(NotCarriedOver(known.line, f"{whose}: its block", "no field of that name"))
        lost += [NotCarriedOver(line, f"{whose}: {what}", why) for line, what, why in known.lost]


def _kind(kind: int) -> tuple[str, int | None]:
    if kind >= _FIRST_DECIMAL:
        return "number", kind - _FIRST_DECIMAL
    if kind in DATE_ORDER:
        return "date", None
    if kind == _BOOLEAN:
        return "boolean", None
    return ("integer" if kind in _INTEGERS else "text"), None


def _check_file(
    path: Path, encoding: str | None, lost: list[NotCarriedOver]
) -> tuple[dict[str, FieldChecks], dict[str, dict[str, str]]]:
    beside = check_file_beside(path)
    if beside is None:
        return {}, {}
    text = beside.read_bytes().partition(b"\x1a")[0].decode(encoding or "cp1252", "replace")
    try:
        labels = {name.casefold(): codes for name, codes in read_value_labels(text).items()}
    except ValueError as error:
        lost.append(NotCarriedOver(None, f"value labels of {beside.name}", str(error)))
        labels = {}
    checks = read_checks(text)
    for name, known in checks.items():
        if name in labels and known.legal:
            labels[name] |= {code: code for code in known.legal if code not in labels[name]}
    return checks, labels
