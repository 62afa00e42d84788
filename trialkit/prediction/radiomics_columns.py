"""Features of ``trialkit imaging radiomics``: columns of the table, candidates for a plan, readings."""

from __future__ import annotations

import json
import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from trialkit.prediction.errors import PredictionError
from trialkit.prediction.reading import read_data
from trialkit.wording import said

COLUMNS = ("scan", "segment", "class", "feature", "tag", "aggregation", "value")
Sides = Literal["each", "mean"]
_SIDE = re.compile(r"^(.+?)[ _](left|right)$", re.IGNORECASE)


@dataclass(frozen=True)
class RadiomicColumns:
    """``table`` with a column a region and feature, ``REGION_TAG``; ``candidates``, their ``[features.NAME]``
    tables for a plan; ``readings`` (``subject_id feature reader value``), empty of a single reader."""

    table: pd.DataFrame
    candidates: str
    readings: pd.DataFrame


def with_radiomics(table: pd.DataFrame, paths: Sequence[Path], sides: Sides = "each") -> RadiomicColumns:
    """Join the features of one reader or of several, a file each; a scan is known by its subject.

    The value is the mean of those who read the scan; a reader is called as the file is. What could not be
    computed (a row without a tag) is empty.

    Parameters
    ----------
    sides
        ``mean``: left and right of a region become one feature, empty where a side has none.

    Raises
    ------
    PredictionError
        No such columns, a feature of a segment twice, no scan of anybody in the table, two files of one name.
    """
    names = [path.stem for path in paths]
    if len(set(names)) < len(names):
        raise _refused(said("a file a reader, named after the reader"), said("two of one name"), paths[-1])
    found = [_of_reader(path, sides).assign(reader=path.stem) for path in paths]
    subjects = table["subject_id"].astype(str)
    for path, read in zip(paths, found, strict=True):
        if not subjects.isin(read["scan"]).any():
            raise _refused("scans named as the subjects are", said("{scan}", scan=read["scan"].iloc[0]), path)
    everything = pd.concat(found, ignore_index=True)
    wide = everything.pivot_table(index="scan", columns="column", values="value", aggfunc="mean")
    wide = wide.reindex(subjects).set_axis(table.index)
    first = everything.drop_duplicates("column").sort_values("column")
    return RadiomicColumns(
        pd.concat([table, wide], axis=1),
        "\n".join(_stanza(row, sides) for row in first.to_dict("records")),
        _readings(everything) if len(paths) > 1 else _readings(everything.iloc[:0]),
    )


def _of_reader(path: Path, sides: Sides) -> pd.DataFrame:
    """``scan column value`` with what describes the column; one row a scan and column."""
    found = read_data(path)
    absent = [name for name in COLUMNS if name not in found.columns]
    if absent:
        raise _refused(
            said("columns {names}", names=", ".join(COLUMNS)), said("no {name}", name=absent[0]), path
        )
    found = found[found["tag"].notna()].assign(scan=lambda rows: rows["scan"].map(str).str.strip())
    twice = found[found.duplicated(["scan", "segment", "tag"])]
    if len(twice):
        raise _refused(
            "each feature of a segment once a scan",
            said("{segment}, {tag} twice", segment=twice["segment"].iloc[0], tag=twice["tag"].iloc[0]),
            path,
        )
    if sides == "mean":
        found = _mean_of_sides(found)
    column = [_name(f"{segment}_{tag}") for segment, tag in zip(found["segment"], found["tag"], strict=True)]
    return found.assign(column=column)


def _mean_of_sides(found: pd.DataFrame) -> pd.DataFrame:
    region = found["segment"].map(lambda name: match[1] if (match := _SIDE.match(str(name))) else str(name))
    sides = found["segment"].groupby(region).nunique().to_dict()
    both = found.assign(segment=region).groupby(["scan", "segment", "tag"], sort=False)
    mean, count, first = both["value"].mean(), both["value"].count(), both.first()
    needed = first.index.get_level_values("segment").map(sides).to_numpy()
    return first.assign(value=mean.where(count.to_numpy() == needed)).reset_index()


def _readings(everything: pd.DataFrame) -> pd.DataFrame:
    known = everything[everything["value"].notna()]
    named = known.rename(columns={"scan": "subject_id"}).drop(columns="feature")
    return named.rename(columns={"column": "feature"})[["subject_id", "feature", "reader", "value"]]


def _name(text: str) -> str:
    """What a TOML key may be without quotes."""
    return re.sub(r"[^A-Za-z0-9_]+", "_", text).strip("_")


def _stanza(row: Mapping[Hashable, Any], sides: Sides) -> str:
    feature, region, of_class = (str(row[key]).replace("_", " ") for key in ("feature", "segment", "class"))
    how = "" if pd.isna(row["aggregation"]) else str(row["aggregation"])
    keys = {
        "label": f"{feature[:1].upper()}{feature[1:]} ({of_class}), {region}",
        "group": "imaging",
        "definition": ", ".join(filter(None, (of_class, how, "mean of the two sides" * (sides == "mean")))),
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
