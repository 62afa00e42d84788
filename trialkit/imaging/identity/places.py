"""Whether names fit places: left on the patient's left, L1 above L2, each level at its own height."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

import numpy as np

from trialkit.imaging.names import LANDMARKS, read_structure
from trialkit.imaging.volumes import Notice, Segmentation


def misplaced(segmentation: Segmentation) -> list[Notice]:
    """What contradicts the anatomy: ``laterality`` and ``level``, one notice each.

    Centres are compared in the patient's axes, so that a flipped header or exchanged names are found.
    """
    centres: dict[tuple[str, str, str], tuple[float, float]] = {}
    for name, mask in segmentation.segments.items():
        structure = read_structure(name, segmentation.stated.get(name))
        if mask.any():
            index = np.argwhere(mask).mean(axis=0)[::-1]
            left, _, superior = segmentation.grid.position(index)
            centres[structure.muscle, structure.level, structure.side] = float(left), float(superior)
    return [*_laterality(centres), *_levels(centres)]


def _laterality(centres: dict[tuple[str, str, str], tuple[float, float]]) -> list[Notice]:
    wrong = [
        f"{muscle} {level}".strip()
        for (muscle, level, side), (left, _) in centres.items()
        if side == "left"
        and (muscle, level, "right") in centres
        and left <= centres[muscle, level, "right"][0]
    ]
    text = "segments called left lie to the right of those called right: "
    return [Notice("laterality", text + ", ".join(wrong))] if wrong else []


def _levels(centres: dict[tuple[str, str, str], tuple[float, float]]) -> list[Notice]:
    heights: dict[tuple[str, str], list[tuple[str, float]]] = defaultdict(list)
    for (muscle, level, side), (_, superior) in centres.items():
        if level.startswith("L") and muscle not in LANDMARKS:
            heights[muscle, side].append((level, superior))
    wrong = []
    for (muscle, side), levels in heights.items():
        ordered = sorted(levels)
        if any(above[1] <= below[1] for above, below in pairwise(ordered)):
            wrong.append(f"{muscle} {side}".strip())
    text = "levels do not follow each other from head to foot: "
    return [Notice("level", text + ", ".join(wrong))] if wrong else []
