"""How an outside data file becomes a study's records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ImportColumn:
    """One column of an outside file: the item and visit its values belong to."""

    column: str
    item: str
    visit: str  # "": the visit that the line names
    codes: Mapping[str, str] = field(default_factory=dict)  # code in the file -> code in the dictionary
    missing_with: str | None = None  # a column of the file: where that is missing, this one says nothing


@dataclass(frozen=True, slots=True)
class ImportMapping:
    """How an outside data file becomes this study's records, allocation included."""

    file: str
    source: str
    subject_columns: tuple[str, ...]  # several: together they say who it is, as centre and number do
    allocation_column: str | None
    allocation_codes: Mapping[str, str]  # code in the file -> arm
    columns: tuple[ImportColumn, ...]
    site: str | None = None  # every subject's site, where the file has none
    site_column: str | None = None
    site_codes: Mapping[str, str] = field(default_factory=dict)  # code in the file -> site; none: the codes
    visit_column: str | None = None  # of a file with a line a visit
    visit_codes: Mapping[str, str] = field(default_factory=dict)  # code in the file -> visit; none: the names
    randomization_date_column: str | None = None  # days as 2026-03-31
    ignored_columns: tuple[str, ...] = ()
    missing_values: tuple[str, ...] = ("",)

    @property
    def key_columns(self) -> tuple[str, ...]:
        """The columns that say whose line it is, in which arm, of which site, visit and day."""
        others = (self.allocation_column, self.site_column, self.visit_column, self.randomization_date_column)
        told = [name for name in others if name is not None]
        if len(self.subject_columns) > 1:  # the centre may be part of the number
            told = [name for name in told if name not in self.subject_columns]
        return (*self.subject_columns, *told)
