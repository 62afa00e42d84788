"""The comparison as the table a site used to EpiData knows, without EpiData's counting errors.

Its error rate took the whole first file as denominator when only a sample was entered twice, kept deleted
records in it, and printed 100 % where no record was common. Here the denominator is what was compared.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from trialkit.free_text import printable
from trialkit.interchange.entry_pair import FileComparison
from trialkit.numbers import fixed, integer, span
from trialkit.table_files.table_file import TableFile, counted

RECORDS_SHOWN = 200
_TEXT_RULES = {
    "exact": "exact: texts that differ in case or outer space only are counted as text_only",
    "casefold": "casefold: case and outer space of texts do not matter",
    "ignore": "ignore: text items are left out",
}
_COLUMN_WIDTH = 36


def overview(comparison: FileComparison) -> list[tuple[str, str]]:
    """The counts, labelled as EpiData labels them."""
    summary, fields = comparison.report.summary, len(comparison.report.items)
    records, compared = summary["records_compared"], summary["fields_compared"]
    percent_records = summary["records_discordant"] / records * 100 if records else None
    percent_fields = summary["fields_discordant"] / compared * 100 if compared else None
    return [
        ("Records in first entry", integer(summary["records_first"])),
        ("Records in second entry", integer(summary["records_second"])),
        ("Records missing in first entry", integer(summary["only_in_second"])),
        ("Records missing in second entry", integer(summary["only_in_first"])),
        ("Non-unique keys in first entry", integer(summary["duplicate_keys_first"])),
        ("Non-unique keys in second entry", integer(summary["duplicate_keys_second"])),
        ("Number of fields checked", integer(fields)),
        ("Common records", integer(records)),
        ("Records with errors", integer(summary["records_discordant"])),
        ("Field entries compared", integer(compared)),
        ("Field entries not blank in both", integer(summary["fields_compared_nonblank"])),
        ("Field entries with errors", integer(summary["fields_discordant"])),
        ("Error percentage (records)", fixed(percent_records, 2)),
        ("Error percentage (fields)", fixed(percent_fields, 2)),
        ("Errors per 10,000 fields", fixed(summary["errors_per_10000"], 2)),
        ("  exact 95 % interval", span(summary["ci_lower"], summary["ci_upper"], 2)),
    ]


def text_report(comparison: FileComparison) -> str:
    """The whole report as plain text: options, keys, fields, overview, unpaired keys, a list by record."""
    report = comparison.report
    lines = ["Comparison of two independent entries", ""]
    lines += [f"First entry     {_origin(comparison.first)}", f"Second entry    {_origin(comparison.second)}"]
    lines += [f"Text            {_TEXT_RULES[report.text]}"]
    lines += [f"Key fields      {', '.join(report.keys)}", f"Fields compared {', '.join(report.items)}"]
    lines += [f"Left out        {item}: {why}" for item, why in report.items_left_out.items()]
    lines += [f"Note            {note}" for note in comparison.notes]
    lines += ["", "Overview"]
    *counts, (interval, limits) = overview(comparison)
    width = max(len(number) for _, number in counts)
    lines += [f"  {label:<34}{number:>{width}}" for label, number in counts]
    lines += [f"  {interval:<34}{limits}"]
    lines += _unpaired_lines(comparison)
    lines += _discrepancy_lines(comparison)
    if report.identical:
        lines += ["", "The two entries are identical in every field compared."]
    return "\n".join(printable(line) for line in lines)


def shown(value: Any) -> str:
    """A cell as a reader sees it; blank for missing."""
    return "" if value is None or value != value else str(value)


def told_apart(value: Any) -> str:
    """A cell beside the one it differs from: in quotes where outer space would not be seen."""
    text = shown(value)
    return f"'{text}'" if text != text.strip() else text


def _origin(table: TableFile) -> str:
    part = f" [{table.part}]" if table.part else ""
    return f"{table.path}{part} ({integer(len(table.rows))} records, {table.encoding})"


def _unpaired_lines(comparison: FileComparison) -> list[str]:
    unpaired, keys = comparison.report.unpaired, comparison.report.keys
    if unpaired.empty:
        return []
    lines = ["", "Keys not compared"]
    for row in unpaired.head(RECORDS_SHOWN).itertuples(index=False, name=None):
        *key, reason, records = row
        named = ", ".join(f"{name} = {shown(value)}" for name, value in zip(keys, key, strict=True))
        lines.append(f"  {named}: {str(reason).replace('_', ' ')} ({counted(int(records), 'record')})")
    return lines + _more(len(unpaired) - RECORDS_SHOWN, "keys")


def _more(number: int, what: str) -> list[str]:
    return [f"  ... and {integer(number)} more {what}; write them all with --out."] if number > 0 else []


def _discrepancy_lines(comparison: FileComparison) -> list[str]:
    report = comparison.report
    if report.discrepancies.empty:
        return []
    keys = len(report.keys)
    tables = (comparison.first, comparison.second)
    lines = [
        "",
        "Discrepancies by record",
        f"  {'First entry':<{_COLUMN_WIDTH}}  {'Second entry':<{_COLUMN_WIDTH}}  Kind",
    ]
    for count, ((key, rows), at) in enumerate(zip(_by_record(comparison), report.rows, strict=True), start=1):
        if count > RECORDS_SHOWN:
            break
        named = ", ".join(f"{name} = {shown(value)}" for name, value in zip(report.keys, key, strict=True))
        found = [
            f"{table.line_word} {table.line_numbers[row]}" for table, row in zip(tables, at, strict=True)
        ]
        lines.append(f"  {named}  ({' | '.join(found)})")
        for row in rows:
            item, first, second, kind = row[keys:]
            left, right = f"{item} = {told_apart(first)}", f"{item} = {told_apart(second)}"
            lines.append(f"    {left:<{_COLUMN_WIDTH - 2}}  {right:<{_COLUMN_WIDTH}}  {kind}")
    return lines + _more(int(report.summary["records_discordant"]) - RECORDS_SHOWN, "records")


def _by_record(comparison: FileComparison) -> Iterator[tuple[tuple[Any, ...], list[tuple[Any, ...]]]]:
    keys = len(comparison.report.keys)
    rows = comparison.report.discrepancies.itertuples(index=False, name=None)
    for key, group in groupby(rows, key=lambda row: row[:keys]):
        yield key, list(group)
