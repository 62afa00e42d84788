"""The analysis datasets as files: CSV always, Parquet where pyarrow is installed, and their definitions."""

from __future__ import annotations

import html
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from trialkit.datasets.build import Datasets

if TYPE_CHECKING:
    import pandas as pd

# Column -> (origin, how it is derived). What an item or a score holds is told by the study's own labels.
DERIVED = {
    "subject_id": ("subjects.csv", "as captured"),
    "site": ("subjects.csv", "as captured"),
    "stratum_randomized": ("subjects.csv", "the stratum the allocation was drawn in"),
    "stratum_true": ("subjects.csv", "the stratum the data say"),
    "planned_arm": ("allocations.csv", "what the list gave; empty in a blinded run"),
    "actual_arm": ("allocations.csv", "what was received; empty in a blinded run"),
    "randomized": ("derived", "true where there is a date of randomization, or status says so"),
    "treated": ("derived", "true where an arm was received"),
    "duplicate_of": ("mistakes.csv", "the first number of a person randomized under two"),
    "ineligible": ("mistakes.csv", "found ineligible after randomization, kept"),
    "wrong_stratum": ("derived", "the stratum used is not the true one"),
    "parameter": ("plan", "the score or item, or the endpoint"),
    "visit": ("plan", "the visit in whose window the assessment lies"),
    "crf_visit": ("values.csv", "the visit its form names"),
    "date": ("visits.csv", "the date of the visit"),
    "day": ("derived", "days from randomization"),
    "value": ("derived", "the score, by its instrument's rule"),
    "base": ("derived", "the value that counts for the baseline visit"),
    "chg": ("derived", "value - base"),
    "analysis_flag": ("derived", "true for the one assessment that counts for the visit"),
    "time_days": ("derived", "days from the origin to the event or censoring"),
    "event": ("derived", "1 = event, 0 = censored"),
    "event_description": ("plan", "what happened, or why it was censored"),
    "interval_lower_days": ("derived", "the last assessment without the event before it, in days"),
    "interval_upper_days": ("derived", "the latest day the event can have been; empty where there was none"),
    "status": ("subjects.csv, visits.csv", "as captured"),
    "category": ("values.csv", "what the plan groups the record by, in words"),
    "cause": ("derived", "which event it was; empty where there was none"),
    "episode": ("derived", "the number of the period at risk of the subject"),
    "start_days": ("derived", "the day at which the period at risk begins"),
    "stop_days": ("derived", "the day at which it ends, by an event or by censoring"),
    "origin_date": ("plan", "the day that is time zero"),
    "end_date": ("derived", "the day of the event, or of the last contact"),
    "item": ("dictionary.csv", "the item that was not asked, and is missing for that reason alone"),
    "study_version": ("values.csv", "the version of the study that the form was entered under"),
    "row": ("values.csv", "the number of the row of a repeating form"),
    "analysis": ("plan", "the entry of the plan that made it"),
    "imputation": ("derived", "the number of the completed data set"),
    "imputed": ("derived", "drawn, where nothing was observed: see the entry's method"),
    "shifted": ("derived", "true where a delta is added: nothing was observed from this visit on"),
    "measure": ("plan", "what was delivered, in words"),
    "date_precision": ("derived", "day, month or year: what of the date is known"),
    "source": (
        "derived",
        "the rows it was made from: visit/form, or visit/form/row, of the subject in values.csv",
    ),
}
FORM = "form_"  # and a form's name: its rows as captured
CHOSEN = ("assessments", "imputed")  # here the plan says which visit something counts for
OF_ONE_TABLE = {
    ("exposure", "value"): ("derived", "the amount, in the unit that its measure names"),
}


def dataset_tables(datasets: Datasets) -> dict[str, pd.DataFrame]:
    """Every dataset by file name."""
    return {
        "subjects": datasets.subjects,
        "assessments": datasets.assessments,
        "times": datasets.times,
        "episodes": datasets.episodes,
        "visits": datasets.visit_rows(),
        **datasets.records,
        **{f"{FORM}{name}": frame for name, frame in datasets.captured().items()},
        **datasets.made,
        **_never_asked(datasets),
    }


