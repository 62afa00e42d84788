"""Quality of the data: what two independent passes found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialkit import numbers
from trialkit.analysis.context import Context
from trialkit.analysis.method import Answer, Method
from trialkit.documents.declared import Chapter, ResultRow, Shown
from trialkit.documents.declared.wording import readable
from trialkit.documents.page import Block
from trialkit.documents.table import Cell, Column, Row, Table
from trialkit.entry import clopper_pearson
from trialkit.plan import Analysis

if TYPE_CHECKING:
    import pandas as pd

LABELS = {
    "fields_compared": "Fields compared",
    "fields_compared_nonblank": "Fields compared, not blank in both",
    "fields_discordant": "Fields that differed",
    "records_compared": "Records compared",
    "records_discordant": "Records with a difference",
    "records_first": "Records, first entry",
    "records_second": "Records, second entry",
    "only_in_first": "Records only in the first entry",
    "only_in_second": "Records only in the second entry",
    "adjudicated": "Fields decided by a third person",
    "fields_adjudicated": "Fields decided by a third person",
    "readings_compared": "Fields of scans read twice, compared",
    "readings_discordant": "Of these: differed",
    "readings_adjudicated": "Of these: decided by a third person",
    "forms_double_entered": "Forms entered twice",
    "forms_verified": "Forms whose second entry was verified against the first",
    "challenges": "Values of which a second typist was told that they differ",
    "challenges_retyped": "Of these: typed again",
    "challenges_kept": "Of these: kept",
}
# A rate and its limits are three measures of the analysis and one line of the table.
RATES = {
    "errors_per_10000": ("Differences per 10,000 fields (95% CI)", "ci_lower", "ci_upper"),
    "residual_errors_per_10000": (
        "Residual errors per 10,000 final values (95% CI)",
        "residual_ci_lower",
        "residual_ci_upper",
    ),
}
RATE_DECIMALS = 1
NOT_COUNTED = "Double entry is counted over a whole snapshot: what was typed by an earlier day is not known."
READ = (
    "Scans are read twice, each time from the scan itself: how far readers differ is told apart from typing, "
    "and is no part of the rates."
)
VERIFIED = (
    "Second entries were verified: their typists were told where a value differed from the first. The rate "
    "of differences is not one of independent entries, and is lower than that would be."
)


def compute(context: Context, entry: Analysis) -> Answer:
    """How the data were made: fields typed twice, discrepancies, adjudications."""
    import pandas as pd

    data = context.subjects(entry)
    counted = context.datasets.quality
    if counted.empty:
        return Answer(
            tables={},
            counts=context.counts(data, data["arm"].notna(), "arm not known"),
            method="Counted over the final records and the two passes they were made of",
            notes=(NOT_COUNTED,),
        )
    table = pd.concat([counted, _discrepancy_rate(counted)], ignore_index=True)
    return Answer(
        tables={"quality": table},
        counts=context.counts(data, data["arm"].notna(), "arm not known"),
        method="Counted over the final records and the two passes they were made of",
    )


def _discrepancy_rate(counted: pd.DataFrame) -> pd.DataFrame:
    """Fields that differed per 10,000 compared, with the exact interval; nothing where none were compared."""
    import pandas as pd

    counts = counted.set_index("measure")["value"]
    fields = int(counts.get("fields_compared", 0))
    if not fields:
        return pd.DataFrame(columns=counted.columns)
    discordant = int(counts.get("fields_discordant", 0))
    lower, upper = clopper_pearson(discordant, fields, 0.95)
    rates = {"errors_per_10000": discordant / fields, "ci_lower": lower, "ci_upper": upper}
    return pd.DataFrame([{"measure": name, "value": 10_000 * rate} for name, rate in rates.items()])


class DoubleEntry:
    """One line a measure; a rate and its limits are three measures and one line."""

    name = "quality"
    chapter = Chapter.APPENDIX
    reveals_arm = False

    def printed(self, shown: Shown) -> list[Block]:
        rows = {str(row["measure"]): row for row in shown.rows("quality")}
        limits = {limit for name, (_, *pair) in RATES.items() if name in rows for limit in pair}
        verified = "forms_verified" in rows and float(rows["forms_verified"]["value"] or 0) > 0
        lines = [_line(name, row, rows, shown) for name, row in rows.items() if name not in limits]
        if not lines:
            return []  # the notes of the entry say why nothing was counted
        return [
            Table(
                number=shown.number("table", self.chapter),
                title="Double data entry",
                columns=(Column("Measure"), Column("Value", align="right")),
                rows=(*lines, *shown.known_rows("quality")),
                population=shown.population,
                method=shown.method,
                footnotes=(
                    "Errors that both passes made alike cannot be seen by comparing them.",
                    *((READ,) if "readings_compared" in rows else ()),
                    *((VERIFIED,) if verified else ()),
                    *shown.known_notes("quality"),
                ),
                source=shown.source,
            )
        ]


def _line(name: str, row: ResultRow, rows: dict[str, ResultRow], shown: Shown) -> Row:
    if name not in RATES:
        label = LABELS.get(name, readable(name))
        return Row(label, (Cell("xx") if shown.is_shell else _value(row),))
    label, lower, upper = RATES[name]
    if lower not in rows or upper not in rows:
        text = numbers.fixed(row["value"], RATE_DECIMALS)
        return Row(label.removesuffix(" (95% CI)"), (Cell(text, (row.reference("value"),)),))
    triple = (row, rows[lower], rows[upper])
    rate, low, high = (float(one["value"]) for one in triple)
    text = numbers.estimate_interval(rate, low, high, RATE_DECIMALS)
    return Row(label, (Cell(text, tuple(one.reference("value") for one in triple)),))


def _value(row: ResultRow) -> Cell:
    value = row["value"]
    if numbers.is_missing(value):
        return Cell(numbers.EN_DASH, reason="not recorded")
    try:
        whole = float(value) == int(float(value))
    except (TypeError, ValueError):
        return Cell(str(value), (row.reference("value"),))
    return Cell(numbers.fixed(value, 0 if whole else 2), (row.reference("value"),))


def expected(_entry: Analysis, _plan: object, _study: object) -> dict[str, list[dict[str, str]]]:
    return {
        "quality": [{"measure": name} for name in ("fields_compared", "fields_discordant", "adjudicated")]
    }


METHOD = Method(
    name="quality",
    says="How the data were made: fields typed twice, discrepancies, adjudications.",
    outputs=(DoubleEntry(),),
    page="quality",
    expected=expected,
    compute=compute,
    compares=False,
    monitored=True,
)
