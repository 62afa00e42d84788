"""What the check file beside a .rec file or a questionnaire says of the fields of its form."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from trialkit.interchange.definition_draft import NotCarriedOver
from trialkit.interchange.epidata_checks import WHOLE_FILE, FieldChecks, read_checks
from trialkit.interchange.epidata_chk import check_file_beside, read_value_labels
from trialkit.interchange.epidata_dates import iso_date
from trialkit.interchange.epidata_fields import EpiField


@dataclass(frozen=True, slots=True)
class CheckFile:
    """``checks`` and ``labels`` are by the field's name in small letters; ``name`` is that of the file."""

    name: str = ""
    checks: dict[str, FieldChecks] = field(default_factory=dict)
    labels: dict[str, dict[str, str]] = field(default_factory=dict)

    def applied(self, found: EpiField, date_order: str = "") -> EpiField:
        """The field with range, choices and must-enter; ``date_order`` is that of its dates in the file."""
        known = self.checks.get(found.name.casefold(), FieldChecks())
        choices = self.labels.get(found.name.casefold(), {}) or {code: code for code in known.legal}
        low, high, lost = known.low, known.high, found.lost
        if found.kind == "date":
            low, high = (iso_date(text, date_order) or "" for text in (low, high))
        elif found.kind not in ("integer", "number") and (low or high):
            lost += (("range", "a range on a text"),)
            low = high = ""
        return replace(
            found, choices=choices, required=known.required, lost=lost,
            low=low.replace(",", "."), high=high.replace(",", "."),
        )  # fmt: skip

    def keys(self, fields: list[EpiField]) -> tuple[str, ...]:
        """The names of the key fields, in the order of the form."""
        return tuple(
            found.name for found in fields if self.checks.get(found.name.casefold(), FieldChecks()).key
        )

    def not_carried_over(self, fields: list[EpiField]) -> list[NotCarriedOver]:
        """Line by line, with the lines of the check file."""
        names = {found.name.casefold() for found in fields}
        lost = []
        for key, known in self.checks.items():
            whose = f"{self.name}, {known.name}" if known.name else self.name
            if key != WHOLE_FILE and key not in names:
                lost.append(NotCarriedOver(known.line, f"{whose}: its block", "no field of that name"))
            lost += [NotCarriedOver(line, f"{whose}: {what}", why) for line, what, why in known.lost]
        return lost


def read_check_file(path: Path, encoding: str | None, lost: list[NotCarriedOver]) -> CheckFile:
    """The check file beside ``path``; without one, nothing is said of any field."""
    beside = check_file_beside(path)
    if beside is None:
        return CheckFile()
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
    return CheckFile(beside.name, checks, labels)