def _never_asked(datasets: Datasets) -> dict[str, pd.DataFrame]:
    """Of an amended study: what is missing because its form's version did not ask it."""
    found = datasets.not_asked
    return {} if found is None or found.empty else {"not_asked": found}


def write_datasets(datasets: Datasets, folder: Path) -> list[Path]:
    """Write every dataset and ``define.html``; the same datasets give the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    tables = dataset_tables(datasets)
    for name, frame in tables.items():
        path = folder / f"{name}.csv"
        frame.to_csv(path, index=False, lineterminator="\n", date_format="%Y-%m-%d")
        written.append(path)
        if find_spec("pyarrow") is not None:
            target = folder / f"{name}.parquet"
            _plain(frame).to_parquet(target, index=False, engine="pyarrow")
            written.append(target)
    page = folder / "define.html"
    page.write_text(_definitions(tables, datasets.labels), encoding="utf-8", newline="\n")
    return [*written, page]


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Without index and with text columns as text: Parquet holds one type a column."""
    changed = frame.copy()
    for name in changed.select_dtypes(include="object").columns:
        changed[name] = changed[name].astype("string")
    return changed


def _definitions(tables: Mapping[str, pd.DataFrame], labels: Mapping[str, tuple[str, str]]) -> str:
    parts = [
        "<!doctype html><html lang='en'><meta charset='utf-8'><title>Analysis datasets</title>",
        "<style>body{font:15px/1.45 sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem}"
        "table{border-collapse:collapse;width:100%;margin-bottom:2rem}"
        "td,th{border-bottom:1px solid #ccc;padding:.25rem .5rem;text-align:left;vertical-align:top}</style>",
        "<h1>Analysis datasets</h1>",
    ]
    for name, frame in tables.items():
        parts.append(f"<h2>{html.escape(name)}</h2><p>{len(frame):,} rows.</p><table><tr>")
        parts.append(
            "".join(
                f"<th>{h}</th>" for h in ("Column", "Label", "Unit", "Type", "Codes", "Origin", "Derivation")
            )
        )
        parts.append("</tr>")
        parts += [_row(name, column, frame[column], labels) for column in frame.columns]
        parts.append("</table>")
    return "\n".join([*parts, "</html>", ""])


def _origin(table: str, column: str, *, known: bool) -> tuple[str, str]:
    """Where a column comes from and how; ``known``: it is an item or score of the study."""
    if (table, column) in OF_ONE_TABLE:
        return OF_ONE_TABLE[table, column]
    if column == "visit" and table not in CHOSEN:
        return "values.csv, visits.csv", "the visit as captured, whatever its day"
    if column in DERIVED:
        return DERIVED[column]
    if table.startswith(FORM):
        return "values.csv", "as captured"
    if table == "visits":
        return "values.csv", "as captured at the visit"
    if table == "subjects" or known:
        return "values.csv", "as captured at baseline, or scored from it"
    return "plan", "the plan's rule on the row: true where it holds"


def _row(table: str, column: str, values: pd.Series, labels: Mapping[str, tuple[str, str]]) -> str:
    import pandas as pd

    label, unit = labels.get(column, (column.replace("_", " "), ""))
    origin, derivation = _origin(table, column, known=column in labels)
    if column.startswith("set_"):
        origin, derivation = "plan", "true where the rule of the set is"
    if column.startswith("left_out_"):
        origin, derivation = "derived", "the record or decision that leaves somebody out of the set"
    codes = (
        ", ".join(map(str, values.cat.categories)) if isinstance(values.dtype, pd.CategoricalDtype) else ""
    )
    cells = (column, label, unit, str(values.dtype), codes, origin, derivation)
    return "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells) + "</tr>"
