"""The analysis datasets as files: CSV always, Parquet where pyarrow is installed, and their definitions."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from trialkit.datasets.build import Datasets
from trialkit.datasets.definitions import FORM, definitions_page
from trialkit.plan import Plan

if TYPE_CHECKING:
    import pandas as pd


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


def write_datasets(datasets: Datasets, folder: Path, plan: Plan) -> list[Path]:
    """Write every dataset and ``define.html``; the same datasets and plan give the same bytes."""
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
    page.write_text(definitions_page(tables, datasets.study, plan), encoding="utf-8", newline="\n")
    return [*written, page]


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Without index and with text columns as text: Parquet holds one type a column."""
    changed = frame.copy()
    for name in changed.select_dtypes(include="object").columns:
        changed[name] = changed[name].astype("string")
    return changed
