"""``trialkit check-table``: a published table, checked from its own summaries."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from trialkit.interchange.published_table import PublishedTable
    from trialkit.stats.tables.compare_summaries import SummaryComparison

POSSIBLE, FINDINGS = 0, 1


@click.command(
    "check-table",
    epilog="Exit status: 0 rounding explains everything, 1 findings, 2 the table cannot be read.",
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--into",
    type=click.Path(path_type=Path),
    help="Write findings and recomputed tests as results.csv, one number a row, into this folder.",
)
@click.option("--json", "as_json", is_flag=True, help="Print findings and recomputed tests as JSON.")
def command(file: Path, into: Path | None, as_json: bool) -> None:
    """Check the published table in FILE (.toml, .csv or .xlsx) from the summaries it prints.

    Means with SDs give t and p, counts give chi-square and p, a percentage needs a whole number of subjects,
    a ratio lies midway between its limits on the log scale. Only what no rounding can explain is a finding.
    """
    from trialkit.interchange.published_table import read_published_table
    from trialkit.stats import compare_summaries

    published = read_published_table(file)
    checked = compare_summaries(published.rows)
    if into is not None:
        _write(published, checked, into)
    text = _as_json(published, checked) if as_json else _as_text(published, checked)
    click.echo(text)
    raise SystemExit(FINDINGS if len(checked.findings) else POSSIBLE)


def _write(published: PublishedTable, checked: SummaryComparison, into: Path) -> None:
    """Every finding and every recomputed number has its row, as the results of a plan have."""
    from trialkit.analysis.results import AnalysisResult
    from trialkit.analysis.results_csv import rows_text

    made = AnalysisResult(
        id="_check_table",
        kind="check_table",
        role="descriptive",
        title=published.title,
        method="Recomputed from the summaries as printed",
        analysis_set="Not of an analysis set",
        counts=checked.findings.iloc[:0],
        tables={"findings": checked.findings, "tests": checked.table},
    )
    into.mkdir(parents=True, exist_ok=True)
    (into / "results.csv").write_text(rows_text([made]), encoding="utf-8", newline="\n")


def _as_json(published: PublishedTable, checked: SummaryComparison) -> str:
    document = {
        "title": published.title,
        "groups": dict(published.groups),
        "rows_checked": len(published.rows),
        "findings": checked.findings.to_dict("records"),
        "tests": [_plain(record) for record in checked.table.to_dict("records")],
    }
    return json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False)


def _plain(record: dict[Any, Any]) -> dict[str, Any]:
    """Numbers that JSON does not have are null (absent) or text (infinite)."""
    import pandas as pd

    plain: dict[str, Any] = {}
    for name, value in record.items():
        known = None if value is None or pd.isna(value) else value
        endless = isinstance(known, float) and known in (float("inf"), float("-inf"))
        plain[str(name)] = str(known) if endless else known
    return plain


def _as_text(published: PublishedTable, checked: SummaryComparison) -> str:
    lines = [published.title, f"{len(published.rows)} rows checked", ""]
    by_variable: dict[str, list[str]] = {}
    for finding in checked.findings.itertuples():
        by_variable.setdefault(str(finding.variable), []).append(f"  {finding.kind}: {finding.text}")
    for variable, found in by_variable.items():
        lines += [variable, *found]
    flagged = len(by_variable)
    rest = len({row.variable for row in published.rows}) - flagged
    if not flagged:
        return "\n".join([*lines, "Rounding explains everything."])
    closing = f"{flagged} rows with findings; rounding explains the other {rest}."
    return "\n".join([*lines, "", closing, "A finding is a question to the authors, not a verdict on them."])
