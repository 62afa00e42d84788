"""IBSI's features: tag, class, name in words and permanent code, and how tags tell their aggregation."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_TABLE = Path(__file__).with_name("features.csv")
_ENDING = re.compile(r"_(2_5D|2D|3D)(_avg|_comb)?$")
_AGGREGATION = {
    ("3D", "_avg"): "3D, averaged",
    ("3D", "_comb"): "3D, merged",
    ("2D", "_avg"): "2D, averaged",
    ("2D", "_comb"): "2D, slice-merged",
    ("2_5D", "_avg"): "2.5D, direction-merged",
    ("2_5D", "_comb"): "2.5D, merged",
}


@dataclass(frozen=True)
class Feature:
    """``tag`` without its aggregation; ``code`` is IBSI's permanent identifier (empty for our 2D shape)."""

    tag: str
    feature_class: str
    name: str
    code: str


@cache
def features() -> dict[str, Feature]:
    """Tag -> feature, of every feature with an IBSI reference value."""
    with _TABLE.open(encoding="utf-8", newline="") as file:
        return {
            row["tag"]: Feature(row["tag"], row["class"], row["feature"], row["code"])
            for row in csv.DictReader(file)
        }


def split_tag(tag: str) -> tuple[str, str]:
    """The bare tag, and the aggregation in IBSI's words (empty where there is none)."""
    ending = _ENDING.search(tag)
    if ending is None:
        return tag, ""
    dimension, how = ending[1], ending[2]
    words = _AGGREGATION[dimension, how] if how else dimension.replace("_", ".")
    return tag[: ending.start()], words
