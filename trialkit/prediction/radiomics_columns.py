"""Radiomic features of ``trialkit imaging radiomics``: columns of the table, candidates for a plan."""

from __future__ import annotations

import json
import re
from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from trialkit.prediction.errors import PredictionError
from trialkit.prediction.reading import read_data
from trialkit.wording import said

COLUMNS = ("scan", "segment", "class", "feature", "tag", "aggregation", "value")


def with_radiomics(table: pd.DataFrame, path: Path) -> tuple[pd.DataFrame, str]:
    """The table with one column a segment and feature, ``SEGMENT_TAG``, and ``[features.NAME]`` tables with
    label, class, aggregation and IBSI tag, to be put into the plan. A scan is known by its subject.

    Raises
    ------
    PredictionError
        No such columns, a feature of a segment twice, or no scan of anybody in the table.
    """
    found = read_data(path)
    absent = [name for name in COLUMNS if name not in found.columns]
    if absent:
        raise _refused(
            said("columns {names}", names=", ".join(COLUMNS)), said("no {name}", name=absent[0]), path
        )
    found = found.assign(
        scan=found["scan"].map(str).str.strip(),
        column=[
            _name(f"{segment}_{tag}") for segment, tag in zip(found["segment"], found["tag"], strict=True)
        ],
    )
    twice = found[found.duplicated(["scan", "column"])]
    if len(twice):
        raise _refused(
            "each feature of a segment once a scan", said("{c} twice", c=twice["column"].iloc[0]), path
        )
    wide = found.pivot(index="scan", columns="column", values="value")
    subjects = table["subject_id"].astype(str)
    if not subjects.isin(wide.index).any():
        raise _refused("scans named as the subjects are", said("{scan}", scan=wide.index[0]), path)
    wide = wide.reindex(subjects).set_axis(table.index)
    candidates = found.drop_duplicates("column").sort_values("column")
    return pd.concat([table, wide], axis=1), "\n".join(_stanza(row) for row in candidates.to_dict("records"))


def _name(text: str) -> str:
    """What a TOML key may be without quotes."""
    return re.sub(r"[^A-Za-z0-9_]+", "_", text).strip("_")


def _stanza(row: Mapping[Hashable, Any]) -> str:
    feature, segment = (str(row[key]).replace("_", " ") for key in ("feature", "segment"))
    keys = {
        "label": f"{feature.capitalize()}, {segment}",
        "group": "imaging",
        "definition": f"{row['class']}, {row['aggregation']}",
        "tag": str(row["tag"]),
    }
    lines = (f"{key} = {json.dumps(text, ensure_ascii=False)}" for key, text in keys.items())
    return "\n".join([f"[features.{row['column']}]", *lines, ""])


def _refused(expected: str, found: str, path: Path) -> PredictionError:
    return PredictionError(
        expected=expected,
        found=found,
        where=str(path),
        next_step="Give the file that `trialkit imaging radiomics` wrote, with --scan SUBJECT.",
    )
