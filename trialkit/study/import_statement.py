"""``[import]`` of ``study.toml``: which column of an outside file holds what."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from trialkit.strict_toml import Section
from trialkit.study.import_mapping import ImportColumn, ImportMapping
from trialkit.study.known_names import require_item, require_known
from trialkit.study.model import Arm, Form, Item, Site, Visit
from trialkit.wording import said


def read_import(
    root: Section,
    forms: tuple[Form, ...],
    arms: tuple[Arm, ...],
    sites: tuple[Site, ...],
    visits: tuple[Visit, ...],
) -> ImportMapping | None:
    """The mapping, every name in it known; None where the definition has none."""
    table = root.optional_section("import")
    if table is None:
        return None
    visit_column = table.optional_text("visit_column")
    sections = dict(table.named_sections("columns"))
    columns = tuple(
        _import_column(name, column, forms, by_line=visit_column is not None)
        for name, column in sections.items()
    )
    found = ImportMapping(
        file=table.text("file"),
        source=table.text("source"),
        subject_columns=_subject_columns(table),
        allocation_column=table.optional_text("allocation_column"),
        allocation_codes=table.mapping("allocation_codes"),
        columns=columns,
        site=table.optional_text("site"),
        site_column=table.optional_text("site_column"),
        site_codes=table.mapping("site_codes"),
        visit_column=visit_column,
        visit_codes=table.mapping("visit_codes"),
        randomization_date_column=table.optional_text("randomization_date_column"),
        ignored_columns=table.texts("ignored_columns", ()),
        missing_values=table.texts("missing_values", ()) or ("",),
    )
    table.done()
    _check_columns(sections, found.columns, {item.name for form in forms for item in form.items})
    _check_names(table, found, arms, sites, visits)
    return found


def _subject_columns(table: Section) -> tuple[str, ...]:
    if table.is_text("subject_column") or "subject_column" not in table:
        return (table.text("subject_column"),)
    columns = table.texts("subject_column")
    if not all(column.strip() for column in columns) or not columns:
        table.fault("subject_column", "a column, or a list of columns", str(list(columns)))
        return columns or ("",)
    return columns


def _check_columns(
    sections: Mapping[str, Section], columns: Sequence[ImportColumn], items: Collection[str]
) -> None:
    """Each at its own place, so that a fault of one column hides none of another."""
    first: dict[tuple[str, str], str] = {}
    for column in columns:
        section, pair = sections[column.column], (column.item, column.visit)
        if column.item in items and pair in first:
            section.fault(
                "item",
                "one column an item and visit",
                said(
                    "{item} at {visit} again, which column {column} holds",
                    item=column.item,
                    visit=column.visit or "the line's visit",
                    column=first[pair],
                ),
            )
        first.setdefault(pair, column.column)
        if column.missing_with is not None:
            require_known(section, "missing_with", column.missing_with, list(sections), "a mapped column")


def _check_names(
    table: Section,
    found: ImportMapping,
    arms: Sequence[Arm],
    sites: Sequence[Site],
    visits: Sequence[Visit],
) -> None:
    site_codes = [known.code for known in sites]
    for arm in found.allocation_codes.values():
        require_known(table, "allocation_codes", arm, [known.name for known in arms], "an arm")
    if found.site is not None:
        require_known(table, "site", found.site, site_codes, "a site")
    for site in found.site_codes.values():
        require_known(table, "site_codes", site, site_codes, "a site")
    for visit in found.visit_codes.values():
        require_known(table, "visit_codes", visit, [known.name for known in visits], "a visit")


def _import_column(name: str, table: Section, forms: tuple[Form, ...], *, by_line: bool) -> ImportColumn:
    items = {item.name: item for form in forms for item in form.items}
    column = ImportColumn(
        column=name,
        item=table.text("item"),
        visit=table.text("visit", "") if by_line else table.text("visit"),
        codes=table.mapping("codes"),
        missing_with=table.optional_text("missing_with"),
    )
    table.done()
    item = require_item(table, "item", column.item, items)
    if item is None:
        return column
    form = next(form for form in forms if form.name == item.form)
    if column.visit:
        require_known(
            table, "visit", column.visit, list(form.visits), said("a visit of form {name!r}", name=form.name)
        )
    _check_codes(table, column, item)
    return column


def _check_codes(table: Section, column: ImportColumn, item: Item) -> None:
    choices = [choice.code for choice in item.choices]
    for code in column.codes.values():
        require_known(table, "codes", code, choices, said("a code of {name!r}", name=item.name))
