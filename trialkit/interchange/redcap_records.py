"""A REDCap records export: which events, repeated instruments and groups it has, and what each line holds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from trialkit.table_files.table_file import TableFile

EVENT, INSTRUMENT, INSTANCE = "redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance"
GROUP = "redcap_data_access_group"
OF_REDCAP = frozenset({EVENT, INSTRUMENT, INSTANCE, GROUP, "redcap_survey_identifier"})
_ARM = re.compile(r"_arm_([0-9]+)$")
_UNTOUCHED = frozenset({"", "0"})
_COMPLETE, _TIMESTAMP = "_complete", "_timestamp"


def is_records_export(columns: tuple[str, ...], forms: tuple[str, ...]) -> bool:
    """Whether a table is REDCap's export of records, told by columns that only REDCap writes."""
    of_forms = {f"{form}{_COMPLETE}" for form in forms}
    return any(column in OF_REDCAP or column in of_forms for column in columns)


def column_of_redcap(column: str) -> bool:
    """Whether a column that is no item is REDCap's own: its event, a form's status, a survey's time."""
    return column in OF_REDCAP or column.endswith((_COMPLETE, _TIMESTAMP))


@dataclass(frozen=True, slots=True)
class RedcapLine:
    """One line of the export. ``form`` is the repeated instrument; empty on the others."""

    number: int
    cells: dict[str, str]

    @property
    def event(self) -> str:
        return self.cells.get(EVENT, "").strip()

    @property
    def form(self) -> str:
        return self.cells.get(INSTRUMENT, "").strip()

    @property
    def instance(self) -> str:
        return self.cells.get(INSTANCE, "").strip().removesuffix(".0")

    def visit(self) -> str:
        """The event without its arm; an event that repeats has its instance behind it."""
        name = _ARM.sub("", self.event)
        repeated = self.instance not in ("", "1") and not self.form
        return f"{name}_{self.instance}" if repeated else name

    def arm(self) -> str:
        found = _ARM.search(self.event)
        return found[1] if found else ""

    def holds(self, form: str, columns: list[str]) -> bool:
        """Whether the form was begun here: a value, or a status above "incomplete"; unticked boxes are 0."""
        if self.form and self.form != form:
            return False
        status = self.cells.get(f"{form}{_COMPLETE}")
        if status is not None and not status.strip():
            return False
        touched = (self.cells.get(column, "").strip() not in _UNTOUCHED for column in columns)
        return any(touched) or (status or "").strip() not in _UNTOUCHED

    def designated(self, form: str, columns: list[str]) -> bool:
        """Whether the form belongs to this line's event: REDCap leaves its status empty where it does not."""
        if self.form:
            return self.form == form
        status = self.cells.get(f"{form}{_COMPLETE}")
        return self.holds(form, columns) if status is None else bool(status.strip())


def lines_of(table: TableFile) -> Iterator[RedcapLine]:
    for number, cells in zip(table.line_numbers, table.rows, strict=True):
        yield RedcapLine(number, dict(zip(table.columns, cells, strict=True)))
