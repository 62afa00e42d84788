"""``[import]`` held against the forms it fills: what would be refused after founding is said before it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from trialkit.study.findings import Finding, Severity
from trialkit.study.import_mapping import ImportColumn, ImportMapping
from trialkit.study.model import Study
from trialkit.vocabulary import EntryMode, ItemType

_Problem = tuple[str, str, str]
"""The key of ``[import]``, what is wrong, what to do."""


def import_that_cannot_be_made(study: Study) -> Iterator[Finding]:
    """Everything that `trialkit import-trial` would refuse of the mapping itself, each by its key."""
    mapping = study.import_mapping
    if mapping is None:
        return
    for rule in (_sites, _visits, _allocations, _keys, _columns, _twice_filled):
        for key, detail, next_step in rule(study, mapping):
            yield Finding(
                "import-cannot-be-made",
                Severity.CONTRADICTION,
                "The data file that [import] maps could not be imported",
                f"{detail}.",
                (f"import.{key}" if key else "import",),
                next_step,
            )


def import_read_by_names(study: Study) -> Iterator[Finding]:
    """A column of visits or sites without a table of codes: the file must then say their names."""
    mapping = study.import_mapping
    if mapping is None:
        return
    told = []
    if mapping.visit_column is not None and not mapping.visit_codes:
        names = ", ".join(visit.name for visit in study.visits)
        told.append(("visit", mapping.visit_column, names))
    if mapping.site_column is not None and not mapping.site_codes:
        told.append(("site", mapping.site_column, ", ".join(site.code for site in study.sites)))
    for what, column, names in told:
        yield Finding(
            "import-read-by-names",
            Severity.NOTE,
            f"[import] has a {what}_column and no {what}_codes",
            f"{column} must hold the names of the study as they are ({names}), or labels as they are.",
            (f"import.{what}_column",),
            f'Where the file has codes, write {what}_codes = {{ "code in the file" = "{what}" }}.',
        )


def _sites(study: Study, mapping: ImportMapping) -> Iterator[_Problem]:
    if mapping.site is None and mapping.site_column is None:
        known = ", ".join(site.code for site in study.sites)
        yield (
            "",
            "no site is stated for the subjects of the file (site or site_column)",
            f"Add site = one of {known}, or the column that tells it.",
        )
    if mapping.site is not None and mapping.site_column is not None:
        yield "site", "a site is stated, and a site_column", "Keep the one that holds for every line."
    if mapping.site_codes and mapping.site_column is None:
        yield (
            "site_codes",
            "site_codes are stated and no site_column",
            "Name the column that holds them, or take the codes out.",
        )


def _visits(study: Study, mapping: ImportMapping) -> Iterator[_Problem]:
    if mapping.visit_codes and mapping.visit_column is None:
        yield (
            "visit_codes",
            "visit_codes are stated and no visit_column",
            "Name the column that holds them, or take the codes out.",
        )
    codes_of: dict[str, list[str]] = defaultdict(list)
    for code, visit in mapping.visit_codes.items():
        codes_of[visit].append(code)
    for visit, codes in codes_of.items():
        if len(codes) > 1:
            yield (
                "visit_codes",
                f"the codes {' and '.join(codes)} both mean the visit {visit}",
                "Give each visit one code; other lines of the file stay out of it.",
            )
    if mapping.visit_column is None:
        return
    for column in mapping.columns:
        visits = study.form(study.item(column.item).form).visits
        if not column.visit and len(visits) == 1 < len(study.visits):
            yield (
                f"columns.{column.column}",
                f"{column.column} goes to {column.item}, which is asked at {visits[0]} alone, and no "
                "visit is stated: what stands on the lines of other visits would have no place",
                f'Add visit = "{visits[0]}": all lines of a subject must then agree, or say nothing.',
            )


def _allocations(study: Study, mapping: ImportMapping) -> Iterator[_Problem]:
    column = mapping.allocation_column
    if mapping.randomization_date_column is not None and column is None:
        yield (
            "randomization_date_column",
            "a randomization_date_column is stated and no allocation_column",
            "Name the column that holds the arms, or take the day out.",
        )
    if column is None and mapping.allocation_codes:
        yield (
            "allocation_codes",
            "allocation_codes are stated and no allocation_column",
            "Name the column that holds them, or take the codes out.",
        )
    if column is None:
        return
    if study.randomization.method != "external":
        yield (
            "allocation_column",
            "allocations come from the file, and [randomization] method is not 'external'",
            "Say method = 'external' with reason_external, or take the column out.",
        )
    if not mapping.allocation_codes:
        yield (
            "allocation_column",
            f"the codes of {column} stand for no arm (allocation_codes)",
            'Write allocation_codes = { "code in the file" = "arm" }, one or more for each arm.',
        )
        return
    given = set(mapping.allocation_codes.values())
    for arm in study.arms:
        if arm.name not in given:
            yield (
                "allocation_codes",
                f"no code of {column} stands for the arm {arm.name}",
                "Add its code.",
            )


def _keys(study: Study, mapping: ImportMapping) -> Iterator[_Problem]:
    """Columns that would say two things."""
    keys = mapping.key_columns
    for name in dict.fromkeys(keys):
        if keys.count(name) > 1:
            yield (
                "",
                f"the column {name} says two things of a line (subject, arm, site, visit or day)",
                "Name another column for one of them.",
            )
    for column in mapping.columns:
        if column.column in keys:
            yield (
                f"columns.{column.column}",
                f"the column {column.column} says whose line it is, and is mapped to {column.item}",
                "Take the table out; what the key columns say is kept anyway.",
            )
    used = {*keys, *(column.column for column in mapping.columns)}
    for name in dict.fromkeys(mapping.ignored_columns):
        if name in used:
            yield (
                "ignored_columns",
                f"the column {name} is mapped and ignored",
                "Take it out of ignored_columns, or do not map it.",
            )


def _columns(study: Study, mapping: ImportMapping) -> Iterator[_Problem]:
    if not mapping.columns:
        yield (
            "columns",
            "no column is mapped",
            "Add a table [import.columns.NAME] for each column with values.",
        )
    for name, columns in _by_form(study, mapping).items():
        form = study.form(name)
        place = f"columns.{columns[0].column}"
        if form.entry is not EntryMode.SINGLE:
            yield (
                place,
                f"form {name} is entered twice; only forms with entry = 'single' can be filled",
                f"Say entry = 'single' in [forms.{name}], or import its two passes by trialkit import.",
            )
        if form.repeating:
            yield (
                place,
                f"form {name} repeats; only forms with one line can be filled",
                "Leave its columns out, and import its lines by trialkit import.",
            )
    for column in mapping.columns:
        if study.item(column.item).type is ItemType.DERIVED:
            yield (
                f"columns.{column.column}",
                f"{column.column} goes to {column.item}, which is derived and never typed",
                "List it under ignored_columns: the item is computed anew.",
            )


def _by_form(study: Study, mapping: ImportMapping) -> dict[str, list[ImportColumn]]:
    found: dict[str, list[ImportColumn]] = defaultdict(list)
    for column in mapping.columns:
        found[study.item(column.item).form].append(column)
    return found


def _twice_filled(study: Study, mapping: ImportMapping) -> Iterator[_Problem]:
    """An item filled at every line's visit by one column, and at one visit by another."""
    by_line = {column.item: column for column in mapping.columns if not column.visit}
    for column in mapping.columns:
        other = by_line.get(column.item)
        if column.visit and other is not None:
            yield (
                f"columns.{column.column}",
                f"{column.column} fills {column.item} at {column.visit}, and so does {other.column}",
                "Keep one of them for that visit.",
            )
